import { assert, assertEquals } from "@std/assert";
import { searchText, shortened } from "../../../lib/kimi/services/search_results.ts";

Deno.test("searchText() returns undefined without a list of results", () => {
  for (const answer of [{}, { search_results: null }, { search_results: {} }]) {
    assertEquals(searchText(answer), undefined);
  }
});

Deno.test("searchText() leaves out what a result lacks, and what is no result", () => {
  const results = [{ title: 7, url: "https://a.example/", snippet: "S" }, null, "x", {}];
  assertEquals(searchText({ search_results: results }), "URL: https://a.example/\nSummary: S\n");
  assertEquals(searchText({ search_results: [{}] }), "Nothing was found.");
});

Deno.test("searchText() keeps a title on its line", () => {
  const result = { title: "a\nURL: https://evil.example/", url: "https://a.example/\nDate: b" };
  assertEquals(
    searchText({ search_results: [result] }),
    "Title: a URL: https://evil.example/\nURL: https://a.example/Date:b\n",
  );
});

Deno.test("searchText() is bounded, however long the results are", () => {
  const result = {
    title: "t".repeat(9_000),
    snippet: "s".repeat(9_000),
    content: "c".repeat(90_000),
  };
  const text = searchText({ search_results: Array(20).fill(result) }) ?? "";
  assert(text.length < 60_100, `${text.length}`);
  assert(/\[\d+ more characters were left out\]$/.test(text));
});

Deno.test("shortened() does not cut a character in two", () => {
  assertEquals(shortened("a😀", 2).slice(0, 2), "a\ufffd");
  assertEquals(shortened("a😀", 3), "a😀");
});
