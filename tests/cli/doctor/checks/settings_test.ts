/** Settings that the service refuses or that have no effect, and what doctor says about them. */

import { assertEquals } from "@std/assert";
import {
  config,
  type Given,
  HOME,
  PROJECT,
  PROVIDER,
  provider,
  reported,
  type Row,
  testFindings,
} from "../fixtures.ts";

const OURS = `${PROVIDER}/kimi-for-coding`;

/** A model of the provider's entry. */
function model(entry: object, id = "kimi-for-coding"): Given {
  return provider({ models: { [id]: entry } });
}

function variable(name: string, value: string): Given {
  return { variables: { [name]: value } };
}

const PROXY = { HTTPS_PROXY: "http://proxy.example:3128" };

const ROWS: readonly Row[] = [
  [
    "an effort that no service has",
    model({ options: { reasoningEffort: "ultra" } }),
    "note effort",
    /^the model "kimi-for-coding" in .* the effort "ultra", which kimi-for-coding does not have: none/,
    /^choose one of low, medium, high, max$/,
  ],
  [
    "an effort that another model has",
    model({ variants: { fast: { reasoningEffort: "medium" } } }, "k3"),
    "note effort",
    /^the variant "fast" of the model "k3" .*: "low" is sent$/,
    /^choose one of low, high, max$/,
  ],
  [
    "an effort of an agent",
    config({ model: OURS, agent: { build: { reasoningEffort: "xhigh" } } }),
    "note effort",
    /^the agent "build" in .* the effort "xhigh", which kimi-for-coding does not have: "high" is sent$/,
    /^choose/,
  ],
  [
    "thinking off for a model that always thinks",
    config({
      mode: { plan: { model: `${PROVIDER}/k3-256k`, options: { reasoningEffort: "none" } } },
    }),
    "note effort",
    /^the agent "plan" .* the effort "off", which k3-256k does not have: "low" is sent$/,
    /^choose/,
  ],
  [
    "a temperature that Kimi refuses",
    model({ options: { temperature: 0.2 } }),
    "sampling",
    /^the model "kimi-for-coding" in .* has "temperature": 0\.2: .* it takes only 1$/,
    /^remove it$/,
  ],
  [
    "a temperature that Kimi refuses without thinking",
    model({ options: { temperature: 1, thinking: { type: "disabled" } } }),
    "sampling",
    /takes only 0\.6$/,
    /^remove it$/,
  ],
  [
    "a top_p that Kimi refuses",
    model({ options: { top_p: 1 } }),
    "sampling",
    /"top_p": 1: .* takes only 0\.95$/,
    /^remove it$/,
  ],
  [
    "a temperature of an agent",
    config({ agent: { build: { model: OURS, temperature: 0.2 } } }),
    "note sampling",
    /^"temperature" of the agent "build" in .* is never sent to Kimi$/,
    /^remove it$/,
  ],
  [
    "a temperature in a variable",
    variable("KIMI_MODEL_TEMPERATURE", "0.2"),
    "sampling",
    /^KIMI_MODEL_TEMPERATURE is 0\.2: .* takes only 1 while the model thinks$/,
    /^unset KIMI_MODEL_TEMPERATURE$/,
  ],
  [
    "a top_p in a variable",
    variable("KIMI_MODEL_TOP_P", "0.9"),
    "sampling",
    /^KIMI_MODEL_TOP_P is 0\.9: /,
    /^unset KIMI_MODEL_TOP_P$/,
  ],
  ...["KIMI_MODEL_MAX_TOKENS", "KIMI_MODEL_MAX_COMPLETION_TOKENS"].map((name): Row => [
    `${name}=32k`,
    variable(name, "32k"),
    "variable",
    new RegExp(`^${name} is not a whole number and is ignored$`),
    new RegExp(`^unset ${name}, or set it to a number$`),
  ]),
  [
    "another KIMI_MODEL_THINKING_KEEP than all",
    variable("KIMI_MODEL_THINKING_KEEP", "yes"),
    "note variable",
    /Kimi knows only "all"$/,
    /^unset KIMI_MODEL_THINKING_KEEP$/,
  ],
  [
    "a relative KIMI_SHARE_DIR",
    { variables: { KIMI_SHARE_DIR: "kimi" }, files: { "kimi/device_id": "0".repeat(32) } },
    "share-relative",
    /^KIMI_SHARE_DIR=kimi is relative/,
    /absolute path/,
  ],
  [
    "an OPENCODE_CONFIG that names no file",
    variable("OPENCODE_CONFIG", "/nowhere/opencode.json"),
    "config-missing",
    /^there is no file \/nowhere\/opencode\.json, which OPENCODE_CONFIG names/,
    /^correct OPENCODE_CONFIG, or unset it$/,
  ],
  [
    "an OPENCODE_CONFIG_DIR that names no folder",
    variable("OPENCODE_CONFIG_DIR", "/nowhere"),
    "config-missing",
    /^there is no folder \/nowhere, which OPENCODE_CONFIG_DIR names/,
    /^correct OPENCODE_CONFIG_DIR/,
  ],
  [
    "an OPENCODE_CONFIG_DIR that names a file",
    { variables: { OPENCODE_CONFIG_DIR: "/file" }, files: { "/file": "" } },
    "config-missing",
    /^there is no folder \/file/,
    /^correct/,
  ],
  [
    "a proxy that Node does not use",
    { variables: PROXY, deps: { versions: { node: "22.21.0" } } },
    "note proxy-ignored",
    /^Node does not use HTTPS_PROXY, but opencode does/,
    /^set NODE_USE_ENV_PROXY=1/,
  ],
  ...[
    ...[`${HOME}/.config/opencode/tui.json`, `${HOME}/.opencode/tui.json`],
    ...[`${PROJECT}/tui.json`, `${PROJECT}/.opencode/tui.jsonc`],
  ].map((path): Row => [
    `a corrupt ${path}`,
    { files: { [path]: "{" } },
    "tui-corrupt",
    /tui\.jsonc? is not valid JSON with comments/,
    /^correct it$/,
  ]),
];

