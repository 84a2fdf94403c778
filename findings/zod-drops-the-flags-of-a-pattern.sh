#!/bin/sh
# zod 4.6.7: `z.toJSONSchema()` throws at what JSON Schema cannot say, such as a transform, but not at the flags of
# a regular expression: it writes the pattern without them. The schema that a model is given then refuses what
# the tool takes (`i`, `s`), without a warning.
#
# Seen: "i: zod true, its schema false", "s: zod true, its schema false", "transform: throws"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0 >/dev/null

cat >flags.mjs <<'JS'
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
function judge(pattern, text) {
  const schema = z.string().regex(pattern);
  const isTaken = new Ajv2020().validate(z.toJSONSchema(schema), text);
  return `zod ${schema.safeParse(text).success}, its schema ${isTaken}`;
}
console.log(`i: ${judge(/^[0-9a-f]+$/i, "C0FFEE")}`);
console.log(`s: ${judge(/^begin.end$/s, "begin\nend")}`);
try {
  z.toJSONSchema(z.string().transform((text) => text.length));
} catch {
  console.log("transform: throws");
}
JS

seen=$(node flags.mjs)
echo "$seen"
[ "$seen" = "i: zod true, its schema false
s: zod true, its schema false
transform: throws" ] || { echo "This has changed" >&2; exit 1; }
