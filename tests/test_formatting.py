"""f-strings, `format`, `str.format` and `%` in compiled code, compared with the interpreter's."""

import linecache
import random

import pytest
from differential import Cases, check
from rumba import _core, njit
from rumba.errors import TypingError

cases = Cases()

INTS = [0, 1, -1, 42, -12345, 1234567, 2**63 - 1, -(2**63)]
FLOATS = [
    0.0, -0.0, 1.0, -1.5, 0.1, 1 / 3, 2 / 3, 1e16, 1e15, 123456789.125, 1e-4, 1e-5, 1e22, 1e23, 5e-324, 1.7976931348623157e308,
    float("inf"), float("-inf"), float("nan"), 0.5, 2.5, 9.995, 99999.5, 1e300, 12345.678, 100.0, 2.0**-44,
]  # fmt: skip
TEXTS = ["", "a", "äbc", "日本", "a😀"]


@cases(*[(value,) for value in INTS + FLOATS + TEXTS + [True, False, None, (1, 2.5), ("a", None), (1,), [1, 2], ["a"], 1 + 2j, -0.0 + 1j, 1.5 - 0.0j, complex("nan"), b"a\x00\xff'", (), ((1, "x"), [2.0])]])
def as_text(value):
    return str(value), repr(value), f"{value}", f"{value!r}", f"{value!s}", f"{value!a}", f"{value=}", format(value), f"a{value}b{value}"


INT_SPECS = [
    "d", "5", "<5", ">8", "^9", "=9", "*^12d", "日>6", "+d", " d", "-d", "05", "010d", "x", "X", "#x", "#X", "o", "#o", "b", "#b", "#012x", ",", "_", "_x", "_b", "012,", "08_d",
    "+,", "c", "n", "e", ".3e", "f", ".2f", "g", ".3g", "%", ".1%", "20.3f", "<010", "x<010", "#,", ",x", "1,2", "s", ".3", ".3d", "5.", "z", "zd", "?", "=+8", "😀^7", "+c", "#c", ",_", "_,",
    "99999999999999999999", "dd", "<<5", "0=5", "", "00005", "020,d", "021,d", "019,d", "013_b", "-^30,.2f",
]  # fmt: skip


@cases(*[(value, spec) for value in [*INTS, True, False] for spec in INT_SPECS])
def formatted_int(value, spec):
    return format(value, spec)


FLOAT_SPECS = [
    "", "f", ".0f", ".1f", ".2f", ".10f", ".3", ".17", ".0", "e", ".0e", ".2e", "E", "g", ".0g", ".1g", ".3g", ".17g", "G", "#g", "#.3g", "#.0f", "#.0e", "n", "%", ".0%", ".3%", "F",
    "+", "+.2f", " f", "10", "<10", "^10.1f", "=+10.1f", "010.2f", "020", "020,.3f", ",", ",.2f", "_.1f", "_", "z.1f", "z", "+z.0f", "*^+20,.4e", "x", "d", "s", "日>12.1f", "015,", ".400f", ".30e",
    "016,.2f", "-010", "#", "#.3", "0,.0f", "g=10", "e<15.3g",
]  # fmt: skip


@cases(*[(value, spec) for value in FLOATS for spec in FLOAT_SPECS])
def formatted_float(value, spec):
    return format(value, spec)


TEXT_SPECS = ["", "s", "5", "<5", ">5s", "^5", "*^7", "日>6", ".1", ".2s", "6.1", "05", "<05", "+", " ", "#", "=5", ",", "z", "d", "😀<4.1s", ".0"]


@cases(*[(value, spec) for value in TEXTS for spec in TEXT_SPECS])
def formatted_text(value, spec):
    return format(value, spec)


@cases(*[(value, spec) for value in [None, (1, 2), [1], b"x"] for spec in ["", "5", "s"]])
def formatted_others(value, spec):
    return format(value, spec)


@cases((3.14159, 10, 3), (-2.0, 1, 0), (1e10, 30, 2))
def nested(x, w, p):
    return f"{x:{w}.{p}f}|{x:>{w}}|{x:{'<'}{w}.{p}}|{x!r:^{w + 2}}", f"{{{x}}}", f"{w:0{w}}", f"{'text':{w}.{p}}"


@cases((1, 2.5, "é"))
def of_parts(i, x, text):
    return (
        f"",
        f"plain",
        f"{i}" "and" f"{x:.1f}",
        f"{i = } {x = :5.1f} {text=!s:>4} {i + 1=}",
        f"{(i, x, text)} {[i, i]}",
        f"{f'{i}' + text}",
        f"""{
            x
        }""",
    )


@cases((1, 2.5, "é", (7, 8)))
def templates(i, x, text, pair):
    return (
        "{} {} {}".format(i, x, text),
        "{0}{1}{0}".format(i, text),
        "{:>5}|{:<8.3f}|{!r:^7}".format(i, x, text),
        "{{{}}} }}{{".format(i),
        "{:{}.{}f}".format(x, 10, 3),
        "{0:{1}}".format(i, 4),
        "{0[1]}-{0[0]:03d}".format(pair),
        "no fields".format(),
        "{}".format(pair),
        "".format(i),
    )


