"""The Python in README.md and docs/ runs, and the messages shown are the messages given.

Blocks of a page run in order in one namespace. `<!-- raises: NAME -->` above a block says that its last statement
raises; a `text` block behind it then shows the message, with the traceback if it begins with one. A `text` block behind
any other block shows what the block prints. `<!-- not run -->` stands above a block that is only an outline.

`UPDATE_EXPECT=1 pytest tests/test_documentation.py` rewrites what is shown; read the difference.
"""

import builtins
import contextlib
import io
import os
import re
import traceback
from pathlib import Path

import pytest
from rumba import errors

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"(?:^<!-- (?P<marker>[^\n]*) -->\n)?^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<shown>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)
UPDATES = "UPDATE_EXPECT" in os.environ
WITH_PYTHON = [page for page in PAGES if BLOCK.search(page.read_text())]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_the_python_of_a_page_runs(page, tmp_path):
    namespace = {"__name__": "example"}
    text = page.read_text()
    updated = text
    for number, block in enumerate(BLOCK.finditer(text)):
        marker = block["marker"] or ""
        if marker == "not run":
            continue
        where = f"{page.name}:{text.count(chr(10), 0, block.start()) + 1}"
        file = tmp_path / str(number) / "example.py"
        file.parent.mkdir()
        file.write_text(block["code"])
        said, raised = run(file, namespace)
        if marker.startswith("raises: "):
            name = marker.removeprefix("raises: ")
            assert isinstance(raised, exception_class(name)), f"{where} does not raise {name}, but {raised!r}"
            if not (block["shown"] or "").startswith("Traceback"):
                said = str(raised)
        else:
            assert raised is None, f"{where} raises {said}"
        if block["shown"] is not None:
            said = said.replace(f"{file.parent}/", "").strip() + "\n"
            if UPDATES:
                updated = updated.replace(block[0], block[0].replace(block["shown"], said))
            else:
                assert without_carets(said) == without_carets(block["shown"]), where
    if updated != text:
        page.write_text(updated)


def without_carets(text):
    """A traceback whose carets, which differ between versions of Python, are left out."""
    if not text.startswith("Traceback"):
        return text
    return "\n".join(line for line in text.splitlines() if line.strip(" ~^"))


def run(file, namespace):
    """What a program prints, or the traceback that it ends with, and the exception."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(file.read_text(), str(file), "exec"), namespace)
    except Exception as exception:
        # Our own frame is no part of what a user sees.
        exception.__traceback__ = exception.__traceback__.tb_next
        return "".join(traceback.format_exception(exception)), exception
    return printed.getvalue(), None


def exception_class(name):
    return getattr(errors, name, None) or getattr(builtins, name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)", page.read_text()):
        file = (page.parent / target) if target else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor and file.suffix == ".md":
            assert anchor[1:] in anchors(file), f"{page.name} links to {target}{anchor}"


def anchors(page):
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
