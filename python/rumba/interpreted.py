"""What the interpreter does for compiled functions: blocks, and the text of values.

    @njit
    def f(x):
        with objmode(y="float64[:]"):
            y = scipy.special.gamma(x)
        return y.sum()
"""

import ast

from rumba.signatures import as_type


#: Stands for a variable that has no value.
UNBOUND = object()


class objmode:
    """In compiled code: the block is run by the interpreter, and gives back the variables that are named, with their types.

    In the interpreter it does nothing.
    """

    __module__ = "rumba"

    def __init__(self, **outputs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False


def _namespace_of(function):
    """The captured variables of a function that have a value."""
    namespace = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            namespace[name] = cell.cell_contents
        except ValueError:
            pass
    return namespace


def make_function(function, text, first_line, inputs, outputs):
    """A function of the interpreter that runs the text of a block of `function` and gives its outputs as a tuple."""
    body = ast.parse("if 1:\n" + text).body[0].body
    tree = ast.parse("def make():\n def block():\n  pass\n return block")
    captured = _namespace_of(function)
    make = tree.body[0]
    block = make.body[0]
    make.args.args = [ast.arg("_rumba_unbound"), *(ast.arg(name) for name in captured)]
    block.args.args = [ast.arg(name) for name in inputs]
    result = ast.Return(ast.Tuple([ast.Name(name, ast.Load()) for name in outputs], ast.Load()))
    unbinding = [ast.parse(f"if {name} is _rumba_unbound:\n del {name}").body[0] for name in inputs]
    block.body = [*unbinding, *body, result]
    ast.fix_missing_locations(tree)
    # The text stands on the second line of what was parsed.
    ast.increment_lineno(tree, first_line - 2)
    namespace = {}
    code = compile(tree, function.__code__.co_filename, "exec")
    exec(code, function.__globals__, namespace)
    made = namespace["make"](UNBOUND, **captured)
    # What tracebacks show.
    made.__code__ = made.__code__.replace(co_name=function.__name__, co_qualname=function.__qualname__)
    return made


def evaluate_type(function, text):
    """The type that an annotation says: by its name, or what it is where the function stands."""
    value = eval(compile(text.strip(), function.__code__.co_filename, "eval"), function.__globals__, _namespace_of(function))
    return as_type(value)


def text_of(value):
    return (str(value),)


def repr_of(value):
    return (repr(value),)


def format_of(value, specification=""):
    return (format(value, specification),)


def args_of(exception):
    return (exception.args,)


def class_name_of(exception):
    return (type(exception).__name__,)


def is_of_class(exception, class_):
    return (type(exception) is class_,)
