"""Object mode: functions that the interpreter runs, with those of their loops compiled that can be.

    @jit(forceobj=True)
    def f(paths, a):
        data = [open(path).read() for path in paths]     # the interpreter
        total = 0.0
        for i in range(len(a)):                          # compiled
            total += a[i]
        return data, total

The function is compiled again by the interpreter from its syntax tree, in which each loop stands behind an attempt:

    out = run(*loop_1.prepare(a, i, total))
    if out is NotImplemented:
        for i in range(len(a)): ...
    else:
        (total,) = out

What `prepare` gives is a function of the loop's text, for the variables that have values, and these values. Whether it
compiles for them, `run` finds out. Only what nobody can tell from the interpreter's work is done so: a loop
is left alone if it leaves the function or gives a value away, if it binds variables that inner functions see, or that are
wanted where an exception of the loop is caught.
"""

import ast
import linecache
import types as python_types
import warnings

import numpy

from rumba import _core, errors
from rumba.interpreted import UNBOUND
from rumba.liveness import Liveness, Names

#: A loop that was refused so often in a row is not tried again.
_N_ATTEMPTS = 32

#: Names with which a function looks at its own variables.
_REFLECTIVE = {"dir", "eval", "exec", "locals", "vars"}

#: What is no part of a function that is made of a loop.
_NOT_IN_LOOPS = (
    ast.AsyncFor, ast.AsyncFunctionDef, ast.AsyncWith, ast.Await, ast.ClassDef, ast.FunctionDef, ast.Global, ast.Import,
    ast.ImportFrom, ast.Nonlocal, ast.Return, ast.Yield, ast.YieldFrom,
)  # fmt: skip

#: Values that are arguments of a loop's function where they are globals; others are constants of it.
_VALUES = (bool, bytes, complex, dict, float, int, list, numpy.generic, numpy.ndarray, set, str, tuple)
_CONTAINERS = (dict, list, set)

_FUTURE_FLAGS = 0x01FE0000
_NOT_PLAIN = 0x20 | 0x80 | 0x100 | 0x200  # Generators and coroutines.


class ObjectMode:
    """What the dispatcher asks about a function that need not be compiled."""

    def __init__(self, function, options, compiler_options):
        self.function = function
        self.options = options
        self.compiler_options = compiler_options
        self.loops = ()
        self.is_explained = False

    def make(self):
        """What the interpreter runs instead of the function."""
        if not self.options.get("looplift", True):
            return self.function
        made, self.loops = _lift(self.function, self.compiler_options, bool(self.options.get("nogil")))
        return made

    def explain(self, error):
        """Warns, once, why the function is not compiled."""
        if self.is_explained:
            return
        self.is_explained = True
        code = self.function.__code__
        filename, line = code.co_filename, code.co_firstlineno
        message = str(error).partition("\n")[0]
        if diagnostics := getattr(error, "diagnostics", None):
            first = diagnostics[0]
            message = f"{first['message']} [{first['code']}]"
            if first["filename"] is not None:
                filename, line = first["filename"], first["line"]
                label = f": {first['label']}" if first["label"] else ""
                message += f" at {filename}:{line}:{first['column']}{label}"
        warnings.warn_explicit(
            f"`{self.function.__name__}` falls back to object mode: {message}",
            errors.RumbaObjectModeWarning,
            filename,
            line,
            module=self.function.__module__,
            registry=self.function.__globals__.setdefault("__warningregistry__", {}),
        )


