#!/usr/bin/env bash
# Runs every test on this machine. What it needs beside Rust and a C linker:
#   - a Vulkan adapter: without a GPU Mesa's software one (Debian: mesa-vulkan-drivers)
#   - a Chromium (chromium), which opens reports and brings a second Vulkan driver, a second compiler of WGSL and, on Debian and
#     Ubuntu, Vulkan's validation layer; Node 18 and npm (nodejs npm), and of npm playwright-core, which drive it
#   - Python 3 with venv (python3-venv), and of PyPI pandas, pyarrow, duckdb, maturin and uv, in a folder of the target directory
# Without them tests fail, they are never skipped. Only the recipes of docs/cluster.md (tests/slurm.sh) are run where there is Slurm and
# GNU parallel (slurm-wlm, parallel), and root, and skipped elsewhere. `tests/run.sh --install` installs what is missing (Debian and Ubuntu, as root or
# with sudo). Further arguments go to `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."
install=no
if [ "${1:-}" = --install ]; then
    install=yes
    shift
fi

target=${CARGO_TARGET_DIR:-target}
driver=$target/browser
readers=$target/readers
adapter() {
    compgen -G '/usr/share/vulkan/icd.d/*.json' >/dev/null || compgen -G '/etc/vulkan/icd.d/*.json' >/dev/null ||
        [ "$(uname)" = Darwin ]
}
browser() {
    [ -n "${CHROMIUM:-}" ] || CHROMIUM=$(command -v chromium || command -v google-chrome || command -v chromium-browser)
}
playwright() { [ -d "$driver/node_modules/playwright-core" ]; }
slurm() {
    for program in slurmctld slurmd munged parallel; do
        command -v $program >/dev/null || return 1
    done
}
python() { "$readers/bin/python" -c 'import duckdb, maturin, pandas, pyarrow, uv' 2>/dev/null; }

packages=()
adapter || packages+=(mesa-vulkan-drivers)
browser || packages+=(chromium)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
python || python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
if [ $install = yes ]; then
    if { [ ${#packages[@]} -gt 0 ] || ! slurm; } && command -v apt-get >/dev/null; then
        sudo=$([ "$(id -u)" = 0 ] || echo sudo)
        # another apt may be at work, on a fresh machine for some minutes
        wait="-o DPkg::Lock::Timeout=600"
        $sudo apt-get $wait update -qq
        for package in slurm-wlm parallel; do
            ! apt-cache show "$package" >/dev/null 2>&1 || packages+=("$package")
        done
        $sudo apt-get $wait install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
    fi
    # What drives the browser, and what reads the results: folders of their own.
    if ! playwright; then
        mkdir -p "$driver"
        npm install --silent --no-save --no-audit --no-fund --prefix "$driver" playwright-core@1
    fi
    if ! python; then
        python3 -m venv "$readers"
        "$readers/bin/pip" install -q pandas pyarrow duckdb maturin uv
    fi
fi
lacking=()
adapter || lacking+=("a Vulkan adapter")
browser || lacking+=("Chromium")
command -v node >/dev/null || lacking+=("Node")
playwright || lacking+=("playwright-core in $driver")
python || lacking+=("Python packages in $readers")
if [ ${#lacking[@]} -gt 0 ]; then
    printf -v list '%s, ' "${lacking[@]}"
    echo "tests/run.sh: missing: ${list%, }; some tests will fail; tests/run.sh --install installs it" >&2
fi
mkdir -p "$driver/node_modules"
export CHROMIUM=${CHROMIUM:-}
SNN_ENSEMBLE_PLAYWRIGHT=$(cd "$driver" && pwd)/node_modules
export SNN_ENSEMBLE_PLAYWRIGHT
# The folder with the browser's SwiftShader and, in Debian's and Ubuntu's Chromium, the validation layer.
for folder in "$(dirname "$(readlink -f "${CHROMIUM:-none}")")" /usr/lib/chromium /usr/lib/chromium-browser \
    /snap/chromium/current/usr/lib/chromium-browser /opt/google/chrome; do
    [ ! -f "$folder/vk_swiftshader_icd.json" ] || export SNN_ENSEMBLE_CHROMIUM="${SNN_ENSEMBLE_CHROMIUM:-$folder}"
done
if python; then
    SNN_ENSEMBLE_PYTHON=$(cd "$readers" && pwd)/bin/python
    export SNN_ENSEMBLE_PYTHON
fi
# Mesa's loader layer writes an error where this is not set.
export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$(mktemp -d)}"
status=0
cargo test --no-fail-fast "$@" || status=$?
if [ $# = 0 ] && slurm && [ "$(id -u)" = 0 ]; then
    slurm_status=0
    tests/slurm.sh "$target/debug/snn-ensemble" || slurm_status=$?
    # 77: Slurm does not start, as in some containers.
    [ $slurm_status = 0 ] || [ $slurm_status = 77 ] || status=$slurm_status
elif [ $# = 0 ]; then
    echo "tests/run.sh: tests/slurm.sh is skipped: it needs slurm-wlm, parallel and root" >&2
fi
# Once more what compares the backends, on a driver of another make: 256 invocations, and no limit to a shader's iterations. It takes
# seconds to compile a kernel, so there are few of them: how work is cut up, and random networks that have every option.
if [ $# = 0 ] && [ -n "${SNN_ENSEMBLE_CHROMIUM:-}" ]; then
    export VK_DRIVER_FILES=$SNN_ENSEMBLE_CHROMIUM/vk_swiftshader_icd.json
    export VK_ICD_FILENAMES=$VK_DRIVER_FILES
    export SNN_ENSEMBLE_FEW_CASES=1
    cargo test --no-fail-fast --test backends -- cuts submissions --skip one_driver || status=$?
    cargo test --no-fail-fast --test backends_random --test dsode_gpu -- --skip one_driver || status=$?
fi
exit $status
