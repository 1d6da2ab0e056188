#!/bin/sh
# Prints the toolchain that Rust commands shall use through RUSTUP_TOOLCHAIN, or nothing where the plain `cargo` on
# PATH is right as it is.
#
# rust-toolchain.toml pins an exact release. Where rustup has it, that is it. Where rustup's default is another patch
# release of the same minor version, the default is used, so that nothing needs to be downloaded. Otherwise nothing is
# printed, and scripts/check_system.sh says what to install.

cd "$(dirname "$0")/.." || exit 1
pinned=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' rust-toolchain.toml)
command -v rustup >/dev/null 2>&1 || exit 0

if rustup toolchain list 2>/dev/null | grep -q "^$pinned\(-\| \|$\)"; then
    echo "$pinned"
    exit 0
fi
# Asked outside the checkout, where the pin does not apply.
default=$(cd / && rustup show active-toolchain 2>/dev/null | cut -d' ' -f1)
[ -n "$default" ] || exit 0
minor=${pinned%.*}
case $(cd / && RUSTUP_TOOLCHAIN=$default rustc --version 2>/dev/null) in
    "rustc $minor."*) echo "$default" ;;
esac
