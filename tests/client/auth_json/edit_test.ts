import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { readEntry, replaceEntry } from "../../../lib/client/auth_json/edit.ts";
import type { AuthEntry } from "../../../lib/client/tokens/credential.ts";

const ID = "kimi-for-coding-oauth";
const ENTRY: AuthEntry = { type: "oauth", refresh: "r}", access: 'a"{', expires: 1 };

/** White space that JSON allows. */
const space = fc.string({ unit: fc.constantFrom(" ", "\n", "\t", "\r"), maxLength: 4 });

/** A name as someone may write it: whole, or with some of its characters escaped. */
const spelled = (name: fc.Arbitrary<string>) =>
  fc.tuple(name, fc.infiniteStream(fc.boolean())).map(([text, isEscaped]) => {
    const spell = (unit: string) =>
      isEscaped.next().value === true
        ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
        : JSON.stringify(unit).slice(1, -1);
    return `"${text.split("").map(spell).join("")}"`;
  });

// V8 15.0 reads a name that ends in a quotation mark as one that ends in a backslash where it has seen
// that in the same place of another object: JSON.parse, with which is compared here, is then wrong.
const names = fc.oneof(
  fc.constantFrom(ID, ID.slice(1), `${ID} `, "__proto__", "", '"', "\\ ", "}", ",", "1"),
  fc.string({ unit: "grapheme", maxLength: 6 }).filter((name) => !name.endsWith("\\")),
);

/** Values that hold what ends a member, and members of the same name. */
const values = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom({ [ID]: { type: "api" } }, [{ [ID]: 1 }, ID], `"${ID}": {`, "}", ",", "[", "\\"),
);
const printed = fc.tuple(values, fc.constantFrom(0, 1, 2, 7, "\t"))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

interface Member {
  readonly before: string;
  readonly value: string;
  readonly after: string;
  readonly isOurs: boolean;
}

const members: fc.Arbitrary<readonly Member[]> = fc.array(
  fc.tuple(space, spelled(names), space, space, printed, space).map((
    [before, name, colon, start, value, after],
  ) => ({
    before: `${before}${name}${colon}:${start}`,
    value,
    after,
    isOurs: JSON.parse(name) === ID,
  })),
  { maxLength: 6 },
);

function print(all: readonly Member[]): string {
  return `{${all.map(({ before, value, after }) => before + value + after).join(",")}}`;
}

/** The members by name, those of another id alone, in a form that can be compared. */
function others(text: string): string {
  return JSON.stringify(Object.entries(JSON.parse(text)).filter(([name]) => name !== ID));
}

Deno.test("an entry is replaced in its place, and every other byte of auth.json stays", () => {
  let replaced = 0;
  fc.assert(
    fc.property(members, space, space, (all, begin, end) => {
      const last = all.findLastIndex(({ isOurs }) => isOurs);
      fc.pre(last !== -1);
      replaced++;
      const changed = all.map((member, index) =>
        index === last ? { ...member, value: JSON.stringify(ENTRY) } : member
      );
      const text = replaceEntry(begin + print(all) + end, ID, ENTRY);
      assertEquals(text, begin + print(changed) + end);
      assertEquals(readEntry(text, ID), ENTRY);
    }),
    { numRuns: 500 },
  );
  assert(replaced === 500);
});

Deno.test("an entry is added behind the others, which keep their bytes", () => {
  fc.assert(
    fc.property(members, space, space, space, (given, begin, empty, end) => {
      const all = given.filter(({ isOurs }) => !isOurs);
      const old = begin + (all.length === 0 ? `{${empty}}` : print(all)) + end;
      const text = replaceEntry(old, ID, ENTRY);
      assertEquals(readEntry(text, ID), ENTRY);
      assertEquals(others(text), others(old));
      const kept = old.slice(0, old.lastIndexOf("}")).trimEnd();
      assert(text.startsWith(kept), "what stood before");
      assert(text.endsWith(old.slice(kept.length)), "what stood behind");
    }),
    { numRuns: 500 },
  );
});

Deno.test("what JSON.stringify prints of any object is changed in the one entry alone", () => {
  const indents = fc.constantFrom(0, 1, 2, 4, "\t");
  fc.assert(
    fc.property(fc.dictionary(names, values), values, indents, (object, ours, indent) => {
      for (const full of [object, { [ID]: ours, ...object }]) {
        const old = JSON.stringify(full, null, indent);
        const text = replaceEntry(old, ID, ENTRY);
        assertEquals([readEntry(text, ID), others(text)], [ENTRY, others(old)]);
        assertEquals(replaceEntry(text, ID, ENTRY), text, "the second time nothing changes");
      }
    }),
  );
});

Deno.test("of an entry that stands there twice the last is replaced, which is the one that counts", () => {
  const text = `{"${ID}": 1, "x": {"${ID}": 2}, "\\u006b${ID.slice(1)}" : 3 , "y": "${ID}"}`;
  assertEquals(
    replaceEntry(text, ID, ENTRY),
    text.replace("3", JSON.stringify(ENTRY)),
  );
});

Deno.test("a byte order mark, which opencode passes over, stays where it is", () => {
  for (const text of ['\ufeff{"other":1}', `\ufeff{"${ID}":1}`]) {
    const written = replaceEntry(text, ID, ENTRY);
    assert(written.startsWith("\ufeff{"));
    assertEquals(readEntry(written, ID), ENTRY);
  }
  assertEquals(readEntry('\ufeff{"other":1}', "other"), 1);
});

Deno.test("a file that is not there, or blank, is begun with the entry", () => {
  for (const text of [undefined, "", " \n"]) {
    assertEquals(JSON.parse(replaceEntry(text, ID, ENTRY)), { [ID]: ENTRY });
  }
});

Deno.test("text that is no JSON object is not overwritten: a SyntaxError", () => {
  const cut = JSON.stringify({ other: { type: "api" }, [ID]: ENTRY }).slice(0, -1);
  for (const text of ["[]", "null", '"x"', "1", "{", cut, `${cut}}}`, "// {}\n{}"]) {
    assertThrows(() => replaceEntry(text, ID, ENTRY), SyntaxError);
    assertEquals(readEntry(text, ID), undefined);
  }
  fc.assert(fc.property(fc.string(), fc.nat(200), (noise, at) => {
    const text = cut.slice(0, at) + noise;
    try {
      JSON.parse(replaceEntry(text, ID, ENTRY));
    } catch (error) {
      assert(error instanceof SyntaxError && error.message.includes("JSON object"), String(error));
    }
  }));
});

Deno.test("entries of megabytes are no problem", () => {
  const big = JSON.stringify({ other: { key: '\\"{}[],:'.repeat(500_000) }, last: 1 });
  const text = replaceEntry(big, ID, ENTRY);
  assertEquals(readEntry(text, ID), ENTRY);
  assertEquals(text.startsWith(big.slice(0, -1)), true);
});
