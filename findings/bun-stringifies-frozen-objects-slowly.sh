#!/bin/sh
# Bun 1.3.4 and 1.4.5: JSON.stringify of deeply frozen objects takes about three times as long as of the
# same objects before they are frozen. In Node it takes as long. A cache that freezes what it shares makes
# each later serialisation of it slower than a copy would be.
#
# Seen for 15 KB: bun 1.3.4 0.012 ms and 0.038 ms, bun 1.4.5 0.009 ms and 0.026 ms, node 20 0.031 ms twice
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  old@npm:@oven/bun-linux-x64@1.3.4 new@npm:@oven/bun-linux-x64@1.4.5 >/dev/null

cat >frozen.mjs <<'JS'
import process from "node:process";
const description = "A text that describes this member of the tool";
const tool = (_, index) => ({
  name: `tool_${index}`,
  properties: Object.fromEntries(
    Array.from({ length: 8 }, (_, key) => [`key_${key}`, { type: "string", description }]),
  ),
});
const freeze = (value) => {
  if (typeof value === "object") Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};
const plain = Array.from({ length: 20 }, tool);
const frozen = freeze(Array.from({ length: 20 }, tool));
// Other load only slows a run down: the fastest counts.
const fastest = (value) => {
  let best = Infinity;
  for (let run = 0; run < 3000; run++) {
    const start = performance.now();
    JSON.stringify(value);
    best = Math.min(best, performance.now() - start);
  }
  return best;
};
fastest(plain);
fastest(frozen);
const times = [fastest(plain), fastest(frozen)];
console.error(`${times[0].toFixed(4)} ms plain, ${times[1].toFixed(4)} ms frozen`);
console.log(times[1] / times[0] > 1.6 ? "slower" : "alike");
JS

check() {
  seen=$("$1" frozen.mjs)
  echo "$2: $seen"
  [ "$seen" = "$3" ] || { echo "This has changed" >&2; exit 1; }
}
check node_modules/old/bin/bun "bun 1.3.4" slower
check node_modules/new/bin/bun "bun 1.4.5" slower
check node "node" alike
