#!/usr/bin/env bash
# The cost of a step along members, neurons, spikes and bins: a Markdown table, and benches/laws.svg.
#
#   benches/laws.sh [BIN] [BACKEND]      SECONDS_IN_ALL=120
#
# The picture needs Python with matplotlib: the environment of benches/peers/run.sh, or the system's.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-target/release/snn-ensemble}
json=$(mktemp)
trap 'rm -f "$json"' EXIT
"$bin" bench --laws --backend "${2:-cpu}" --seconds "${SECONDS_IN_ALL:-120}" --json "$json"
python=target/peers/venv/bin/python
[ -x "$python" ] || python=python3
"$python" benches/laws.py "$json" benches/laws.svg
