"""`str` in compiled code, compared with the interpreter's."""

import pytest
from differential import Cases
from rumba import _core, njit
from rumba.errors import TypingError

TEXTS = ["", "a", "abc", "äbc", "日本語", "a😀b", "abcabc", " a  b\tc \n"]

cases = Cases()


@cases(*[(text,) for text in TEXTS])
def length_and_truth(text):
    return len(text), bool(text), not text, 1 if text else 2


@cases(*[(text, other) for text in TEXTS for other in TEXTS])
def compared(text, other):
    return text == other, text != other, text < other, text <= other, text > other, text >= other


@cases(*[(text, other) for text in TEXTS for other in ("", "b", "ab", "😀", "本")])
def joined_and_searched(text, other):
    return text + other, other + text, other in text, other not in text, text + "日"


@cases(*[(text, n) for text in TEXTS for n in (-1, 0, 1, 3)])
def repeated(text, n):
    return text * n, n * text


@cases(*[(text, i) for text in TEXTS for i in (0, 1, -1, 2, -3, 100)])
def indexed(text, i):
    return text[i]


@cases(*[(text, a, b, c) for text in TEXTS for a, b, c in ((0, 2, 1), (None, None, -1), (1, None, 2), (-3, -1, 1))])
def sliced(text, a, b, c):
    return text[a:b:c], text[1:], text[:-1], text[1:][:1]


@cases(*[(text,) for text in TEXTS])
def iterated(text):
    out = []
    for c in text:
        out.append(c + c)
    n_a = 0
    for i, c in enumerate(text):
        if c == "a":
            n_a += i
    return out, n_a


@cases(*[(text, sep, n) for text in TEXTS for sep in (None, " ", "b", "bc", "日") for n in (-1, 0, 1, 2)])
def split(text, sep, n):
    return text.split(sep, n)


@cases(*[(text,) for text in TEXTS])
def split_without_arguments(text):
    return text.split()


@cases((["a", "bc", "ä"], "-"), (["日", "x"], "ü"), (["a"], ", "), (["", ""], "😀"))
def put_together(words, sep):
    return sep.join(words), "".join(words), sep.join(("x", "y"))


@cases(("a", True), ("b", False))
def literals_meet(text, flag):
    word = "yes" if flag else "nö"
    for i in range(2):
        word = word + text
    return word, "abc"[1], "abc"[-1:] + text


test_text = cases.test()


def test_a_text_that_is_returned_is_the_argument():
    @njit
    def same(text):
        return text

    text = "".join(["some", "thing"])
    assert same(text) is text


def test_index_type():
    @njit
    def wrong(text):
        return text["a"]

    with pytest.raises(TypingError, match="a string index must be an integer"):
        wrong("abc")


def test_nothing_leaks():
    @njit
    def churn(text):
        words = text.split(",")
        joined = "".join([w + w for w in words])
        part = joined[1:3]
        return part + words[0]

    churn("a,bc,d")
    before = _core.live_allocations()
    for _ in range(5):
        assert churn("a,bc,d") == "aba"
    assert _core.live_allocations() == before
