"""Structs: instances whose fields are of whatever types they are made with.

    @structref.register
    class PairType(types.StructRef):
        pass

    class Pair(structref.StructRefProxy):
        def __new__(cls, first, second):
            return structref.StructRefProxy.__new__(cls, first, second)

    structref.define_proxy(Pair, PairType, ["first", "second"])

Compiled code makes them (`Pair(1, 2.0)`), and reads and assigns their fields. The interpreter reads them through jitted functions.
"""

from rumba import _core, types

__all__ = [
    "StructRefProxy",
    "define_attributes",
    "define_boxing",
    "define_constructor",
    "define_proxy",
    "new",
    "register",
]


def register(struct_type):
    """Registers a class that makes types of structs."""
    if struct_type is types.StructRef or not (isinstance(struct_type, type) and issubclass(struct_type, types.StructRef)):
        raise TypeError(f"register: expected a class that inherits from types.StructRef, not {struct_type!r}")
    return struct_type


def define_constructor(py_class, struct_typeclass, fields):
    """Lets compiled code call `py_class` with a value for each field."""
    _core.register_struct(struct_typeclass, list(fields))
    py_class._rumba_struct = struct_typeclass
    py_class._rumba_fields = tuple(fields)


def define_boxing(struct_type, obj_class):
    """Says that structs become objects of `obj_class` in the interpreter."""
    if not issubclass(obj_class, StructRefProxy):
        raise ValueError("obj_class must inherit from StructRefProxy")
    _core.register_proxy(struct_type, obj_class)


def define_attributes(struct_typeclass):
    """Lets compiled code read and assign fields, which it does anyway."""


def define_proxy(py_class, struct_typeclass, fields):
    """All of these."""
    define_constructor(py_class, struct_typeclass, fields)
    define_boxing(struct_typeclass, py_class)


def new(struct_type):
    """In compiled code: a struct of a type, none of whose fields has been set."""
    raise NotImplementedError("structref.new is called in compiled code")


class StructRefProxy(_core.Instance):
    """The base of the objects of structs."""

    __slots__ = ()

    def __new__(cls, *args):
        names = getattr(cls, "_rumba_fields", None)
        if names is None:
            raise TypeError(f"{cls.__name__} is no class of structs yet: define_proxy says which its fields are")
        if len(args) != len(names):
            raise TypeError(f"{cls.__name__}() takes its fields by position: {', '.join(names)}")
        struct_type = cls._rumba_struct([(name, _core.typeof(arg)) for name, arg in zip(names, args, strict=True)])
        return _core.new_struct(cls, struct_type, args)

    def __init__(self, *args, **kwargs):
        """`__new__` has set the fields."""

    def __reduce__(self):
        return _restore, (type(self), _core.typeof(self), super().__reduce__()[2])

    @property
    def _numba_type_(self):
        return _core.typeof(self)


def _restore(cls, struct_type, state):
    made = _core.new_struct(cls, struct_type, ())
    made.__setstate__(state)
    return made
