"""Dicts, lists and text beside Numba's, and text beside the interpreter's; containers of `typed` from the interpreter."""

import importlib
import timeit

from benches.first_call import first_call_ms, new_function
from benches.measure import alternate, repetitions_for, seconds_of
from benches.report import Table

N = 20_000
#: Numba takes seconds for each.
FIRST_REPETITIONS = 3
BAR_FIRST = 15.0
BAR_ACCESS = 100.0

WORDS = [f"word{i * 7919 % 5000}" for i in range(N)]
TEXT = ",".join(WORDS)


def _typed_list(compiler, items):
    typed = importlib.import_module(f"{compiler.__name__}.typed")
    return typed.List(items)


def _counts(compiler, keys):
    typed = importlib.import_module(f"{compiler.__name__}.typed")
    types = compiler.types
    key = types.unicode_type if isinstance(keys[0], str) else types.int64
    counts = typed.Dict.empty(key, types.float64 if key is types.int64 else types.int64)
    for word in keys:
        counts[word] = 1
    return counts


#: By name: the source, its arguments for a compiler, and the most that it may take of Numba's time.
STEADY = {
    "dict int to float, insert": (
        "def function(n):\n    d = {}\n    for i in range(n):\n        d[i * 7] = i * 0.5\n    return len(d)\n",
        lambda compiler: (N,),
        0.5,
    ),
    "dict int to float, look up": (
        "def function(d, n):\n    t = 0.0\n    for i in range(n):\n        t += d[i * 7]\n    return t\n",
        lambda compiler: (_counts(compiler, [i * 7 for i in range(N)]), N),
        0.5,
    ),
    "dict int to float, update": (
        "def function(d, n):\n    for i in range(n):\n        d[i * 7] += 1.0\n",
        lambda compiler: (_counts(compiler, [i * 7 for i in range(N)]), N),
        0.5,
    ),
    "dict str to int, insert": (
        "def function(words):\n    d = {}\n    for w in words:\n        d[w] = 1\n    return len(d)\n",
        lambda compiler: (_typed_list(compiler, WORDS),),
        0.5,
    ),
    "dict str to int, look up": (
        "def function(d, words):\n    t = 0\n    for w in words:\n        t += d[w]\n    return t\n",
        lambda compiler: (_counts(compiler, WORDS), _typed_list(compiler, WORDS)),
        0.5,
    ),
    "dict str to int, update": (
        "def function(d, words):\n    for w in words:\n        d[w] += 1\n",
        lambda compiler: (_counts(compiler, WORDS), _typed_list(compiler, WORDS)),
        0.5,
    ),
    "list append": (
        "def function(n):\n    xs = []\n    for i in range(n):\n        xs.append(i)\n    return len(xs)\n",
        lambda compiler: (N,),
        1.0,
    ),
    "list index": (
        "def function(n):\n"
        "    xs = [i for i in range(n)]\n"
        "    t = 0\n"
        "    for k in range(20):\n"
        "        for i in range(n):\n"
        "            t += xs[i]\n"
        "    return t\n",
        lambda compiler: (N,),
        1.0,
    ),
    "str.split": ("def function(text):\n    return len(text.split(','))\n", lambda compiler: (TEXT,), 0.5),
    "str.join": (
        "def function(words):\n    return len(','.join(words))\n",
        lambda compiler: (_typed_list(compiler, WORDS),),
        0.5,
    ),
    "in": ("def function(text):\n    return 'word4999x' in text\n", lambda compiler: (TEXT,), 0.5),
}

FIRST_CALLS = {
    "a dict": (STEADY["dict str to int, insert"][0], lambda: (("a", "b"),)),
    "str.split": (STEADY["str.split"][0], lambda: (TEXT,)),
}


def _steady(sides):
    table = Table(f"Containers and text, {N:,} items (us)", (*sides, "python"))
    compilers = {side: importlib.import_module(side) for side in sides}
    for name, (source, arguments, bar) in STEADY.items():
        functions, inputs = {}, {}
        for side, compiler in compilers.items():
            functions[side] = compiler.njit(new_function(source))
            inputs[side] = arguments(compiler)
        if name.startswith(("str", "in")):
            functions["python"] = new_function(source)
            inputs["python"] = tuple(a if isinstance(a, str) else list(a) for a in arguments(compilers["rumba"]))
        for side, function in functions.items():
            function(*inputs[side])
        once = max(seconds_of(function, *inputs[side]) for side, function in functions.items())
        actions = {
            side: lambda side=side, function=function: seconds_of(function, *inputs[side]) * 1e6
            for side, function in functions.items()
        }
        table.row(name, alternate(actions, repetitions_for(once * 2, budget=0.5)), unit="us", bar=("ratio", bar))
    return table


def _first_calls(sides):
    table = Table("First call of a function with (ms)", sides)
    compilers = {side: importlib.import_module(side) for side in sides}
    for name, (source, arguments) in FIRST_CALLS.items():
        actions = {
            side: lambda compiler=compiler: first_call_ms(compiler, source, arguments) for side, compiler in compilers.items()
        }
        table.row(name, alternate(actions, FIRST_REPETITIONS), unit="ms", bar=("rumba", BAR_FIRST))
    return table


def _access(sides):
    table = Table("Containers of `typed` from the interpreter (ns)", sides)
    compilers = {side: importlib.import_module(side) for side in sides}
    made = {
        side: {"xs": _typed_list(compiler, [1, 2, 3]), "d": _counts(compiler, [1, 2, 3]), "s": _counts(compiler, ["a", "b"])}
        for side, compiler in compilers.items()
    }
    for statement in ("xs[1]", "xs[1] = 5", "d[2]", "d[2] = 1.5", "s['b']", "len(xs)"):
        actions = {
            side: lambda names=names: timeit.timeit(statement, globals=names, number=20_000) / 20_000 * 1e9
            for side, names in made.items()
        }
        table.row(statement, alternate(actions, 5), unit="ns", bar=("rumba", BAR_ACCESS))
    return table


def run(sides):
    return [_steady(sides), _first_calls(sides), _access(sides)]
