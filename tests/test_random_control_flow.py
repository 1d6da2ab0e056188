"""Random nests of loops, `try`, `with` and `return`, as functions and as generators, take the same way compiled as interpreted.

What a program does is a list of numbers, one for each place that it has come by.
"""

import random
from contextlib import contextmanager, suppress

import pytest
from random_programs import define
from rumba import njit

#: What is in a `finally` is compiled once for each way that leads through it.
MAX_PLACES = 25

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

CLASSES = ("ValueError", "KeyError", "ZeroDivisionError", "LookupError", "Exception")


@contextmanager
def scope(log, number):
    log.append(number)
    try:
        yield number
    except KeyError:
        log.append(number + 1000)
    finally:
        log.append(-number)


@contextmanager
def plain(log, number):
    log.append(number)
    yield
    log.append(-number)


class Writer:
    def __init__(self, choices, is_generator):
        self.random = choices
        self.is_generator = is_generator
        self.lines = []
        self.depth = 0
        self.n_places = 0
        self.n_loops = 0
        #: Of the loops around, how many may be left from here.
        self.loops = 0

    def emit(self, line):
        self.lines.append("    " * self.depth + line)

    def place(self):
        self.n_places += 1
        return self.n_places

    def condition(self):
        return self.random.choice(("n & 1", "n & 2", "n & 4", "len(log) % 2", "(len(log) + n) % 3 == 0", "len(log) > 6"))

    def block(self, n_statements=None):
        self.depth += 1
        self.emit(f"log.append({self.place()})")
        for _ in range(self.random.randrange(1, 3) if n_statements is None else n_statements):
            self.statement()
        self.depth -= 1

    def only_if(self, statement):
        self.emit(f"if {self.condition()}:")
        self.depth += 1
        self.emit(statement)
        self.depth -= 1

    def statement(self):
        kind = self.random.randrange(16)
        if self.depth > 4 or self.n_places > MAX_PLACES:
            kind %= 7
        match kind:
            case 0:
                self.only_if(f"return {self.place()}")
            case 1:
                self.only_if(f"raise {self.random.choice(CLASSES[:3])}({self.place()})")
            case 2 | 3 if self.loops:
                self.only_if(self.random.choice(("break", "continue")))
            case 4:
                self.emit(f"log.append({self.place()} // (n % 3))")
            case 5 | 6 if self.is_generator:
                self.emit(f"yield {self.place()}")
            case 7 | 8:
                self.emit(f"if {self.condition()}:")
                self.block()
            case 9 | 10:
                self.loop()
            case 11:
                manager = self.random.choice(("scope", "plain"))
                self.emit(f"with {manager}(log, {self.place()}):")
                self.block()
            case 12:
                self.emit(f"with suppress({self.random.choice(CLASSES)}), plain(log, {self.place()}):")
                self.block()
            case 13 | 14 | 15:
                self.try_()
            case _:
                self.emit(f"log.append({self.place()})")

    def loop(self):
        self.n_loops += 1
        name = f"k{self.n_loops}"
        if self.random.randrange(2):
            self.emit(f"for {name} in range({self.random.randrange(1, 4)}):")
            self.loops += 1
            self.block()
        else:
            self.emit(f"{name} = {self.random.randrange(1, 4)}")
            self.emit(f"while {name} > 0:")
            self.loops += 1
            self.emit(f"    {name} -= 1")
            self.block()
        self.loops -= 1
        if self.random.randrange(3) == 0:
            self.emit("else:")
            self.block(1)

    def try_(self):
        self.emit("try:")
        self.block()
        n_clauses = self.random.randrange(3)
        for _ in range(n_clauses):
            self.emit(f"except {self.random.choice(CLASSES)}{self.random.choice(('', ' as e'))}:")
            self.block()
            if self.random.randrange(4) == 0:
                self.emit("    raise")
        if n_clauses and self.random.randrange(3) == 0:
            self.emit("else:")
            self.block(1)
        if not n_clauses or self.random.randrange(2):
            self.emit("finally:")
            self.block()

    def program(self):
        self.emit("def f(n, log):")
        self.block(4)
        if self.is_generator:
            self.emit("    yield 0")
        self.emit("    return -1")
        return "\n".join(self.lines) + "\n"


DRIVER = """
def run(n, log):
    return f(n, log)
"""

#: What the body of the loop does decides how the generator is left.
GENERATOR_DRIVER = """
def run(n, log):
    total = 0
    for item in f(n, log):
        log.append(item)
        total += item
        if n == 3 and len(log) > 9:
            break
        if n == 5 and len(log) > 12:
            raise IndexError(total)
    log.append(5000)
    generator = f(n + 1, log)
    try:
        log.append(next(generator))
        log.append(next(generator))
        log.append(generator.throw(KeyError(n)))
        generator.close()
    except StopIteration:
        log.append(6000)
    except (KeyError, RuntimeError):
        log.append(7000)
    return total
"""


def outcome(run, n):
    log = [0]
    try:
        return run(n, log), log
    except Exception as error:
        return type(error), error.args, log


@pytest.mark.parametrize("is_generator", [False, True], ids=["function", "generator"])
@pytest.mark.parametrize("seed", range(30))
def test_random_control_flow(seed, is_generator):
    text = Writer(random.Random(f"{seed} {is_generator}"), is_generator).program() + (GENERATOR_DRIVER if is_generator else DRIVER)
    names = {"scope": scope, "plain": plain, "suppress": suppress}
    interpreted = define(text, f"<reference {seed} {is_generator}>", **names)
    jitted = text.replace("def ", "@njit\ndef ")
    compiled = define(jitted, f"<control flow {seed} {is_generator}>", njit=njit, **names)
    for n in range(8):
        expected, actual = (outcome(namespace["run"], n) for namespace in (interpreted, compiled))
        assert actual == expected, f"{actual}, expected {expected}\n{n}\n{text}"
