"""The methods of `str` in compiled code, and what built-in functions do with text, compared with the interpreter's."""

import itertools
import random

import pytest
from differential import Cases, check
from rumba import _core, njit
from rumba.errors import TypingError, UnsupportedError

WORDS = ["", "a", "abcabc", "äbÄcß", "日本語日", "a😀b😀", "  x\ty \n", "e\u0301te\u0301", "a\ud800b", "ABC def Ghi1"]
PARTS = ["", "a", "bc", "ä", "日", "😀", " ", "\ud800", "abcabcabc"]

cases = Cases()

RANGES = [(None, None), (0, 100), (1, None), (-3, -1), (2, 1), (5, 9), (None, -1)]


@cases(*[(text, part, *span) for text in WORDS for part in PARTS for span in RANGES])
def searched(text, part, start, end):
    return (
        text.find(part, start, end),
        text.rfind(part, start, end),
        text.count(part, start, end),
        text.startswith(part, start, end),
        text.endswith(part, start, end),
        text.startswith((part, "x"), start),
        text.endswith(("日", part)),
    )


@cases(*itertools.product(WORDS, PARTS))
def found_or_not(text, part):
    return text.index(part), text.rindex(part)


@cases(*itertools.product(WORDS, PARTS, ["", "x", "日本", "😀"], [-1, 0, 1, 2]))
def replaced(text, old, new, count):
    return text.replace(old, new, count), text.replace(old, new)


@cases(*itertools.product(WORDS, PARTS))
def without_ends(text, part):
    return text.removeprefix(part), text.removesuffix(part)


SPACED = ["", " ", "a", " a  b c ", "\ta\u2003b\x1fc", "a,b,,c", "a\x85b", "日 本 語", "aaa"]


@cases(*itertools.product(SPACED, [None, " ", ",", "a", "aa", "本"], [-1, 0, 1, 2]))
def split_in_both_directions(text, sep, n):
    return text.split(sep, n), text.rsplit(sep, n), text.split(sep, maxsplit=n)


@cases(*itertools.product(SPACED, [",", " ", "a", "aa", "本"]))
def parted(text, sep):
    return text.partition(sep), text.rpartition(sep)


@cases(("abc", ""))
def parted_by_nothing(text, sep):
    return text.partition(sep)


@cases(("abc", ""))
def split_by_nothing(text, sep):
    return text.split(sep)


LINES = ["", "a", "a\n", "a\nb", "a\r\nb\rc", "\n\r\n", "a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i", "日\n本"]


@cases(*[(text,) for text in LINES])
def lines(text):
    return text.splitlines(), text.splitlines(True), text.splitlines(keepends=False)


@cases(*itertools.product([" a b ", "\u3000日\x1d", "xxayx", "äää", ""], [None, "", "x", "yx", "ä ", "日"]))
def stripped(text, chars):
    return text.strip(chars), text.lstrip(chars), text.rstrip(chars), text.strip()


@cases(*itertools.product(["", "a", "ab", "日本", "-5", "+ä", "--"], [-1, 0, 1, 2, 3, 4, 5, 6], ["*", "日", "😀"]))
def padded(text, width, fill):
    return (
        text.center(width, fill),
        text.ljust(width, fill),
        text.rjust(width, fill),
        text.zfill(width),
        text.center(width),
    )


@cases(("abc", 5, ""), ("abc", 5, "xy"))
def padded_with_no_character(text, width, fill):
    return text.center(width, fill)


@cases(*itertools.product(["a\tb", "\t\t", "ab\n\tc\rd\te", "日\t本", "no tabs"], [8, 4, 1, 0, -1]))
def tabs(text, size):
    return text.expandtabs(size), text.expandtabs(), text.expandtabs(tabsize=size)


CASED = [
    "", "abc", "ABC", "Hello World", "hELLO wORLD's end", "straße", "ǅ ǆ Ǆ", "İstanbul ıı", "ΑΣ ΣΑΣ Σ", "ΑΣ.", "Α.Σ",
    "ΑΣ\u0301Β", "ﬃ ﬁ", "ŉ ΐ", "ʰa", "\u0345α", "日本 Ab", "𐐀𐐨", "1a2B", "\ud800a", "ᾳ ᾼ", "a\u00adΣ",
]  # fmt: skip


@cases(*[(text,) for text in CASED])
def cased(text):
    return (
        text.upper(),
        text.lower(),
        text.title(),
        text.capitalize(),
        text.swapcase(),
        text.casefold(),
        text.islower(),
        text.isupper(),
        text.istitle(),
    )


KINDS = ["", "a", "1", "a1", "١٢", "²", "½", "四", "Ⅷ", " ", "\x1c", "\u200b", "a b", "_a1", "1a", "ä", "\x7f", "é\n", "℘", "a·", "\ud800"]


@cases(*[(text,) for text in KINDS])
def consists(text):
    return (
        text.isalpha(),
        text.isalnum(),
        text.isdecimal(),
        text.isdigit(),
        text.isnumeric(),
        text.isspace(),
        text.isascii(),
        text.isprintable(),
        text.isidentifier(),
    )


