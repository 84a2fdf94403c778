import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readEnvSettings } from "../../../lib/kimi/chat/env_settings.ts";
import { convert, utf16 } from "../../support/vectors.ts";

const CAP = "KIMI_MODEL_MAX_COMPLETION_TOKENS";
const OLD_CAP = "KIMI_MODEL_MAX_TOKENS";

Deno.test("readEnvSettings() returns no settings for unset and empty variables", () => {
  assertEquals(readEnvSettings({}), { problems: [] });
  const names = [CAP, OLD_CAP, "KIMI_MODEL_TEMPERATURE", "KIMI_MODEL_TOP_P"];
  const empty = Object.fromEntries(
    [...names, "KIMI_MODEL_THINKING_KEEP"].map((name) => [name, ""]),
  );
  assertEquals(readEnvSettings(empty), { problems: [] });
});

Deno.test("readEnvSettings() takes the first cap that is an integer, as kimi-cli does", () => {
  const cap = (first?: string, second?: string) =>
    readEnvSettings({ [CAP]: first, [OLD_CAP]: second }).maxCompletionTokens;
  assertEquals(cap("8192"), 8192);
  assertEquals(cap("8192", "4096"), 8192);
  assertEquals(cap(undefined, "4096"), 4096);
  assertEquals(cap("", "4096"), 4096);
  assertEquals(cap("many", "4096"), 4096);
  assertEquals(cap("1e3", " 4_096\n"), 4096);
  assertEquals(cap("8192.0", "x"), undefined);
});

Deno.test("a cap of 0 or less sends no cap and hides the next name", () => {
  for (const value of ["0", "-1", "-0", " -5 "]) {
    const settings = readEnvSettings({ [CAP]: value, [OLD_CAP]: "4096" });
    assertEquals(settings, { maxCompletionTokens: null, problems: [] });
    assertEquals(convert({ messages: [] }, { settings }).body.max_completion_tokens, undefined);
  }
});

Deno.test("temperature and top_p are read as Python's float and appear in each body", () => {
  const settings = readEnvSettings({ KIMI_MODEL_TEMPERATURE: " 0.60 ", KIMI_MODEL_TOP_P: ".95" });
  assertEquals(settings, { temperature: 0.6, topP: 0.95, problems: [] });
  const { body } = convert({ messages: [], temperature: 1, top_p: 0.5 }, { settings });
  assertEquals(
    JSON.stringify(body),
    '{"messages":[],"max_completion_tokens":261120,"stream":false,"temperature":0.6,"tools":[],' +
      '"top_p":0.95,"thinking":{"type":"enabled"}}',
  );
  assertEquals(readEnvSettings({ KIMI_MODEL_TEMPERATURE: "0" }), { temperature: 0, problems: [] });
});

Deno.test("a temperature that is not a finite number is ignored and reported", () => {
  for (const value of ["hot", "0,6", " ", "nan", "inf", "-Infinity", "1e999", "0x1"]) {
    assertEquals(readEnvSettings({ KIMI_MODEL_TEMPERATURE: value, KIMI_MODEL_TOP_P: value }), {
      problems: [
        "KIMI_MODEL_TEMPERATURE is not a number and is ignored",
        "KIMI_MODEL_TOP_P is not a number and is ignored",
      ],
    });
  }
});

Deno.test("a huge cap can be sent even if the context length is unknown", () => {
  const settings = readEnvSettings({ [CAP]: "9".repeat(400) });
  const { body } = convert({ messages: [] }, { settings, contextLength: 0 });
  assertEquals(body.max_completion_tokens, Number.MAX_SAFE_INTEGER);
});

Deno.test("KIMI_MODEL_THINKING_KEEP is sent unchanged", () => {
  for (const value of ["all", " ", "none", "名"]) {
    assertEquals(readEnvSettings({ KIMI_MODEL_THINKING_KEEP: value }), {
      thinkingKeep: value,
      problems: [],
    });
  }
});

Deno.test("a user's temperature overrides the variable, an agent's does not", () => {
  const settings = readEnvSettings({ KIMI_MODEL_TEMPERATURE: "0.6" });
  const temperature = (userKeys: readonly string[]) =>
    convert({ messages: [], temperature: 1 }, { settings, userKeys }).body.temperature;
  assertEquals(temperature([]), 0.6);
  assertEquals(temperature(["temperature"]), 1);
});

Deno.test("readEnvSettings() accepts arbitrary values and returns only what JSON can hold", () => {
  fc.assert(fc.property(utf16, utf16, utf16, (cap, temperature, keep) => {
    const settings = readEnvSettings({
      [CAP]: cap,
      KIMI_MODEL_TEMPERATURE: temperature,
      KIMI_MODEL_THINKING_KEEP: keep,
    });
    const { body } = convert({ model: "m", messages: [] }, { settings });
    assertEquals(JSON.parse(JSON.stringify(body)), body);
  }));
});
