#!/usr/bin/env bash
# What the options of synapses and wirings cost on one core: whole runs of the example network with one option more, in turn.
#
#   benches/options.sh [BIN] [ROUNDS]
#
# Neuron-steps per second of processor time (user), so that what else the machine does matters little; the median of the rounds. Strengths
# of delta synapses and conductances are as they were, so rates differ: they stand beside it. Prints a Markdown table.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${1:-target/release/snn-ensemble}")
rounds=${2:-3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
members=4 duration=2000

# network PROJECTION-OPTIONS WIRING-E WIRING-I OPTIONS-OF-EXCITATION MORE: a config.
network() {
    cat <<CONFIG
name: options
time: {dt: 0.1, duration: $duration, discard: 200}
populations:
  E: {size: 300, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1}}
  I: {size: 100, tau_ref: 4, drive: {kind: gaussian, rate: 7, weight: 1}}
projections:
  E<-E: {kind: excitatory, $2, s: 0.95, tau: ${6:-1.4}, $1 $4}
  E<-I: {kind: inhibitory, $3, s: 2.71, tau: ${6:-4.5}, $1}
  I<-E: {kind: excitatory, $2, s: 1.25, tau: ${6:-1.2}, $1 $4}
  I<-I: {kind: inhibitory, $3, s: 2.45, tau: ${6:-4.5}, $1}
${5:-}
models: [snn]
realisations: $members
CONFIG
}

of() {
    case $1 in
    "the paper's network") network '' 'p: 0.8' 'p: 0.8' '' ;;
    'delay 1.5') network 'delay: 1.5,' 'p: 0.8' 'p: 0.8' '' ;;
    'delta synapses') network '' 'p: 0.8' 'p: 0.8' '' '' 0 ;;
    'conductance excitation') network '' 'p: 0.8' 'p: 0.8' 'v_rev: 300' ;;
    'a source onto each') network '' 'p: 0.8' 'p: 0.8' '' \
        'sources: {S: {rate: 1}}' | sed 's/^projections:/&\n  E<-S: {kind: excitatory, s: 0.2, tau: 2}\n  I<-S: {kind: excitatory, s: 0.2, tau: 2}/' ;;
    'quenched') network '' 'p: 0.8' 'p: 0.8' '' 'connectivity: quenched' ;;
    'quenched, in-degree') network '' 'indegree: 240' 'indegree: 80' '' 'connectivity: quenched' ;;
    'quenched, in-degree, delay 1.5') network 'delay: 1.5,' 'indegree: 240' 'indegree: 80' '' 'connectivity: quenched' ;;
    esac
}

names=("the paper's network" 'delay 1.5' 'delta synapses' 'conductance excitation' 'a source onto each' 'quenched'
    'quenched, in-degree' 'quenched, in-degree, delay 1.5')
for round in $(seq "$rounds"); do
    for name in "${names[@]}"; do
        of "$name" >"$scratch/config.yaml"
        rm -rf "$scratch/out"
        TIMEFORMAT=%U
        seconds=$({ time "$bin" run "$scratch/config.yaml" --backend cpu --threads 1 --quiet --out "$scratch/out" >/dev/null; } 2>&1 | tail -1)
        rate=$(awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "rate_E_mean") c = i} NR == 2 {print $c}' "$scratch/out/points.csv")
        echo "$name|$seconds|$rate" >>"$scratch/table"
    done
done
echo '| network | neuron-steps per second | of the first | rate of E (Hz) |'
echo '|---|--:|--:|--:|'
for name in "${names[@]}"; do
    awk -F'|' -v name="$name" '$1 == name {print $2, $3}' "$scratch/table" | sort -n | awk -v name="$name" \
        -v steps="$((members * duration * 10 * 400))" '{s[NR] = $1; r = $2} END {print name "|" steps / s[int((NR + 1) / 2)] "|" r}'
done | awk -F'|' 'NR == 1 {first = $2} {printf "| %s | %.3g M | %.0f %% | %.1f |\n", $1, $2 / 1e6, 100 * $2 / first, $3}'
