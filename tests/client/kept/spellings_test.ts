import { assertEquals } from "@std/assert";
import { createSpellings } from "../../../lib/client/kept/spellings.ts";

Deno.test("take() gives what was added to a call, once", () => {
  const spellings = createSpellings();
  const add = spellings.answer("ses_1");
  for (const added of ['{"a"', ": ", "1}"]) add("bash:0", added);
  assertEquals(spellings.take("ses_2", "bash:0"), undefined);
  assertEquals(spellings.take("ses_1", "bash:0"), '{"a": 1}');
  assertEquals(spellings.take("ses_1", "bash:0"), undefined);
});

Deno.test("take() gives nothing for arguments over 64 KiB, and does not store the rest of them", () => {
  const spellings = createSpellings();
  const add = spellings.answer("s");
  for (let part = 0; part < 100; part++) add("c", " ".repeat(10_000));
  add("c", '{"a": 1}');
  assertEquals(spellings.take("s", "c"), undefined);
});

Deno.test("take() gives what the last answer spelled, if an earlier one with the same call broke off", () => {
  const spellings = createSpellings();
  spellings.answer("s")("bash:0", '{"a": ');
  const add = spellings.answer("s");
  for (const added of ['{"b"', ": 2}"]) add("bash:0", added);
  assertEquals(spellings.take("s", "bash:0"), '{"b": 2}');
});

Deno.test("answer() forgets the oldest of 257 calls that never ran", () => {
  const spellings = createSpellings();
  const add = spellings.answer("s");
  for (let call = 0; call < 257; call++) add(`c${call}`, '{"a": 1}');
  assertEquals([spellings.take("s", "c0"), spellings.take("s", "c1")], [undefined, '{"a": 1}']);
});

Deno.test("of() gives what was noted last for a session, and nothing for others", () => {
  const spellings = createSpellings();
  const first = { id: "a", text: '{"a": 1}', plain: '{"a":1}' };
  spellings.note("s", [["a", '{"a": 1}']]);
  const [known] = spellings.of("s");
  assertEquals(known, first);
  spellings.note("s", [["a", '{"a": 1}'], ["b", "not JSON"], ["c", '{"a":2 }']]);
  assertEquals(spellings.of("s"), [first, { id: "b" }, {
    id: "c",
    text: '{"a":2 }',
    plain: '{"a":2}',
  }]);
  // What is known is not parsed again.
  assertEquals(spellings.of("s")[0] === known, true);
  assertEquals(spellings.of("t"), []);
  spellings.note("s", []);
  assertEquals(spellings.of("s"), []);
});