class Loop:
    """A loop of an interpreted function, as functions that can be compiled."""

    def __init__(self, function, options, releases_lock, lines, node, inputs, outputs, plain, is_inner):
        self.function = function
        self.options = options
        self.releases_lock = releases_lock
        self.lines = lines
        self.node = node
        self.inputs = inputs
        self.outputs = outputs
        self.plain = plain
        self.is_inner = is_inner
        code = function.__code__
        names = Names(node)
        variables = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
        self.global_names = sorted((names.loads | names.stores) - variables)
        #: By the names that are arguments, and the objects that others stand for: the dispatchers.
        self.variants = {}
        self.n_refused = 0
        self.has_run = False

    def prepare(self, *values):
        """The dispatcher for variables with these values, and its arguments."""
        if self.n_refused >= _N_ATTEMPTS:
            return None, ()
        self.n_refused += 1
        bound = [(name, value) for name, value in zip(self.inputs, values) if value is not UNBOUND]
        constants = []
        for name in self.global_names:
            value = self.function.__globals__.get(name, UNBOUND)
            if isinstance(value, _VALUES):
                bound.append((name, value))
            else:
                constants.append(value)
        # An inner loop would convert containers anew in each turn of the outer one.
        if self.is_inner and any(isinstance(value, _CONTAINERS) for _, value in bound):
            return None, ()
        names = tuple(name for name, _ in bound)
        key = names, tuple(map(id, constants))
        known = self.variants.get(key)
        if known is None:
            # The constants are kept so that their ids stay theirs.
            known = self.variants[key] = self._make(names), constants
        return known[0], [value for _, value in bound]

    def worked(self):
        self.n_refused = 0
        self.has_run = True

    def _make(self, params):
        """The dispatcher of a function with these parameters that gives the outputs: those that are not `plain` as
        whether they have a value, and the value."""
        function = self.function
        node = self.node
        first = self.lines[node.lineno - 1]
        indent = first[: len(first) - len(first.lstrip())]
        epilogue, results = [], []
        for name in self.outputs:
            if name in self.plain:
                results.append(f"{name}, ")
            elif name in params:
                results.append(f"(True, {name}), ")
            else:
                epilogue += [
                    f"rumba_has_{name} = False",
                    f"rumba_{name} = None",
                    "try:",
                    f" rumba_{name} = {name}",
                    f" rumba_has_{name} = True",
                    "except UnboundLocalError:",
                    " pass",
                ]
                results.append(f"(rumba_has_{name}, rumba_{name}), ")
        epilogue.append(f"return ({''.join(results)})")
        name = function.__name__
        # The compiler reads text, so text it is. Its lines are where the user has them.
        text = "".join(
            [
                "\n" * (node.lineno - 2),
                f"def {name}({', '.join(params)}):\n",
                *self.lines[node.lineno - 1 : node.end_lineno],
                *(f"\n{indent}{line}" for line in epilogue),
            ]
        )
        namespace = {}
        exec(compile(text, function.__code__.co_filename, "exec", dont_inherit=True), function.__globals__, namespace)
        made = namespace[name]
        made.__qualname__ = function.__qualname__
        made.__code__ = made.__code__.replace(co_qualname=function.__qualname__)
        made._rumba_text = text
        options = self.options
        if "locals" in options:
            known = {*params, *Names(node).stores}
            options = {**options, "locals": {name: ty for name, ty in options["locals"].items() if name in known}}
        return _core.make_dispatcher(made, options, self.releases_lock)


