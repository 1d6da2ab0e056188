"""What an `intrinsic` is: a typer, and code generators whose operations are recorded.

A code generator runs once per types of arguments, with a builder that records (`rumba.llvm.ir`). What it recorded is checked and
emitted by the compiler wherever the intrinsic is called.
"""

import functools

from rumba import errors, types
from rumba._core import Signature
from rumba.extending import _fields_of
from rumba.llvm import ir


class Intrinsic:
    """A function that only compiled code calls."""

    def __init__(self, typer):
        functools.update_wrapper(self, typer)
        self._typer = typer

    def __repr__(self):
        return f"<intrinsic {self.__name__}>"

    def __call__(self, *args, **keywords):
        raise NotImplementedError(f"the intrinsic `{self.__name__}` is called by compiled code only")

    def choose(self, *args, **keywords):
        given = self._typer(_TYPING, *args, **keywords)
        if given is None:
            return None
        if not isinstance(given, tuple) or len(given) != 2 or not isinstance(given[0], Signature) or not callable(given[1]):
            raise TypeError(f"an intrinsic gives a signature and a code generator, or None, not {given!r}")
        return record(*given)


class _Typing:
    """The typing context, of which nothing can be asked."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise errors.UnsupportedError(f"intrinsics have no `typingctx.{name}`")


_TYPING = _Typing()


class _Context:
    """The target context, as far as code generators need it."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise errors.UnsupportedError(f"intrinsics have no `context.{name}`")

    def get_value_type(self, ty):
        return ir.value_type(ty)

    get_data_type = get_argument_type = get_return_type = get_value_type

    def get_constant(self, ty, value):
        return ir.Constant(ir.value_type(ty), value)

    def get_constant_null(self, ty):
        return ir.Constant(ir.value_type(ty), None)

    def get_dummy_value(self):
        return ir.Value(ir.VoidType())

    @property
    def call_conv(self):
        return self

    def return_user_exc(self, builder, exc, exc_args=None, loc=None, func_name=None):
        builder.raise_exception(exc, exc_args or ())

    def get_abi_sizeof(self, typ):
        return ir._size(ir.as_type(typ))

    def make_tuple(self, builder, ty, values):
        made = builder._value(ir.Constant(ir.value_type(ty), None))
        for position, value in enumerate(values):
            made = builder.insert_value(made, value, position)
        return made

    def make_array(self, ty):
        def array_of(context, builder, value):
            return _Array(builder, ty, value)

        return array_of

    def cast(self, builder, value, fromty, toty):
        signed = fromty.kind != "int" or fromty.signed
        old, new = ir.value_type(fromty), ir.value_type(toty)
        if old == new:
            return value
        kinds = tuple("f" if isinstance(typ, (ir.FloatType, ir.DoubleType)) else "i" if isinstance(typ, ir.IntType) else "" for typ in (old, new))
        match kinds:
            case "f", "f":
                return builder.fpext(value, new)
            case "i", "f":
                return builder.sitofp(value, new) if signed and old.width > 1 else builder.uitofp(value, new)
            case "f", "i":
                return builder.fptosi(value, new) if toty.signed else builder.fptoui(value, new)
            case "i", "i":
                extend = builder.sext if signed and old.width > 1 else builder.zext
                return (extend if new.width > old.width else builder.trunc)(value, new)
        raise errors.UnsupportedError(f"intrinsics have no cast from {fromty} to {toty}")


class _Array:
    """The parts of an array: its memory, and its shape."""

    def __init__(self, builder, ty, value):
        if not isinstance(ty, types.Array):
            raise TypeError(f"{ty} is no array")
        element = ir.PointerType(ir.value_type(ty.dtype))
        self.data = builder._step(element, "field", [value], number=0)
        extents = [builder._step(ir.IntType(64), "field", [value], number=2 + axis) for axis in range(ty.ndim)]
        self.shape = ir.Value(ir.ArrayType(ir.IntType(64), ty.ndim), elements=extents)


def _received(builder, ty, number):
    """What the code generator sees in a value of ours."""
    typ = ir.value_type(ty)
    value = ir.Value(typ, number)
    if isinstance(ty, types.BaseTuple):
        parts = enumerate(ty.types)
        parts = [_received(builder, part, builder._step(None, "field", [value], number=idx).number) for idx, part in parts]
        return ir.Value(typ, number, parts)
    if ty.kind == "struct":
        parts = enumerate(_fields_of(ty)[1])
        parts = [_received(builder, part, builder._step(None, "field", [value], number=idx).number) for idx, part in parts]
        return ir.Value(typ, number, parts)
    if ty.kind == "pointer":
        return builder._step(typ, "field", [value], number=0)
    if ty.kind == "int" and not ty.signed:
        return builder._signed(value, typ)
    return value


def _given(builder, ty, value):
    """The value of ours that the code generator gave."""
    if ty == types.none:
        return builder._step(None, "none")
    value = builder._value(value)
    expected = ir.value_type(ty)
    if value.type != expected:
        raise TypeError(f"the code generator gives {value.type}, and the signature says {ty}, which is {expected}")
    if isinstance(ty, types.BaseTuple):
        parts = [_given(builder, part, builder.extract_value(value, idx)) for idx, part in enumerate(ty.types)]
        return builder._step(None, "make", parts, ty)
    if ty.kind == "struct" and value.number is None:
        parts = [_given(builder, part, builder.extract_value(value, idx)) for idx, part in enumerate(_fields_of(ty)[1])]
        return builder._step(None, "make", parts, ty)
    if ty.kind == "pointer":
        return builder._step(None, "make", [value], ty)
    if ty.kind == "int" and not ty.signed:
        return builder._convert(value, ty)
    return value


def record(signature, codegen):
    """Types of the parameters, steps, number and type of the result: what the compiler emits (`recorded.rs`)."""
    params = [arg.unliteral() for arg in signature.args]
    result = signature.return_type.unliteral()
    builder = ir.IRBuilder()
    builder.n_params = len(params)
    args = [_received(builder, ty, number) for number, ty in enumerate(params)]
    given = _given(builder, result, codegen(_Context(), builder, signature, args))
    builder.finish()
    return params, builder.steps, given.number, result
