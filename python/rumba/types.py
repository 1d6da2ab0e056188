"""The types of compiled code, with Numba's spelling.

    float64[:, ::1]                a C-contiguous array of two dimensions
    int32(int32, float64)          a signature
    types.UniTuple(int64, 3)       a tuple of three
"""

from rumba import _core
from rumba._core import Signature, Type

none = void = _core.named_type("none")
boolean = bool_ = bool8 = b1 = _core.named_type("bool")
int8 = i1 = byte = char = _core.named_type("int8")
int16 = i2 = short = _core.named_type("int16")
int32 = i4 = intc = int_c = _core.named_type("int32")
int64 = i8 = intp = int_ = long_ = longlong = ssize_t = _core.named_type("int64")
uint8 = u1 = uchar = _core.named_type("uint8")
uint16 = u2 = ushort = _core.named_type("uint16")
uint32 = u4 = uintc = _core.named_type("uint32")
uint64 = u8 = uintp = uint = ulong = ulonglong = size_t = _core.named_type("uint64")
float32 = f4 = float_ = _core.named_type("float32")
float64 = f8 = double = _core.named_type("float64")
complex64 = c8 = _core.named_type("complex64")
complex128 = c16 = _core.named_type("complex128")
unicode_type = string = _core.named_type("str")
del int_c

#: What Numba's top level offers under these names too.
names_for_rumba = (
    "b1 bool_ boolean byte c16 c8 char complex128 complex64 double f4 f8 float32 float64 float_ i1 i2 i4 i8 int16 "
    "int32 int64 int8 int_ intc intp long_ longlong none short size_t ssize_t u1 u2 u4 u8 uchar uint uint16 uint32 "
    "uint64 uint8 uintc uintp ulong ulonglong ushort void"
).split()


class DeferredType:
    """A type that is said later, for classes that refer to each other or to themselves."""

    def __init__(self, make=None):
        self._make = make

    def define(self, type):
        if self._make is not None:
            raise TypeError("the type is defined already")
        self._make = lambda: type

    def get(self):
        if self._make is None:
            raise TypeError("a deferred type that a class needs is not defined yet")
        return resolved(self._make())

    def __repr__(self):
        return "deferred" if self._make is None else f"deferred({resolved(self)!r})"


def deferred_type():
    """A type that `define` is called of later."""
    return DeferredType()


def resolved(type):
    """A type, or what a deferred one has become."""
    return type.get() if isinstance(type, DeferredType) else type


def _of_parts(make, parts):
    """A type made of others, as soon as these are known."""
    if any(isinstance(part, DeferredType) for part in parts):
        return DeferredType(lambda: make([resolved(part) for part in parts]))
    return make(list(parts))


class _Family(type):
    """Classes that make types, and that the types of one kind are instances of."""

    def __instancecheck__(cls, value):
        return isinstance(value, Type) and value.kind in cls.kinds


class Array(metaclass=_Family):
    """An array type: element type, number of dimensions, layout `C`, `F` or `A`."""

    kinds = ("array",)

    def __new__(cls, dtype, ndim, layout, readonly=False, name=None, aligned=True):
        return _core.array_type(dtype, ndim, layout, readonly, aligned)


class Tuple(metaclass=_Family):
    """A tuple type from its element types."""

    kinds = ("tuple",)

    def __new__(cls, types):
        return _of_parts(_core.tuple_type, list(types))


class UniTuple(metaclass=_Family):
    """A tuple type of `count` elements of one type."""

    kinds = ("tuple",)

    def __new__(cls, dtype, count):
        return _of_parts(_core.tuple_type, [dtype] * count)


class NamedTuple(metaclass=_Family):
    """The type of a named tuple class with these element types."""

    kinds = ("namedtuple",)

    def __new__(cls, types, cls_):
        return _core.named_tuple_type(list(types), cls_)


class NamedUniTuple(metaclass=_Family):
    """The type of a named tuple class whose elements have one type."""

    kinds = ("namedtuple",)

    def __new__(cls, dtype, count, cls_):
        return _core.named_tuple_type([dtype] * count, cls_)


