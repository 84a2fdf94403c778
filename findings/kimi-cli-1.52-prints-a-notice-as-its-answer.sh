#!/bin/sh
# kimi-cli 1.52.0, the last release on PyPI, no longer asks a model: given any arguments, also unknown ones,
# it prints one line about its successor and exits with 0. A script that runs `kimi --print -c "…"` takes
# that line for the answer. 1.51.0 is the last release that works.
#
# Seen: exit 0 and "kimi-cli is no longer maintained. …" for --print -c and for an unknown option
# Needs Python 3.13, or `PYTHON` that names one.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

"${PYTHON:-python3.13}" -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check kimi-cli==1.52.0

# A home without any configuration, and no network that it could need.
check() {
  code=0
  seen=$(HOME="$folder" venv/bin/kimi "$@" 2>&1 </dev/null) || code=$?
  echo "kimi $*: exit $code, $seen"
  case "$code $seen" in
    "0 kimi-cli is no longer maintained."*) ;;
    *) echo "This has changed" >&2; exit 1 ;;
  esac
}
check --print -c "What is 2 + 2?"
check --no-such-option
