#!/usr/bin/env bash
# The same networks in what one would otherwise write, checked to give the same rates, then timed side by side.
#
#   benches/peers/run.sh [BIN]       BIN: the release binary, built if it is not there
#
# PEERS="numba_snn nest_snn" chooses peers, ROUNDS=2 how often each is timed, SCALE=0.5 how long. Makes its own Python
# environment under target/peers on the first run. Prints the table in Markdown; ends with 1 if rates differ.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${1:-target/release/snn-ensemble}
[ -x "$bin" ] || cargo build --release
venv=target/peers/venv
if ! "$venv/bin/python" -c 'import brian2, jax, nest, numba, yaml, scipy' >/dev/null 2>&1; then
    python3 -m venv "$venv"
    jax=jax
    if command -v nvidia-smi >/dev/null; then jax='jax[cuda12]'; fi
    # Brian 2.9 does not import with NumPy 2.4.
    "$venv/bin/pip" install -q 'numpy<2.4' numba "$jax" scipy pyyaml cython setuptools brian2 matplotlib nest-simulator
fi
export NUMBA_CACHE_DIR=$PWD/target/peers/numba
exec "$venv/bin/python" benches/peers/run.py "$bin"
