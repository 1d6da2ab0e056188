"""Classes of compiled code: `jitclass`, and the types of annotations.

    @jitclass([("x", float64), ("hits", int64[:])])
    class Detector:
        def __init__(self, x):
            self.x = x
            self.hits = np.zeros(8, np.int64)

An instance is a block of memory that compiled code and the interpreter share. Methods are jitted functions.
"""

import types as python_types
import typing

from rumba import _core, config, dispatcher, types
from rumba._core import Instance, Type
from rumba.extending import as_numba_type

__all__ = ["jitclass"]

#: Methods that only the interpreter calls, or that compiled code has no use for.
_OF_THE_INTERPRETER = frozenset(
    "__class_getitem__ __copy__ __deepcopy__ __del__ __dir__ __enter__ __exit__ __format__ __getattr__ __getattribute__ "
    "__getnewargs__ __getnewargs_ex__ __getstate__ __init_subclass__ __new__ __reduce__ __reduce_ex__ __repr__ "
    "__set_name__ __setattr__ __setstate__ __sizeof__ __str__ __subclasshook__".split()
)

#: Of the class that is decorated; the new one has its own.
_NOT_COPIED = ("__dict__", "__weakref__", "__slots__", "__annotate__", "__annotate_func__", "__annotations_cache__")


def jitclass(cls_or_spec=None, spec=None):
    """Makes a class whose instances compiled code works with.

        @jitclass
        @jitclass([("x", float64), ("name", types.unicode_type)])

    The fields and their types are those of the spec (pairs, or a dict) and of the annotations in the class.
    """
    if cls_or_spec is not None and not isinstance(cls_or_spec, type):
        if spec is not None:
            raise TypeError("jitclass takes one spec")
        cls_or_spec, spec = None, cls_or_spec

    def decorate(cls):
        if not isinstance(cls, type):
            raise TypeError(f"jitclass: expected a class, not {cls!r}")
        return cls if config.DISABLE_JIT else _make(cls, spec)

    return decorate if cls_or_spec is None else decorate(cls_or_spec)


class ClassType:
    """What is known of a jitclass when compiling."""

    def __init__(self, cls, instance_type, spec):
        self.instance_type = instance_type
        self.class_name = cls.__name__
        #: The class that was decorated.
        self.class_def = cls
        self._spec = spec

    @property
    def struct(self):
        """The types of the fields by name."""
        return {name: types.resolved(ty) for name, ty in self._spec.items()}

    def __repr__(self):
        return f"jitclass.{self.class_name}"


