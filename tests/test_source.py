"""Where a function's text comes from, and which function of it is meant."""

import importlib
import linecache
import sys
import textwrap
import zipfile

import pytest
from rumba import errors, njit
from rumba.errors import TypingError
from subprocesses import output_of, run_program

PROGRAM = """
from rumba import njit

@njit
def f(x):
    return x * 2 + 1

print(f(20))
"""


def test_file(tmp_path):
    assert output_of(PROGRAM, file=tmp_path / "program.py") == "41\n"


def test_dash_c():
    assert output_of(PROGRAM) == "41\n"


def test_dash_c_shows_the_line_in_errors():
    done = run_program("from rumba import njit\n@njit\ndef f(x):\n    return x + no_such_name\nf(1)\n")
    assert done.returncode == 1 and "return x + no_such_name" in done.stderr and "^" in done.stderr


def test_dash_m(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    import subprocess

    done = subprocess.run(
        [sys.executable, "-m", "program"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "41\n", done.stderr


def exec_with_linecache(source, filename):
    """As Jupyter does it."""
    source = textwrap.dedent(source)
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    namespace = {"njit": njit, "__name__": "__main__"}
    exec(compile(source, filename, "exec"), namespace)
    return namespace


PRIVATE = """
from rumba import njit

_Number__offset = 100
_Number__offsets = (1, 2)


class _Number:
    @staticmethod
    @njit
    def outer(__x, *, __y=5):
        __z = __x + __y

        def __inner(__w):
            return __w + __z + __offset + __offsets[0]

        return __inner(__x)

    def make(self):
        __step = 7
        return njit(lambda __x: __x + __step)


class __:
    @staticmethod
    @njit
    def outer(__x):
        return __x + 1


print(_Number.outer(1), _Number.outer(1, _Number__y=6), _Number().make()(1), __.outer(1))
"""


def test_private_names_in_classes(tmp_path):
    # As in CPython, names with two leading underscores carry the name of the class.
    assert output_of(PRIVATE, file=tmp_path / "private.py") == "108 109 8 2\n"


def test_linecache():
    names = exec_with_linecache("@njit\ndef f(x):\n    return x + 1\n", "<cell 1>")
    assert names["f"](1) == 2


def test_two_cells_of_the_same_name():
    first = exec_with_linecache("@njit\ndef f(x):\n    return x + 1\n", "<cell 2>")["f"]
    assert first(1) == 2
    second = exec_with_linecache("@njit\ndef f(x):\n    return x + 100\n", "<cell 2>")["f"]
    assert second(1) == 101


def test_zip_import(tmp_path, monkeypatch):
    archive = tmp_path / "library.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped_module_of_rumba.py", "from rumba import njit\n\n@njit\ndef f(x):\n    return x - 3\n")
    monkeypatch.syspath_prepend(str(archive))
    module = importlib.import_module("zipped_module_of_rumba")
    try:
        assert module.f(5) == 2
    finally:
        del sys.modules["zipped_module_of_rumba"]


def test_function_without_source():
    namespace = {}
    exec("def f(x):\n    return x + 1\n", namespace)
    with pytest.raises(errors.RumbaError) as caught:
        njit(namespace["f"])(1)
    # The error names a remedy.
    assert "source" in str(caught.value) and "f" in str(caught.value)


def import_file(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_deleted_file(tmp_path):
    path = tmp_path / "vanishing.py"
    path.write_text("def f(x):\n    return x + 1\n")
    f = njit(import_file(path, "vanishing").f)
    path.unlink()
    linecache.clearcache()
    try:
        assert f(1) == 2  # read when it was decorated
    except errors.RumbaError as error:
        assert "vanishing.py" in str(error)


def test_edited_file_is_noticed(tmp_path):
    path = tmp_path / "edited.py"
    path.write_text("def f(x):\n    return x + 1\n")
    f = import_file(path, "edited").f
    path.write_text("def g(x):\n    return x\n\n\ndef f(x, y):\n    return x + 1000\n")
    linecache.clearcache()
    try:
        # Either the text of before, or an error; never the code of after.
        assert njit(f)(1) == 2
    except errors.RumbaError as error:
        assert "edited.py" in str(error)


def test_file_with_odd_text(tmp_path):
    path = tmp_path / "odd.py"
    path.write_bytes(
        "# -*- coding: utf-8 -*-\r\n# Ünïcödé ahead of the function: 日本語\r\ndef f(größe):\r\n\treturn größe + 1  # ä\r\n".encode()
    )
    assert njit(import_file(path, "odd").f)(1) == 2


def test_file_in_latin_1(tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes("# -*- coding: latin-1 -*-\n# ä ö ü\ndef f(x):\n    return x + 1\n".encode("latin-1"))
    assert njit(import_file(path, "latin").f)(1) == 2


def test_symbolic_link(tmp_path):
    (tmp_path / "real.py").write_text("def f(x):\n    return x + 5\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    assert njit(import_file(tmp_path / "link.py", "link").f)(1) == 6


# --- which function of the text -------------------------------------------------------------------------------------


def test_lambdas_on_one_line():
    f, g, h = njit(lambda x: x + 1), njit(lambda x: x + 2), njit(lambda x, y: x * y)  # fmt: skip
    assert (f(1), g(1), h(3, 4)) == (2, 3, 12)


def test_lambdas_in_a_container():
    table = {"add": lambda a, b: a + b, "sub": lambda a, b: a - b}
    assert njit(table["add"])(5, 3) == 8 and njit(table["sub"])(5, 3) == 2


def test_lambda_inside_a_lambda():
    outer = lambda a: (lambda x: x + a)
    assert njit(outer(10))(1) == 11
    assert njit(outer(20))(1) == 21


def test_lambda_over_several_lines():
    f = njit(
        lambda x: (
            x
            + 1
        )
    )  # fmt: skip
    assert f(1) == 2


def test_lambda_as_default_and_argument():
    def apply(f=lambda x: x * 3):
        return njit(f)(2)

    assert apply() == 6 and apply(lambda x: x * 4) == 8


def identity_decorator(*_):
    return lambda function: function


@identity_decorator(lambda x: x, [1, 2])
@njit
@identity_decorator(
    3,
)
def decorated_several_times(x):
    return x + 1


def test_decorators():
    assert decorated_several_times(1) == 2


def test_nested_functions_of_the_same_name():
    def first():
        def f(x):
            return x + 1

        return f

    def second():
        def f(x):
            return x + 2

        return f

    assert njit(first())(1) == 2 and njit(second())(1) == 3


if sys.version_info >= (3, 0):

    @njit
    def under_if(x):
        return x + 1
else:

    @njit
    def under_if(x):
        return x - 1


def test_redefinition_under_if():
    assert under_if(1) == 2


def test_the_same_name_twice():
    @njit
    def f(x):
        return x + 1

    g = f

    @njit
    def f(x):
        return x + 2

    assert g(1) == 2 and f(1) == 3


def test_one_line_definitions():
    @njit
    def f(x): return x + 1  # fmt: skip  # noqa: E704
    def g(x): return x + 2  # fmt: skip  # noqa: E704

    assert f(1) == 2 and njit(g)(1) == 3


class Holder:
    @staticmethod
    @njit
    def static(x):
        return x + 1

    @njit
    def of_no_self(x):
        return x + 2

    class Inner:
        @staticmethod
        @njit
        def deep(x):
            return x + 3


def test_methods():
    assert (Holder.static(1), Holder.of_no_self(1), Holder.Inner.deep(1)) == (2, 3, 4)


@njit
def __double_underscore(x):
    return x + 1


class Mangled:
    @staticmethod
    def function():
        @njit
        def __inner(x):
            return x + 1

        return __inner


def test_names_with_underscores():
    assert globals()["__double_underscore"](1) == 2 and Mangled.function()(1) == 2


def test_wrapped_function():
    import functools

    def plain(x):
        return x + 1

    @functools.wraps(plain)
    def wrapper(x):
        return x + 100

    # What is compiled is the function that was given, not what it pretends to be.
    assert njit(wrapper)(1) == 101


def test_annotations_are_not_evaluated():
    @njit
    def f(x: "no such thing", y: "also not" = 2) -> "nothing":
        return x + y

    assert f(1) == 3


def test_generated_functions_share_a_file():
    functions = [njit(lambda x, k=k: x + k) for k in range(5)]
    assert [f(10) for f in functions] == [10, 11, 12, 13, 14]


def test_error_in_a_lambda_is_under_the_caret():
    with pytest.raises(TypingError) as caught:
        njit(lambda x: x + missing_name)(1)  # noqa: F821
    assert "missing_name" in str(caught.value) and "^^^^" in str(caught.value)
