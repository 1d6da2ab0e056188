"""Switches for the whole process. Each has an environment variable, which is read at import."""

import os as _os


def _is_set(name):
    return _os.environ.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")


#: `RUMBA_DISABLE_JIT=1`: decorators return the Python function. Read when a function is decorated.
DISABLE_JIT = _is_set("RUMBA_DISABLE_JIT")
