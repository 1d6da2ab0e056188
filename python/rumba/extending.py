"""Means for libraries."""

from rumba import _core
from rumba._core import Dispatcher

__all__ = ["is_jitted", "register_jitable"]


def register_jitable(*args, **options):
    """Lets compiled code call a plain Python function, which stays as it is.

    With and without options: `@register_jitable`, `@register_jitable(fastmath=True)`.
    """
    from rumba.decorators import check_function, compiler_options

    def register(function):
        check_function(function, "register_jitable")
        _core.register_jitable(function, chosen)
        return function

    if len(args) == 1 and not options and callable(args[0]):
        chosen = {}
        return register(args[0])
    if args:
        raise TypeError("register_jitable takes options by keyword")
    chosen = compiler_options(options)
    return register


def is_jitted(function):
    """Whether `function` was made by `jit` or `njit`."""
    return type(function) is Dispatcher
