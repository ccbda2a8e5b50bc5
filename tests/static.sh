#!/usr/bin/env bash
# Does the static program need nothing but itself? Runs it in a folder that holds it and a config and no library, as the root of its
# file system, and compares what it computes with the results of the ordinary program.
#
# tests/static.sh STATIC [PROGRAM]: needs root, for chroot.
set -euo pipefail
cd "$(dirname "$0")/.."
static=$(realpath "$1")
program=$(realpath "${2:-target/debug/snn-ensemble}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/root"
cp "$static" "$folder/root/snn-ensemble"
cp configs/quickstart.yaml "$folder/root/config.yaml"
short=(--set time.duration=250 --set realisations=4 --set 'models=[snn, markov, dsode, {dsode: {noise: finite_size}}]')
alone() { env -i "$(command -v chroot)" "$folder/root" /snn-ensemble "$@"; }
alone --version
alone check config.yaml "${short[@]}" >/dev/null
alone run config.yaml "${short[@]}" --quiet --out out
"$program" run configs/quickstart.yaml "${short[@]}" --backend cpu --quiet --out "$folder/ordinary"
for file in members.log members.parquet points.csv densities.parquet; do
    cmp "$folder/root/out/$file" "$folder/ordinary/$file"
done
[ -s "$folder/root/out/report.html" ]
alone devices | grep 'linked statically'
echo "tests/static.sh: the static program has the bytes of the ordinary one"
