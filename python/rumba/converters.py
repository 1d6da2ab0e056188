"""Runs what `box` and `unbox` were given for llvmlite: functions of a type, a value, and a context that makes code.

Here nothing is compiled. The operations that such a function calls are done at once, with the interpreter's objects, so that what
it would have compiled is what it does. A branch that is not taken is gone through without effect.
"""

import operator
from contextlib import contextmanager

from rumba import errors
from rumba.llvm import ir


class NativeValue:
    """What `unbox` gives: a value, and whether there is none because of an exception."""

    def __init__(self, value, is_error=None, cleanup=None):
        self.value = value
        self.is_error = False if is_error is None else is_error
        self.cleanup = cleanup


class _Null:
    """No object."""


NULL = _Null()


class _Place:
    """Memory for one value."""

    def __init__(self):
        self.content = NULL


def _plain(value):
    """The interpreter's value of a constant of llvmlite's."""
    if hasattr(value, "constant") and hasattr(value, "type"):
        return bool(value.constant) if getattr(value.type, "width", 0) == 1 else value.constant
    return value


class _Builder:
    """Does what it is told, but for what stands in branches that are not taken."""

    def __init__(self):
        self.n_skipped = 0

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise errors.UnsupportedError(f"functions that convert values have no `builder.{name}`")

    @contextmanager
    def _way(self, is_taken):
        self.n_skipped += not is_taken
        yield
        self.n_skipped -= not is_taken

    @contextmanager
    def if_then(self, pred, likely=None):
        with self._way(bool(_plain(pred))):
            yield

    @contextmanager
    def if_else(self, pred, likely=None):
        pred = bool(_plain(pred))
        yield self._way(pred), self._way(not pred)

    def alloca(self, typ, size=None, name=""):
        return _Place()

    def store(self, value, ptr, align=None):
        if not self.n_skipped:
            ptr.content = _plain(value)

    def load(self, ptr, name="", align=None, typ=None):
        return ptr.content

    def not_(self, value, name=""):
        return not _plain(value)

    def and_(self, lhs, rhs, name=""):
        return _plain(lhs) & _plain(rhs)

    def or_(self, lhs, rhs, name=""):
        return _plain(lhs) | _plain(rhs)

    def is_null(self, value):
        return value is NULL

    def icmp_signed(self, cmpop, lhs, rhs, name=""):
        return _COMPARISONS[cmpop](_plain(lhs), _plain(rhs))

    icmp_unsigned = fcmp_ordered = icmp_signed

    def extract_value(self, agg, idx, name=""):
        for position in idx if isinstance(idx, (tuple, list)) else (idx,):
            agg = (agg.elements if isinstance(agg, ir.Value) else agg)[position]
        return agg

    def _same_value(self, value, *_args, **_options):
        return value

    bitcast = trunc = zext = sext = fpext = fptrunc = ptrtoint = inttoptr = _same_value

    def _member(self, value, typ, name):
        return _plain(value)


_COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _raise(kind, message):
    raise kind(message)


def _import(name):
    from importlib import import_module

    return import_module(name)


_OPERATIONS = {
    "object_getattr_string": getattr,
    "object_getattr": getattr,
    "object_setattr_string": setattr,
    "object_setattr": setattr,
    "object_hasattr_string": hasattr,
    "object_getitem": lambda obj, key: obj[key],
    "object_str": str,
    "object_type": type,
    "object_istrue": bool,
    "call_function_objargs": lambda callee, args: callee(*args),
    "call": lambda callee, args=None, kws=None: callee(*(args or ()), **(kws or {})),
    "call_method": lambda callee, method, args=(): getattr(callee, method)(*args),
    "import_module": _import,
    "import_module_noblock": _import,
    "serialize_object": lambda obj: obj,
    "unserialize": lambda obj: obj,
    "number_long": int,
    "number_float": float,
    "number_as_ssize_t": int,
    "long_as_longlong": int,
    "long_as_ulonglong": int,
    "long_as_voidptr": int,
    "float_as_double": float,
    "float_from_double": float,
    "long_from_longlong": int,
    "long_from_ulonglong": int,
    "long_from_ssize_t": int,
    "long_from_signed_int": int,
    "long_from_unsigned_int": int,
    "bool_from_bool": bool,
    "bool_from_long": bool,
    "tuple_pack": tuple,
    "tuple_getitem": lambda obj, idx: obj[idx],
    "tuple_size": len,
    "list_getitem": lambda obj, idx: obj[idx],
    "list_size": len,
    "list_pack": list,
    "dict_getitem_string": lambda obj, key: obj[key],
    "dict_getitem": lambda obj, key: obj[key],
    "sequence_tuple": tuple,
    "make_none": lambda: None,
    "borrow_none": lambda: None,
    "get_null_object": lambda: NULL,
    "err_occurred": lambda: NULL,
    "err_set_string": _raise,
    "err_set_object": _raise,
    "incref": lambda obj: None,
    "decref": lambda obj: None,
    "err_clear": lambda: None,
}


class _PythonApi:
    """The operations of the interpreter: exceptions leave the function right away."""

    pyobj = ir.PointerType(ir.IntType(8))

    def __init__(self, conversion):
        self._conversion = conversion

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        operation = _OPERATIONS.get(name)
        if operation is None:
            raise errors.UnsupportedError(f"functions that convert values have no `pyapi.{name}`")

        def run(*args, **options):
            if self._conversion.builder.n_skipped:
                return NULL
            return operation(*map(_plain, args), **options)

        return run

    def to_native_value(self, typ, obj):
        return self._conversion.unbox(typ, obj)

    def from_native_value(self, typ, val, env_manager=None):
        return self._conversion.box(typ, val)


class _Context:
    """The target context."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise errors.UnsupportedError(f"functions that convert values have no `context.{name}`")

    def get_value_type(self, ty):
        return ir.value_type(ty)

    get_data_type = get_argument_type = get_value_type

    def get_constant(self, ty, value):
        return value

    def get_constant_null(self, ty):
        return NULL

    def get_dummy_value(self):
        return ir.Value(ir.VoidType(), elements=[])

    def make_tuple(self, builder, ty, values):
        return tuple(values)


class _Conversion:
    """The third argument of functions that convert values."""

    def __init__(self):
        self.builder = _Builder()
        self.context = _Context()
        self.pyapi = _PythonApi(self)
        self.env_manager = None

    def box(self, typ, val):
        return val

    def unbox(self, typ, obj):
        if self.builder.n_skipped:
            return NativeValue(NULL)
        # Other objects are converted as members, by their types.
        convert = {"int": int, "float": float, "complex": complex, "bool": bool}.get(typ.kind)
        return NativeValue(obj if convert is None else convert(obj))


def box(function, ty, fields):
    """The object that a function makes of a type and fields."""
    made = function(ty, ir.Value(ir.value_type(ty), elements=list(fields)), _Conversion())
    if made is NULL:
        raise RuntimeError(f"`{function.__name__}` makes no object of a value of type {ty}")
    return made


def unbox(function, ty, value):
    """The fields that a function finds in an object."""
    native = function(ty, value, _Conversion())
    if not isinstance(native, NativeValue):
        raise TypeError(f"`{function.__name__}` is to give a `NativeValue`, not {native!r}")
    if _plain(native.is_error):
        raise ValueError(f"`{function.__name__}` finds no value of type {ty} in {value!r}")
    fields = getattr(native.value, "elements", None)
    if fields is None or any(field is None or field is NULL for field in fields):
        raise TypeError(f"`{function.__name__}` does not give each member of {ty}")
    return tuple(fields)
