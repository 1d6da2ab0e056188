"""`literal_unroll`, which Numba needs around a tuple of several types in a `for` loop."""

from rumba.extending import register_jitable


@register_jitable
def literal_unroll(container):
    """The tuple itself: loops over tuples of several types are compiled once per element anyway."""
    return container
