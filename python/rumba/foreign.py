"""C code that calls Python functions: `cfunc`, and arrays at the addresses that C passes."""

from rumba import _core, decorators, dispatcher, signatures, types

__all__ = ["carray", "cfunc", "farray"]


class CFunc(_core.CFunction):
    """A compiled function that C code calls, at `address`.

    Called from Python, it is the Python function; called from compiled code, it is a jitted one.
    """

    def __new__(cls, function, args, result, options):
        chosen = decorators.compiler_options(options)
        made = super().__new__(cls, dispatcher.make(function, options, chosen, None), args, result)
        made.__wrapped__ = function
        made.__name__ = function.__name__
        made.__qualname__ = function.__qualname__
        made.__doc__ = function.__doc__
        made.__module__ = function.__module__
        made._signature = types.signature(result, *args)
        return made

    def __call__(self, *args, **kwargs):
        return self.__wrapped__(*args, **kwargs)

    def __repr__(self):
        return f"<Rumba C callback {self.__qualname__!r}>"

    @property
    def signature(self):
        return self._signature

    def inspect_llvm(self):
        """The optimised LLVM IR of what C code calls, without the entry that it calls it by."""
        return _core.inspect(self.dispatcher, list(self._signature.args), "optimised")

    @property
    def ctypes(self):
        """The function as ctypes calls it."""
        import ctypes

        result, *args = (_ctypes_type(ty) for ty in (self._signature.return_type, *self._signature.args))
        return ctypes.CFUNCTYPE(result, *args)(self.address)

    @property
    def cffi(self):
        """The address as a `void *` of cffi."""
        import cffi

        return cffi.FFI().cast("void *", self.address)


def _ctypes_type(type):
    import ctypes

    if type == types.none:
        return None
    if type.kind == "pointer":
        return ctypes.c_void_p if type == types.voidptr else ctypes.POINTER(_ctypes_type(type.dtype))
    if type == types.boolean:
        return ctypes.c_bool
    if type.kind == "float":
        return {32: ctypes.c_float, 64: ctypes.c_double}[type.bitwidth]
    return getattr(ctypes, f"c_{type}")


def describe(value):
    """What compiled code sees in a value of ctypes or cffi.

    Of a function name, address, types of parameters and type of the result, or why compiled code cannot call it and what would
    work; of a pointer its type; of a method of cffi its path; of anything else None.
    """
    from sys import modules

    if "_cffi_backend" in modules:
        from rumba.core.typing import cffi_utils

        described = cffi_utils.describe(value)
        if described is not None:
            return described
    if "_ctypes" not in modules:
        return None
    import _ctypes
    import ctypes

    if isinstance(value, _ctypes.CFuncPtr):
        return _describe_function(value)
    if isinstance(value, ctypes.Array):
        kind = type(value)._type_
        return types.voidptr if isinstance(kind, type) and issubclass(kind, ctypes.Array) else _type_of_ctypes(ctypes.POINTER(kind))
    if isinstance(value, (ctypes._Pointer, ctypes.c_void_p)):
        return _type_of_ctypes(type(value))
    if type(value) is type(ctypes.byref(ctypes.c_int())):
        return "what `ctypes.byref` makes", "pass `ctypes.pointer(...)`"
    return None


def describe_wrapper(value):
    """The same of an object that says where its machine code is: `WrapperAddressProtocol`."""
    what = f"an object of class {type(value).__name__} with a `__wrapper_address__`"
    try:
        signature = value.signature()
        args, result = signatures.normalise(signature)
    except (AttributeError, TypeError, NotImplementedError):
        return f"{what} and no signature", "give it a method `signature` that returns one: `int64(int64)`"
    odd = next((ty for ty in (*args, result) if ty != types.none and ty.kind not in ("int", "float", "bool", "pointer")), None)
    if odd is not None:
        return f"{what} and the signature {signature}", f"C has no type {odd}"
    return type(value).__name__, value.__wrapper_address__(), args, result


#: Of functions of C, by address and signature: what calls them for pointers to functions.
_callers = {}


def as_dispatcher(value):
    """A jitted function that does what a function of C does, for `types.FunctionType`; None of other objects."""
    described = describe_wrapper(value) if hasattr(value, "__wrapper_address__") else describe(value)
    if not isinstance(described, tuple) or len(described) != 4:
        return None
    _, address, args, result = described
    key = address, tuple(args), result
    if key not in _callers:
        _callers[key] = decorators.njit(lambda *arguments: value(*arguments))
    return _callers[key]


def made_pointer(function):
    """What compiled code calls to make a pointer to a function: conversion does it."""
    return (function,)