def _make(cls, spec):
    namespace, bases, inherited = {}, [], {}
    for base in reversed(cls.__mro__[:-1]):
        if "class_type" in vars(base):
            inherited.update(base.class_type._spec)
        elif base is not Instance:
            namespace.update((name, value) for name, value in vars(base).items() if name not in _NOT_COPIED)
    bases = [base for base in cls.__bases__ if issubclass(base, Instance)] or [Instance]
    fields = {**inherited, **_fields(cls, spec)}
    for name in fields:
        if name in namespace:
            raise TypeError(f"jitclass: `{name}` of {cls.__name__} is a field, and something else in the class")
    namespace = {name: _compiled(name, value) for name, value in namespace.items()}
    namespace.update({"__slots__": (), "__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__})
    made = type(cls.__name__, tuple(bases), namespace)
    made.class_type = ClassType(cls, _core.declare_class(made, cls.__name__), fields)
    if not any(isinstance(ty, types.DeferredType) for ty in fields.values()):
        define(made)
    return made


def define(cls):
    """Gives a class its fields, as soon as all of their types are known."""
    fields = [(name, types.resolved(ty)) for name, ty in cls.class_type._spec.items()]
    for (name, _), attribute in zip(fields, _core.define_class(cls, fields), strict=True):
        setattr(cls, name, attribute)


def _fields(cls, spec):
    """The types of the fields by name."""
    fields = {}
    for base in reversed(cls.__mro__[:-1]):
        if "class_type" not in vars(base):
            fields.update(_annotated(base))
    if spec is not None:
        items = spec.items() if hasattr(spec, "items") else spec
        for item in items:
            try:
                name, ty = item
            except (TypeError, ValueError):
                raise TypeError(f"jitclass: the spec has pairs of a name and a type, not {item!r}") from None
            if not isinstance(name, str) or not name.isidentifier():
                raise TypeError(f"jitclass: {name!r} is no name of a field")
            if name.startswith("__") and not name.endswith("__"):
                name = f"_{cls.__name__.lstrip('_')}{name}"
            if name in fields and fields[name] is None:
                del fields[name]
            fields[name] = _type_of_field(name, ty)
    for name, ty in fields.items():
        if ty is None:
            raise TypeError(f"jitclass: the annotation of `{name}` of {cls.__name__} is no type of compiled code")
    return fields


def _type_of_field(name, ty):
    if isinstance(ty, types.DeferredType):
        return ty
    try:
        return as_numba_type(ty)
    except TypeError:
        raise TypeError(f"jitclass: {ty!r}, given for `{name}`, is no type") from None


def _compiled(name, value):
    """An attribute of the class, as its instances have it."""
    if name in _OF_THE_INTERPRETER:
        return value
    if isinstance(value, python_types.FunctionType):
        from rumba.decorators import check_function

        check_function(value, "jitclass")
        return dispatcher.make(value, {}, {}, None)
    if isinstance(value, staticmethod):
        return staticmethod(_compiled("", value.__func__))
    if isinstance(value, property):
        parts = [_compiled("", part) for part in (value.fget, value.fset)]
        return property(*parts, value.fdel, value.__doc__)
    return value


# Annotations.


def _annotated(cls):
    """The types of the annotations in a class; None for what has no type in compiled code."""
    if "__annotations__" not in vars(cls) and not hasattr(cls, "__annotations__"):
        return {}
    own = vars(cls).get("__annotations__") or getattr(cls, "__annotations__", {})
    try:
        hints = typing.get_type_hints(cls)
    except Exception:  # noqa: BLE001
        # A name that is not defined here: what can be read without it is.
        hints = own
    found = {}
    for name in own:
        hint = hints.get(name, own[name])
        if typing.get_origin(hint) is typing.ClassVar or hint is typing.ClassVar:
            continue
        try:
            found[name] = as_numba_type(hint)
        except TypeError:
            found[name] = None
    return found


def types_of_annotations(cls):
    """The types of the annotations of a dataclass and those it inherits from, as far as compiled code has them."""
    found = {}
    for base in reversed(cls.__mro__):
        found.update(_annotated(base))
    return {name: ty for name, ty in found.items() if isinstance(ty, Type)}


def type_of_instances(cls):
    """The type of the instances of a jitclass, or of a dataclass whose annotations have types; None for other classes."""
    class_type = getattr(cls, "class_type", None)
    if isinstance(class_type, ClassType):
        return class_type.instance_type
    return _dataclass_type(cls) if hasattr(cls, "__dataclass_fields__") else None


_DATACLASSES = {}


def _dataclass_type(cls):
    """The type of instances of a dataclass whose fields are what their annotations say, if these have types."""
    import dataclasses

    if cls not in _DATACLASSES:
        # Known before its fields are, which may refer to it.
        _DATACLASSES[cls] = made = _core.declare_dataclass(cls, cls.__name__)
        found = types_of_annotations(cls)
        fields = [(field.name, found.get(field.name)) for field in dataclasses.fields(cls)]
        if any(ty is None for _, ty in fields):
            _DATACLASSES[cls] = None
        else:
            _core.define_type(made, fields)
    if _DATACLASSES[cls] is None:
        raise TypeError(f"not all fields of {cls.__name__} have a type of compiled code")
    return _DATACLASSES[cls]
