/** What the docs of the library hold; its examples run by `deno test --doc`. */

import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { runProcess } from "../support/process.ts";
import { ROOT } from "../support/source.ts";

interface Declaration {
  readonly kind: string;
  readonly jsDoc?: {
    readonly doc?: string;
    readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
  };
}

interface Docs {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly Symbol[] }>>;
}

interface Symbol {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

/** Each symbol that an entry of `deno.json` exports, by entry and name. */
async function exported(): Promise<ReadonlyMap<string, readonly Declaration[]>> {
  const { exports } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const found = new Map<string, readonly Declaration[]>();
  for (const entry of Object.values<string>(exports)) {
    const args = ["doc", "--json", join(ROOT, entry)];
    const { code, stdout, stderr } = await runProcess(Deno.execPath(), { args, timeout: 60_000 });
    assertEquals(code, 0, stderr);
    const { nodes }: Docs = JSON.parse(stdout);
    for (const { symbols } of Object.values(nodes)) {
      for (const { name, declarations } of symbols) found.set(`${entry} ${name}`, declarations);
    }
  }
  return found;
}

const symbols = await exported();

function isType(declarations: readonly Declaration[]): boolean {
  return declarations.every(({ kind }) => kind === "interface" || kind === "typeAlias");
}

/** The code of the examples of a symbol. */
function examplesOf(declarations: readonly Declaration[]): readonly string[] {
  return declarations.flatMap(({ jsDoc }) => jsDoc?.tags ?? [])
    .filter(({ kind }) => kind === "example")
    .flatMap(({ doc = "" }) =>
      [...doc.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? "")
    );
}

/** Names of types that a declaration speaks of. */
function typesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(typesIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === "typeName" && typeof member === "string" ? [member] : typesIn(member)
  );
}

Deno.test("every function and class that is exported has an example that asserts", () => {
  assert(symbols.size > 90, "the symbols were found");
  const values = [...symbols].filter(([, declarations]) =>
    declarations.some(({ kind }) => kind === "function" || kind === "class")
  );
  const bare = values.filter(([, declarations]) =>
    !examplesOf(declarations).some((code) => /^\s*(?:await )?assert\w*\(/m.test(code))
  );
  assertEquals(bare.map(([name]) => name), []);
});

for (const entry of ["./mod.ts", "./lib/runtime/mod.ts", "./lib/client/protocol.ts"]) {
  Deno.test(`every type that ${entry} exports is what such a value takes or gives`, () => {
    const own = new Map([...symbols].filter(([name]) => name.startsWith(`${entry} `)));
    const shown = new Set<string>();
    const show = (key: string) => {
      if (shown.has(key)) return;
      shown.add(key);
      for (const name of typesIn(own.get(key) ?? [])) show(`${entry} ${name}`);
    };
    for (const [key, declarations] of own) {
      if (!isType(declarations)) show(key);
    }
    assertEquals([...own.keys()].filter((key) => !shown.has(key)), []);
  });
}

Deno.test("every exported symbol has a description", () => {
  const silent = [...symbols].filter(([, declarations]) =>
    !declarations.some(({ jsDoc }) => (jsDoc?.doc ?? "").trim() !== "")
  );
  assertEquals(silent.map(([name]) => name), []);
});
