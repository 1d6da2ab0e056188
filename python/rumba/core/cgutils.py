"""What code generators of intrinsics take from `numba.core.cgutils`."""

from contextlib import contextmanager
from typing import NamedTuple

from rumba.llvm import ir

bool_t = ir.IntType(1)
int8_t = ir.IntType(8)
int32_t = ir.IntType(32)
intp_t = ir.IntType(64)
voidptr_t = int8_t.as_pointer()
true_bit = bool_t(1)
false_bit = bool_t(0)
true_byte = int8_t(1)
false_byte = int8_t(0)


def alloca_once(builder, ty, size=None, name="", zfill=False):
    place = builder.alloca(ty, size, name)
    if zfill:
        builder.store(ir.Constant(ty, None), place)
    return place


def alloca_once_value(builder, value, name="", zfill=False):
    place = builder.alloca(getattr(value, "type", None))
    builder.store(value, place)
    return place


def get_or_insert_function(module, fnty, name):
    return ir.Function(name, ir.as_type(fnty))




def unpack_tuple(builder, tup, count=None):
    return [builder.extract_value(tup, position) for position in range(len(tup.type.elements) if count is None else count)]


def pack_array(builder, values, ty=None):
    made = ir.Value(ir.ArrayType(values[0].type if values else ty, len(values)), elements=[None] * len(values))
    for position, value in enumerate(values):
        made = builder.insert_value(made, value, position)
    return made


def pack_struct(builder, values):
    made = ir.Value(ir.LiteralStructType([value.type for value in values]), elements=[None] * len(values))
    for position, value in enumerate(values):
        made = builder.insert_value(made, value, position)
    return made


def gep(builder, ptr, *inds, inbounds=False, name=""):
    return builder.gep(ptr, [intp_t(index) if isinstance(index, int) else index for index in inds])


def gep_inbounds(builder, ptr, *inds, name=""):
    return gep(builder, ptr, *inds)


def pointer_add(builder, ptr, offset, return_type=None):
    moved = builder.gep(builder.bitcast(ptr, voidptr_t), [intp_t(offset) if isinstance(offset, int) else offset])
    return builder.bitcast(moved, return_type or ptr.type)


def is_null(builder, value):
    return builder.is_null(value)


def is_not_null(builder, value):
    return builder.not_(builder.is_null(value))


def get_null_value(ty):
    return ir.Constant(ty, None)


def sizeof(builder, ptr_type):
    return intp_t(ir._size(ir.as_type(ptr_type).pointee))


# Branches and loops.


@contextmanager
def if_likely(builder, pred):
    with builder.if_then(pred, likely=True) as after:
        yield after


@contextmanager
def if_unlikely(builder, pred):
    with builder.if_then(pred, likely=False) as after:
        yield after


@contextmanager
def ifnot(builder, pred):
    with builder.if_then(builder.not_(pred)) as after:
        yield after


@contextmanager
def if_zero(builder, value, likely=False):
    with builder.if_then(is_scalar_zero(builder, value)) as after:
        yield after


def is_scalar_zero(builder, value):
    is_float = isinstance(value.type, (ir.FloatType, ir.DoubleType))
    return (builder.fcmp_ordered if is_float else builder.icmp_signed)("==", value, get_null_value(value.type))


@contextmanager
def early_exit_if(builder, stack, cond):
    """What is within runs if the condition holds; what is behind, as long as the stack is open, if it does not."""
    then, otherwise = stack.enter_context(builder.if_else(cond, likely=False))
    with then:
        yield
    stack.enter_context(otherwise)


def early_exit_if_null(builder, stack, obj):
    return early_exit_if(builder, stack, is_null(builder, obj))


class Loop(NamedTuple):
    """The index of a turn, and what ends the loop."""

    index: ir.Value
    do_break: object


@contextmanager
def for_range(builder, count, start=None, intp=None):
    """A loop over `start … count - 1`."""
    typ = count.type if intp is None else ir.as_type(intp)
    index = alloca_once_value(builder, typ(0) if start is None else start)
    head, body, after = (builder.append_basic_block(name) for name in ("for.head", "for.body", "for.after"))
    builder.branch(head)
    builder.position_at_end(head)
    current = builder.load(index)
    builder.cbranch(builder.icmp_signed("<", current, count), body, after)
    builder.position_at_end(body)
    yield Loop(current, lambda: builder.branch(after))
    if not builder.block.is_terminated:
        builder.store(builder.add(current, typ(1)), index)
        builder.branch(head)
    builder.position_at_end(after)


@contextmanager
def loop_nest(builder, shape, intp, order="C"):
    """Loops within each other, over all positions of an array of this shape."""
    if order not in "CF":
        raise ValueError(f"the order of loops is C or F, not {order!r}")
    loops, indices = [], []
    for extent in shape if order == "C" else shape[::-1]:
        loop = for_range(builder, extent, intp=intp)
        indices.append(loop.__enter__().index)
        loops.append(loop)
    yield tuple(indices if order == "C" else indices[::-1])
    for loop in reversed(loops):
        loop.__exit__(None, None, None)


def increment_index(builder, value):
    return builder.add(value, value.type(1))


# Structs.


def create_struct_proxy(fe_type, kind="value"):
    """Makes values of a type that has fields: `create_struct_proxy(ty)(context, builder)`."""
    from rumba.extending import _members_of

    names = [name for name, _ in _members_of(fe_type)]
    fields = [ir.value_type(ty) for _, ty in _members_of(fe_type)]

    class Proxy:
        def __init__(self, context, builder, value=None, ref=None):
            elements = [None] * len(names) if value is None else list(value.elements)
            object.__setattr__(self, "_elements", elements)
            object.__setattr__(self, "_builder", builder)

        def __getattr__(self, name):
            if name not in names:
                raise AttributeError(f"{fe_type} has no member {name!r}")
            element = self._elements[names.index(name)]
            if element is None:
                raise TypeError(f"the member {name!r} has no value yet")
            return element

        def __setattr__(self, name, value):
            if name not in names:
                raise AttributeError(f"{fe_type} has no member {name!r}")
            position = names.index(name)
            self._elements[position] = self._builder._member(value, fields[position], name)

        def _getvalue(self):
            return ir.Value(ir.value_type(fe_type), elements=list(self._elements))

    return Proxy
