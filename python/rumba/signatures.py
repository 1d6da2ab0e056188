"""Reads signatures: objects, tuples of types, strings such as `"float64(float64[:], int64)"`.

Strings are parsed as Python expressions and read node by node; nothing is evaluated.
"""

import ast

from rumba import _core, types
from rumba._core import Signature, Type


def normalise(signature):
    """Argument types and result type (or None) of a signature in any of its forms."""
    if isinstance(signature, str):
        signature = parse(signature)
    if isinstance(signature, Signature):
        return list(signature.args), signature.return_type
    if isinstance(signature, (tuple, list)):
        return [as_type(arg) for arg in signature], None
    raise TypeError(
        f"a signature is written `float64(int64)`, `(int64,)` or as a string of these, not {signature!r}"
    )


def as_type(value):
    """A type from a type object, its string, or a NumPy dtype or scalar class."""
    if isinstance(value, Type):
        return value
    if value is None:
        return types.none
    if isinstance(value, str):
        parsed = parse(value)
        if isinstance(parsed, Type):
            return parsed
    else:
        import numpy

        if isinstance(value, numpy.dtype) or (isinstance(value, type) and issubclass(value, numpy.generic)):
            return _core.typeof(numpy.dtype(value)).dtype
    raise TypeError(f"{value!r} is not a type; types are written `rumba.int64`, `rumba.float64[:, :]`")


def parse(text):
    """The type, tuple of types or signature that a string spells."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"the signature {text!r} is not an expression: {error}") from None
    try:
        return _read(tree.body)
    except _Unreadable as problem:
        raise ValueError(f"the signature {text!r} has {problem}") from None


class _Unreadable(Exception):
    pass


_FAMILIES = (
    "Array", "CPointer", "DictType", "FunctionType", "List", "ListType", "NamedTuple", "NamedUniTuple", "Optional", "Set", "Tuple", "UniTuple", "optional",
)  # fmt: skip
#: As types print.
_CONTAINERS = {"list": "ListType", "set": "Set", "dict": "DictType"}



def _read(node):
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            if isinstance(node, ast.Attribute):
                _check_prefix(node.value)
            if name in types.names_for_rumba:
                return getattr(types, name)
            if name == "voidptr":
                return types.voidptr
            if name in ("str", "unicode_type", "string"):
                return types.unicode_type
            if name == "bool":
                return types.boolean
            if name in ("int", "float", "complex"):
                return {"int": types.int64, "float": types.float64, "complex": types.complex128}[name]
            raise _Unreadable(f"no known type in `{name}`")
        case ast.Constant(None):
            return types.none
        case ast.Tuple(elements):
            return tuple(_read(element) for element in elements)
        case ast.Subscript(value, index):
            element = _read(value)
            axes = index.elts if isinstance(index, ast.Tuple) else [index]
            try:
                return element[tuple(_read_axis(axis) for axis in axes)]
            except TypeError as error:
                raise _Unreadable(f"a wrong array type: {error}") from None
        case ast.Call(ast.Name(name) | ast.Attribute(attr=name), args, keywords) if (
            name := _CONTAINERS.get(name, name)
        ) in _FAMILIES:
            if isinstance(node.func, ast.Attribute):
                _check_prefix(node.func.value)
            keywords = {keyword.arg: _read_argument(keyword.value) for keyword in keywords}
            try:
                return getattr(types, name)(*[_read_argument(arg) for arg in args], **keywords)
            except (TypeError, ValueError) as error:
                raise _Unreadable(f"a wrong `{name}`: {error}") from None
        case ast.Call(function, args, []):
            result = _read(function)
            if isinstance(result, Type):
                return Signature([_as_argument(_read(arg)) for arg in args], result)
    raise _Unreadable(f"something that is not a type: `{ast.unparse(node)}`")


def _as_argument(value):
    if isinstance(value, Type):
        return value
    if isinstance(value, tuple):
        return types.Tuple([_as_argument(element) for element in value])
    raise _Unreadable("a signature inside a signature: functions as arguments have no such types")


def _read_argument(node):
    match node:
        case ast.Constant(int() | str() | bool()):
            return node.value
        case ast.List(elements) | ast.Tuple(elements):
            return [_read(element) for element in elements]
    return _read(node)


def _read_axis(node):
    match node:
        case ast.Slice(None, None, None):
            return slice(None)
        case ast.Slice(None, None, ast.Constant(1)):
            return slice(None, None, 1)
        case ast.Constant(value) if value is Ellipsis:
            raise _Unreadable("an array type of unknown rank")
    raise _Unreadable(f"`{ast.unparse(node)}` between the brackets, where `:` or `::1` belongs")


def _check_prefix(node):
    if not (
        isinstance(node, ast.Name)
        and node.id in ("rumba", "numba", "types", "nb", "np", "numpy")
        or isinstance(node, ast.Attribute)
        and node.attr == "types"
    ):
        raise _Unreadable(f"no known module in `{ast.unparse(node)}`")
