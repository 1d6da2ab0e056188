"""`bytes` in compiled code, compared with the interpreter's."""

import itertools

import numpy as np
import pytest
from differential import Cases, check
from rumba import _core, njit
from rumba.errors import TypingError

cases = Cases()

VALUES = [b"", b"a", b"abcabc", b"\x00\xff\x80", b" a  b\tc \n", b"Hello World 12", b"a\x1cb\x85c\r\nd\re"]
PARTS = [b"", b"a", b"bc", b"\xff", b" ", b"\r"]


@cases(*[(value,) for value in VALUES])
def basics(value):
    return len(value), bool(value), repr(value), str(value), hash(value), value, value[1:], value[::-1], value[::2], [b for b in value]


@cases(*itertools.product(VALUES, [0, 1, -1, 5, -100]))
def indexed(value, i):
    return value[i]


@cases(*itertools.product(VALUES, VALUES))
def compared(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b, a + b, a in b, b not in a, a == "a", min(a, b), max(a, b)


@cases(*itertools.product(VALUES, [-1, 0, 3]))
def repeated(value, n):
    return value * n, n * value


@cases(*itertools.product(VALUES, [0, 97, 255]))
def contains(value, byte):
    return byte in value


@cases((b"abc", 256), (b"abc", -1))
def contains_no_byte(value, byte):
    return byte in value


@cases(*itertools.product(VALUES, PARTS, [(None, None), (1, -1), (3, 2), (-4, None), (9, None)]))
def searched(value, part, span):
    start, end = span
    return (
        value.find(part, start, end),
        value.rfind(part, start, end),
        value.count(part, start, end),
        value.startswith(part, start, end),
        value.endswith((part, b"x"), start, end),
        value.removeprefix(part),
        value.removesuffix(part),
        value.replace(part, b"--"),
        value.replace(part, b"", 1),
    )


@cases(*itertools.product(VALUES, PARTS))
def found_or_not(value, part):
    return value.index(part), value.rindex(part)


@cases(*itertools.product(VALUES, [None, b"a", b"bc", b" "], [-1, 0, 1]))
def split(value, sep, n):
    return value.split(sep, n), value.rsplit(sep, n), value.splitlines(), value.splitlines(True)


@cases(*itertools.product(VALUES, [b"a", b"bc", b" "]))
def parted(value, sep):
    return value.partition(sep), value.rpartition(sep), sep.join([value, value]), sep.join((value, b"x"))


@cases(*itertools.product(VALUES, [None, b"a", b" \n", b"cb"]))
def stripped(value, chars):
    return value.strip(chars), value.lstrip(chars), value.rstrip(chars)


@cases(*itertools.product(VALUES, [0, 8, 9]))
def padded(value, width):
    return value.center(width), value.ljust(width, b"*"), value.rjust(width, b"\x00"), value.zfill(width), value.expandtabs(width)


@cases(*[(value,) for value in [*VALUES, b"abc", b"ABC", b"Ab Cd", b"123", b" \t", b"a1"]])
def cased(value):
    return (
        value.upper(), value.lower(), value.title(), value.capitalize(), value.swapcase(), value.isalnum(), value.isalpha(),
        value.isascii(), value.isdigit(), value.islower(), value.isspace(), value.istitle(), value.isupper(),
    )  # fmt: skip


@cases(([0, 255, 97],), ((1, 2),), ([256],), ([-1],), (np.array([1, 2, 3], np.uint8),), (range(5),), (b"abc",), (3,), (0,), (-1,))
def made(source):
    return bytes(source), bytes(source).hex()


@cases()
def made_of_nothing():
    return bytes(), bytes("aé", "utf-8"), bytes(3).hex()


TEXTS = ["", "abc", "äöü", "日本", "a😀b", "a\ud800b", "\udcff\udcfe", "ÿ\u0100"]


@cases(*[(text,) for text in TEXTS])
def encoded(text):
    return text.encode(), text.encode("UTF-8", "strict")


@cases(*[(text,) for text in TEXTS])
def encoded_as_latin(text):
    return text.encode("latin-1")


@cases(*[(text,) for text in TEXTS])
def encoded_as_ascii(text):
    return text.encode(encoding="ascii")


CODED = [
    b"", b"abc", "äöü日本😀".encode(), b"\xff", b"a\xe6\x97", b"\xe6\x97a", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98",
    b"\x80abc", b"ab\xc3", b"\xe6\x28\x97",
]  # fmt: skip


@cases(*[(value,) for value in CODED])
def decoded(value):
    return value.decode(), str(value, "utf8")


@cases(*[(value,) for value in CODED])
def decoded_as_latin(value):
    return value.decode("latin1")


@cases(*[(value,) for value in CODED])
def decoded_as_ascii(value):
    return value.decode("ascii")


GLOBAL = b"gl\x00bal"


@cases((True,), (False,))
def literals(flag):
    word = b"yes" if flag else b"n\x00"
    return word, word + b"\xff", GLOBAL, GLOBAL[2], b"" or b"x", int(b" 12 "), float(b"1.5"), ord(b"a"), isinstance(word, bytes)


@cases((["a", "b"], (b"x", b"y")))
def in_containers(words, pair):
    out = {}
    for word in words:
        out[word] = word.encode()
    return [w.encode() for w in words], pair[0] + pair[1], pair


@cases((b"\x01\x00\x02\x00\x03\x00",))
def checksum(value):
    total = 0
    for byte in value:
        total = (total * 31 + byte) % 65521
    return total


@cases((b"a b a c b a",))
def counted(value):
    counts = {}
    seen = set()
    for word in value.split():
        counts[word] = counts.get(word, 0) + 1
        seen.add((word, 1))
    return counts, len(seen), b"a" in counts, counts[b"b"], sorted(value.split()), sorted(counts)


test_bytes = cases.test()


def test_the_argument_itself_is_given_back():
    @njit
    def same(value):
        return value, value.strip()

    value = bytes(bytearray(b"some bytes"))
    assert all(result is value for result in same(value))


def test_nothing_leaks():
    @njit
    def churn(value, flag):
        parts = value.split(b",")
        if flag:
            value.decode("ascii")
        return b"-".join(parts).upper() + parts[0], value[1:], repr(parts)

    churn(b"a,b\xff,c", False)
    before = _core.live_allocations()
    for _ in range(5):
        churn(b"a,b\xff,c", False)
        with pytest.raises(UnicodeDecodeError):
            churn(b"a,b\xff,c", True)
    assert _core.live_allocations() == before


def test_what_an_exception_of_a_codec_tells():
    with pytest.raises(UnicodeEncodeError) as caught:
        njit(lambda text: text.encode("ascii"))("aäöb")
    assert (caught.value.object, caught.value.start, caught.value.end) == ("aäöb", 1, 3)


def test_wrong_types():
    for function, message in [
        (lambda value: value.find("a"), "expected bytes, not"),
        (lambda value: value + "a", "is not defined for"),
        (lambda value: value.decode("utf-16"), "is not supported"),
        (lambda value: value["a"], "a byte index must be an integer"),
        (lambda value: "a" in value, "is not defined for"),
    ]:
        with pytest.raises(TypingError, match=message):
            njit(function)(b"abc")


buffers = Cases()
NUMBERS = np.arange(6, dtype=np.int16).tobytes()


@buffers(*itertools.product([b"", NUMBERS, NUMBERS[:5]], [-1, 0, 2, 7], [0, 1, 2, -1, 12, 13]))
def as_integers(value, count, offset):
    return np.frombuffer(value, np.int16, count, offset)


@buffers((b"\x00" * 16,), (b"",), (b"abc",))
def as_floats(value):
    return np.frombuffer(value)


@buffers((NUMBERS,))
def computed(value):
    a = np.frombuffer(value[1:-1], dtype=np.uint8)
    return a.sum(), a[1:] * 2, np.frombuffer(value + value, np.int32)


test_frombuffer = buffers.test()


def test_an_array_of_new_bytes_keeps_them():
    @njit
    def doubled(value):
        return np.frombuffer(value + value, np.uint8)

    before = _core.live_allocations()
    array = doubled(b"abc")
    assert array.tobytes() == b"abcabc"
    assert not array.flags.writeable
    del array
    assert _core.live_allocations() == before