def describe_class(cls):
    """The type that a class of ctypes says, of numbers and pointers; None for other classes."""
    import ctypes

    if not issubclass(cls, (ctypes._SimpleCData, ctypes._Pointer)):
        return None
    try:
        return _type_of_ctypes(cls)
    except TypeError:
        return None


def address_of(pointer):
    """The address that a pointer of ctypes or cffi has; 0 for null."""
    from sys import modules

    if "_cffi_backend" in modules:
        from rumba.core.typing import cffi_utils

        if cffi_utils.is_data(pointer):
            return cffi_utils.address_of(pointer)
    import ctypes

    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


def _describe_function(function):
    import ctypes

    name = getattr(function, "__name__", None) or "a function of ctypes"
    what = f"the ctypes function `{name}`"
    if function.argtypes is None:
        return (f"{what}, of which no parameters are declared", "set its `argtypes`, and `restype` unless it is an int")
    if getattr(function, "errcheck", None) is not None:
        return (f"{what} with an `errcheck`", "check the result in the program")
    try:
        args = [_type_of_ctypes(ty) for ty in function.argtypes]
        result = types.none if function.restype is None else _type_of_ctypes(function.restype)
    except TypeError as error:
        return (f"{what}, which has {error} in its signature", "numbers, `c_bool`, `c_void_p` and `POINTER(...)` are supported")
    address = ctypes.cast(function, ctypes.c_void_p).value
    if address is None:
        return (f"{what}, whose address is null", "make it of the address of a function")
    return name, address, args, result


def _type_of_ctypes(ctype):
    import ctypes

    if isinstance(ctype, type) and issubclass(ctype, ctypes._Pointer):
        try:
            return types.CPointer(_type_of_ctypes(ctype._type_))
        except TypeError:
            # Of something that compiled code does not look at.
            return types.voidptr
    code = getattr(ctype, "_type_", None) if ctype.__class__ is ctypes.c_int.__class__ else None
    bits = 8 * ctypes.sizeof(ctype) if code is not None else 0
    match code:
        case "?":
            return types.boolean
        case "b" | "h" | "i" | "l" | "q":
            return getattr(types, f"int{bits}")
        case "B" | "H" | "I" | "L" | "Q":
            return getattr(types, f"uint{bits}")
        case "f" | "d":
            return getattr(types, f"float{bits}")
        case "P":
            return types.voidptr
    raise TypeError(getattr(ctype, "__name__", repr(ctype)))


def cfunc(signature, locals=None, cache=False, **options):
    """Compiles a function for C code to call.

        @cfunc("float64(float64, float64)")

    What is raised inside goes to `sys.unraisablehook`, and the result is zero.
    """
    args, result = signatures.normalise(signature)
    if result is None:
        raise TypeError(f"cfunc: the signature {signature!r} does not say what is returned: `float64(int64)`")
    if locals:
        options["locals"] = locals
    options.pop("pipeline_class", None)

    def decorate(function):
        decorators.check_function(function, "cfunc")
        return CFunc(function, args, result, options)

    return decorate


def _array_at(pointer, shape, dtype, order):
    import ctypes

    import numpy

    address, of_pointer = _address_of(pointer)
    if dtype is None:
        if of_pointer is None:
            raise TypeError("an array at a `void *` needs a dtype")
        dtype = numpy.dtype(of_pointer)
    else:
        dtype = numpy.dtype(dtype)
        if of_pointer is not None and numpy.dtype(of_pointer) != dtype:
            raise TypeError(f"the pointer is to {numpy.dtype(of_pointer)}, not to {dtype}")
    extents = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    n_bytes = dtype.itemsize
    for extent in extents:
        n_bytes *= extent
    memory = (ctypes.c_byte * n_bytes).from_address(address)
    return numpy.ndarray(extents, dtype, memory, order=order)


def _address_of(pointer):
    """The address, and what ctypes says is there."""
    import ctypes

    if isinstance(pointer, ctypes.c_void_p):
        return pointer.value, None
    if isinstance(pointer, ctypes._Pointer):
        return ctypes.cast(pointer, ctypes.c_void_p).value, pointer._type_
    raise TypeError(f"{pointer!r} is no pointer of ctypes")


def carray(ptr, shape, dtype=None):
    """The memory at a pointer of ctypes as an array in C order, which does not own it."""
    return _array_at(ptr, shape, dtype, "C")


def farray(ptr, shape, dtype=None):
    """The memory at a pointer of ctypes as an array in Fortran order, which does not own it."""
    return _array_at(ptr, shape, dtype, "F")


# Compiled code knows them by the names that programs use.
for _function in (carray, farray, cfunc):
    _function.__module__ = "rumba"
