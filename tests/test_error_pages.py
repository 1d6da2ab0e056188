"""The pages in `errors/`, one per kind of mistake, run: each failing example gives the message that stands behind it,
each other one runs.

`UPDATE_EXPECT=1` writes the messages, and `docs/errors.md`, anew; read what it wrote.
"""

import importlib.util
import itertools
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from rumba import _core, errors

HERE = Path(__file__).parent
PAGES = sorted((HERE / "errors").glob("*.md"))
INDEX = HERE.parent / "docs" / "errors.md"
UPDATE = bool(os.environ.get("UPDATE_EXPECT"))
EXAMPLE = re.compile(r"^```python\n(?P<program>.*?)^```\n(?:\n```text\n(?P<message>.*?)^```\n)?", re.M | re.S)
HEAD = """\
# Error messages

Before anything runs, Rumba reports what it cannot compile: with a code, the place in your source, and what would work.
Several independent mistakes are reported together. Every code has a page with an example and its remedy.

Codes that begin with `S` are about finding the source (`rumba.errors.SourceError`), `U` about what is not supported
(`rumba.errors.UnsupportedError`), `T` about types (`rumba.errors.TypingError`). What goes wrong while compiled code runs
raises the exception that Python or NumPy would raise.

This list is written by `UPDATE_EXPECT=1 pytest tests/test_error_pages.py`.

"""


def import_file(file):
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def message_of(program, file, options, class_name):
    """What the program's uncaught exception says."""
    file.write_text(program)
    if options is None:
        with pytest.raises(getattr(errors, class_name)) as caught:
            import_file(file)
        message = str(caught.value)
    else:
        command = [sys.executable, *shlex.split(options), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        message = done.stderr.partition(f"rumba.errors.{class_name}: ")[2]
    return message.replace(str(file), "example.py").rstrip("\n") + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page(page, tmp_path):
    text = page.read_text()
    class_name = dict(_core.error_codes())[page.stem]
    options = re.search(r"^<!-- run with: (.*) -->$", text, re.M)
    numbers = itertools.count()

    def run(example):
        # A name of its own for each, since modules and sources are remembered by their names.
        file = tmp_path / f"example_{page.stem}_{next(numbers)}.py"
        if example["message"] is None:
            file.write_text(example["program"])
            import_file(file)
            return example[0]
        message = message_of(example["program"], file, options and options[1], class_name)
        assert message.startswith(f"error[{page.stem}]: ") or f"\nerror[{page.stem}]: " in message, message
        return f"```python\n{example['program']}```\n\n```text\n{message}```\n"

    updated = EXAMPLE.sub(run, text)
    assert next(numbers) >= 2, "a page has an example that fails and one that works"
    if UPDATE:
        page.write_text(updated)
    assert updated == text or UPDATE


def title(page):
    """`T0101: a name is not defined`"""
    return page.read_text().partition("\n")[0].removeprefix("# ")


def test_every_code_has_a_page():
    assert [page.stem for page in PAGES] == sorted(code for code, _ in _core.error_codes())
    for page in PAGES:
        assert title(page).startswith(f"{page.stem}: ")


def test_the_list_of_pages_is_current():
    lines = []
    for page in PAGES:
        code, _, what = title(page).partition(": ")
        lines.append(f"- [{code}](../tests/errors/{page.name}): {what}\n")
    text = HEAD + "".join(lines)
    if UPDATE:
        INDEX.write_text(text)
    assert INDEX.read_text() == text
