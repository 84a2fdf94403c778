import { assert, assertEquals } from "@std/assert";
import { npmReadme } from "../../scripts/npm_readme.ts";
import { anchors, links, readMarkdown } from "../support/markdown.ts";

const README = readMarkdown("README.md");

Deno.test("npm's README links to no file, as the package does not hold any, and loses no section", () => {
  const readme = npmReadme(README, undefined);
  const own = links(readme).filter((target) => !/^https?:/.test(target));
  assertEquals(own.filter((target) => !target.startsWith("#")), []);
  assert(own.length > 2 && own.every((target) => anchors(readme).has(target.slice(1))));
  assertEquals(anchors(readme), anchors(README));
});

Deno.test("npm's README differs in the languages, the picture and the links to files alone", () => {
  const readme = new Set(npmReadme(README, undefined).split("\n"));
  const changed = README.split("\n").filter((line) => !readme.has(line));
  const named = changed.map((line) => /\]\((\.\/[^)]+)\)/.exec(line)?.[1]);
  assertEquals(named.slice(0, 2), ["./README.zh-CN.md", "./.github/session.svg"]);
  assert(!named.includes(undefined), changed.join("\n"));
});

Deno.test("where package.json names a repository, npm finds the files by it", () => {
  assertEquals(npmReadme(README, { type: "git", url: "git+https://github.com/a/b.git" }), README);
});
