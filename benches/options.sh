#!/usr/bin/env bash
# What the options of neurons, synapses and wirings cost on the CPU: instructions of the example network with one option more.
#
#   benches/options.sh [BIN] [OPTION...]
#
# By valgrind (AVX2, no AVX-512), as the difference of 300 and 150 ms of one member, so that neither the start nor what else the machine
# does is in it: per neuron-step of networks, per step of `dsode` (coloured, in thousands). Strengths are as they were and rates differ:
# that of E in `snn` stands beside it, as do its neuron-steps per second of processor time (user; 4 members of 2 s). Prints a Markdown table;
# a dash where the model is refused.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${1:-target/release/snn-ensemble}")
shift || true
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
neurons=400 steps=1500 # in 150 ms

# network MORE TAU OF-ALL OF-EXCITATION OF-EACH-NEURON P-OR-INDEGREE-E P-OR-INDEGREE-I: a config. An empty TAU: those of the paper.
network() {
    cat <<CONFIG
name: options
time: {dt: 0.1, duration: 300}
realisations: 1
populations:
  E: {size: 300, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1} $5}
  I: {size: 100, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1} $5}
projections:
  E<-E: {kind: excitatory, ${6:-p: 0.8}, s: 0.95, tau: ${2:-1.4} $3 $4}
  E<-I: {kind: inhibitory, ${7:-p: 0.8}, s: 2.71, tau: ${2:-4.5} $3}
  I<-E: {kind: excitatory, ${6:-p: 0.8}, s: 1.25, tau: ${2:-1.2} $3 $4}
  I<-I: {kind: inhibitory, ${7:-p: 0.8}, s: 2.45, tau: ${2:-4.5} $3}
$1
CONFIG
}

quenched='connectivity: quenched'
of() {
    case $1 in
    "the paper's network") network '' '' '' '' '' ;;
    'delay 1.5 ms') network '' '' ', delay: 1.5' '' '' ;;
    'delta synapses') network '' 0 '' '' '' ;;
    'conductance excitation') network '' '' '' ', v_rev: 300' '' ;;
    'a leak, current inhibition') network '' '' '' '' ', tau_m: 20' | sed '/kind: inhibitory/s/s:/v_rev: none, s:/' ;;
    'decay without noise') network '' '' ', decay: deterministic' '' '' ;;
    'rise times of 0.5 ms') network '' '' ', tau_rise: 0.5' '' '' ;;
    'a source onto each') network 'sources: {S: {rate: 1}}' '' '' '' '' |
        sed 's/^projections:/&\n  E<-S: {kind: excitatory, s: 0.2, tau: 2}\n  I<-S: {kind: excitatory, s: 0.2, tau: 2}/' ;;
    'Poisson drive') network '' '' '' '' '' | sed 's/kind: gaussian/kind: poisson/' ;;
    'adaptation') network '' '' '' '' ', adaptation: {b: 0.05, tau: 100}' ;;
    'fixed refractoriness') network '' '' '' '' ', refractory: fixed' ;;
    'a leak') network '' '' '' '' ', tau_m: 20' ;;
    'a leak, exact step') network '' '' '' '' ', tau_m: 20, step: exact' ;;
    'QIF') network '' '' '' '' ', neuron: {qif: [0.0005, 0, 0.1]}' ;;
    'EIF') network '' '' '' '' ', tau_m: 20, neuron: {eif: {v_t: 90, delta_t: 3}}' ;;
    'table of drifts') network '' '' '' '' ', neuron: {table: [[-50, 2], [0, 0], [100, -4]]}' ;;
    'quenched') network "$quenched" '' '' '' '' ;;
    'quenched, delay 1.5 ms') network "$quenched" '' ', delay: 1.5' '' '' ;;
    'in-degree, quenched') network "$quenched" '' '' '' '' 'indegree: 240' 'indegree: 80' ;;
    *) echo "no option: $1" >&2 && return 2 ;;
    esac
}

names=("the paper's network" 'delay 1.5 ms' 'delta synapses' 'conductance excitation' 'a leak, current inhibition' 'decay without noise'
    'rise times of 0.5 ms' 'a source onto each' 'Poisson drive' 'adaptation' 'fixed refractoriness' 'a leak' 'a leak, exact step'
    'QIF' 'EIF' 'table of drifts' 'quenched' 'quenched, delay 1.5 ms' 'in-degree, quenched')
[ $# -eq 0 ] || names=("$@")

# instructions MODEL MS: of a run of MS ms.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bin" run "$scratch/config.yaml" --backend cpu --threads 1 --quiet \
        --set "models=[$1]" --set "time.duration=$2" --out "$scratch/$1.$2" 2>&1 | awk '/Collected/ {print $4}'
}

# cost MODEL UNITS: instructions per unit; a dash if the model is refused.
cost() {
    "$bin" check "$scratch/config.yaml" --set "models=[$1]" >/dev/null 2>"$scratch/refused" || { echo -; return; }
    awk -v a="$(instructions "$1" 150)" -v b="$(instructions "$1" 300)" -v n="$2" 'BEGIN {printf "%.1f", (b - a) / n}'
}

echo '| network | `snn` | `markov` | `markov`, coloured | `dsode`, coloured, 35 bins: k | `snn`: neuron-steps/s | rate of E (Hz) |'
echo '|---|--:|--:|--:|--:|--:|--:|'
TIMEFORMAT=%U members=4 duration=2000
for name in "${names[@]}"; do
    of "$name" >"$scratch/config.yaml"
    row="| $name |"
    for model in snn markov '{markov: {closure: coloured}}'; do row+=" $(cost "$model" $((neurons * steps))) |"; done
    row+=" $(cost '{dsode: {closure: coloured, bin: 4, v_min: -40}}' $((1000 * steps))) |"
    seconds=$({ time "$bin" run "$scratch/config.yaml" --backend cpu --threads 1 --quiet --set 'models=[snn]' --set realisations=$members \
        --set time.duration=$duration --set time.discard=200 --out "$scratch/rate" >/dev/null 2>&1; } 2>&1)
    awk -F, -v row="$row" -v speed="$(awk -v s="$seconds" -v n=$((neurons * members * duration * 10)) 'BEGIN {print n / s / 1e6}')" \
        'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "rate_E_mean") c = i} NR == 2 {printf "%s %.0f M | %.1f |\n", row, speed, $c}' "$scratch/rate/points.csv"
    rm -rf "${scratch:?}"/*
done
