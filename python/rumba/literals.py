"""What Numba has about values that are known when compiling: `literally` and `literal_unroll`."""

from rumba.extending import register_jitable


def literally(obj):
    """The argument; in compiled code it is a constant: where it is a parameter, the function is compiled for each value."""
    return obj


def asks_for_literals(function):
    """Whether a Python function calls `literally`."""
    code = function.__code__
    values = [function.__globals__.get(name) for name in code.co_names]
    values += [_content(cell) for cell in function.__closure__ or ()]
    # Also as an attribute of the module.
    return "literally" in code.co_names or any(value is literally for value in values)


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:
        return None


@register_jitable
def literal_unroll(container):
    """The tuple itself: loops over tuples of several types are compiled once per element anyway."""
    return container
