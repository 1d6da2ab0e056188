#!/bin/sh
# Makes sure that what Rumba's build takes from the system is there: LLVM 22 with its headers and static libraries,
# zlib and zstd, a C++ compiler, the Rust toolchain that rust-toolchain.toml names, and a Python with venv.
# As root, missing Debian packages are installed; otherwise the command that installs them is printed.
set -eu
cd "$(dirname "$0")/.."

fail() {
    printf '\n%s\n' "$@" >&2
    exit 1
}

missing=""
[ -x /usr/lib/llvm-22/bin/llvm-config ] && [ -d /usr/lib/llvm-22/include/llvm-c ] || missing="$missing llvm-22-dev"
# A header says that a development package is there, whatever the distribution calls its version.
has_header() { printf '#include <%s>\n' "$1" | ${CC:-cc} -E - >/dev/null 2>&1; }
has_header zlib.h || missing="$missing zlib1g-dev"
has_header zstd.h || missing="$missing libzstd-dev"
command -v g++ >/dev/null 2>&1 || missing="$missing g++"

if [ -n "$missing" ]; then
    command -v apt-get >/dev/null 2>&1 ||
        fail "Rumba needs these packages (Debian's names):$missing" "Install them, then run make again."
    if [ "$(id -u)" -ne 0 ]; then
        fail "Rumba needs packages that are not installed. Run" "    sudo apt-get install$missing" "then make again."
    fi
    echo "installing$missing"
    apt-get update -q >/dev/null || echo "apt-get update failed; trying with the lists that are there" >&2
    # shellcheck disable=SC2086 # a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing ||
        fail "apt-get could not install:$missing" \
            "If it does not know llvm-22-dev, add LLVM's own Debian package repository, then run make again."
fi

pinned=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
toolchain=$(scripts/rust_toolchain.sh)
if [ -n "$toolchain" ]; then
    RUSTUP_TOOLCHAIN=$toolchain
    export RUSTUP_TOOLCHAIN
elif command -v rustup >/dev/null 2>&1; then
    # rustup would now fetch the pinned release by itself; with a limit, so that being offline ends in a message.
    echo "fetching Rust $pinned through rustup"
    timeout 300 rustup toolchain install "$pinned" --profile minimal --component clippy --component rustfmt ||
        fail "Rust $pinned is not installed and could not be fetched. Run" "    rustup toolchain install $pinned" \
            "then make again."
fi
case $(rustc --version 2>/dev/null) in
    "rustc ${pinned%.*}."*) ;;
    "") fail "There is no rustc. Install rustup (see rust-lang.org), then run make again." ;;
    *) fail "This rustc is $(rustc --version); Rumba needs ${pinned%.*}, whose LLVM matches the one it links." ;;
esac

[ -n "${PYTHON:-$(scripts/find_python.sh)}" ] || fail "There is no Python 3.11 or newer. Install one, then run make again."
