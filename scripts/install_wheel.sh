#!/bin/sh
# Builds the wheel for one interpreter into dist/ and installs it there: install_wheel.sh .venv/bin/python
set -eu
python=$1
tag=$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')

mkdir -p dist
rm -f dist/rumba-*-"$tag"-*.whl
"$python" -m maturin build --release --interpreter "$python" --out dist
"$python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps dist/rumba-*-"$tag"-*.whl
