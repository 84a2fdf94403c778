/** Other plugins for the same provider: which of the two wins. */

import { assertEquals, assertMatch } from "@std/assert";
import { CONFIG, file, folder, type Given, HOME, PLUGIN, problems, PROJECT } from "../fixtures.ts";

const OTHER = "opencode-kimi-oauth";

const LATER =
  /listed later, so opencode offers its login methods in place of this plugin's, and may lose the effort that you choose$/;

const BOTH = /the two plugins conflict$/;

function plugins(plugin: readonly string[], files: Given["files"] = {}): Given {
  return { files: { [CONFIG]: JSON.stringify({ plugin }), ...files } };
}

/** A plugin in a file of the user's own. */
function ownFile(text: string): Given["files"] {
  return {
    [`${HOME}/.config/opencode/plugin`]: folder(["mine.ts"]),
    [`${HOME}/.config/opencode/plugin/mine.ts`]: file(text),
  };
}

const ROWS: readonly (readonly [name: string, given: Given, what: RegExp])[] = [
  ["behind ours takes its login methods away", plugins([PLUGIN, OTHER]), LATER],
  ["before ours conflicts", plugins([OTHER, PLUGIN]), BOTH],
  [
    "in a file of higher precedence is behind ours",
    plugins([PLUGIN], { [`${PROJECT}/opencode.json`]: `{"plugin":["${OTHER}"]}` }),
    LATER,
  ],
  [
    "in a file of the user's own is known by its text, and is behind ours",
    plugins(
      [PLUGIN],
      ownFile('export const P = async () => ({ auth: { provider: "kimi-for-coding-oauth" } })'),
    ),
    LATER,
  ],
  [
    "in tui.json conflicts",
    plugins([PLUGIN], {
      [`${HOME}/.config/opencode/tui.json`]: `{"plugin":["${PLUGIN}","${OTHER}@1.5.1"]}`,
    }),
    BOTH,
  ],
];

for (const [name, given, what] of ROWS) {
  Deno.test(`another plugin for the provider ${name}`, async () => {
    const found = await problems(given);
    assertEquals(found.map(({ id }) => id), ["other-plugin"]);
    assertMatch(found[0]?.what ?? "", what);
    assertMatch(found[0]?.fix ?? "", /^remove /);
  });
}

Deno.test("a file that loads this plugin, or another provider's, is not another plugin", async () => {
  for (
    const text of [`export { default } from "${PLUGIN}"; // kimi-for-coding-oauth`, "export {}"]
  ) {
    assertEquals(await problems(plugins([PLUGIN], ownFile(text))), []);
  }
});