testFindings(ROWS);

Deno.test("settings that Kimi accepts are not findings", async () => {
  const models = {
    "kimi-for-coding": {
      options: { reasoningEffort: "high", temperature: 1, top_p: 0.95 },
      variants: { quiet: { thinking: { type: "disabled" }, temperature: 0.6 } },
    },
    mine: { id: "k3", options: { reasoningEffort: "max" } },
    unknown: { options: { reasoningEffort: "ultra" } },
  };
  const agent = {
    build: { model: "openai/gpt-5", reasoningEffort: "xhigh", temperature: 0.2 },
    plan: { reasoningEffort: "low" },
  };
  const given = config({ model: OURS, agent, provider: { [PROVIDER]: { models } } });
  const variables = {
    KIMI_MODEL_MAX_TOKENS: "32000",
    KIMI_MODEL_TEMPERATURE: "1",
    KIMI_MODEL_THINKING_KEEP: "all",
  };
  assertEquals((await reported({ ...given, variables })).findings, []);
});

Deno.test("an effort is judged by the account's models if they are known", async () => {
  const listed = { id: "kimi-for-coding", efforts: ["ultra"], thinking: "both" } as const;
  const facts = { name: "K", contextLength: 1, output: 1, images: true, video: true, tools: true };
  const answer = { state: "reached", status: 200 } as const;
  const online = {
    ...{ oauth: answer, api: answer, clockAhead: 0 },
    models: [{ ...facts, ...listed }],
  };
  const given = model({ options: { reasoningEffort: "ultra" } });
  assertEquals((await reported(given, { online })).findings, []);
});

Deno.test("a proxy is not a finding where the runtime uses it", async () => {
  for (
    const [versions, more] of [
      [{ node: "22.21.0", bun: "1.3.4" }, {}],
      [{ node: "22.21.0", deno: "2.9.6" }, {}],
      [{ node: "22.21.0" }, { NODE_USE_ENV_PROXY: "1" }],
    ] as const
  ) {
    const { findings } = await reported({ variables: { ...PROXY, ...more }, deps: { versions } });
    assertEquals(findings, []);
  }
});
