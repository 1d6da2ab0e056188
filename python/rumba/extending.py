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

import sys
import types as python_types
import typing

from rumba import _core, errors, types
from rumba._core import Dispatcher, typeof

__all__ = [
    "NativeValue",
    "as_numba_type",
    "box",
    "get_cython_function_address",
    "intrinsic",
    "is_jitted",
    "lower_builtin",
    "lower_getattr",
    "make_attribute_wrapper",
    "models",
    "overload",
    "overload_attribute",
    "overload_classmethod",
    "overload_method",
    "register_jitable",
    "register_model",
    "struct",
    "type_callable",
    "typeof",
    "typeof_impl",
    "unbox",
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


def overload_classmethod(typ, attr, jit_options=None, strict=True, inline="never", prefer_literal=False, **options):
    """Registers a chooser for `cls.attr(...)`, where `cls` is a class whose instances are of a type in `typ`.

    The first argument of chooser and function is the class.
    """
    owner = _ClassesOf(_type_class(typ))
    return _registering("method", attr, owner, jit_options, strict, inline, prefer_literal, options)


class _ClassesOf:
    """Stands for the classes whose instances are of a class of types."""

    def __init__(self, type_class):
        self.type_class = type_class

    def __eq__(self, receiver):
        cls = getattr(receiver, "instance", None) if isinstance(receiver, _core.Type) else None
        if not isinstance(cls, type):
            return False
        return issubclass(_struct_types.get(cls, type(as_numba_type.known.get(cls))), self.type_class)


def _type_class(typ):
    """The class of types that is meant: by itself, or by a class that `struct` was told of."""
    return _struct_types.get(typ, typ) if isinstance(typ, type) else typ


def _registering(kind, what, owner, jit_options, strict, inline, prefer_literal, options, is_ours=False):
    from rumba.decorators import compiler_options

    options.pop("target", None)
    chosen = compiler_options({**(jit_options or {}), "inline": inline, **options})

    def register(chooser):
        if not callable(chooser):
            raise TypeError(f"an overload is a function that gives a function, not {chooser!r}")
        key = _core.extend(kind, what, is_ours)
        _choosers["function" if kind == "path" else kind].setdefault(key, []).append(_Chooser(chooser, chosen, owner, prefer_literal, strict))
        return chooser

    return register


def _is_for(chooser, receiver):
    owner = chooser.owner
    return owner is None or (isinstance(receiver, owner) if isinstance(owner, type) else owner == receiver)


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
                if positional is plain[0] and has_literals and _asks_for_literals(chosen):
                    # What asks for constants stands for what is chosen once they are known.
                    chosen = chooser.function(*args, **keywords) or chosen
                return _adopt(chooser, chosen)
    if refusal is not None:
        raise refusal
    return None


def _asks_for_literals(chosen):
    function = chosen[-1] if isinstance(chosen, tuple) else chosen
    function = getattr(function, "py_func", function)
    if not isinstance(function, _Function) or "rumba.literals" not in sys.modules:
        return False
    from rumba.literals import asks_for_literals

    return asks_for_literals(function)


def _adopt(chooser, chosen):
    params = None
    if isinstance(chosen, tuple) and len(chosen) == 4:
        return chosen, None  # What an intrinsic has recorded.
    if isinstance(chosen, tuple) and len(chosen) == 2:
        signature, chosen = chosen
        params = list(getattr(signature, "args", signature))
    if isinstance(chosen, types.Type):
        return chosen, None
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


def _load_extension(entry_point):
    """Calls `module:function`, the entry point of a distribution."""
    from importlib import import_module
    from operator import attrgetter

    module, _, name = entry_point.partition(":")
    try:
        attrgetter(name)(import_module(module))()
    except Exception as error:
        import warnings

        warnings.warn(
            f"the extension {entry_point} failed to load: {type(error).__name__}: {error}", errors.RumbaWarning, stacklevel=2
        )


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


def intrinsic(*args, prefer_literal=False, **options):
    """A function of compiled code by operations of LLVM's: its typer gives a signature and a code generator.

        @intrinsic
        def count_ones(typingctx, x):
            if isinstance(x, types.Integer):
                def codegen(context, builder, signature, args):
                    return builder.ctpop(args[0])
                return x(x), codegen

    Which operations there are, `rumba.llvm.ir.IRBuilder` says. With and without options: `@intrinsic(prefer_literal=True)`.
    """

    def register(typer):
        from rumba.intrinsics import Intrinsic

        made = Intrinsic(typer)
        overload(made, strict=False, prefer_literal=prefer_literal)(made.choose)
        return made

    if options:
        raise TypeError(f"intrinsic has no option {next(iter(options))!r}")
    return register(*args) if args else register


def is_jitted(function):
    """Whether `function` was made by `jit` or `njit`."""
    return type(function) is Dispatcher


# Types of extensions.

_models = {}
_boxes = {}
_unboxes = {}
#: Names of members in Python, by class of types and member.
_attribute_names = {}
_types_of_instances = {}
#: The class of types of each class that `struct` was told of.
_struct_types = {}


class models:  # noqa: N801, Numba's name
    """What values of a type consist of."""

    class StructModel:
        """Values of fields: `members` is a list of names and types."""

        def __init__(self, dmm, fe_type, members):
            self.members = members

    class OpaqueModel:
        """Values that are all the same."""

        def __init__(self, dmm, fe_type):
            self.members = []


def register_model(type_class):
    """Says by a class of `models` which fields values of a class of types have."""

    def register(model):
        _models[type_class] = model
        return model

    return register


def make_attribute_wrapper(typeclass, struct_attr, python_attr):
    """Gives a member of the model its name in Python."""
    _attribute_names[typeclass, struct_attr] = python_attr


def _registered(table, type_class):
    return next((table[base] for base in type_class.__mro__ if base in table), None)


def _members_of(ty):
    model = _registered(_models, type(ty))
    if model is None:
        raise TypeError(f"no `register_model` says which fields values of {ty} have")
    return model(None, ty).members


def _fields_of(ty):
    members = _members_of(ty)
    names = [_attribute_names.get((type(ty), name), name) for name, _ in members]
    return names, [member for _, member in members]


class _TypeofImpl:
    """The types of instances of further classes: `typeof_impl.register(cls)`."""

    @staticmethod
    def register(cls):
        def register(function):
            _types_of_instances[cls] = function
            _core.register_class(cls)
            return function

        return register

    def __call__(self, value, context=None):
        return typeof(value)


typeof_impl = _TypeofImpl()


def _type_of(value):
    found = _registered(_types_of_instances, type(value))
    ty = found and found(value, None)
    if ty is not None and isinstance(ty, types.Type) and ty.kind == "struct" and ty.instance_class is None:
        ty.instance_class = type(value)
    return ty


_GENERIC = {
    dict: types.DictType,
    list: types.ListType,
    set: types.Set,
    tuple: lambda *elements: types.Tuple(elements),
}


class _AsNumbaType:
    """The type that an annotation stands for: `as_numba_type(float)`."""

    known = {
        int: types.int64,
        float: types.float64,
        complex: types.complex128,
        bool: types.boolean,
        str: types.unicode_type,
        bytes: _core.named_type("bytes"),
        None: types.none,
        type(None): types.none,
    }

    def register(self, cls, ty=None):
        if ty is None:
            return lambda function: self.register(cls, function(cls)) or function
        self.known[cls] = ty
        if not isinstance(ty, _core.Type) and ty.instance_class is None:
            ty.instance_class = cls

    def __call__(self, annotation):
        if isinstance(annotation, (types.Type, types.DeferredType)):
            return annotation
        try:
            known = self.known.get(annotation)
        except TypeError:
            known = None  # What cannot be hashed.
        if known is not None:
            return known
        if isinstance(annotation, type):
            from rumba.classes import type_of_instances

            known = type_of_instances(annotation)
            if known is not None:
                return known
        origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in _GENERIC:
            return _GENERIC[origin](*map(self, parts))
        if getattr(origin, "__module__", None) == "rumba.typed":
            return {"List": types.ListType, "Set": types.Set, "Dict": types.DictType}[origin.__name__](*map(self, parts))
        if origin is typing.Annotated:
            return self(parts[0])
        if origin in (typing.Union, python_types.UnionType):
            rest = [part for part in parts if part is not type(None)]
            if len(rest) == 1 and len(parts) == 2:
                return types.Optional(self(rest[0]))
        from rumba.signatures import as_type

        return as_type(annotation)


as_numba_type = _AsNumbaType()


def type_callable(func):
    """Says which type of an extension a call of a class makes; its arguments are the fields.

        @type_callable(Interval)
        def type_interval(context):
            def typer(low, high):
                if isinstance(low, types.Float) and isinstance(high, types.Float):
                    return interval_type
            return typer
    """

    def register(generator):
        typer = generator(None)

        def choose(*args, **keywords):
            made = typer(*args, **keywords)
            lowered = made is not None and _lowered(func, made, args)
            if lowered:
                return lowered
            if made is not None and getattr(made, "kind", None) != "struct":
                raise errors.UnsupportedError("a `type_callable` gives a type that has fields; for others write an `overload`")
            if made is not None and made.instance_class is None and isinstance(func, type):
                made.instance_class = func
            return made

        overload(func)(choose)
        return generator

    return register


def box(type_class):
    """Registers the function that makes the interpreter's value of the type and its fields.

    Without one the class of the values is called with the fields.
    """
    return _converter(_boxes, type_class, "box")


def unbox(type_class):
    """Registers the function that gives the fields, as a tuple, of the type and the interpreter's value.

    Without one the fields are its attributes.
    """
    return _converter(_unboxes, type_class, "unbox")


def _converter(table, type_class, name):
    def register(function):
        table[type_class] = function
        if _parameters(function)[-1:] == ("c",):
            # Written for llvmlite.
            def convert(ty, *value):
                from rumba import converters

                return getattr(converters, name)(function, ty, value if name == "box" else value[0])

            table[type_class] = convert
        return function

    return register


def _box(ty, fields):
    function = _registered(_boxes, type(ty))
    if function is not None:
        return function(ty, *fields)
    if ty.instance_class is None:
        raise TypeError(f"no `box` says how to make a value of type {ty}")
    return ty.instance_class(*fields)


def _unbox(ty, value):
    function = _registered(_unboxes, type(ty))
    if function is not None:
        return tuple(function(ty, value))
    return tuple(getattr(value, name) for name in _fields_of(ty)[0])


#: Code generators of functions, and of attributes by class of types and name.
_lowerings = {}
_lowered_attributes = {}


def lower_builtin(func, *argtys, **_options):
    """Registers the code generator of `func` for types of arguments: what such a call gives, a `type_callable` or a template says."""

    def register(codegen):
        _lowerings.setdefault(func, []).append((argtys, codegen))
        return codegen

    return register


def _lowered(func, result, args):
    """What the code generator for these arguments records; None if there is none."""
    for wanted, codegen in reversed(_lowerings.get(func, ())):
        fits = len(wanted) == len(args) and all(
            isinstance(arg.unliteral(), ty) if isinstance(ty, type) else ty in (arg, arg.unliteral(), getattr(types, "Any", None))
            for ty, arg in zip(wanted, args, strict=True)
        )
        if fits:
            from rumba.intrinsics import record

            return record(result(*args), codegen)
    return None


def lower_getattr(ty, attr):
    """Registers the code generator of an attribute, whose type an `infer_getattr` says."""

    def register(codegen):
        _lowered_attributes[ty if isinstance(ty, type) else type(ty), attr] = codegen
        return codegen

    return register


def lower_cast(*_args, **_options):
    """Numba's way to emit conversions by llvmlite, which Rumba does not have."""
    raise errors.UnsupportedError("conversions between types are not written for llvmlite here: write an `overload`, which is Python")


lower_constant = lower_setattr = lower_getattr_generic = lower_setattr_generic = lower_cast


class _Struct(types.Type):
    """The type of instances of a class that `struct` was told of; each has a class of its own below this."""

    names = ()

    def __init__(self, field_types, is_only=False):
        self.field_types = tuple(field_types)
        parts = ", ".join(f"{name}: {ty}" for name, ty in zip(self.names, self.field_types))
        super().__init__(self.instance_class.__name__ + ("" if is_only else f"({parts})"))

    @property
    def members(self):
        return list(zip(self.names, self.field_types))


register_model(_Struct)(lambda _, ty: models.StructModel(None, ty, ty.members))


def struct(cls=None, fields=None):
    """Makes the instances of a Python class values of compiled code: structs that are passed by value.

        @struct
        class Interval:
            low: float
            high: float

            def __init__(self, low, high): ...

            def width(self):
                return self.high - self.low

    The fields are those of the annotations, of a dict of types, or of a sequence of names, whose types are those of
    the values. Compiled code makes instances by the fields in order, reads them, and calls the methods, properties
    and operators of the class, which are compiled. It does not run `__init__`, whose parameters must be the fields.
    """
    if cls is None:
        return lambda cls: struct(cls, fields)
    from inspect import get_annotations, signature

    if fields is None:
        fields = get_annotations(cls, eval_str=True)
    names = tuple(fields)
    parameters = tuple(signature(cls).parameters)
    if parameters != names:
        raise TypeError(
            f"struct: the parameters of `{cls.__name__}` are ({', '.join(parameters)}), and its fields "
            f"({', '.join(names)}): they must be the same, because compiled code makes instances by their fields"
        )
    type_class = type(
        f"{cls.__name__}Type",
        (_Struct,),
        {"names": names, "instance_class": cls, "class_with_fields": cls, "make_value": cls, "fields_of_value": _getter(names)},
    )
    _struct_types[cls] = type_class
    fixed = None
    if isinstance(fields, dict):
        fixed = type_class([as_numba_type(ty) for ty in fields.values()], is_only=True)
        as_numba_type.register(cls, fixed)

    @typeof_impl.register(cls)
    def type_of(value, _):
        return fixed or type_class([typeof(getattr(value, name)) for name in names])

    @overload(cls)
    def choose_type(*args, **keywords):
        types_by_name = {**dict(zip(names, args)), **keywords}
        if len(args) + len(keywords) != len(names) or set(types_by_name) != set(names):
            raise errors.TypingError(f"its fields are {', '.join(names)}")
        return fixed or type_class([types_by_name[name] for name in names])

    _extend_by_members(cls, type_class, names)
    return cls


def _getter(names):
    from operator import attrgetter

    if len(names) == 1:
        return staticmethod(lambda value, name=names[0]: (getattr(value, name),))
    return staticmethod(attrgetter(*names) if names else lambda value: ())


def _extend_by_members(cls, type_class, names):
    """Overloads for what a class defines: methods, properties, and the operators that special methods stand for."""
    from inspect import getattr_static

    for name in dir(cls):
        member = getattr(cls, name)
        if name in names or getattr(object, name, None) is member:
            continue
        defined = getattr_static(cls, name)
        if isinstance(defined, staticmethod):
            # Of the class, it is a constant that is called.
            static = register_jitable(member)
            overload_attribute(type_class, name, strict=False)(lambda _, function=static: lambda _: function)
        elif isinstance(defined, classmethod):
            function = member.__func__
            overload_classmethod(type_class, name, strict=False)(lambda *_, function=function, **__: function)
        elif isinstance(member, property):
            overload_attribute(type_class, name, strict=False)(lambda _, function=member.fget: function)
        elif isinstance(member, _Function) and name in _operators():
            for func, is_reflected in _operators()[name]:
                _overload_operator(func, is_reflected, type_class, member)
        elif isinstance(member, _Function) and (name == "__call__" or not name.startswith("__")):
            overload_method(type_class, name, strict=False)(lambda *_, function=member, **__: function)
    if cls.__eq__ is not object.__eq__ and cls.__ne__ is object.__ne__:
        equal = register_jitable(cls.__eq__)
        for func, is_reflected in _operators()["__ne__"]:
            _overload_operator(func, is_reflected, type_class, lambda a, b: not equal(a, b))
    if not hasattr(cls, "__bool__"):
        length = register_jitable(cls.__len__) if hasattr(cls, "__len__") else None
        truth = (lambda value: length(value) != 0) if length else (lambda _: True)
        _overload_operator(bool, False, type_class, truth)


_known_operators = {}


def _operators():
    """By name of the special method: the functions that call it, and whether they do with exchanged operands."""
    if not _known_operators:
        import operator

        for func in (abs, bool, float, hash, int, iter, len, repr, str):
            _known_operators[f"__{func.__name__}__"] = [(func, False)]
        for name in "concat contains delitem getitem invert neg pos setitem".split():
            _known_operators[f"__{name}__"] = [(getattr(operator, name), False)]
        for name, reflected in (("eq", "eq"), ("ne", "ne"), ("lt", "gt"), ("le", "ge"), ("gt", "lt"), ("ge", "le")):
            _known_operators[f"__{name}__"] = [(getattr(operator, name), False), (getattr(operator, reflected), True)]
        for name in "add and floordiv lshift matmul mod mul or pow rshift sub truediv xor".split():
            func = getattr(operator, name, None) or getattr(operator, f"{name}_")
            _known_operators[f"__{name}__"] = [(func, False)]
            _known_operators[f"__r{name}__"] = [(func, True)]
            _known_operators[f"__i{name}__"] = [(getattr(operator, f"i{name}"), False)]
    return _known_operators


def _overload_operator(func, is_reflected, type_class, member):
    if not is_reflected:

        @overload(func, strict=False)
        def choose(*args):
            return member if args and isinstance(args[0], type_class) else None

        return
    register_jitable(member)

    @overload(func, strict=False)
    def choose_reflected(a, b):
        if isinstance(b, type_class) and not isinstance(a, type_class):
            return lambda a, b: member(b, a)


def get_cython_function_address(module_name, function_name):
    """The address of a function that a module written in Cython exports (`api` or `public` in a `.pxd` file)."""
    import ctypes
    from importlib import import_module

    exported = getattr(import_module(module_name), "__pyx_capi__", {})
    if function_name not in exported:
        raise ValueError(f"No function {function_name!r} found in __pyx_capi__ of {module_name!r}")
    name_of = ctypes.pythonapi.PyCapsule_GetName
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    capsule = exported[function_name]
    return pointer_of(capsule, name_of(capsule))


def __getattr__(name):
    # Imported when it is asked for.
    if name == "NativeValue":
        from rumba.converters import NativeValue

        return NativeValue
    raise AttributeError(f"module 'rumba.extending' has no attribute {name!r}")
