import { assert, assertEquals } from "@std/assert";
import { npmReadme } from "../../scripts/build/npm_readme.ts";
import { anchors, links, readMarkdown } from "../support/markdown.ts";

const README = readMarkdown("README.md");

Deno.test("npmReadme() without a repository has no link to a file, and loses no section", () => {
  const readme = npmReadme(README, undefined);
  const own = links(readme).filter((target) => !/^https?:/.test(target));
  assertEquals(own.filter((target) => !target.startsWith("#")), []);
  assert(own.length > 2 && own.every((target) => anchors(readme).has(target.slice(1))));
  assertEquals(anchors(readme), anchors(README));
});

Deno.test("npmReadme() without a repository changes only the languages, the picture and links to files", () => {
  const readme = new Set(npmReadme(README, undefined).split("\n"));
  const changed = README.split("\n").filter((line) => !readme.has(line));
  const named = changed.map((line) => /\]\((\.\/[^)]+)\)/.exec(line)?.[1]);
  assertEquals(named.slice(0, 2), ["./README.zh-CN.md", "./.github/session.svg"]);
  assert(!named.includes(undefined), changed.join("\n"));
});

Deno.test("npmReadme() with a repository changes nothing", () => {
  assertEquals(npmReadme(README, "https://github.com/a/b"), README);
});