@cases(*[(text,) for text in [*WORDS, "it's", 'say "hi"', "it's \"both\"", "\\ \x00\x7f\xa0\xad", "\U000e0001"]])
def shown(text):
    return repr(text), ascii(text), str(text), repr((text, 1))


@cases(*[(text,) for text in WORDS])
def hashed(text):
    return hash(text), hash(text[1:]), hash((text, 1)), hash(text[:1]) == hash("a")


@cases(*[(text,) for text in WORDS])
def iterated_backwards(text):
    return [c for c in reversed(text)], [ord(c) for c in text], max(text, default="none"), min(text, default="none")


@cases(("",), ("ab",))
def code_point(text):
    return ord(text)


@cases((97,), (0,), (0x10FFFF,), (-1,), (0x110000,), (0xD800,), (2**31 - 1,))
def character(code):
    return chr(code)


@cases((0,), (255,), (-255,), (2**63 - 1,), (-(2**63),), (True,))
def in_other_bases(n):
    return bin(n), oct(n), hex(n)


NUMBERS = [
    "0", "12", "-12", "+5", " 7 ", "\n8\t", "1_000", "_1", "1_", "1__0", "", " ", "a", "0x1f", "0b11", "0o17", "١٢", "\u20035\u2003",
    "9223372036854775807", "-9223372036854775808", "1.5", "--1", "+-1", "00", "010", "z", "\x001", "0x_f", "0_7", "\x1c5", "é", "५", "0x", "²", "5\x1f",
]  # fmt: skip


@cases(*[(text,) for text in NUMBERS])
def integer(text):
    return int(text)


@cases(*itertools.product([text for text in NUMBERS if len(text) < 19], [0, 2, 8, 10, 16, 36, 1, 37, -1]))
def integer_in_base(text, base):
    return int(text, base)


FLOATS = [
    "1", "1.5", "-0.0", ".5", "5.", "1e5", "1E-5", "1e", ".", "", "inf", "-Infinity", "nan", "iNf", "infinit", "1_0.0_1", "1_.0", "1._0",
    " 3.25\n", "١.٥", "1e400", "-1e-400", "0x1p3", "1e+05", "1 2", "e5", "--1", "\x001", "2.2250738585072011e-308", "179769313486231580793728971405301199e273", "é",
    "\u20031.5", "\x1c1",
]  # fmt: skip


@cases(*[(text,) for text in FLOATS])
def floating(text):
    return float(text)


@cases(("12.5 7 3e2",), ("",), ("1 x",))
def sum_of_words(text):
    total = 0.0
    for word in text.split():
        total += float(word)
    return total


@cases(("abc", "abd"), ("", "a"), ("日", "😀"))
def extremes(a, b):
    return min(a, b), max(a, b), min((a, b, "b")), max([a, b])


@cases((["a", "b"],), (["äö", "日", "😀"],), ([],))
def joined(words):
    return "-".join(words), "😀".join(words), ", ".join([w.upper() for w in words]), "-".join("abc")


@cases(("a-b_c", 3))
def chained(text, n):
    out = ""
    for part in text.replace("_", "-").split("-"):
        out += part.upper() * n + "|"
    return out.strip("|").lower().title()


test_methods = cases.test()


def test_every_character_is_as_in_the_interpreter():
    @njit
    def facts(c):
        return (
            c.upper(), c.lower(), c.title(), c.casefold(), c.isalpha(), c.isalnum(), c.isdecimal(), c.isdigit(),
            c.isnumeric(), c.isspace(), c.isprintable(), c.isidentifier(), ("a" + c).isidentifier(), c.islower(),
            c.isupper(), c.istitle(), (c + "a").title(), ("A" + c + "Σ").lower(), (c + "Σ").lower(), c.split(), c.strip(),
        )  # fmt: skip

    codes = itertools.chain(range(0x3000), range(0xA600, 0xAC00), range(0xD7F0, 0xE010), range(0xF900, 0x10600), range(0x1D400, 0x1F000, 7))
    for code in codes:
        c = chr(code)
        assert facts(c) == facts.py_func(c), hex(code)


@pytest.mark.parametrize("call", ["text.center(n)", "text.ljust(n)", "text.zfill(n)", "text * n", 'text.replace("", text * 1000).expandtabs(n)', '"%s".rjust(n)', "text.expandtabs(n)"])
@pytest.mark.parametrize("n", [2**62, 2**63 - 1, 2**50])
def test_what_is_too_long_is_an_error(call, n):
    scope = {}
    source = f"def f(text, n):\n    return {call}\n"
    import linecache

    name = f"<too long {call}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile(source, name, "exec"), scope)
    with pytest.raises((MemoryError, OverflowError)):
        njit(scope["f"])("a\tb", n)


