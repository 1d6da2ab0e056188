"""Which variables are still wanted where, in a function of Python.

Used to make functions of loops: what a loop is given and what it gives back are the variables that are live at its
beginning and at its end. Everything errs on the side of more.
"""

import ast
from typing import NamedTuple


class Names(ast.NodeVisitor):
    """The names that a piece of a function reads and binds, and those that its inner functions can see."""

    def __init__(self, *nodes):
        self.loads = set()
        self.stores = set()
        self.captured = set()
        #: Bound by `:=`, which comprehensions do for the function around them.
        self._assigned = set()
        for node in nodes:
            self.visit(node)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load):
            self.loads.add(node.id)
        else:
            self.stores.add(node.id)
        if isinstance(node.ctx, ast.Del):
            self.loads.add(node.id)

    def visit_AugAssign(self, node):
        if isinstance(node.target, ast.Name):
            self.loads.add(node.target.id)
        self.generic_visit(node)

    def visit_NamedExpr(self, node):
        self._assigned.add(node.target.id)
        self.generic_visit(node)

    def _visit_comprehension(self, node):
        inner = Names(*ast.iter_child_nodes(node))
        targets = Names(*(generator.target for generator in node.generators)).stores
        self.loads |= inner.loads - targets
        self.captured |= inner.captured
        self.stores |= inner._assigned
        self._assigned |= inner._assigned
        return inner

    visit_ListComp = visit_SetComp = visit_DictComp = _visit_comprehension

    def visit_GeneratorExp(self, node):
        # It may run later.
        inner = self._visit_comprehension(node)
        self.captured |= inner.loads | inner.stores

    def _visit_scope(self, node):
        inner = Names(*ast.iter_child_nodes(node))
        self.loads |= inner.loads
        self.captured |= inner.captured | inner.loads | inner.stores
        if not isinstance(node, ast.Lambda):
            self.stores.add(node.name)

    visit_Lambda = visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _visit_scope

    def _visit_named(self, node):
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self.stores.add(name)
        self.generic_visit(node)

    visit_ExceptHandler = visit_MatchAs = visit_MatchStar = visit_MatchMapping = _visit_named

    def visit_alias(self, node):
        self.stores.add(node.asname or node.name.partition(".")[0])


class _Exits(NamedTuple):
    """What is wanted where control may go from a place, but for the next statement."""

    on_exception: frozenset = frozenset()
    on_break: frozenset = frozenset()
    on_continue: frozenset = frozenset()
    on_return: frozenset = frozenset()

    def through(self, names):
        """With code in between that wants these names and does not end there."""
        return _Exits(*(exit | names for exit in self))


class Liveness:
    """For each loop of a function's body: the names that are wanted behind it, and where it raises."""

    def __init__(self, body):
        self.after = {}
        self.on_exception = {}
        self._block(body, frozenset(), _Exits())

    def at_entry(self, loop, after):
        """What is wanted at the beginning of a loop, if `after` is wanted behind it."""
        return self._loop(loop, frozenset(after), _Exits())

    def _block(self, statements, after, exits):
        for statement in reversed(statements):
            after = self._statement(statement, after, exits)
        return after

    def _statement(self, node, after, exits):
        match node:
            case ast.For() | ast.AsyncFor() | ast.While():
                self.after[node] = self.after.get(node, frozenset()) | after
                self.on_exception[node] = self.on_exception.get(node, frozenset()) | exits.on_exception
                return self._loop(node, after, exits)
            case ast.If():
                branches = self._block(node.body, after, exits) | self._block(node.orelse, after, exits)
                return branches | Names(node.test).loads | exits.on_exception
            case ast.With() | ast.AsyncWith():
                # What is raised in the block may end there.
                inner = exits._replace(on_exception=exits.on_exception | after)
                return self._block(node.body, after, inner) | Names(*node.items).loads | inner.on_exception
            case ast.Try() | ast.TryStar():
                return self._try(node, after, exits)
            case ast.Match():
                wanted = after | Names(node.subject).loads | exits.on_exception
                for case in node.cases:
                    wanted |= Names(case.pattern).loads | self._block(case.body, after, exits)
                    wanted |= Names(case.guard).loads if case.guard is not None else frozenset()
                return wanted
            case ast.Break():
                return exits.on_break
            case ast.Continue():
                return exits.on_continue
            case ast.Return():
                return exits.on_return | exits.on_exception | Names(node).loads
            case ast.Raise():
                return exits.on_exception | Names(node).loads
            case ast.Assign(targets=[ast.Name(name)]):
                return (after - {name}) | Names(node.value).loads | exits.on_exception
            case _:
                return after | Names(node).loads | exits.on_exception

    def _loop(self, node, after, exits):
        is_while = isinstance(node, ast.While)
        bound = frozenset() if is_while else _plain_targets(node.target)
        head = self._block(node.orelse, after, exits) | exits.on_exception
        head |= Names(node.test).loads if is_while else Names(node.target).loads
        while True:
            inner = exits._replace(on_break=after, on_continue=head)
            again = head | (self._block(node.body, head, inner) - bound)
            if again == head:
                return head if is_while else head | Names(node.iter).loads
            head = again

    def _try(self, node, after, exits):
        # Through `finally` everything goes, whatever the way.
        final = self._block(node.finalbody, after.union(*exits), exits) if node.finalbody else frozenset()
        behind = final or after
        outer = exits.through(final)
        handlers = outer.on_exception
        for handler in node.handlers:
            handlers |= self._block(handler.body, behind, outer)
            handlers |= Names(handler.type).loads if handler.type is not None else frozenset()
        orelse = self._block(node.orelse, behind, outer)
        return self._block(node.body, orelse, outer._replace(on_exception=handlers)) | handlers


def _plain_targets(target):
    """The names that the target of a `for` binds in any case."""
    match target:
        case ast.Name(name):
            return frozenset([name])
        case ast.Tuple(elements) | ast.List(elements):
            return frozenset().union(*map(_plain_targets, elements))
        case _:
            return frozenset()
