"""Functions, pointers and types of cffi in compiled code.

Functions of a library that `ffi.dlopen` opened say themselves where they are. Those of a module that cffi has compiled do
not: `register_module(module)` finds out.
"""

import _cffi_backend
from rumba import types

__all__ = ["map_type", "register_module", "register_type"]

#: Functions of registered modules by their number: kept, so that the numbers stay theirs, with type and address.
_functions = {}
#: What types of C are, other than by themselves.
_registered = {}

_UNSIGNED = ("size_t", "uintptr_t", "uintmax_t")


def register_module(mod):
    """Lets compiled code call the functions of `mod.lib`, where `mod` is a module that cffi has compiled."""
    if not isinstance(getattr(mod, "ffi", None), _cffi_backend.FFI) or not hasattr(mod, "lib"):
        raise ValueError(f"{mod!r} is no module that cffi has compiled: it needs `ffi` and `lib`")
    for name in dir(mod.lib):
        value = getattr(mod.lib, name)
        if _is_library_function(value):
            ctype = mod.ffi.typeof(value)
            _functions[id(value)] = value, ctype, address_of(mod.ffi.addressof(mod.lib, name))


def register_type(cffi_type, numba_type):
    """Says which type compiled code has for a type of C, such as a record for a struct: `ffi.typeof("point")`."""
    if not isinstance(cffi_type, _cffi_backend.CType):
        raise TypeError(f"{cffi_type!r} is no type of cffi: `ffi.typeof(...)` gives one")
    _registered[cffi_type] = numba_type


def map_type(cffi_type, use_record_dtype=False):
    """The type of compiled code for a type of cffi; structs are records if `use_record_dtype` is set."""
    if cffi_type in _registered:
        return _registered[cffi_type]
    match cffi_type.kind:
        case "void":
            return types.none
        case "primitive" | "enum":
            return _number_type(cffi_type)
        case "pointer" | "array":
            return _pointer_type(cffi_type.item, use_record_dtype)
        case "function":
            return types.voidptr
        case "struct" if use_record_dtype:
            return _record(cffi_type)
    raise TypeError(f"{cffi_type.cname} ({cffi_type.kind})")


def _number_type(cffi_type):
    name = cffi_type.cname
    bits = 8 * _cffi_backend.sizeof(cffi_type)
    if name in ("float", "double"):
        return types.float32 if bits == 32 else types.float64
    if name == "_Bool":
        return types.boolean
    if name == "long double" or "complex" in name.lower() or name in ("wchar_t", "char16_t", "char32_t") or bits > 64:
        raise TypeError(name)
    is_unsigned = name.startswith(("unsigned", "uint")) or name in _UNSIGNED
    if cffi_type.kind == "enum":
        is_unsigned = min(cffi_type.elements, default=0) >= 0
    return getattr(types, f"{'u' if is_unsigned else ''}int{bits}")


def _pointer_type(item, use_record_dtype):
    try:
        to = map_type(item, use_record_dtype)
        return types.CPointer(to)
    except TypeError:
        # To something that compiled code does not look at.
        return types.voidptr


def _record(struct):
    fields = [(name, map_type(field.type, True), field.offset) for name, field in struct.fields]
    described = [(name, {"type": ty, "offset": offset}) for name, ty, offset in fields]
    return types.Record(described, _cffi_backend.sizeof(struct), aligned=True)


def is_data(value):
    """Whether the value is one of C's: a pointer, an array, a function."""
    return isinstance(value, _cffi_backend._CDataBase)


def address_of(pointer):
    """The address that a pointer, array or function of cffi has."""
    return int(_cffi_backend.cast(_cffi_backend.new_primitive_type("uintptr_t"), pointer))


def describe(value):
    """What compiled code sees in a value of cffi: see `rumba.foreign.describe`."""
    known = _functions.get(id(value))
    if known is not None:
        _, ctype, address = known
        return _describe_function(value.__name__, ctype, address)
    if _is_library_function(value):
        name = value.__name__
        note = "call `rumba.core.typing.cffi_utils.register_module(module)` with the module that it is from"
        return f"the cffi function `{name}` of a module that is not registered", note
    if getattr(value, "__name__", None) == "from_buffer" and _is_ffi(getattr(value, "__self__", None)):
        return "cffi.FFI.from_buffer"
    if not is_data(value):
        return None
    ctype = _cffi_backend.typeof(value)
    if ctype.kind == "function":
        return _describe_function(ctype.cname, ctype, address_of(value))
    if ctype.kind in ("pointer", "array"):
        if ctype.kind == "pointer" and ctype.item.kind == "function":
            return _describe_function(ctype.cname, ctype.item, address_of(value))
        return map_type(ctype)
    return f"a value of the C type {ctype.cname}", "numbers are passed as Python's: `int(x)`, `float(x)`"


def _is_library_function(value):
    return isinstance(getattr(value, "__self__", None), _cffi_backend.Lib)


def _is_ffi(value):
    if isinstance(value, _cffi_backend.FFI):
        return True
    return type(value).__name__ == "FFI" and type(value).__module__ == "cffi.api"


def _describe_function(name, ctype, address):
    what = f"the cffi function `{name}`"
    note = "numbers, pointers and arrays of these are supported"
    if ctype.ellipsis:
        return f"{what}, which takes any number of arguments", "declare it with the parameters that it is called with"
    if address == 0:
        return f"{what}, whose address is null", "make it of the address of a function"
    try:
        args = [map_type(arg) for arg in ctype.args]
        return name, address, args, map_type(ctype.result)
    except TypeError as error:
        return f"{what}, which has {error} in its signature", note
