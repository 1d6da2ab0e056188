"""`tuple_setitem(t, i, x)`: a tuple with another item, at a position that is not known when compiling."""

from rumba import errors, types
from rumba.extending import intrinsic

__all__ = ["tuple_setitem"]


@intrinsic
def tuple_setitem(typingctx, tup, idx, val):
    """The same tuple but for one item. What is no position changes nothing."""
    if not isinstance(tup, types.BaseTuple) or not isinstance(idx, types.Integer):
        raise errors.TypingError(f"tuple_setitem takes a tuple and a position, not {tup} and {idx}")

    def codegen(context, builder, signature, args):
        made, idx, val = args
        for position, item in enumerate(tup.types):
            old = builder.extract_value(made, position)
            if item == signature.args[2]:
                is_it = builder.icmp_signed("==", idx, idx.type(position))
                made = builder.insert_value(made, builder.select(is_it, val, old), position)
        return made

    items = set(tup.types)
    return tup(tup, types.intp, items.pop() if len(items) == 1 else val), codegen
