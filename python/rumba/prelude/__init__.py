"""Functions of Python's library, in Python, compiled by Rumba like any user's function.

A file per module of Python's, loaded when compiled code calls something of that module which `rumba_library` does not
declare. They are overloads like those of users.
"""

from rumba import extending


def implements(func, prefer_literal=False):
    """Registers a chooser for calls of a function of Python's library: itself or, where it has no name, its path."""
    kind = "path" if isinstance(func, str) else "function"
    return extending._registering(kind, func, None, None, False, "never", prefer_literal, {}, is_ours=True)


def always(func):
    """Registers a function that is compiled for any arguments."""

    def register(function):
        implements(func)(lambda *args, **keywords: function)
        return function

    return register
