"""Compares Rumba with Numba and prints tables; `python -m benches [part ...]`. JSON goes to benches/out/results.json."""

import argparse
import importlib.metadata
import os
import platform
import sys

from benches import arrays, calls, containers, first_call, imports, library, size, steady
from benches.report import write_json
from examples.backends import is_installed

PARTS = {
    "imports": imports, "first_call": first_call, "calls": calls, "steady": steady, "arrays": arrays, "library": library,
    "containers": containers, "size": size,
}  # fmt: skip


def machine():
    model = "unknown"
    try:
        with open("/proc/cpuinfo") as file:
            model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), model)
    except OSError:
        pass
    packages = ("numpy", "rumba", "numba", "llvmlite")
    versions = {name: importlib.metadata.version(name) for name in packages if _is_distribution(name)}
    load = os.getloadavg()[0]
    return {"cpu": model, "cores": os.cpu_count(), "load": load, "python": platform.python_version(), **versions}


def _is_distribution(name):
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def main():
    parser = argparse.ArgumentParser(prog="python -m benches", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--strict", action="store_true", help="exit with an error where a bar is missed")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")

    sides = tuple(side for side in ("rumba", "numba") if is_installed(side))
    description = machine()
    print(", ".join(f"{key} {value}" for key, value in description.items()))
    tables = []
    for part in options.parts or PARTS:
        print(f"measuring: {part}", file=sys.stderr, flush=True)
        for table in PARTS[part].run(sides):
            table.print()
            tables.append(table)

    print(f"\nwritten to {write_json(tables, description)}")
    failures = [failure for table in tables for failure in table.failures()]
    for failure in failures:
        print(f"missed: {failure}")
    sys.exit(bool(failures) and options.strict)


if __name__ == "__main__":
    main()
