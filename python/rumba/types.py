"""The types of compiled code, with Numba's spelling.

    float64[:, ::1]                a C-contiguous array of two dimensions
    int32(int32, float64)          a signature
    types.UniTuple(int64, 3)       a tuple of three
"""

from rumba import _core
from rumba._core import Signature

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
CPointer = _core.c_pointer_type
voidptr = CPointer(none)
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


#: The types that extensions have made, by their class and key.
_extension_types = {}


class _ExtensionTypes(type):
    """Types of extensions are one object if they have one class and key."""

    def __call__(cls, *args, **options):
        made = super().__call__(*args, **options)
        return _extension_types.setdefault((cls, made.key), made)

    def __instancecheck__(cls, value):
        return super().__instancecheck__(value) or cls is Type and isinstance(value, _core.Type)


class Type(metaclass=_ExtensionTypes):
    """The class of all types, and the base of those that extensions make.

    Which fields values of such a type have, `rumba.extending.register_model` says.
    """

    kind = "struct"
    #: The class of the interpreter's values.
    instance_class = None
    _structure = None

    def __init__(self, name):
        self.name = name

    @property
    def key(self):
        return self.name

    def __repr__(self):
        return self.name

    def __eq__(self, other):
        if isinstance(other, _core.Type):
            return other.kind == "struct" and self.struct_type() == other
        return isinstance(other, Type) and type(self) is type(other) and self.key == other.key

    def __hash__(self):
        return hash(self.key)

    def __call__(self, *args):
        return Signature(list(args), self)

    def unliteral(self):
        return self

    def struct_type(self):
        """What stands for the type in the compiler, which from now on knows its fields."""
        if self._structure is None:
            from rumba.extending import _fields_of

            names, field_types = _fields_of(self)
            self._structure = _core.struct_type(self, self.instance_class, self.name, names, field_types)
        return self._structure

    def make_value(self, *fields):
        """A value of the interpreter's, from its fields."""
        from rumba.extending import _box

        return _box(self, fields)

    def fields_of_value(self, value):
        """The fields of a value of the interpreter's."""
        from rumba.extending import _unbox

        return _unbox(self, value)


class _Family(type):
    """Classes that make types, and that the types of one kind are instances of."""

    def __instancecheck__(cls, value):
        return isinstance(value, _core.Type) and value.kind in cls.kinds and cls.admits(value)

    def admits(cls, _value):
        return True

    def __call__(cls, *args, **options):
        if cls.__new__ is object.__new__:
            raise TypeError(f"types.{cls.__name__} is a class of types, to ask with `isinstance`; it makes none")
        return cls.__new__(cls, *args, **options)


class FunctionType(metaclass=_Family):
    """The type of all functions with a signature: `FunctionType(int64(int64))`."""

    kinds = ("function pointer",)

    def __new__(cls, signature):
        if isinstance(signature, str):
            from rumba.signatures import parse

            signature = parse(signature)
        if not isinstance(signature, Signature) or signature.return_type is None:
            raise TypeError(f"the type of a function is made of a signature, `FunctionType(int64(int64))`, not of {signature!r}")
        return _core.function_pointer_type(list(signature.args), signature.return_type)


class WrapperAddressProtocol:
    """The base of objects that are called at an address, as C calls functions."""

    def __wrapper_address__(self):
        """The address."""
        raise NotImplementedError

    def signature(self):
        """The types of arguments and result."""
        raise NotImplementedError


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

    kinds = ("tuple", "namedtuple")

    @staticmethod
    def admits(value):
        return len(set(value.types)) == 1

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


class Deque(metaclass=_Family):
    """The type of deques of items of one type."""

    kinds = ("deque",)

    def __new__(cls, dtype):
        return _core.container_type("deque", [dtype])


class Set(metaclass=_Family):
    """The type of sets of items of one type."""

    kinds = ("set", "frozenset")

    def __new__(cls, dtype, reflected=False):
        return _core.container_type("set", [dtype])


class DictType(metaclass=_Family):
    """The type of dicts of keys and values of one type each."""

    kinds = ("dict", "ordered dict", "counter", "default dict")

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


#: Classes to ask with `isinstance`, by the kinds of types that they have for instances.
_families_by_name = dict(
    Number=("int", "float", "complex", "int literal"),
    Integer=("int", "int literal"),
    Float=("float",),
    Complex=("complex",),
    Boolean=("bool", "bool literal"),
    NoneType=("none",),
    ClassInstanceType=("instance",),
    UnicodeType=("str",),
    Bytes=("bytes",),
    BaseTuple=("tuple", "namedtuple"),
    BaseNamedTuple=("namedtuple",),
    Sequence=("tuple", "namedtuple", "list"),
    MutableSequence=("list",),
    Container=("tuple", "namedtuple", "list", "set", "dict"),
    Buffer=("array",),
    ArrayCompatible=("array",),
    SliceType=("slice",),
    RangeType=("range",),
    DType=("dtype",),
    NumberClass=("dtype",),
    TypeRef=("dtype",),
    Module=("module",),
    ExceptionClass=("exception class",),
    EnumMember=("enum member",),
    Callable=("function", "closure"),
    Function=("function", "closure"),
    Dispatcher=("function", "closure"),
    IntegerLiteral=("int literal",),
    BooleanLiteral=("bool literal",),
    StringLiteral=("str literal",),
    # An argument that is not given is a default of Python's, never a type.
    Omitted=(),
)
#: The modules that Numba has these classes in: `types.misc.NoneType`.
_MODULES = ("abstract", "common", "containers", "functions", "misc", "npytypes", "scalars")


def __getattr__(name):
    # Made when it is asked for: most programs never do.
    if name in _MODULES:
        from sys import modules

        return modules[__name__]
    kinds = _families_by_name.get(name)
    if kinds is None:
        raise AttributeError(f"module 'rumba.types' has no attribute {name!r}")
    return globals().setdefault(name, _Family(name, (), {"kinds": kinds, "__module__": __name__}))


class Literal(metaclass=_Family):
    """The type of a value that is known when compiling: `literal(3)`."""

    kinds = ("int literal", "bool literal", "str literal")

    def __new__(cls, value):
        return _core.literal_type(value)


literal = Literal


class StructRef(metaclass=_Family):
    """The base of classes that make types of structs: see `rumba.experimental.structref`."""

    kinds = ("instance",)

    @classmethod
    def admits(cls, value):
        made_by = getattr(value, "instance", None)
        return isinstance(made_by, type) and issubclass(made_by, cls)

    def __new__(cls, fields):
        fields = object.__new__(cls).preprocess_fields(tuple((name, resolved(ty)) for name, ty in fields))
        return _core.structref_type(cls, list(fields))

    def preprocess_fields(self, fields):
        """Names and types of the fields, as they are to be."""
        return fields


def unliteral(type):
    """The type of a literal's value; other types are as they are."""
    return type.unliteral()


def signature(return_type, *args):
    """`signature(float64, int32)` is `float64(int32)`."""
    return Signature(list(args), return_type)


__all__ = [
    "Array",
    "CPointer",
    "Deque",
    "DictType",
    "FunctionType",
    "List",
    "ListType",
    "Literal",
    "NPDatetime",
    "NPTimedelta",
    "NamedTuple",
    "NamedUniTuple",
    "Optional",
    "Record",
    "Set",
    "Signature",
    "StructRef",
    "Tuple",
    "Type",
    "UniTuple",
    "WrapperAddressProtocol",
    "literal",
    *_families_by_name,
    "optional",
    "deferred_type",
    "signature",
    "string",
    "unicode_type",
    "voidptr",
    "unliteral",
    *names_for_rumba,
]
