"""Symbols that calls in an `intrinsic` are bound to, by the names that llvmlite's `binding` has."""

import ctypes
import sys

_symbols = {}
_libraries = []


def add_symbol(name, address):
    """Makes the function at an address known by a name."""
    _symbols[name] = address


def load_library_permanently(filename):
    """Makes the functions of a library known."""
    _libraries.append(ctypes.CDLL(filename))


def address_of_symbol(name):
    """Where the function of this name is; None if there is none."""
    if name in _symbols:
        return _symbols[name]
    for library in [*_libraries, ctypes.CDLL(None)]:
        function = getattr(library, name, None)
        if function is not None:
            return ctypes.cast(function, ctypes.c_void_p).value
    # What was made known to llvmlite.
    theirs = sys.modules.get("llvmlite.binding")
    return theirs and theirs.address_of_symbol(name)
