"""Checks what we expect of every source file; `make lint` runs it.

Every source file starts with a comment that says what it is for; the tree has no crate, folder or file named after
no topic; nothing tracked names a path of somebody's machine.
"""

import ast
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES_OF_NO_TOPIC = {"utils", "util", "helpers", "helper", "misc", "common"}
MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:home|root|work|Users)/\w+")


def tracked_files():
    output = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    return [Path(name) for name in output.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def starts_with_its_purpose(path, text):
    if path.suffix == ".rs":
        return text.startswith("//!")
    if path.suffix in (".cpp", ".h"):
        return text.startswith(("//", "/*"))
    if path.suffix == ".sh":
        return text.startswith("#!") and text.split("\n", 2)[1].startswith("# ")
    if path.suffix in (".py", ".pyi"):
        return bool(ast.get_docstring(ast.parse(text))) or text.startswith("#")
    return True


def problems_of(path):
    if path.stem in NAMES_OF_NO_TOPIC or NAMES_OF_NO_TOPIC & set(path.parts):
        yield "the name says no topic"
    try:
        text = (ROOT / path).read_text()
    except UnicodeDecodeError:
        return
    if not starts_with_its_purpose(path, text):
        yield "does not start with a comment that says what the file is for"
    for number, line in enumerate(text.splitlines(), 1):
        if path.suffix != ".lock" and path != Path("scripts/tidy.py") and MACHINE_PATH.search(line):
            yield f"line {number} names a path of one machine"


def main():
    found = [f"{path}: {problem}" for path in tracked_files() for problem in problems_of(path)]
    print("\n".join(found) or "tidy")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
