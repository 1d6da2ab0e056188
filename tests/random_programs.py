"""Writes random programs for test_random_programs.py: two functions, of which the second calls the first.

A program is written twice from the same random choices. One text is what a user would write; the other, for the
interpreter, spells out the three places where compiled code means to differ from Python: integers wrap at 64 bits
(`W`), what is read from an array is a Python number (`P`, `I`), and `int` of a float that does not fit is an error
(`T`). Every variable has one type, so that nothing depends on how types are joined.
"""

import linecache
import math

import numpy as np

INT, FLOAT, BOOL, PAIR, INTS, FLOATS = "int", "float", "bool", "pair", "ints", "floats"

#: Types of variables, each twice.
VARIABLES = {f"{ty[0] if ty not in (INTS, FLOATS) else ty[0].upper()}{n}": ty for ty in (INT, FLOAT, BOOL, PAIR, INTS, FLOATS) for n in (0, 1)}

#: Small ones: like Python's compiler, Rumba computes with constants at full size, so they must not wrap.
INT_LITERALS = ["0", "1", "-1", "2", "3", "7", "-5", "100", "2**31 - 1"]
FLOAT_LITERALS = ["0.0", "-0.0", "1.0", "0.5", "-2.5", "1e10", "1e308", "3.7"]


def W(value):
    return (value + 2**63) % 2**64 - 2**63


def P(value):
    return value.item()


def I(array):  # noqa: E743
    for position in range(len(array)):
        yield array[position].item()


def T(value):
    result = int(value)
    if not -(2**63) <= result < 2**63:
        raise OverflowError("does not fit")
    return result


