#!/usr/bin/env bash
# Writes the first part of benches/RESULTS.md and benches/laws.svg: what is measured on this machine, on the CPU, by one command (about 20 minutes
# on two quiet cores; PEERS=none leaves out the peers, EACH=45 shortens the benches).
#
#   benches/results.sh [BIN]
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${1:-target/release/snn-ensemble}
[ -x "$bin" ] || cargo build --release
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python=target/peers/venv/bin/python
[ -x "$python" ] || python=python3

table="$scratch/results.md"
say() { echo "$@" >>"$table"; }
# A section: title, the command that makes it, its table.
section() {
    echo "$1" >&2
    say
    say "## $1"
    say
    say "    ${*:2}"
    say
    "${@:2}" >>"$table"
}

# Two benches side by side: the rates of the first, and how far the second is from them.
twice() {
    "$bin" bench --backend cpu --seconds "${EACH:-120}" --json "$scratch/a.json"
    "$bin" bench --backend cpu --seconds "${EACH:-120}" --json "$scratch/b.json" >/dev/null
    "$python" - "$scratch/a.json" "$scratch/b.json" <<'PY'
import json, statistics, sys
a, b = (json.load(open(path))["cases"] for path in sys.argv[1:])
spread = [abs(x["rate"] / y["rate"] - 1) for x, y in zip(a, b)]
worst = max(range(len(spread)), key=spread.__getitem__)
print(f"\nThe same again right after: rates differ by {100 * statistics.median(spread):.0f} % in the median, by "
      f"{100 * spread[worst]:.0f} % at most ({a[worst]['name']}).")
PY
}

say "# Measured"
say
say "Only what was run. Up to peers of the example network written by \`benches/results.sh\`: $(nproc) cores of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)," \
    "$(awk '/MemTotal/ {printf "%.0f", $2 / 1048576}' /proc/meminfo) GiB, $(uname -sr), commit $(git rev-parse --short=12 HEAD)," \
    "$(date -u +%Y-%m-%d), load average before: $(cut -d' ' -f1-3 /proc/loadavg)."
section "Throughput" twice
sed -i 's|^    twice$|    snn-ensemble bench --backend cpu|' "$table"
section "Start-up" benches/startup.sh "$bin" cpu gpu
section "Memory" benches/memory.sh "$bin" cpu
section "Cost laws" benches/laws.sh "$bin" cpu
say
say "![Cost of a step along members, neurons, spikes and bins](laws.svg)"
say
cat benches/knees.md >>"$table"
[ "${PEERS:-}" = none ] || section "Next to what one would otherwise write" benches/peers/run.sh "$bin"
# What was measured by hand stays.
{ echo; sed -n '/^<!-- benches\/results.sh keeps/,$p' benches/RESULTS.md; } >>"$table"
cp "$table" benches/RESULTS.md
