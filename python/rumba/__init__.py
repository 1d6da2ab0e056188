"""Rumba compiles Python functions over numbers and NumPy arrays to machine code when they are called.

    import rumba

    @rumba.njit
    def add(a, b):
        return a + b
"""

from rumba import config, errors, types
from rumba._core import __version__, from_dtype, typeof
from rumba.decorators import jit, njit
from rumba.errors import *  # noqa: F403
from rumba.foreign import carray, cfunc, farray
from rumba.types import deferred_type, optional

__all__ = [
    "__version__",
    "carray",
    "cfunc",
    "config",
    "deferred_type",
    "errors",
    "extending",
    "farray",
    "from_dtype",
    "jit",
    "literal_unroll",
    "literally",
    "njit",
    "objmode",
    "optional",
    "typeof",
    "types",
    *errors.__all__,
    *types.names_for_rumba,
]

for _name in types.names_for_rumba:
    globals()[_name] = getattr(types, _name)


def __getattr__(name):
    # Imported when it is asked for: most programs never do.
    if name in ("events", "experimental", "extending", "typed"):
        from importlib import import_module

        return import_module(f"rumba.{name}")
    if name == "objmode":
        from rumba.interpreted import objmode

        return objmode
    if name in ("literal_unroll", "literally"):
        from rumba import literals

        return getattr(literals, name)
    raise AttributeError(f"module 'rumba' has no attribute {name!r}")
