#!/usr/bin/env bash
# What a point of a map of regimes costs: a grid of N x N points of dsode with exponents, by processor time, and so one of 100 x 100 points.
# Along a line of the grid each point goes on from where its neighbour ended, so a short transient does.
# Usage: benches/regimes.sh [PROGRAM] [N] [TRANSIENT] [WINDOW], times in ms; prints a line of a table.
set -euo pipefail
program=$(realpath "${1:-target/release/snn-ensemble}")
n=${2:-10} transient=${3:-100} window=${4:-200}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cat > "$folder/regimes.yaml" <<CONFIG
name: regimes
time: {dt: 0.1, discard: $transient, duration: $((transient + window))}
populations:
  E: {size: 300, tau_ref: 4, initial: carry, drive: {rate: 7}}
  I: {size: 100, tau_ref: 4, initial: carry, drive: {rate: 7}}
projections:
  E<-E: {kind: excitatory, p: 0.8, s: 0.95, tau: 1.4}
  E<-I: {kind: inhibitory, p: 0.8, s: 2.71, tau: 4.5}
  I<-E: {kind: excitatory, p: 0.8, s: 1.25, tau: 1.2}
  I<-I: {kind: inhibitory, p: 0.8, s: 2.45, tau: 4.5}
models: [dsode]
scan:
  - {path: projections.E<-E.tau, linspace: [1, 3, $n]}
  - {path: projections.E<-I.p, linspace: [0.4, 1, $n]}
sweep: {axis: projections.E<-I.p, direction: forward}
analysis: {lyapunov: true}
CONFIG
seconds() {
    TIMEFORMAT=%U
    { time "$program" run "$folder/regimes.yaml" --out "$folder/$1" --backend cpu --threads 2 --quiet --set "scan.0.linspace=[1, 3, $2]" >&2; } 2>&1 |
        tail -n 1
}
# Two grids: what a program costs to start is in both.
small=$(seconds small 2) large=$(seconds large "$n")
awk -v a="$small" -v b="$large" -v n="$n" -v t="$transient" -v w="$window" 'BEGIN {
    point = (b - a) / ((n - 2) * n)
    printf "| %d ms, %d ms | %.0f ms | %.0f s on two cores |\n", t, w, 1e3 * point, 1e4 * point / 2
}'
