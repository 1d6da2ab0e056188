"""Runs the example programs and prints one table; `python -m examples [program ...]`.

Rumba's result is compared with the interpreter's on the same input, and its result on the full input with Numba's
and NumPy's where these are installed. A `~` marks the interpreter's time where it ran a smaller input and the time
was scaled up.
"""

import argparse
import sys
import time
from pathlib import Path

from examples import PROGRAMS
from examples.backends import FOLDER, is_installed, load

OUT = FOLDER / "out"


class Progress:
    """One line on the terminal that says what is going on; one line per program where there is no terminal."""

    def __init__(self, n_programs):
        self.n_programs = n_programs
        self.n_done = 0
        self.live = sys.stderr.isatty()
        self.start = time.perf_counter()

    def say(self, program, what):
        if self.live:
            elapsed = time.perf_counter() - self.start
            text = f"[{self.n_done + 1}/{self.n_programs}] {program}: {what} ({elapsed:.0f} s)"
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def done(self, program):
        self.n_done += 1
        if self.live:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        else:
            print(f"[{self.n_done}/{self.n_programs}] {program}", file=sys.stderr, flush=True)


def timed(function, inputs):
    start = time.perf_counter()
    result = function(*inputs)
    return time.perf_counter() - start, result


def steady(function, inputs, budget=1.0):
    """The fastest of repeated calls, and the last result."""
    times = []
    while not times or (sum(times) < budget and len(times) < 50):
        seconds, result = timed(function, inputs)
        times.append(seconds)
    return min(times), result


def seconds_text(seconds):
    if seconds is None:
        return "-"
    for scale, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}" if seconds < 1000 * scale else f"{seconds / scale:.0f} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def save_picture(program, module, result):
    from PIL import Image

    OUT.mkdir(exist_ok=True)
    path = OUT / f"{program}.png"
    Image.fromarray(module.picture(result)).save(path)
    return path


def run(program, progress):
    """One row of the table, and the path of the picture if there is one."""
    progress.say(program, "reading the input")
    module = load(program, "rumba")
    inputs = module.prepare()
    small_inputs, factor = module.smaller(*inputs)

    progress.say(program, "interpreting")
    interpreted, expected = timed(load(program, "interpreter").kernel, small_inputs)

    progress.say(program, "compiling")
    first, result = timed(module.kernel, inputs)
    module.check(module.kernel(*small_inputs), expected)

    progress.say(program, "running")
    compiled, result = steady(module.kernel, inputs)

    with_numba = with_numpy = None
    if is_installed("numba"):
        progress.say(program, "running Numba")
        kernel = load(program, "numba").kernel
        kernel(*inputs)
        with_numba, other = steady(kernel, inputs)
        module.check(result, other)
    if hasattr(module, "with_numpy"):
        progress.say(program, "running NumPy")
        with_numpy, other = steady(module.with_numpy, inputs)
        module.check(result, other)

    row = (
        module.TITLE,
        ("~" if factor != 1 else "") + seconds_text(interpreted * factor),
        seconds_text(first),
        seconds_text(compiled),
        f"{interpreted * factor / compiled:,.0f} x",
        seconds_text(with_numba),
        seconds_text(with_numpy),
    )
    path = save_picture(program, module, result) if hasattr(module, "picture") else None
    progress.done(program)
    return row, path


def print_table(rows):
    header = ("program", "interpreter", "first call", "steady", "speed-up", "Numba", "NumPy")
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    for row in (header, tuple("-" * width for width in widths), *rows):
        print("  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))))


def main():
    parser = argparse.ArgumentParser(prog="python -m examples", description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", metavar="program", help=", ".join(PROGRAMS))
    programs = parser.parse_args().programs or PROGRAMS
    unknown = [program for program in programs if program not in PROGRAMS]
    if unknown:
        parser.error(f"no program {unknown[0]!r}; there are {', '.join(PROGRAMS)}")

    progress = Progress(len(programs))
    results = [run(program, progress) for program in programs]
    print_table([row for row, _ in results])
    print("\nEvery result agrees with the interpreter's. First call: compiling and running. ~: scaled from less work.")
    for path in (path for _, path in results if path):
        print(f"picture: {Path(path).relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main()
