#!/bin/sh
# zod-to-json-schema 3.25.2 accepts zod 4 as its peer, but of a schema that zod 4.6.7 made it writes nothing but
# `$schema`: no type, no properties, no error. A tool that is declared with it still works, and the model is
# not told of a single parameter. The same schema, made by `zod/v3` of the same package, is written whole.
#
# Seen: "zod: $schema", "zod/v3: type properties required additionalProperties $schema"
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund zod@4.6.7 zod-to-json-schema@3.25.2 >/dev/null

cat >keys.mjs <<'JS'
import { zodToJsonSchema } from "zod-to-json-schema";
const { z } = await import(process.argv[2]);
const schema = z.object({ path: z.string().describe("The file to read") });
console.log(Object.keys(zodToJsonSchema(schema)).join(" "));
JS

check() {
  seen=$(node keys.mjs "$1")
  echo "$1: $seen"
  [ "$seen" = "$2" ] || { echo "This has changed" >&2; exit 1; }
}
# shellcheck disable=SC2016
check zod '$schema'
# shellcheck disable=SC2016
check zod/v3 'type properties required additionalProperties $schema'
