#!/usr/bin/env bash
# Runs every test on this machine. Installs the software Vulkan adapter that the GPU tests need where there is none (Debian and
# Ubuntu, as root or with sudo); without any adapter the GPU tests fail, they are never skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

adapter() {
    ls /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json >/dev/null 2>&1 || [ "$(uname)" = Darwin ]
}
if ! adapter && command -v apt-get >/dev/null; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq mesa-vulkan-drivers >/dev/null
fi
# Programs that read the results: a Python of their own.
readers=${CARGO_TARGET_DIR:-target}/readers
if ! "$readers/bin/python" -c 'import duckdb, pandas, pyarrow' 2>/dev/null; then
    python3 -m venv "$readers"
    "$readers/bin/pip" install -q pandas pyarrow duckdb
fi
SNN_ENSEMBLE_PYTHON=$(cd "$readers" && pwd)/bin/python
export SNN_ENSEMBLE_PYTHON
# Mesa's loader layer writes an error where this is not set.
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$(mktemp -d)}"
exec cargo test --no-fail-fast "$@"
