import { assertEquals, assertMatch } from "@std/assert";
import { readOptions } from "../../lib/kimi/plugin_options.ts";
import { plugin } from "../opencode/v1/fixtures.ts";

const DEFAULTS = { client: "kimi-cli", scope: "kimi-code", discover: false, tools: false } as const;

Deno.test("readOptions() returns the defaults without options", () => {
  for (const given of [undefined, null, {}]) {
    assertEquals(readOptions(given), { options: DEFAULTS, problems: [] });
  }
});

Deno.test("readOptions() takes each valid option", () => {
  const rows = [
    [{ client: "opencode" }, { client: "opencode" }],
    [{ client: "kimi-cli" }, {}],
    [{ client: "kimi-code" }, { client: "kimi-code", scope: false }],
    [{ scope: "other", client: "kimi-code" }, { client: "kimi-code", scope: "other" }],
    [{ scope: "other" }, { scope: "other" }],
    [{ scope: false }, { scope: false }],
    [{ discover: true }, { discover: true }],
    [{ discover: false }, {}],
    [{ tools: true }, { tools: true }],
    [{ client: "opencode", scope: false }, { client: "opencode", scope: false }],
  ] as const;
  for (const [given, changed] of rows) {
    assertEquals(readOptions(given), { options: { ...DEFAULTS, ...changed }, problems: [] });
  }
});

const BAD: readonly (readonly [unknown, RegExp])[] = [
  [{ client: "claude" }, /"client" must be "kimi-cli" or "kimi-code" or "opencode"/],
  [{ client: 1 }, /"client" must be/],
  [{ client: null }, /"client" must be/],
  [{ scope: true }, /"scope" must be a non-empty string or false/],
  [{ scope: "" }, /"scope" must be/],
  [{ scope: ["kimi-code"] }, /"scope" must be/],
  [{ discover: "yes" }, /"discover" must be true or false/],
  [{ discover: null }, /"discover" must be/],
  [{ tools: "yes" }, /"tools" must be true or false/],
  [{ clinet: "opencode" }, /"clinet" is unknown/],
  [{ "a\nb\u001b[31m": 1 }, /"a b \[31m" is unknown/],
  [{ __proto__: null, constructor: 1 }, /"constructor" is unknown/],
  ["opencode", /not an object/],
  [["client"], /not an object/],
  [7, /not an object/],
];

for (const [given, message] of BAD) {
  Deno.test(`readOptions() reports ${JSON.stringify(given)} in one log line and keeps the defaults`, () => {
    const { options, problems } = readOptions(given);
    assertEquals([options, problems.length], [DEFAULTS, 1]);
    assertMatch(problems[0] ?? "", message);
    assertMatch(problems[0] ?? "", /^[^\n]+[^.\n]$/);
    assertEquals(
      plugin({ options: given }).environment.logs,
      problems.map((line) => `warn: ${line}`),
    );
  });
}

Deno.test("readOptions() reports each bad option and keeps the good ones", () => {
  const { options, problems } = readOptions({ scope: 1, client: "opencode", a: 1, b: 2 });
  assertEquals(options, { ...DEFAULTS, client: "opencode" });
  assertEquals(problems.length, 3);
});
