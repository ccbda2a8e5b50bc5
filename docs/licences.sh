#!/usr/bin/env bash
# Writes docs/licences.md anew: the licences of what the program contains. After a change of Cargo.lock: docs/licences.sh
set -euo pipefail
cd "$(dirname "$0")/.."
{
    cat <<'HEAD'
# Licences of what the program contains

snn-ensemble itself: [MIT](../LICENSE). Inside of every report: Plotly.js ([MIT](../src/report/assets/plotly.LICENSE)). In pictures of
figures: Report Sans, a part of Liberation Sans ([OFL 1.1](../src/report/assets/report-sans.LICENSE)). The crates below are linked into
the program, on one system or another; where a licence says OR, either may be chosen. The texts of their licences lie beside their sources
(`cargo vendor` fetches them). Written by `docs/licences.sh`.

| licence | crates |
|---|---|
HEAD
    cargo tree --locked --target all --edges normal --prefix none --format '{l}|{p}' | grep -v '^MIT|snn-ensemble ' |
        sed -E 's# / #/#g; s#/# OR #g; s#\|([^ ]+) v([^ ]+).*#|\1 \2#' | sort -u |
        awk -F'|' '{ of[$1] = of[$1] (of[$1] ? ", " : "") $2 } END { for (licence in of) print "| " licence " | " of[licence] " |" }' | sort
} >docs/licences.md.new
mv docs/licences.md.new docs/licences.md
