"""The extension API: how a library teaches Rumba its own functions and types.

    @overload(scipy.special.comb)
    def overload_comb(n, k):
        if isinstance(n, types.Integer) and isinstance(k, types.Integer):
            def comb(n, k):
                ...
            return comb

A *chooser* (`overload_comb`) is given the types of a call's arguments, and gives the Python function that is to be
compiled in its place, or None.
"""

from rumba import _core, errors
from rumba._core import Dispatcher, typeof

__all__ = [
    "is_jitted",
    "overload",
    "overload_attribute",
    "overload_method",
    "register_jitable",
    "typeof",
]

#: Of functions by path or number, of methods and attributes by name: the choosers in order.
_choosers = {"function": {}, "method": {}, "attribute": {}}
_loaded = set()
#: Functions with a dispatcher that were chosen: answers that are remembered refer to them.
_chosen = []


class _Chooser:
    __slots__ = ("function", "options", "owner", "prefer_literal", "strict")

    def __init__(self, function, options, owner, prefer_literal, strict):
        self.function = function
        self.options = options
        self.owner = owner
        self.prefer_literal = prefer_literal
        self.strict = strict


def overload(func, jit_options=None, strict=True, inline="never", prefer_literal=False, **options):
    """Registers a chooser for calls of `func`: a function, a class, a builtin, or a function of `operator`.

    What the library supports by itself is not replaced: the chooser is asked where the library rejects the arguments.
    With several choosers the first one that gives a function wins.
    """
    if not callable(func):
        raise TypeError(f"overload takes what compiled code will call, not {func!r}")
    return _registering("function", func, None, jit_options, strict, inline, prefer_literal, options)


def overload_method(typ, attr, jit_options=None, strict=True, inline="never", prefer_literal=False, **options):
    """Registers a chooser for `value.attr(...)` of values whose type is an instance of `typ`.

        @overload_method(types.Array, "spread")
        def array_spread(a):
            def spread(a):
                return a.max() - a.min()
            return spread
    """
    return _registering("method", attr, _type_class(typ), jit_options, strict, inline, prefer_literal, options)


def overload_attribute(typ, attr, jit_options=None, strict=True, inline="never", prefer_literal=False, **options):
    """Registers a chooser for reading `value.attr` of values whose type is an instance of `typ`."""
    return _registering("attribute", attr, _type_class(typ), jit_options, strict, inline, prefer_literal, options)


def _type_class(typ):
    # Numba takes classes of types; a type stands for itself.
    return type(typ) if not isinstance(typ, type) and not isinstance(typ, _core.Type) else typ


def _registering(kind, what, owner, jit_options, strict, inline, prefer_literal, options, is_ours=False):
    from rumba.decorators import compiler_options

    options.pop("target", None)
    chosen = compiler_options({**(jit_options or {}), "inline": inline, **options})

    def register(chooser):
        if not callable(chooser):
            raise TypeError(f"an overload is a function that gives a function, not {chooser!r}")
        key = _core.extend(kind, what, is_ours)
        _choosers[kind].setdefault(key, []).append(_Chooser(chooser, chosen, owner, prefer_literal, strict))
        return chooser

    return register


def _is_for(chooser, receiver):
    owner = chooser.owner
    return owner is None or (receiver == owner if isinstance(owner, _core.Type) else isinstance(receiver, owner))


def _has_method(receiver, name):
    receiver = receiver.unliteral()
    return any(_is_for(chooser, receiver) for chooser in _choosers["method"].get(name, ()))


def _choose(kind, key, is_prelude, args, keywords):
    """The function for a call with arguments of these types and, if the chooser gave one, the types it takes."""
    if is_prelude:
        _load_prelude(key.partition(".")[0])
    choosers = _choosers[kind].get(key, ())
    if not choosers:
        return None
    plain = tuple(arg.unliteral() for arg in args), {name: arg.unliteral() for name, arg in keywords.items()}
    literal = (args, keywords)
    has_literals = plain != literal
    refusal = None
    for chooser in choosers:
        if not _is_for(chooser, plain[0][0] if plain[0] else None):
            continue
        attempts = [plain] if not has_literals else [literal, plain] if chooser.prefer_literal else [plain, literal]
        for positional, named in attempts:
            try:
                chosen = chooser.function(*positional, **named)
            except errors.RumbaError as error:
                refusal = refusal or error
                continue
            if chosen is not None:
                return _adopt(chooser, chosen)
    if refusal is not None:
        raise refusal
    return None


def _adopt(chooser, chosen):
    params = None
    if isinstance(chosen, tuple) and len(chosen) == 2:
        signature, chosen = chosen
        params = list(getattr(signature, "args", signature))
    if type(chosen) is not Dispatcher and not isinstance(chosen, _Function):
        raise TypeError(f"an overload gives a function, a signature and a function, or None, not {chosen!r}")
    if type(chosen) is Dispatcher:
        _chosen.append(chosen)
    else:
        if chooser.strict:
            _check_parameters(chooser.function, chosen)
        _core.adopt(chosen, chooser.options)
    return chosen, params


def _check_parameters(chooser, chosen):
    """What is called by keyword must mean the same to both."""
    if not isinstance(chooser, _Function):
        return
    ours, theirs = (_parameters(function) for function in (chooser, chosen))
    if ours != theirs and not _is_variadic(chooser):
        raise TypeError(
            f"the parameters of `{chosen.__name__}` ({', '.join(theirs)}) are not those of its overload "
            f"`{chooser.__name__}` ({', '.join(ours)})"
        )


def _parameters(function):
    code = function.__code__
    n_parameters = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    return code.co_varnames[:n_parameters]


def _is_variadic(function):
    return bool(function.__code__.co_flags & 0xC)


_Function = type(_is_variadic)


def _load_prelude(module):
    """Loads our own overloads for a module of Python's library."""
    if module not in _loaded:
        _loaded.add(module)
        from importlib import import_module

        import_module(f"rumba.prelude.{module}_")


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
