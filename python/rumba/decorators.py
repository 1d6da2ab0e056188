"""`jit` and `njit`."""

import builtins

from rumba import _core, config, dispatcher, errors

__all__ = ["jit", "njit"]

#: What the compiler looks at.
_COMPILER_OPTIONS = ("boundscheck", "error_model", "fastmath", "inline", "locals")

#: Accepted for programs written for Numba. They change nothing yet, or nothing that can be seen: `cache`
#: (compiling is repeated in each process), `parallel` (loops run serially).
_WITHOUT_EFFECT = (
    "_dbg_extend_lifetimes",
    "_dbg_optnone",
    "_nrt",
    "cache",
    "debug",
    "forceinline",
    "no_cfunc_wrapper",
    "no_cpython_wrapper",
    "no_rewrites",
    "nogil",
    "parallel",
    "target",
    "_target",
    "writable_args",
)

#: What the package looks at.
_MODES = ("forceobj", "looplift", "nopython")

_FASTMATH_FLAGS = ("afn", "arcp", "contract", "fast", "ninf", "nnan", "nsz", "reassoc")


def jit(signature_or_function=None, locals=None, **options):
    """Compiles a function for the types of its arguments, when it is called for the first time with them.

        @jit
        @jit(fastmath=True)
        @jit("float64(float64, int64)")
        @jit([int64(int64), float64(float64)])

    With signatures, the function is compiled at once, and for these types only.

    With `nopython=False` the interpreter runs what does not compile, and a warning says why; with `forceobj=True` it runs
    the function in any case. Loops of such functions are compiled if they can be, unless `looplift=False`.
    """
    if options.get("forceobj") and options.get("nopython"):
        raise ValueError("jit: only one of nopython=True and forceobj=True")
    if options.pop("pipeline_class", None) is not None:
        raise errors.UnsupportedError("pipeline_class: Rumba's stages cannot be replaced")
    chosen = compiler_options({**options, **({"locals": locals} if locals else {})})
    signatures = None
    if _is_signature(signature_or_function):
        signatures = [signature_or_function]
    elif isinstance(signature_or_function, builtins.list):
        signatures = signature_or_function

    def decorate(function):
        if config.DISABLE_JIT:
            return function
        check_function(function, "jit")
        return dispatcher.make(function, {**options, **({"locals": locals} if locals else {})}, chosen, signatures)

    if signature_or_function is None or signatures is not None:
        return decorate
    return decorate(signature_or_function)


def njit(*args, **options):
    """`jit` that always compiles, or says why it cannot."""
    if options.pop("nopython", True) is False or options.pop("forceobj", False):
        import warnings

        message = "njit ignores nopython=False and forceobj=True: jit has object mode"
        warnings.warn(message, errors.RumbaWarning, stacklevel=2)
    return jit(*args, **options)


def _is_signature(value):
    return isinstance(value, (str, tuple, _core.Signature))


def check_function(function, decorator):
    """Refuses what is not a plain Python function, with a remedy."""
    if type(function) is _core.Dispatcher:
        raise TypeError(
            f"{decorator}: `{function.__name__}` is jitted already; its Python function is `{function.__name__}.py_func`"
        )
    if isinstance(function, (staticmethod, classmethod)):
        kind = type(function).__name__
        raise TypeError(f"{decorator}: a {kind} is not a function; write @{kind} above @{decorator}")
    if isinstance(function, property):
        raise TypeError(f"{decorator}: a property is not a function; write @property above @{decorator}")
    if isinstance(function, type):
        raise TypeError(f"{decorator}: `{function.__name__}` is a class; decorate the functions that do the work")
    code = getattr(function, "__code__", None)
    if code is None or not isinstance(function, _FunctionType):
        name = getattr(function, "__name__", type(function).__name__)
        if callable(function):
            raise TypeError(
                f"{decorator}: `{name}` ({type(function).__name__}) is not written in Python; "
                "compiled code calls what it supports of the library by its name"
            )
        raise TypeError(f"{decorator}: expected a function, a signature or a list of signatures, not {function!r}")
    name = function.__name__
    if code.co_flags & (_CO_COROUTINE | _CO_ASYNC_GENERATOR | _CO_ITERABLE_COROUTINE):
        raise TypeError(
            f"{decorator}: `{name}` is an async function; move the computation into a plain function and decorate that"
        )


_FunctionType = type(check_function)
_CO_COROUTINE = 0x80
_CO_ITERABLE_COROUTINE = 0x100
_CO_ASYNC_GENERATOR = 0x200


def compiler_options(options):
    """Checks the names and values of options; returns those that the compiler looks at."""
    chosen = {}
    for name, value in options.items():
        if name in _COMPILER_OPTIONS:
            chosen[name] = _OPTION_READERS[name](value)
        elif name not in _WITHOUT_EFFECT and name not in _MODES and name != "pipeline_class":
            known = sorted(name for name in (*_COMPILER_OPTIONS, *_MODES, *_WITHOUT_EFFECT) if not name.startswith("_"))
            raise TypeError(f"unknown option {name!r}{_nearest(name, known)}; the options are {', '.join(known)}")
    return {name: value for name, value in chosen.items() if value is not None}


def _nearest(name, known):
    from difflib import get_close_matches

    matches = get_close_matches(name, known, 2, 0.6)
    return f": did you mean {' or '.join(map(repr, matches))}?" if matches else ""


def _read_error_model(value):
    if value not in ("python", "numpy"):
        raise ValueError(f"error_model is 'python' or 'numpy', not {value!r}")
    return value


def _read_fastmath(value):
    if value in (True, False):
        return ["fast"] if value else []
    flags = [flag for flag, is_on in value.items() if is_on] if isinstance(value, dict) else list(value)
    for flag in flags:
        if flag not in _FASTMATH_FLAGS:
            raise ValueError(f"fastmath: unknown flag {flag!r}; the flags are {', '.join(_FASTMATH_FLAGS)}")
    return flags


def _read_inline(value):
    # Without effect: the compiler decides. A cost model of Numba's is a callable over its own representation.
    if value in (None, "always", "never") or callable(value):
        return None
    raise ValueError(f"inline is 'always' or 'never', not {value!r}")


def _read_locals(value):
    from rumba import signatures

    if not isinstance(value, dict):
        raise TypeError(f"locals is a dict of types by name, not {value!r}")
    return {name: signatures.as_type(type) for name, type in value.items()}


_OPTION_READERS = {
    "boundscheck": lambda value: None if value is None else bool(value),
    "error_model": _read_error_model,
    "fastmath": _read_fastmath,
    "inline": _read_inline,
    "locals": _read_locals,
}
