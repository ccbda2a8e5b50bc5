#!/usr/bin/env bash
# Memory of very large configs: 1 000 000 dsode points, 100 000 small networks, and 5000 points of them, each as one config.
#
#   benches/memory.sh [BIN] [BACKEND]
#
# Members are short: what is asked is what the host keeps per point. Prints a Markdown table; the most memory in use is the
# kernel's figure (VmHWM), less that of one member per member. SCALE=0.01 makes all of it smaller.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${1:-target/release/snn-ensemble}")
backend=${2:-cpu}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# measure NAME POINTS REALISATIONS SET...: seconds, MiB, bytes per member beyond the first, bytes of results per member. AGAIN=1: and
# the same command again, which finds everything done.
measure() {
    once "$@"
    [ -z "${AGAIN:-}" ] || once "$1, again" "${@:2}"
    rm -rf "$scratch/out"
}

once() {
    local name=$1 points=$2 realisations=$3
    shift 3
    local begun ended peak=0 now members=$((points * realisations))
    local scan=()
    [ "$points" = 1 ] || scan=(--set "scan=[{path: projections.E<-I.p, linspace: [0.5, 1.0, $points]}]")
    begun=$(date +%s.%N)
    "$bin" run configs/quickstart.yaml --backend "$backend" --quiet --out "$scratch/out" --set time.discard=0 \
        --set time.duration=1 --set "realisations=$realisations" "${scan[@]}" "$@" 2>/dev/null &
    local pid=$!
    while kill -0 $pid 2>/dev/null; do
        now=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2>/dev/null || true)
        peak=${now:-$peak}
        sleep 0.05
    done
    wait $pid
    ended=$(date +%s.%N)
    [ "$members" -gt 1 ] || floor=$peak
    awk -v name="$name" -v points="$points" -v members="$members" -v s="$begun" -v e="$ended" -v peak="$peak" \
        -v floor="$floor" -v disk="$(du -sk "$scratch/out" | cut -f1)" \
        'BEGIN {printf "| %s | %d | %d | %.1f | %.0f | %.0f | %.0f |\n", name, points, members, e - s, peak / 1024,
                (peak - floor) * 1024 / members, disk * 1024 / members}'
}

scaled() { awk -v n="$1" -v s="${SCALE:-1}" 'BEGIN {printf "%d", n * s}'; }

small=(--set populations.E.size=30 --set populations.I.size=10)
echo "| config | points | members | seconds | most memory, MiB | bytes per member in memory | bytes per member on disk |"
echo "|---|--:|--:|--:|--:|--:|--:|"
wide=(--set 'models=[{dsode: {bin: 20}}]' --set time.duration=0.3)
measure "dsode, 7 bins" 1 1 "${wide[@]}"
AGAIN=1 measure "dsode, 7 bins" "$(scaled 100000)" 1 "${wide[@]}"
AGAIN=1 measure "dsode, 7 bins" "$(scaled 1000000)" 1 "${wide[@]}"
measure "snn, 40 neurons" 1 1 "${small[@]}"
measure "snn, 40 neurons" 1 "$(scaled 100000)" "${small[@]}"
measure "snn, 40 neurons" "$(scaled 5000)" 20 "${small[@]}"
