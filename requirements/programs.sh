#!/usr/bin/env bash
# What `make interop` needs beside Python: Chromium, LibreOffice's Calc, and what pyicu (of followthemoney) is built with.
# Root on Debian gets what is missing; anybody else gets one line that says how.
set -euo pipefail
missing=()
needs() { eval "$2" >/dev/null 2>&1 || missing+=("$1"); }
needs chromium "command -v chromium"
needs libreoffice-calc "command -v localc"
needs g++ "command -v c++"
needs pkg-config "command -v pkg-config"
needs libicu-dev "pkg-config --exists icu-i18n"
((${#missing[@]})) || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "make interop needs what Debian calls ${missing[*]}: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "installing ${missing[*]}"
log=$(mktemp)
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null ||
  { echo "apt-get can't install ${missing[*]}: $(grep -m1 '^E:' "$log") (its own words: $log)" >&2; exit 1; }
rm -f "$log"
