import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createKnownArguments,
  isArguments,
} from "../../../../lib/kimi/chat/shape/call_arguments.ts";

const args = fc.oneof(
  fc.json(),
  fc.constantFrom("{}", '{"a":1}', '{"a":2}', "{", '{"a":1', "[]", "", '"{}"'),
  fc.constantFrom<unknown>(undefined, null, {}, 1),
  fc.nat({ max: 30 }).map((length) => `{"a":"${"x".repeat(16_360 + length)}"}`),
);

Deno.test("createKnownArguments() judges as isArguments() does, whatever it remembers", () => {
  const request = fc.record({
    conversation: fc.nat({ max: 12 }).map(String),
    calls: fc.array(args, { maxLength: 6 }),
  });
  fc.assert(fc.property(fc.array(request), (requests) => {
    const known = createKnownArguments();
    for (const { conversation, calls } of requests) {
      const judge = known(conversation);
      assertEquals(calls.map((args) => judge(args)), calls.map((args) => isArguments(args)));
    }
  }));
});
