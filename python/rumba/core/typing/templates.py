"""Types of calls and attributes as Numba's templates say them, for code generators of `lower_builtin` and `lower_getattr`."""

from rumba import errors, types
from rumba._core import Signature as _Signature
from rumba.extending import _lowered, _lowered_attributes, overload, overload_attribute

__all__ = [
    "AbstractTemplate",
    "AttributeTemplate",
    "CallableTemplate",
    "ConcreteTemplate",
    "infer",
    "infer_getattr",
    "infer_global",
    "signature",
]


def signature(return_type, *args, **_options):
    """What a call gives, for arguments of these types."""
    return return_type(*args)


class _Template:
    key = None

    def __init__(self, context=None):
        self.context = context


class AbstractTemplate(_Template):
    """A class whose `generic(args, kws)` gives the signature of a call, or None."""

    def signature_of(self, args, keywords):
        return self.generic(args, keywords)


class CallableTemplate(_Template):
    """A class whose `generic()` gives a function of the arguments that gives the type of the result, or a signature."""

    def signature_of(self, args, keywords):
        given = self.generic()(*args, **keywords)
        return given if given is None or isinstance(given, _Signature) else given(*args)


class ConcreteTemplate(_Template):
    """A class whose `cases` are the signatures of calls."""

    cases = ()

    def signature_of(self, args, keywords):
        plain = tuple(arg.unliteral() for arg in args)
        exact = [case for case in self.cases if tuple(case.args) == plain]
        converting = [case for case in self.cases if len(case.args) == len(plain)]
        return next(iter(exact or converting), None)


class AttributeTemplate(_Template):
    """A class whose `resolve_name(ty)` gives the type of the attribute `name`, or None."""


def infer_global(func, typing_key=None, **_options):
    """Registers a template for calls of `func`, for which there is a `lower_builtin`."""

    def register(template):
        @overload(func, strict=False)
        def choose(*args, **keywords):
            found = template(None).signature_of(args, keywords)
            if found is None:
                return None
            made = _lowered(func, found.return_type, tuple(found.args))
            if made is None:
                name = getattr(func, "__name__", func)
                raise errors.TypingError(f"no `lower_builtin` of {name} takes ({', '.join(map(str, found.args))})")
            return made

        return template

    return register


def infer(template):
    """Registers a template for calls of its `key`."""
    return infer_global(template.key)(template)


def infer_getattr(template):
    """Registers a template for the attributes of values of the types `key`, for which there is a `lower_getattr`."""
    owner = template.key if isinstance(template.key, type) else type(template.key)
    for member in dir(template):
        if member.startswith("resolve_"):
            _infer_attribute(template, owner, member.removeprefix("resolve_"))
    return template


def _infer_attribute(template, owner, name):
    @overload_attribute(owner, name, strict=False)
    def choose(ty):
        from rumba.intrinsics import record

        result = getattr(template(None), f"resolve_{name}")(ty)
        codegen = next((found for base in type(ty).__mro__ if (found := _lowered_attributes.get((base, name)))), None)
        if result is None or codegen is None:
            return None
        if not isinstance(result, types.Type):
            raise errors.UnsupportedError(f"the template of `{name}` gives {result!r}, which is no type of values")
        return record(result(ty), lambda context, builder, signature, args: codegen(context, builder, ty, args[0]))