@pytest.mark.parametrize(("call", "message"), [
    ("text.find(1)", "expected str, not"),
    ("text.join((1, 2))", "expected str, not"),
    ("text.split(1)", "expected str, not"),
    ("text.center('a')", "the width must be an integer"),
    ("text.upper(1)", "takes at most"),
    ("text.find(text, 1.5)", "a slice index must be an integer"),
    ("ord(1)", "takes a character"),
    ("chr('a')", "a code point must be an integer"),
    ("hex(1.5)", "takes an int"),
    ("int(1.5, 10)", "explicit base"),
    ("text.encode('utf-16')", "is not supported"),
    ("text + 1", "is not defined for"),
    ("text.no_such()", "has no attribute"),
    ("text.uper()", "has no attribute"),
    ("1 in text", "is not defined for"),
])  # fmt: skip
def test_wrong_types(call, message):
    import linecache

    scope = {}
    source = f"def f(text):\n    return {call}\n"
    name = f"<wrong {call}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile(source, name, "exec"), scope)
    with pytest.raises(TypingError, match=message):
        njit(scope["f"])("abc")


@pytest.mark.parametrize("literal", [r'"\ud800"', r'"a\U0000dfff\ufffd"', r'f"\ud800{text}"', r'"a" f"{text:\udcff<9}"'])
def test_a_lone_surrogate_in_a_literal_is_refused(literal):
    import linecache

    scope = {}
    source = f"def f(text):\n    return {literal}\n"
    name = f"<surrogate {literal}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile(source, name, "exec"), scope)
    with pytest.raises(UnsupportedError, match="a lone surrogate in a literal"):
        njit(scope["f"])("abc")


def test_what_only_looks_like_a_surrogate():
    def texts(text):
        return r"\ud800 �" + text, "\ufffd", f"\ufffd{text}"

    check(texts, "a")


def test_a_method_that_changes_nothing_gives_the_argument():
    @njit
    def same(text):
        return text.strip(), text.replace("x", "y"), text.removeprefix("no")

    text = "".join(["some", "thing"])
    assert all(result is text for result in same(text))


def test_an_integer_beyond_64_bits_is_an_error():
    with pytest.raises(OverflowError, match="int too large to convert to int64"):
        njit(lambda text: int(text))("9223372036854775808")


def test_nothing_leaks():
    @njit
    def churn(text, flag):
        words = text.upper().split(",")
        middle = text.partition(",")[1] + words[0].center(20, "*")
        if flag:
            text.index("not there")
        return middle.replace("*", "ä") + ",".join(words) + repr(words) + f"{len(words):5}" + str((text, 1.5))

    churn("a,bc,d", False)
    before = _core.live_allocations()
    for _ in range(5):
        churn("a,bc,d", False)
        with pytest.raises(ValueError, match="substring not found"):
            churn("a,bc,d", True)
    assert _core.live_allocations() == before


def test_result_of_a_method_in_a_list():
    def words(text):
        out = []
        for line in text.splitlines():
            for word in line.split():
                out.append(word.strip(".,").lower())
        return out

    check(words, "The quick, brown\nfox. Jumps\n\nÜber")


translations = Cases()


@translations(("abcäx", {97: 65, 98: 0x65E5, 0xE4: 97}), ("", {97: 65}), ("abc", {}))
def translated(text, table):
    return text.translate(table)


@translations(("abcä", {97: "xyz", 0xE4: ""}))
def translated_to_text(text, table):
    return text.translate(table)


@translations(("abcä", "ab", "日c", "ä"), ("abc", "aa", "xy", ""), ("", "", "", ""), ("ab", "a", "xy", "b"))
def with_new_table(text, old, new, gone):
    return text.translate(str.maketrans(old, new)), text.translate(str.maketrans(old, new, gone)), len(str.maketrans(old, new))


@translations(("abc", {"a": "1", "b": "日本"}), ("abc", {"ab": "1"}))
def with_table_of_characters(text, table):
    return text.translate(str.maketrans(table))


test_translations = translations.test()


def test_random_parts_of_texts():
    """Parts are views: their width may be more than their characters need."""

    @njit
    def facts(text, other, i, j):
        part, piece = text[i:j], other[j:]
        return (
            part.find(piece), part.rfind(piece), part.count(piece), part.replace(piece, text[:i]), piece in part, part == piece,
            part < piece, part.startswith(piece), part.endswith(piece), part.split(), part.strip(piece), hash(part), part + piece,
            part * 2, part.upper(), part.title(), repr(part), part.isalpha(), piece.join([part, text, ""]), part.removesuffix(piece),
            part.encode("utf-8"), f"{part:>5}{piece:*^4}", part.center(i, "é"), part[::-1], {part: 1} == {piece: 1}, part.expandtabs(j),
        )  # fmt: skip

    rng = random.Random(3)
    alphabets = ["ab", "ab ä", "ab\t日本", "aÄ😀 b", "ßΣσ\u0301a"]
    for _ in range(3000):
        text, other = ("".join(rng.choices(rng.choice(alphabets), k=rng.randrange(9))) for _ in range(2))
        args = text, other, rng.randrange(5), rng.randrange(9)
        assert facts(*args) == facts.py_func(*args), args


def test_hashes_of_dict_keys_do_not_depend_on_width():
    def lookup(text):
        words = {}
        for i in range(len(text)):
            words[text[i : i + 2]] = i
        return words["ab"], words.get("日a", -1), len(words)

    check(lookup, "abab日ab")