def _lift(function, options, releases_lock):
    """The function with its loops behind attempts, and these loops; itself where none can be."""
    nothing = function, ()
    code = function.__code__
    if code.co_flags & _NOT_PLAIN or _REFLECTIVE.intersection(code.co_names) or not function.__name__.isidentifier():
        return nothing
    lines = linecache.getlines(code.co_filename, function.__globals__)
    text = "".join(lines)
    try:
        node = _definition(ast.parse(text), code) if _contains(text, code) else None
    except (SyntaxError, ValueError, RecursionError):
        return nothing
    if node is None or _has_private_names(node, code):
        return nothing
    lifter = _Lifter(function, options, releases_lock, lines, node)
    node.body = lifter.statements(node.body, False)
    if not lifter.loops:
        return nothing
    bound = {".run": _core.run_loop, ".refused": NotImplemented, ".unbound": UNBOUND, ".NameError": NameError}
    bound.update((f".loop{idx}", loop) for idx, loop in enumerate(lifter.loops))
    made_code = _compiled(node, code, bound)
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    closure = tuple(
        cells[name] if name in cells else python_types.CellType(bound[name]) for name in made_code.co_freevars
    )
    made = python_types.FunctionType(made_code, function.__globals__, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__qualname__ = function.__qualname__
    made.__module__ = function.__module__
    made.__dict__.update(function.__dict__)
    return made, tuple(lifter.loops)


def _definition(tree, code):
    """The definition that a code object was made of, without what runs where it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first_line = node.decorator_list[0].lineno if node.decorator_list else node.lineno
            if first_line == code.co_firstlineno:
                break
    else:
        return None
    args = node.args
    nothing = ast.copy_location(ast.Constant(None), node)
    args.defaults = [nothing] * len(args.defaults)
    args.kw_defaults = [default and nothing for default in args.kw_defaults]
    for arg in ast.walk(args):
        if isinstance(arg, ast.arg):
            arg.annotation = None
    node.returns = None
    node.decorator_list = []
    return node


def _compiled(node, code, bound):
    """The code object of a definition that sees the variables of `code`, and others."""
    tree = ast.parse("def make():\n pass")
    make = tree.body[0]
    names = [*code.co_freevars, *bound]
    make.body = [
        *(ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)) for name in names),
        node,
    ]
    for statement in make.body[:-1]:
        ast.copy_location(statement, node)
        ast.fix_missing_locations(statement)
    module = compile(tree, code.co_filename, "exec", flags=code.co_flags & _FUTURE_FLAGS, dont_inherit=True)
    made = _inner_code(_inner_code(module, "make"), node.name)
    return made.replace(co_qualname=code.co_qualname)


def _inner_code(code, name):
    return next(const for const in code.co_consts if isinstance(const, type(code)) and const.co_name == name)


def _contains(text, code):
    """Whether the text is what runs: the file may have changed since."""
    rest = [compile(text, code.co_filename, "exec", flags=code.co_flags & _FUTURE_FLAGS, dont_inherit=True)]
    while rest:
        candidate = rest.pop()
        if candidate == code:
            return True
        rest += [const for const in candidate.co_consts if isinstance(const, type(code))]
    return False


def _has_private_names(node, code):
    """Whether names are others in the class that the function is in: `self.__value`."""
    made = _compiled(node, code, ())
    return (made.co_names, made.co_varnames, made.co_freevars) != (code.co_names, code.co_varnames, code.co_freevars)


class _Lifter:
    """Puts the loops of a function behind attempts."""

    def __init__(self, function, options, releases_lock, lines, node):
        self.function = function
        self.options = options
        self.releases_lock = releases_lock
        self.lines = lines
        self.liveness = Liveness(node.body)
        names = Names(*node.body)
        self.captured = names.captured
        code = function.__code__
        # Other variables may have no value yet, and one that is deleted has none any more.
        params = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        deleted = {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Del)}
        handled = {handler.name for handler in ast.walk(node) if isinstance(handler, ast.ExceptHandler)}
        self.always_bound = {*params} - deleted - handled
        #: Variables of a function around this one are bound for that one.
        self.own_variables = {*code.co_varnames, *code.co_cellvars}
        self.variables = {*self.own_variables, *code.co_freevars}
        self.loops = []

    def statements(self, statements, is_inner):
        return [made for statement in statements for made in self.statement(statement, is_inner)]

    def statement(self, node, is_inner):
        match node:
            case ast.For() | ast.While():
                return self.loop(node, is_inner)
            case ast.If() | ast.With():
                self.blocks(node, is_inner)
            case ast.Try() | ast.TryStar():
                self.blocks(node, is_inner)
                for handler in node.handlers:
                    self.blocks(handler, is_inner)
            case ast.Match():
                for case in node.cases:
                    self.blocks(case, is_inner)
        return [node]

    def blocks(self, node, is_inner):
        for block in ("body", "orelse", "finalbody"):
            if hasattr(node, block):
                setattr(node, block, self.statements(getattr(node, block), is_inner))

    def loop(self, node, is_inner):
        names = Names(node)
        after = self.liveness.after[node]
        outputs = sorted(names.stores & after)
        inputs = self.liveness.at_entry(node, outputs) & (names.loads | names.stores)
        is_liftable = (
            not any(isinstance(part, _NOT_IN_LOOPS) or _is_deletion(part) for part in ast.walk(node))
            and not _leaves(node.orelse)
            and not names.stores & (self.captured | self.liveness.on_exception[node])
            and names.stores <= self.own_variables
        )
        if not is_liftable:
            self.blocks(node, True)
            return [node]
        # Their order does not matter, but it has to be one.
        inputs = sorted(inputs & self.variables)
        plain = self.always_bound.intersection(inputs, outputs)
        made = self.attempt(len(self.loops), inputs, outputs, plain)
        self.loops.append(
            Loop(
                self.function, self.options, self.releases_lock, self.lines, node, inputs, outputs, plain, is_inner
            )
        )
        for statement in made:
            for part in ast.walk(statement):
                if "lineno" not in part._attributes:
                    continue
                part.lineno = part.end_lineno = node.lineno
                part.col_offset = node.col_offset
                part.end_col_offset = len(self.lines[node.lineno - 1].rstrip().encode())
        shown = ast.copy_location(type(node)(**dict(ast.iter_fields(node))), node)
        self.blocks(shown, True)
        made[-1].body = [shown]
        return made

    def attempt(self, idx, inputs, outputs, plain):
        """The statements that try to run a loop's function; the last one is an `if` whose body is to be the loop."""
        made, values = [], []
        for position, name in enumerate(inputs):
            if name in self.always_bound:
                values.append(_load(name))
                continue
            temporary = f".value{position}"
            values.append(_load(temporary))
            unbound = ast.ExceptHandler(_load(".NameError"), None, [_assign(temporary, _load(".unbound"))])
            made.append(ast.Try([_assign(temporary, _load(name))], [unbound], [], []))
        prepare = ast.Call(ast.Attribute(_load(f".loop{idx}"), "prepare", ast.Load()), values, [])
        run = ast.Call(_load(".run"), [ast.Starred(prepare, ast.Load())], [])
        made.append(_assign(".out", run))
        # Nothing is kept alive for longer than the loop would keep it.
        made += [_assign(value.id, ast.Constant(None)) for value in values if value.id.startswith(".")]
        worked = ast.Expr(ast.Call(ast.Attribute(_load(f".loop{idx}"), "worked", ast.Load()), [], []))
        then = [worked]
        for position, name in enumerate(outputs):
            value = ast.Subscript(_load(".out"), ast.Constant(position), ast.Load())
            if name in plain:
                then.append(_assign(name, value))
                continue
            has_value, value = (ast.Subscript(value, ast.Constant(part), ast.Load()) for part in (0, 1))
            then.append(ast.If(has_value, [_assign(name, value)], []))
        then.append(_assign(".out", ast.Constant(None)))
        is_refused = ast.Compare(_load(".out"), [ast.Is()], [_load(".refused")])
        made.append(ast.If(is_refused, [], then))
        return made


def _is_deletion(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del)


def _leaves(statements):
    """Whether a `break` or `continue` in these statements is one of a loop around them."""
    for node in statements:
        if isinstance(node, (ast.Break, ast.Continue)):
            return True
        inner = [*getattr(node, "orelse", ())]
        if not isinstance(node, (ast.For, ast.While)):
            for block in (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                inner += [*getattr(block, "body", ()), *getattr(block, "finalbody", ())]
        if _leaves(inner):
            return True
    return False


def _load(name):
    return ast.Name(name, ast.Load())


def _assign(name, value):
    return ast.Assign([ast.Name(name, ast.Store())], value)
