#!/usr/bin/env bash
# Runs every test on this machine. Installs what is missing (Debian and Ubuntu, as root or with sudo): the software Vulkan adapter
# that the GPU tests need where there is no GPU, and the browser that opens a report and brings a second Vulkan driver, a second
# compiler of WGSL and Vulkan's validation layer. Without them tests fail, they are never skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

adapter() {
    ls /usr/share/vulkan/icd.d/*.json /etc/vulkan/icd.d/*.json >/dev/null 2>&1 || [ "$(uname)" = Darwin ]
}
browser() {
    [ -n "${CHROMIUM:-}" ] || CHROMIUM=$(command -v chromium || command -v google-chrome || command -v chromium-browser)
}
missing=()
adapter || missing+=(mesa-vulkan-drivers)
browser || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
# What drives the browser: a folder of its own.
driver=${CARGO_TARGET_DIR:-target}/browser
if [ ! -d "$driver/node_modules/playwright-core" ]; then
    mkdir -p "$driver"
    npm install --silent --no-save --no-audit --no-fund --prefix "$driver" playwright-core@1
fi
browser || true
export CHROMIUM
SNN_ENSEMBLE_PLAYWRIGHT=$(cd "$driver" && pwd)/node_modules
export SNN_ENSEMBLE_PLAYWRIGHT
# The folder with the browser's SwiftShader and, in Debian's and Ubuntu's Chromium, the validation layer.
for folder in "$(dirname "$(readlink -f "${CHROMIUM:-none}")")" /usr/lib/chromium /usr/lib/chromium-browser \
    /snap/chromium/current/usr/lib/chromium-browser /opt/google/chrome; do
    [ ! -f "$folder/vk_swiftshader_icd.json" ] || export SNN_ENSEMBLE_CHROMIUM="${SNN_ENSEMBLE_CHROMIUM:-$folder}"
done
# Programs that read the results, and what builds and installs the Python package: a Python of their own.
readers=${CARGO_TARGET_DIR:-target}/readers
if ! "$readers/bin/python" -c 'import duckdb, maturin, pandas, pyarrow, uv' 2>/dev/null; then
    python3 -m venv "$readers"
    "$readers/bin/pip" install -q pandas pyarrow duckdb maturin uv
fi
SNN_ENSEMBLE_PYTHON=$(cd "$readers" && pwd)/bin/python
export SNN_ENSEMBLE_PYTHON
# Mesa's loader layer writes an error where this is not set.
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$(mktemp -d)}"
status=0
cargo test --no-fail-fast "$@" || status=$?
# Once more what compares the backends, on a driver of another make: 256 invocations, and no limit to a shader's iterations. It takes
# seconds to compile a kernel, so there each option is tried once, and fewer random networks.
if [ $# = 0 ] && [ -n "${SNN_ENSEMBLE_CHROMIUM:-}" ]; then
    export VK_DRIVER_FILES=$SNN_ENSEMBLE_CHROMIUM/vk_swiftshader_icd.json
    export VK_ICD_FILENAMES=$VK_DRIVER_FILES
    export SNN_ENSEMBLE_RANDOM_CASES=1
    cargo test --no-fail-fast --test backends --test backends_random --test dsode_gpu -- --skip one_driver || status=$?
fi
exit $status
