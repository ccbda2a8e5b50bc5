#!/usr/bin/env bash
# Everything that is worth knowing of a GPU, from the binary alone, within 8 minutes:
#
#   benches/gpu_suite.sh BIN OUTDIR [DEVICE]
#
# devices, validate on every config, bench, and the scan of configs/pei_scan.yaml with 1000 realisations against the clock.
# OUTDIR gets summary.txt, summary.json and what each stage printed. Needs bash and coreutils. Smaller, e.g. for a software adapter:
#
#   BACKEND=gpu LIMIT=60 BENCH_SECONDS=20 ONLY=N=100 CONFIGS=quickstart REALISATIONS=2 SET="--set time.duration=300 --set record={}"
set -uo pipefail
bin=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
device=${3:+--device $3}
backend=${BACKEND:-gpu}
# Seconds: all of it, bench, and the scan at most.
limit=${LIMIT:-460}
bench_seconds=${BENCH_SECONDS:-110}
realisations=${REALISATIONS:-1000}
set=${SET:-}
configs=$(cd "$(dirname "$0")/../configs" && pwd)
names=${CONFIGS:-$(cd "$configs" && ls ./*.yaml | sed 's|^\./||; s|\.yaml$||')}
rm -rf "$out/scan"
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$out}
rows=()
json=()

left() { echo $((limit - SECONDS)); }

# stage NAME SECONDS COMMAND...: runs it with a time limit, notes exit code and wall time, keeps what it printed.
stage() {
    local name=$1 seconds=$2 begun ended code
    shift 2
    seconds=$((seconds < $(left) ? seconds : $(left)))
    if ((seconds < 1)); then
        rows+=("$(printf '%-28s %9s %6s' "$name" - "no time")")
        json+=("{\"stage\": \"$name\", \"exit\": null, \"seconds\": null}")
        return
    fi
    begun=$(date +%s.%N)
    # Interrupted rather than killed: what was finished is kept.
    timeout --signal=INT --kill-after=10 "$seconds" "$@" >"$out/$name.txt" 2>&1
    code=$?
    ended=$(date +%s.%N)
    ended=$(echo "$begun $ended" | awk '{printf "%.2f", $2 - $1}')
    rows+=("$(printf '%-28s %9s %6s' "$name" "$ended" "$code")")
    json+=("{\"stage\": \"$name\", \"exit\": $code, \"seconds\": $ended}")
    echo "${rows[-1]}"
}

printf '%-28s %9s %6s\n' stage seconds exit
stage devices 60 "$bin" devices
for name in $names; do
    # Whole experiments are for the scan below; agreement shows in a short piece of each.
    # shellcheck disable=SC2086
    stage "validate_$name" 40 "$bin" validate "$configs/$name.yaml" --out "$out/validate/$name" $device $set
done
# shellcheck disable=SC2086
stage bench $((bench_seconds * 3 / 2 + 20)) "$bin" bench --backend "$backend" $device --seconds "$bench_seconds" \
    ${ONLY:+--only "$ONLY"} --json "$out/bench.json"
# shellcheck disable=SC2086
stage scan "$(left)" "$bin" run "$configs/pei_scan.yaml" --backend "$backend" $device \
    --set "realisations=$realisations" $set --out "$out/scan"

{
    echo "$("$bin" --version), $(uname -sr), $(date -u +%Y-%m-%dT%H:%MZ)"
    command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
    echo
    printf '%-28s %9s %6s\n' stage seconds exit
    printf '%s\n' "${rows[@]}"
    for name in devices bench scan; do
        echo
        echo "== $name"
        tail -n 60 "$out/$name.txt" 2>/dev/null
    done
    for name in $names; do
        echo
        echo "== validate $name"
        tail -n 12 "$out/validate_$name.txt" 2>/dev/null
    done
} >"$out/summary.txt"
{
    echo "{\"version\": \"$("$bin" --version)\", \"date\": \"$(date -u +%Y-%m-%dT%H:%MZ)\", \"stages\": ["
    (IFS=$',\n' && echo "${json[*]}")
    echo "],"
    echo "\"bench\": $(cat "$out/bench.json" 2>/dev/null || echo null),"
    echo "\"scan\": $(cat "$out/scan/manifest.json" 2>/dev/null || echo null)}"
} >"$out/summary.json"
echo "$out/summary.txt"
