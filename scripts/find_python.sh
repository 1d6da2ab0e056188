#!/bin/sh
# Prints the path of a Python interpreter, or nothing.
#
#   find_python.sh          the first of python3.11, python3.12, python3.13, python3 and pyenv's that is 3.11 or newer
#   find_python.sh 3.12     the interpreter of exactly that version
#
# A name on PATH may be a version manager's shim that starts nothing, so each candidate is run before it is believed.

wanted=${1:-}

real_path_if_suitable() {
    "$1" -c '
import sys
wanted = sys.argv[1]
version = "%d.%d" % sys.version_info[:2]
if version == wanted if wanted else sys.version_info >= (3, 11):
    print(getattr(sys, "_base_executable", None) or sys.executable)
else:
    sys.exit(1)
' "$wanted" 2>/dev/null
}

if [ -n "$wanted" ]; then
    candidates="python$wanted python3"
else
    candidates="python3.11 python3.12 python3.13 python3"
fi
pyenv_root=${PYENV_ROOT:-${HOME:-/nonexistent}/.pyenv}

for candidate in $candidates "$pyenv_root"/versions/3.*/bin/python3; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if real_path_if_suitable "$candidate"; then
        exit 0
    fi
done
exit 0
