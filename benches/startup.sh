#!/usr/bin/env bash
# Seconds from the command to the first member in the log and to the end, for the shortest useful run of the example.
#
#   benches/startup.sh [BIN] [BACKEND...]       backends: cpu gpu
#
# Prints a Markdown table: the best and the worst of TRIES=5.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${1:-target/release/snn-ensemble}")
shift || true
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
echo "| backend | model | first member in the log, s | whole run, s |"
echo "|---|---|--:|--:|"
for backend in "${@:-cpu}"; do
    for model in snn markov dsode; do
        for _ in $(seq "${TRIES:-5}"); do
            rm -rf "$scratch/out"
            begun=$(date +%s%N)
            "$bin" run configs/quickstart.yaml --backend "$backend" --quiet --out "$scratch/out" --set "models=[$model]" \
                --set time.duration=5 --set time.discard=0 --set realisations=4 2>/dev/null &
            pid=$!
            size=0
            # The log begins with its outline; a member makes it grow.
            first=
            while kill -0 $pid 2>/dev/null; do
                now=$(stat -c %s "$scratch/out/members.log" 2>/dev/null || echo 0)
                if [ "$size" -gt 0 ] && [ "$now" -gt "$size" ] && [ -z "$first" ]; then first=$(date +%s%N); fi
                [ "$size" -gt 0 ] || size=$now
            done
            wait $pid
            ended=$(date +%s%N)
            echo "$(((${first:-$ended} - begun) / 1000000)) $(((ended - begun) / 1000000))"
        done | awk -v backend="$backend" -v model="$model" '
            NR == 1 || $1 < f0 {f0 = $1} NR == 1 || $1 > f1 {f1 = $1}
            NR == 1 || $2 < w0 {w0 = $2} NR == 1 || $2 > w1 {w1 = $2}
            END {printf "| %s | %s | %.2f to %.2f | %.2f to %.2f |\n", backend, model, f0 / 1000, f1 / 1000, w0 / 1000, w1 / 1000}'
    done
done
