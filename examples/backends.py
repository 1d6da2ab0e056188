"""Loads one program for one compiler.

The programs say `from rumba import njit`. What `rumba` stands for while a module is being loaded decides who runs it:
Rumba itself, Numba (whose decorator is used the same way), or nobody, which leaves plain functions for the
interpreter. Nothing in a program has to know.
"""

import importlib.util
import sys
import types
from contextlib import contextmanager
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def _plain_njit(*args, **options):
    if args and callable(args[0]):
        return args[0]
    return lambda function: function


def _stand_in(name):
    if name == "interpreter":
        module = types.ModuleType("rumba")
        module.njit = module.jit = _plain_njit
        return module
    return importlib.import_module(name)


@contextmanager
def _rumba_means(module):
    before = sys.modules.get("rumba")
    sys.modules["rumba"] = module
    try:
        yield
    finally:
        if before is None:
            del sys.modules["rumba"]
        else:
            sys.modules["rumba"] = before


def load(program, compiler, folder=FOLDER, package="examples"):
    """The module of `program`, its functions compiled by `compiler`: "rumba", "numba" or "interpreter"."""
    spec = importlib.util.spec_from_file_location(f"{package}.{program}__{compiler}", Path(folder) / f"{program}.py")
    module = importlib.util.module_from_spec(spec)
    # Tracebacks, pickling and source look-up all find a function's module by its name.
    sys.modules[spec.name] = module
    with _rumba_means(_stand_in(compiler)):
        spec.loader.exec_module(module)
    return module


def is_installed(compiler):
    return importlib.util.find_spec(compiler) is not None
