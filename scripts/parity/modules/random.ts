/** Random choices that are the same in every run, and texts to choose from. */

export interface Random {
  /** A whole number from 0 to `below - 1`. */
  below(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** True in this percentage of calls. */
  chance(percent: number): boolean;
  /** Between `least` and `most` results of `make`. */
  list<T>(least: number, most: number, make: (index: number) => T): T[];
  /** One to `most` phrases of {@linkcode PHRASES}. */
  text(most: number): string;
}

/** Characters that JSON, Python and JavaScript could treat differently. */
export const PHRASES: readonly string[] = [
  "list the open files",
  "the third test fails on Tuesdays",
  "größere Änderung, bitte prüfen",
  "où est passé le fichier déjà fermé ?",
  "请把这个函数改成异步的",
  "テストを直してください",
  "проверь границы массива",
  "أضف اختبارا للحد الأعلى",
  "정렬 순서를 바꿔 주세요",
  "𠮷野家で𩸽を食べる",
  "𝒻(𝓍) = 𝓍²",
  "👩‍💻 ships 🚀 at 🏳️‍🌈",
  'a "quoted" \\ path',
  "</script><!-- & -->",
  "tab\there, feed\nthere, return\r\n",
  "controls \u0000\u0001\b\f\u001b\u001f end",
  "delete \u007f and next line \u0085",
  "separators \u2028 and \u2029",
  "joiner \u200d, no width \u200b, mark \ufeff",
  "no break\u00a0space and ideographic\u3000space",
  "combining e\u0301 and é",
  "private \ue000, last \uffff, beyond \u{10ffff}",
  "1e21 0.1 -0 1.0 NaN",
  "{{mustache}} ${template} %s %d",
];

/** Makes a generator (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  function pick<T>(items: readonly T[]): T {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }
  function list<T>(least: number, most: number, make: (index: number) => T): T[] {
    return Array.from({ length: least + below(most - least + 1) }, (_, index) => make(index));
  }
  return {
    below,
    pick,
    list,
    chance: (percent) => next() * 100 < percent,
    text: (most) => list(1, most, () => pick(PHRASES)).join(" "),
  };
}
