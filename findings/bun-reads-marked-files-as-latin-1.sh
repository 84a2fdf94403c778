#!/bin/sh
# Bun 1.3.4 and 1.4.5: a module whose first line is the comment `// @bun` is not transpiled, and its bytes
# are read as Latin-1: "é", two bytes of UTF-8, is a string of two characters. The same file without the
# comment has one. Bun writes the comment into what `bun build --target=bun` makes, and escapes what is not
# ASCII there; who adds the comment by hand, to keep a file out of the cache of transpiled sources, must too.
#
# Seen (without the comment, then with it): 1 e9 / 2 c3
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund \
  old@npm:@oven/bun-linux-x64@1.3.4 new@npm:@oven/bun-linux-x64@1.4.5 >/dev/null

line='console.log("é".length, "é".charCodeAt(0).toString(16));'
printf '%s\n' "$line" >plain.mjs
printf '// @bun\n%s\n' "$line" >marked.mjs

for release in old new; do
  bun=node_modules/$release/bin/bun
  seen="$("$bun" plain.mjs) / $("$bun" marked.mjs)"
  echo "Bun $("$bun" --version): $seen"
  [ "$seen" = "1 e9 / 2 c3" ] || { echo "This has changed" >&2; exit 1; }
done
