import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { htmlText } from "../../../lib/kimi/services/html_text.ts";

for (
  const [html, text] of [
    ["<p>a</p><p>b</p>", "a\nb"],
    ["<ul><li>one<li>two</ul>", "one\ntwo"],
    ["a<br/>b", "a\nb"],
    ["<b>bold</b> and <i>not</i>", "bold and not"],
    ["<title>T</title><style>p{}</style>text", "T\ntext"],
    ["<head><title>T</title><style>p{}</style></head>text", "T\ntext"],
    ["<script>if (a < b) { x }</script>seen<noscript>hidden</noscript>", "seen"],
    ["&lt;tag&gt; &#65;&#x42; &copy; &#0;", "<tag> AB &copy; &#0;"],
    ["&amp;lt;", "&lt;"],
    ["  many \n\n   spaces ", "many spaces"],
    ["a < b and <unknown>c</unknown>", "a < b and\nc"],
    ["a <b", "a"],
    ["", ""],
  ] as const
) {
  Deno.test(`htmlText() makes ${JSON.stringify(text)} of ${html}`, () => {
    assertEquals(htmlText(html), text);
  });
}

Deno.test("htmlText() leaves no tag of a page of tags and words", () => {
  const piece = fc.constantFrom(
    "<p>",
    "</p>",
    "<div class='a'>",
    "word",
    " ",
    "<br>",
    "<!-- c -->",
  );
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    assertEquals(/[<>]/.test(htmlText(pieces.join(""))), false);
  }));
});

Deno.test("htmlText() is done soon with a megabyte of opened tags", () => {
  const started = performance.now();
  for (const piece of ["<script>", "<!--", "<p", "&#", "<head>"]) htmlText(piece.repeat(200_000));
  assertEquals(performance.now() - started < 3_000, true);
});