@cases((1, 2.5, "é", True), (-7, -1e10, "", False), (2**63 - 1, float("inf"), "日本", True), (0, float("nan"), "a", False), (12, -0.0, "x", True))
def percent(i, x, text, flag):
    return (
        "%d" % i,
        "%d %s" % (i, text),
        "%5d|%-5d|%05d|%+d|% d|%i|%u" % (i, i, i, i, i, i, i),
        "%s %r %a %s %s" % (text, text, text, x, flag),
        "%10s|%-10s|%.1s|%5.1s|" % (text, text, text, text),
        "%f %.2f %10.3f %-10.1f| %+.1e %G %g %#.0f" % (x, x, x, x, x, x, x, x),
        "%010.2f %+010.2f % 010.2f %-010.2f|" % (x, x, x, x),
        "%%|%s%%" % i,
        "%x %X %o" % (abs(i), abs(i), abs(i)) if i >= 0 else "",
        "%#x %#o %08x %-8x|" % (i, i, i, i) if i >= 0 else "",
        "%d %f" % (flag, i),
        "%ld %hd" % (i, i),
        "%.f" % x,
    )


@cases((65, "é"), (0x1F600, "a"), (-1, "a"), (0x110000, "a"), (65, "ab"))
def percent_characters(code, char):
    return "%c%c|%5c" % (code, char, char)


@cases((2.75,), (-2.75,), (float("nan"),))
def percent_of_fraction(x):
    return "%d" % x


test_formatting = cases.test()


def function(body):
    """A function whose source the compiler finds."""
    source = f"def f(i, x, text):\n    return {body}\n"
    name = f"<formatting {body}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    scope = {}
    exec(compile(source, name, "exec"), scope)
    return scope["f"]


def test_random_specifications():
    @njit
    def formatted(value, spec):
        return format(value, spec)

    rng = random.Random(5)
    for _ in range(4000):
        spec = rng.choice(["", "", "<", ">", "^", "=", "*<", "0^", "é="]) + rng.choice(["", "", "+", "-", " "])
        spec += rng.choice(["", "", "z"]) + rng.choice(["", "", "#"]) + rng.choice(["", "", "0"])
        spec += rng.choice(["", "1", "7", "13", "30"]) + rng.choice(["", "", ",", "_"])
        spec += rng.choice(["", "", ".0", ".1", ".5", ".20"]) + rng.choice(["", *"bcdeEfFgGnosxX%"])
        magnitude = rng.choice([1.0, 10.0, 1e5, 1e16, 1e-5, 1e100])
        value = rng.choice([rng.randrange(-(2**63), 2**63), rng.randrange(-1000, 1000), rng.uniform(-magnitude, magnitude), "tëxt"])
        outcomes = []
        for call in (formatted, formatted.py_func):
            try:
                outcomes.append(call(value, spec))
            except (ValueError, OverflowError) as error:
                outcomes.append((type(error), str(error)))
        assert outcomes[0] == outcomes[1], (value, spec)


def test_random_floats():
    @njit
    def texts(x):
        return repr(x), f"{x:.17g}", f"{x:.3f}", f"{x:e}", float(repr(x))

    rng = random.Random(6)
    import struct

    for _ in range(3000):
        (x,) = struct.unpack("<d", rng.getrandbits(64).to_bytes(8, "little"))
        if x == x:
            assert texts(x) == texts.py_func(x)
    for k in range(-320, 309):
        x = float(f"1e{k}")
        assert texts(x) == texts.py_func(x)


@pytest.mark.parametrize("body", ['f"{i:999999999999999999}"', 'f"{i:0999999999999999999}"', 'f"{text:>999999999999999999}"', 'f"{i:0999999999999999999,}"', '"%*d" % (10**18, i)', '"%-*s" % (10**18, text)'])
def test_huge_widths_are_errors(body):
    with pytest.raises(MemoryError):
        njit(function(body))(1, 1.5, "a")


@pytest.mark.parametrize(("body", "message"), [
    ('text % i', "not known when compiling"),
    ('text.format(i)', "not known when compiling"),
    ('"{a}".format(i)', "nothing is given for the field `a`"),
    ('"{} {0}".format(i, x)', "numbered, or not"),
    ('"{1}".format(i)', "Replacement index 1 out of range"),
    ('"{99999999999999999999}".format(i)', "out of range"),
    ('"{a}".format_map((i,))', "a tuple is no mapping"),
    ('"{b}".format(a=i)', "nothing is given for the field `b`"),
    ('"%(a" % {"a": i}', "incomplete format key"),
    ('"%*d" % i', "not enough arguments"),
    ('"%#0*x" % (5, i)', "is not supported"),
    ('"{".format(i)', "expected '}'"),
    ('"}".format(i)', "Single '}'"),
    ('"{!x}".format(i)', "Unknown conversion specifier"),
    ('"%d %d" % i', "not enough arguments"),
    ('"%d" % (i, i)', "not all arguments converted"),
    ('"%d" % text', "a real number is required"),
    ('"%x" % x', "an integer is required"),
    ('"%y" % i', "unsupported format character"),
    ('"%" % i', "incomplete format"),
    ('"%(a)d" % i', "format requires a mapping"),
    ('format(i, 5)', "a format specification is a str"),
    ('str(len)', "cannot be made text"),
])  # fmt: skip
def test_what_is_no_format(body, message):
    with pytest.raises(TypingError, match=message):
        njit(function(body))(1, 2.5, "a")


def test_formatting_in_a_loop():
    def table(n):
        rows = []
        for i in range(n):
            rows.append(f"{i:>3}: {i / 7:6.3f} {'even' if i % 2 == 0 else 'odd':<5}|")
        return "\n".join(rows)

    check(table, 12)


def test_nothing_leaks():
    @njit
    def churn(x, text):
        return f"{text:>10}{x:.3f}" + "%s %r" % (text, x) + "{:5}".format(text) + repr([text, f"{x}"])

    churn(1.5, "ä")
    before = _core.live_allocations()
    for _ in range(5):
        churn(1.5, "ä")
    assert _core.live_allocations() == before
