import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Device, DeviceFacts } from "../../../lib/kimi/identity/device.ts";
import {
  asciiHeaderValue,
  deviceModel,
  fingerprint,
} from "../../../lib/kimi/kimi_cli/fingerprint.ts";
import { readDeviceId } from "../../../lib/runtime/device/device_id.ts";
import { assertGolden, readRows, utf16 } from "../../support/vectors.ts";

interface Row<Input = Readonly<Record<string, string>>> {
  readonly name: string;
  readonly input: Input;
  readonly output?: unknown;
  readonly throws?: string;
}

const DEVICE: Device = {
  node: "vm",
  system: "Linux",
  release: "6.1",
  machine: "x86_64",
  version: "#1 SMP",
  id: "0146db0f52544e1bb2a4ae73bbc7b440",
};

const NAMES = [
  ...["User-Agent", "X-Msh-Platform", "X-Msh-Version", "X-Msh-Device-Name", "X-Msh-Device-Model"],
  ...["X-Msh-Os-Version", "X-Msh-Device-Id"],
];

function rows<Input>(name: string): readonly Row<Input>[] {
  return readRows<Row<Input>>("headers").filter((row) => row.name.includes(name));
}

Deno.test("every row of headers.json is used by a test", () => {
  const known =
    /^(_ascii_header_value|_device_model|_common_headers|get_device_id|httpx|aiohttp)\b/;
  assertEquals(readRows<Row>("headers").filter(({ name }) => !known.test(name)), []);
});

Deno.test("contract 7: asciiHeaderValue() makes values ASCII as kimi-cli does", () => {
  assertGolden({
    rows: rows<{ readonly value: string; readonly fallback?: string }>("_ascii_header_value"),
    ours: ({ input }) => asciiHeaderValue(input.value, input.fallback),
    theirs: ({ output }) => output,
  });
});

Deno.test("contract 7: deviceModel() equals kimi-cli's on each system", () => {
  interface Input extends Pick<DeviceFacts, "system" | "release" | "machine"> {
    readonly mac_ver?: string;
    readonly build?: number;
  }
  assertGolden({
    rows: rows<Input>("_device_model"),
    ours: ({ input: { mac_ver, build, ...facts } }) =>
      deviceModel({
        ...DEVICE,
        ...facts,
        ...(mac_ver === undefined ? {} : { macVersion: mac_ver }),
        ...(build === undefined ? {} : { windowsBuild: build }),
      }),
    theirs: ({ output }) => output,
  });
  assertEquals(deviceModel({ ...DEVICE, system: "" }), "Unknown");
});

Deno.test("contract 7: the six X-Msh headers equal kimi-cli's, in its order", () => {
  interface Input extends Pick<DeviceFacts, "node" | "system" | "release" | "machine" | "version"> {
    readonly device_id: string;
  }
  assertGolden({
    rows: rows<Input>("_common_headers"),
    ours: ({ input: { device_id, ...facts } }) =>
      JSON.stringify(
        Object.entries(fingerprint({ ...facts, id: device_id })).slice(1),
      ),
    theirs: ({ output }) => JSON.stringify(output),
  });
});

Deno.test("contract 7: an existing device id is read as kimi-cli does, and a new one is 32 hex digits", async () => {
  for (const { input, output } of rows<{ readonly file: string | null }>("get_device_id")) {
    const directory = await Deno.makeTempDir();
    const file = `${directory}/device_id`;
    if (input.file !== null) await Deno.writeTextFile(file, input.file);
    const { id } = await readDeviceId(directory);
    if (input.file === null) assert(/^[0-9a-f]{32}$/.test(id), id);
    else assertEquals(id, output);
    assertEquals(await Deno.readTextFile(file), input.file ?? id);
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("contract 7: control characters on which kimi-cli or fetch fails are dropped", () => {
  const name = (node: string) => fingerprint({ ...DEVICE, node })["X-Msh-Device-Name"];
  const thrown = "kimi-cli throws, and nothing is sent";
  const refused = "the server refuses what kimi-cli sends";
  const raw = "kimi-cli sends it as it is; fetch refuses it, or takes it in one runtime alone";
  assertGolden({
    rows: rows<{ readonly value: string }>("sends header value"),
    ours: ({ input }) =>
      `GET / HTTP/1.1\r\nHost: x\r\nX-Msh-Device-Name: ${name(input.value)}\r\n\r\n`,
    theirs: ({ output }) => output,
    leftOut: {
      "httpx/h11 sends header value 'a\\nb'": thrown,
      "aiohttp sends header value 'a\\r\\nb'": thrown,
      "httpx/h11 sends header value 'a\\r\\nb'": thrown,
      "aiohttp sends header value 'a\\x00b'": refused,
      "httpx/h11 sends header value 'a\\x00b'": thrown,
      "httpx/h11 sends header value '\\x1b[31mred'": raw,
      "aiohttp sends header value '\\x7f'": refused,
      "httpx/h11 sends header value '\\x7f'": raw,
      "aiohttp sends header value 'a\\x1cb'": refused,
      "httpx/h11 sends header value 'a\\x1cb'": raw,
    },
  });
  const given = ["a\nb", "a\r\nb", "a\0b", "\x1b[31mred", "a\x1cb", "\x7f", "a\tb"];
  assertEquals(given.map(name), ["ab", "ab", "ab", "[31mred", "ab", "", "a\tb"]);
});

Deno.test("contract 7: the identity headers of an arbitrary device can be sent", () => {
  const facts = fc.record({
    ...{ node: utf16, system: utf16, release: utf16, machine: utf16, version: utf16, id: utf16 },
  });
  fc.assert(fc.property(facts, (device) => {
    const headers = fingerprint(device);
    assertEquals(Object.keys(headers), NAMES);
    for (const value of Object.values(headers)) assert(/^[\t\x20-\x7e]*$/.test(value), value);
    new Request("https://api.kimi.com", { headers });
  }));
});
