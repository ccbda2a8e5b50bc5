#!/usr/bin/env bash
# Registers, local memory and instructions of every kernel, by compilers for hardware that need none of it:
#
#   benches/offline.sh [TEXT...]
#
# TEXT: only kernels with one of these in their name. Compilers: Mesa's NVK for NVIDIA's GA100 and Mesa's RADV for AMD's Navi 31, both
# from one release of Debian, unpacked into the target directory beside that release's own libc (Debian on x86-64, some 60 MB). NVK asks
# a kernel driver for its card: a shim that answers is compiled from Mesa's source. What cannot be had is told and left out; RADV
# is then the system's.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mkdir -p "${CARGO_TARGET_DIR:-target}/offline" && cd "${CARGO_TARGET_DIR:-target}/offline" && pwd)
release=trixie
root=$folder/$release
libraries=$root/usr/lib/x86_64-linux-gnu
shim=$folder/shim.so

# Packages of that release, with lists and files of our own; nothing is installed.
apt() {
    mkdir -p "$folder"/apt/{lists,archives}/partial
    printf 'deb http://deb.debian.org/debian %s main\ndeb-src http://deb.debian.org/debian %s main\n' $release $release >"$folder/apt/sources"
    apt-get -qq -o "Dir::Etc::sourcelist=$folder/apt/sources" -o Dir::Etc::sourceparts=- -o "Dir::State::Lists=$folder/apt/lists" \
        -o "Dir::Cache::Archives=$folder/apt/archives" -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=" \
        -o Dir::State::status=/dev/null -o Debug::NoLocking=1 -o APT::Sandbox::User=root "$@"
}
drivers() {
    [ -e "$libraries/libvulkan_nouveau.so" ] && return
    apt update && apt install -y --no-install-recommends --download-only mesa-vulkan-drivers libvulkan1 libdrm-dev || return
    for package in "$folder"/apt/archives/*.deb; do dpkg -x "$package" "$root" || return; done
}
shim() {
    [ -e "$shim" ] && return
    (cd "$folder/apt" && apt source --download-only --tar-only mesa) || return
    local mesa=$folder/mesa
    mkdir -p "$mesa" && tar xf "$folder"/apt/mesa_*.orig.tar.xz -C "$mesa" --strip-components=1 || return
    gcc -shared -fPIC -O1 -std=gnu11 -fvisibility=hidden -w -D_GNU_SOURCE -DHAVE_PTHREAD -DHAVE_STRUCT_TIMESPEC -DHAVE_TIMESPEC_GET \
        -DHAVE_FUNC_ATTRIBUTE_PACKED -DHAVE___BUILTIN_CLZ -DHAVE___BUILTIN_FFS -DHAVE_MEMFD_CREATE -DHAVE_SECURE_GETENV -DHAVE_ENDIAN_H \
        -I"$mesa"/include -I"$mesa"/src -I"$mesa"/src/util -I"$mesa"/src/gallium/include -idirafter "$root"/usr/include -idirafter "$root"/usr/include/libdrm \
        "$mesa"/src/drm-shim/{drm_shim,device}.c "$mesa"/src/nouveau/drm-shim/nouveau_noop.c \
        "$mesa"/src/c11/impl/{threads_posix,time}.c \
        "$mesa"/src/util/{anon_file,blob,hash_table,log,memstream,os_file,os_misc,os_time,ralloc,set,simple_mtx,strtod}.c \
        "$mesa"/src/util/{u_call_once,u_debug,u_printf,u_process,vma}.c -o "$shim" -ldl -lpthread
}
# compile DRIVER LOADER...: the tables of one driver, run by that loader.
compile() {
    local driver=$1
    shift
    VK_DRIVER_FILES=$driver VK_ICD_FILENAMES=$driver CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="$*" \
        cargo bench -q --profile dev --bench offline -- "${texts[@]}"
}

texts=("$@")
loader=("$libraries/ld-linux-x86-64.so.2" --library-path "$libraries")
if [ "$(uname -sm)" = "Linux x86_64" ] && command -v apt-get >/dev/null && drivers >&2; then
    icd=$root/usr/share/vulkan/icd.d
    if shim >&2; then
        echo "## GA100"
        NOUVEAU_CHIPSET=170 NVK_I_WANT_A_BROKEN_VULKAN_DRIVER=1 compile "$icd/nouveau_icd.json" "${loader[@]}" --preload "$shim"
    else
        echo "no shim for NVK: left out"
    fi
    echo "## Navi 31"
    RADV_FORCE_FAMILY=navi31 compile "$icd/radeon_icd.json" "${loader[@]}"
elif own=$(ls /usr/share/vulkan/icd.d/radeon_icd*.json 2>/dev/null); then
    echo "no packages of Debian's $release: NVK is left out, RADV is the system's"
    echo "## Navi 31"
    RADV_FORCE_FAMILY=gfx1100 compile "$own" || RADV_FORCE_FAMILY=navi31 compile "$own"
else
    echo "no packages of Debian's $release, and no RADV here: nothing to compile with"
fi