class Writer:
    """Makes the choices. Texts carry the marks `W(`…; `text_for_compiler` writes them away."""

    def __init__(self, random):
        self.random = random
        self.lines = []
        self.n_loops = 0
        self.depth = 0
        self.in_loop = 0
        self.callee = None

    def pick(self, *options):
        return self.random.choice(options)

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def name(self, ty):
        return self.pick(*(name for name, its in VARIABLES.items() if its == ty))

    # Expressions ------------------------------------------------------------------------------

    def expression(self, ty, depth=2):
        return getattr(self, "a_" + ty)(depth)

    def a_int(self, depth):
        if depth == 0 or self.chance(25):
            return self.pick(self.name(INT), self.name(INT), f"({self.pick(*INT_LITERALS)})")
        e = lambda ty=INT: self.expression(ty, depth - 1)  # noqa: E731
        match self.random.randrange(19):
            case 0 | 1 | 2:
                return f"W({e()} {self.pick('+', '-', '*')} {e()})"
            case 3:
                return f"W({e()} {self.pick('//', '%')} {e()})"
            case 4:
                return f"({e()} {self.pick('&', '|', '^')} {e()})"
            case 5:
                return f"W({e()} {self.pick('<<', '>>')} ({e()} & 31))"
            case 6:
                return f"W({self.pick('-', '~', '+')}{e()})"
            case 7:
                return f"({e()} if {e(BOOL)} else {e()})"
            case 8:
                return f"({e()} {self.pick('and', 'or')} {e()})"
            case 9:
                return f"W(abs({e()}))"
            case 10:
                return f"{self.pick('min', 'max')}({e()}, {e()})"
            case 11:
                return f"T({e(FLOAT)})"
            case 12:
                return f"P({self.name(INTS)}[{self.index()}])"
            case 13:
                return f"len({self.name(self.pick(INTS, FLOATS))})"
            case 14:
                return f"{self.name(PAIR)}[0]"
            case 15:
                return f"int({e(BOOL)})"
            case 16:
                return f"W(divmod({e()}, {e()})[{self.pick(0, 1)}])"
            case 17:
                return f"W({e(BOOL)} + {e()})"
            case _:
                return self.call() or f"W({e()} ** {self.pick(0, 1, 2, 3)})"

    def a_float(self, depth):
        if depth == 0 or self.chance(25):
            return self.pick(self.name(FLOAT), self.name(FLOAT), f"({self.pick(*FLOAT_LITERALS)})")
        e = lambda ty=FLOAT: self.expression(ty, depth - 1)  # noqa: E731
        match self.random.randrange(14):
            case 0 | 1:
                return f"({e()} {self.pick('+', '-', '*')} {e()})"
            case 2:
                return f"({e()} {self.pick('/', '//', '%')} {e()})"
            case 3:
                return f"({e()} {self.pick('+', '-', '*')} {e(INT)})"
            case 4:
                return f"float({e(self.pick(INT, BOOL))})"
            case 5:
                return f"({e()} if {e(BOOL)} else {e()})"
            case 6:
                return f"({e()} {self.pick('and', 'or')} {e()})"
            case 7:
                return f"{self.pick('abs', '-', '+')}({e()})"
            case 8:
                return f"{self.pick('min', 'max')}({e()}, {e()})"
            case 9:
                return f"P({self.name(FLOATS)}[{self.index()}])"
            case 10:
                return f"{self.name(PAIR)}[1]"
            case 11:
                return f"divmod({e()}, {e()})[{self.pick(0, 1)}]"
            case 12:
                return f"round({e()}, {self.pick(0, 1, 2)})"
            case _:
                return f"({e(INT)} / {self.pick('2', '8', self.name(FLOAT))})"

    def a_bool(self, depth):
        if depth == 0 or self.chance(15):
            return self.pick(self.name(BOOL), "True", "False")
        e = lambda ty=BOOL: self.expression(ty, depth - 1)  # noqa: E731
        ty = self.pick(INT, FLOAT)
        compare = ("<", "<=", ">", ">=", "==", "!=")
        match self.random.randrange(9):
            case 0 | 1 | 2:
                return f"({e(ty)} {self.pick(*compare)} {e(ty)})"
            case 3:
                return f"({e(ty)} {self.pick(*compare)} {e(ty)} {self.pick(*compare)} {e(ty)})"
            case 4:
                return f"(not {e(self.pick(INT, FLOAT, BOOL))})"
            case 5:
                return f"({e()} {self.pick('and', 'or', '&', '|', '^', '==', '!=')} {e()})"
            case 6:
                return f"bool({e(ty)})"
            case 7:
                return f"({e(INT)} in ({e(INT)}, {e(INT)}))"
            case _:
                return f"({e(PAIR)} {self.pick(*compare)} {e(PAIR)})"

    def a_pair(self, depth):
        if depth == 0 or self.chance(40):
            return self.name(PAIR)
        if self.chance(20):
            return f"({self.a_pair(depth - 1)} if {self.a_bool(depth - 1)} else {self.a_pair(depth - 1)})"
        return f"({self.a_int(depth - 1)}, {self.a_float(depth - 1)})"

    def an_array(self, ty):
        name = self.name(ty)
        match self.random.randrange(6):
            case 0:
                return f"np.{self.pick('zeros', 'ones')}({self.a_int(1)} % 5, np.{'int64' if ty == INTS else 'float64'})"
            case 1 | 2:
                bound = lambda: self.pick("", str(self.random.randrange(-5, 6)), f"{self.name(INT)}")  # noqa: E731
                step = self.pick("", ":2", ":-1", ":-2")
                return f"{name}[{bound()}:{bound()}{step}]"
            case 3:
                return f"{name}.copy()"
            case 4:
                return f"({self.name(ty)} if {self.a_bool(1)} else {self.name(ty)})"
            case _:
                return name

    def index(self):
        return self.pick(str(self.random.randrange(-4, 4)), self.name(INT), f"{self.name(INT)} % 4")

    def call(self):
        if self.callee is None or self.in_loop > 1:
            return None
        return f"{self.callee}({self.name(INT)}, {self.name(FLOAT)}, {self.name(INTS)}, {self.name(FLOATS)})"

    # Statements -------------------------------------------------------------------------------

    def emit(self, line):
        self.lines.append("    " * (self.depth + 1) + line)

    def block(self, n_statements):
        self.depth += 1
        for _ in range(n_statements):
            self.statement()
        self.depth -= 1

    def statement(self):
        kind = self.random.randrange(29)
        if self.depth >= 3:
            kind %= 9
        ty = self.pick(INT, FLOAT, BOOL, PAIR)
        match kind:
            case 0 | 1 | 2:
                self.emit(f"{self.name(ty)} = {self.expression(ty)}")
            case 3:
                self.augmented()
            case 4 | 5:
                array, element = self.pick((INTS, INT), (FLOATS, FLOAT))
                operator = self.pick("=", "+=", "-=", "*=") if element == FLOAT else "="
                self.emit(f"{self.name(array)}[{self.index()}] {operator} {self.expression(element)}")
            case 6:
                array = self.pick(INTS, FLOATS)
                self.emit(f"{self.name(array)} = {self.an_array(array)}")
            case 7:
                self.emit(f"{self.name(INT)}, {self.name(FLOAT)} = {self.expression(PAIR)}")
            case 8:
                if self.in_loop and self.chance(50):
                    self.emit(f"if {self.expression(BOOL)}:")
                    self.depth += 1
                    self.emit(self.pick("break", "continue"))
                    self.depth -= 1
                else:
                    name = self.pick("i", "f", "b")
                    self.emit(f"{name}0, {name}1 = {name}1, {name}0")
            case 9 | 10 | 11 | 12:
                self.emit(f"if {self.expression(BOOL)}:")
                self.block(self.random.randrange(1, 3))
                if self.chance(30):
                    self.emit(f"elif {self.expression(BOOL)}:")
                    self.block(1)
                if self.chance(50):
                    self.emit("else:")
                    self.block(self.random.randrange(1, 3))
            case 13 | 14 | 15 | 16:
                self.loop()
            case 17:
                self.emit(f"if {self.expression(BOOL)}:")
                self.depth += 1
                self.return_()
                self.depth -= 1
            case 18:
                self.emit(f"assert {self.a_int(2)} != 3, {self.name(INT)}")
            case 19:
                self.emit(f"if {self.expression(BOOL)}:")
                self.depth += 1
                self.emit(self.pick("raise ValueError", f"raise KeyError({self.name(INT)}, 'text')"))
                self.depth -= 1
            case 20:
                self.emit(f"if (i1 := {self.a_int(1)}) > {self.a_int(1)}:")
                self.block(1)
            case 21 | 22:
                self.inner_function()
            case 24 | 25 | 26 | 27 | 28:
                self.try_()
            case _:
                self.emit(f"match {self.expression(INT)}:")
                self.depth += 1
                self.emit(f"case {self.pick('0', '1 | 2', '-1')}:")
                self.block(1)
                self.emit(f"case {self.pick('_', 'i0 if b0', '3')}:")
                self.block(1)
                self.depth -= 1

    def try_(self):
        self.emit("try:")
        self.block(self.random.randrange(1, 4))
        n_clauses = self.random.randrange(3)
        for _ in range(n_clauses):
            classes = ("ZeroDivisionError", "LookupError", "(ValueError, OverflowError)", "(KeyError, AssertionError)", "Exception", "NameError")
            self.emit(f"except {self.pick(*classes)}{self.pick('', ' as e')}:")
            self.block(self.random.randrange(1, 3))
            if self.chance(20):
                self.emit("    raise")
        if n_clauses and self.chance(30):
            self.emit("else:")
            self.block(1)
        if not n_clauses or self.chance(30):
            self.emit("finally:")
            self.block(self.random.randrange(1, 3))

    def augmented(self):
        if self.chance(50):
            name, operator = self.name(INT), self.pick("+", "-", "*", "//", "%", "&", "|", "^")
            # As an assignment for the interpreter, because the result wraps.
            self.emit(f"{name} = W({name} {operator} {self.a_int(2)})  # augmented")
        else:
            self.emit(f"{self.name(FLOAT)} {self.pick('+', '-', '*', '/')}= {self.a_float(2)}")

    def inner_function(self):
        """It sees and binds variables of the function around it, then and, in a loop, whenever it is called again."""
        self.n_loops += 1
        name, ty = f"g{self.n_loops}", self.pick(INT, FLOAT, BOOL, PAIR, INTS, FLOATS)
        self.emit(f"def {name}():")
        self.depth += 1
        if self.chance(60):
            bound = self.name(ty)
            self.emit(f"nonlocal {bound}")
            self.emit(f"{bound} = {self.an_array(ty) if ty in (INTS, FLOATS) else self.expression(ty)}")
        self.emit(f"return {self.a_int(2)}")
        self.depth -= 1
        for _ in range(self.random.randrange(1, 3)):
            self.emit(f"{self.name(INT)} = {name}()")
            self.statement()

    def loop(self):
        if self.in_loop >= 2:
            return self.emit("pass")
        self.n_loops += 1
        counter = f"k{self.n_loops}"
        self.in_loop += 1
        i = self.name(INT)
        match self.random.randrange(8):
            case 0:
                self.emit(f"for {i} in range({self.random.randrange(5)}):")
            case 1:
                self.emit(f"for {i} in range({self.name(INT)} % 5, {self.random.randrange(-3, 6)}, {self.pick(1, 2, -1)}):")
            case 2:
                self.emit(f"for {i} in range(len({self.name(self.pick(INTS, FLOATS))})):")
            case 3:
                self.emit(f"for {i} in I({self.name(INTS)}):")
            case 4:
                self.emit(f"for {i}, {self.name(FLOAT)} in enumerate(I({self.name(FLOATS)})):")
            case 5:
                self.emit(f"for i0, f0 in zip(I({self.name(INTS)}), I({self.name(FLOATS)})):")
            case 6:
                self.emit(f"for {i} in ({self.a_int(1)}, {self.a_int(1)}):")
            case _:
                self.emit(f"{counter} = {self.random.randrange(1, 5)}")
                self.emit(f"while {counter} > 0 and {self.expression(BOOL)}:")
                self.depth += 1
                self.emit(f"{counter} -= 1")
                self.depth -= 1
        self.block(self.random.randrange(1, 4))
        self.in_loop -= 1
        if self.chance(20):
            self.emit("else:")
            self.block(1)

    def return_(self):
        raise NotImplementedError

    def function(self, name, return_, n_statements):
        self.lines = [f"def {name}(i0, f0, I0, F0):"]
        # A function that always raises has no value to compute with.
        self.emit("if i0 == 12345:")
        self.depth += 1
        self.emit("i1, f1, b0, b1, p0, p1, I1, F1 = i0, f0, False, True, (i0, f0), (i0, f0), I0, F0")
        return_()
        self.depth -= 1
        self.return_ = return_
        for name, ty in VARIABLES.items():
            value = {INT: "3", FLOAT: "1.5", BOOL: "False", PAIR: "(i0, f0)", INTS: "I0", FLOATS: "F0"}[ty]
            if name not in ("i0", "f0", "I0", "F0"):
                # Now and then a variable may have no value yet.
                condition = "if len(F0) < 5: " if self.chance(3) else ""
                self.emit(f"{condition}{name} = {value}")
        for _ in range(n_statements):
            self.statement()
        return_()
        return "\n".join(self.lines) + "\n"

    def program(self):
        def return_int():
            self.emit(f"return {self.a_int(1)}")

        def return_all():
            self.emit(f"return {self.a_int(1)}, {self.a_float(1)}, b0, p0, {self.name(INTS)}, {self.name(FLOATS)}")

        first = self.function("first", return_int, 5)
        self.callee = "first"
        return first + "\n" + self.function("second", return_all, 9)


def text_for_compiler(text):
    lines = []
    for line in text.splitlines():
        if line.endswith("# augmented"):
            name, rest = line.split(" = W(", 1)
            _, operator, value = rest.removesuffix(")  # augmented").split(" ", 2)
            line = f"{name} {operator}= {value}"
        for mark in "WPI":
            line = line.replace(f"{mark}(", "(")
        lines.append(line.replace("T(", "int("))
    return "\n".join(lines) + "\n"


def define(text, filename, **names):
    """The namespace after the text ran; functions find their source through `linecache`."""
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    namespace = {"np": np, "math": math, "__name__": "random_program", **names}
    exec(compile(text, filename, "exec"), namespace)
    return namespace
