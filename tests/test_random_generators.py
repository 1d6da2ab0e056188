"""Random generators and random loops over them do the same compiled as interpreted.

Most of them are unfolded into the loops that consume them.
"""

import random

import pytest
from differential import compiled
from random_programs import define
from rumba import njit

MAX_DEPTH = 2


class Writer:
    """Writes the text of generators `g0`, `g1` … and of a function `f(n, m)` that consumes them."""

    def __init__(self, choices):
        self.choices = choices
        self.lines = []
        self.n_names = 0

    def line(self, indent, text):
        self.lines.append("    " * indent + text)

    def one_of(self, *alternatives):
        return self.choices.choice(alternatives)

    def is_likely(self, probability):
        return self.choices.random() < probability

    def name(self, prefix):
        self.n_names += 1
        return f"{prefix}{self.n_names}"

    def expression(self, names, depth=0):
        if depth > 2 or self.is_likely(0.5):
            return self.one_of(*names, "-2", "1", "5")
        lhs, rhs = (self.expression(names, depth + 1) for _ in range(2))
        return f"({lhs} {self.one_of('+', '-', '*')} {rhs}) % 97"

    def condition(self, names):
        return f"{self.expression(names)} {self.one_of('<', '>', '==', '!=')} {self.one_of(*names, '3')}"

    def generator_body(self, names, indent, in_loop):
        depth = indent - 1
        for _ in range(self.choices.randint(1, 3)):
            kinds = ["yield", "yield", "assign", "return", "raise"]
            kinds += ["if", "for"] if depth < MAX_DEPTH else []
            kinds += ["leave"] if in_loop else []
            match self.one_of(*kinds):
                case "yield":
                    self.line(indent, f"yield {self.expression(names)}")
                case "assign":
                    self.line(indent, f"{self.one_of('a', 'b')} = {self.expression(names)}")
                case "if":
                    self.line(indent, f"if {self.condition(names)}:")
                    self.generator_body(names, indent + 1, in_loop)
                    if self.is_likely(0.5):
                        self.line(indent, "else:")
                        self.generator_body(names, indent + 1, in_loop)
                case "for":
                    counter = self.name("i")
                    self.line(indent, f"for {counter} in range({self.choices.randint(0, 4)}):")
                    self.generator_body([*names, counter], indent + 1, True)
                case "leave":
                    self.line(indent, f"if {self.condition(names)}: {self.one_of('break', 'continue')}")
                case "return":
                    self.line(indent, f"if {self.condition(names)}: return")
                case "raise":
                    self.line(indent, f"if {self.condition(names)}: raise ValueError({self.one_of(*names)})")

    def generator(self, name, others):
        self.line(0, f"def {name}(n):")
        self.line(1, "a, b = n, 1")
        self.generator_body(["a", "b", "n"], 1, False)
        if others and self.is_likely(0.5):
            self.line(1, f"for item in {self.one_of(*others)}(a):")
            self.line(2, "yield item + b")
        # So that it is a generator in any case.
        self.line(1, "yield b")

    def consumer_body(self, generators, names, indent, in_loop):
        depth = indent - 1
        for _ in range(self.choices.randint(1, 3)):
            kinds = ["add", "assign"]
            kinds += ["for", "for", "if", "try"] if depth <= MAX_DEPTH else []
            kinds += ["leave"] if in_loop else []
            match self.one_of(*kinds):
                case "add":
                    self.line(indent, f"t = ({self.expression(names)} + t * 3) % 1009")
                case "assign":
                    self.line(indent, f"u = {self.expression(names)}")
                case "for":
                    item = self.name("x")
                    self.line(indent, f"for {item} in {self.one_of(*generators)}({self.expression(names)}):")
                    self.consumer_body(generators, [*names, item], indent + 1, True)
                case "if":
                    self.line(indent, f"if {self.condition(names)}:")
                    self.consumer_body(generators, names, indent + 1, in_loop)
                case "try":
                    self.line(indent, "try:")
                    self.consumer_body(generators, names, indent + 1, in_loop)
                    self.line(indent, "except ValueError:")
                    self.line(indent + 1, "t += 11")
                case "leave":
                    self.line(indent, f"if {self.condition(names)}: {self.one_of('break', 'continue')}")

    def program(self):
        generators = []
        for position in range(self.choices.randint(1, 3)):
            self.generator(f"g{position}", generators)
            generators.append(f"g{position}")
        self.line(0, "def f(n, m):")
        self.line(1, "t, u = 0, m")
        self.consumer_body(generators, ["t", "u", "n", "m"], 1, False)
        self.line(1, "return t, u")
        return "\n".join(self.lines) + "\n"


def outcome(function, args):
    try:
        return function(*args)
    except ValueError as error:
        return "ValueError", error.args


@pytest.mark.parametrize("seed", range(60))
def test_random_generators(seed):
    text = Writer(random.Random(seed)).program()
    interpreted = define(text, f"<reference of generators {seed}>")
    consumer = define(text.replace("def g", "@njit\ndef g"), f"<random generators {seed}>", njit=njit)["f"]
    for args in ((0, 1), (3, 2), (7, -4)):
        expected = outcome(interpreted["f"], args)
        assert outcome(compiled(consumer), args) == expected, f"{args}\n{text}"