class ListType(metaclass=_Family):
    """The type of lists of items of one type."""

    kinds = ("list",)

    def __new__(cls, dtype, reflected=False):
        return _of_parts(lambda parts: _core.container_type("list", parts), [dtype])


List = ListType


class Set(metaclass=_Family):
    """The type of sets of items of one type."""

    kinds = ("set",)

    def __new__(cls, dtype, reflected=False):
        return _core.container_type("set", [dtype])


class DictType(metaclass=_Family):
    """The type of dicts of keys and values of one type each."""

    kinds = ("dict",)

    def __new__(cls, keyty, valty):
        return _of_parts(lambda parts: _core.container_type("dict", parts), [keyty, valty])


class Record(metaclass=_Family):
    """A structured dtype as a type: `rumba.from_dtype(dtype)` makes it, or this from names, types and offsets."""

    kinds = ("record",)

    def __new__(cls, fields, size, aligned=False):
        import numpy

        return _core.from_dtype(
            numpy.dtype(
                {
                    "names": [name for name, _ in fields],
                    "formats": [info["type"].as_numpy_dtype() for _, info in fields],
                    "offsets": [info["offset"] for _, info in fields],
                    "itemsize": size,
                },
                align=aligned,
            )
        )

    @staticmethod
    def make_c_struct(name_types):
        """A record laid out as a C compiler lays out a struct of these names and types."""
        import numpy

        return _core.from_dtype(numpy.dtype([(name, ty.as_numpy_dtype()) for name, ty in name_types], align=True))


class NPDatetime(metaclass=_Family):
    """`datetime64` of a unit: `NPDatetime("ms")`."""

    kinds = ("datetime",)

    def __new__(cls, unit):
        return _core.from_dtype(f"M8[{unit}]" if unit else "M8")


class NPTimedelta(metaclass=_Family):
    """`timedelta64` of a unit: `NPTimedelta("ms")`."""

    kinds = ("timedelta",)

    def __new__(cls, unit):
        return _core.from_dtype(f"m8[{unit}]" if unit else "m8")


class Optional(metaclass=_Family):
    """`type`, or None."""

    kinds = ("optional",)

    def __new__(cls, type):
        return _of_parts(lambda parts: _core.optional_type(*parts), [type])


optional = Optional


class Number(metaclass=_Family):
    kinds = ("int", "float", "complex")


class Integer(metaclass=_Family):
    kinds = ("int",)


class Float(metaclass=_Family):
    kinds = ("float",)


class Complex(metaclass=_Family):
    kinds = ("complex",)


class Boolean(metaclass=_Family):
    kinds = ("bool",)


class NoneType(metaclass=_Family):
    kinds = ("none",)


class ClassInstanceType(metaclass=_Family):
    """The types of instances of classes."""

    kinds = ("instance",)


class StructRef(metaclass=_Family):
    """The base of classes that make types of structs: see `rumba.experimental.structref`."""

    kinds = ()

    def __new__(cls, fields):
        fields = object.__new__(cls).preprocess_fields(tuple((name, resolved(ty)) for name, ty in fields))
        return _core.struct_type(cls, list(fields))

    def preprocess_fields(self, fields):
        """Names and types of the fields, as they are to be."""
        return fields


def unliteral(type):
    """A type without the knowledge of the value, which types of fields never have."""
    return type


class BaseTuple(metaclass=_Family):
    kinds = ("tuple", "namedtuple")


def signature(return_type, *args):
    """`signature(float64, int32)` is `float64(int32)`."""
    return Signature(list(args), return_type)


__all__ = [
    "Array",
    "BaseTuple",
    "Boolean",
    "ClassInstanceType",
    "Complex",
    "DictType",
    "Float",
    "Integer",
    "List",
    "ListType",
    "NPDatetime",
    "NPTimedelta",
    "NamedTuple",
    "NamedUniTuple",
    "NoneType",
    "Number",
    "Optional",
    "Record",
    "Set",
    "Signature",
    "StructRef",
    "Tuple",
    "Type",
    "UniTuple",
    "optional",
    "deferred_type",
    "signature",
    "string",
    "unicode_type",
    "unliteral",
    *names_for_rumba,
]
