"""`**keywords`: of functions that compiled code calls, handed on, and of functions that Python calls."""

import pytest
from differential import Cases
from mistakes import Mistakes, check_mistake
from rumba import njit

cases = Cases()
mistake = Mistakes()


@njit
def scaled(x, *, scale=1.0, shift=0):
    return x * scale + shift


@njit
def both(a, b=2, *rest, c=3, **others):
    total = a + 10 * b + 100 * c
    for x in rest:
        total += x
    for _, value in others.items():
        total += value
    return total, len(others)


@cases((2,), (2.5,))
def read(x):
    def f(**keywords):
        return keywords["a"] * 2, keywords["text"], len(keywords), "a" in keywords, "b" not in keywords

    return f(a=x, text="one")


@cases((1,), (2.5,))
def get(x):
    def f(**keywords):
        return keywords.get("a"), keywords.get("b", "none"), keywords.get("c", x)

    return f(a=x), f(b=x), f()


@cases((1,), (2.5,))
def defaults_by_branches(x):
    def f(x, **options):
        if "label" in options:
            return x * len(options["label"])
        return x

    return f(x, label="abc"), f(x)


@cases((1,), (2.5,))
def forwarded(x):
    def g(*args, **keywords):
        return scaled(*args, **keywords)

    def h(*args, **keywords):
        return g(*args, shift=3, **keywords)

    return g(x), g(x, scale=2.5), g(x, shift=1, scale=2), h(x, scale=3)


@cases((1,))
def with_all_other_parameters(x):
    return both(x), both(x, 1), both(x, 1, 5, 6), both(x, c=4, d=7), both(a=x, e=1, f=2.5), both(x, d=7, b=0)


@cases((1,), (2.5,))
def loops(x):
    def f(**keywords):
        names = ""
        for name in keywords:
            names += name
        for name, value in keywords.items():
            names += name + str(value)
        for value in keywords.values():
            names += str(value)
        return names, sorted(keywords), list(keywords.keys()), [str(value) for value in keywords.values()]

    return f(b=x, a="text"), f()


@cases((1,), (2.5,))
def as_a_dict(x):
    def f(**keywords):
        return {**keywords, "z": 1.5}, keywords == {"a": 1, "b": 2}, str(keywords), bool(keywords)

    return f(a=x, b=x)


@cases(("a",), ("c",))
def names_of_the_run(name):
    def f(**keywords):
        return name in keywords, keywords.get(name, -1), keywords[name]

    return f(a=1, b=2)


@cases()
def missing():
    def f(**keywords):
        return keywords["b"]

    return f(a=1)


@cases((3,))
def handed_back(x):
    def f(**keywords):
        return keywords

    return f(a=x, b="text"), f()


@cases((3,))
def positional_only_names_are_free(x):
    def f(a, /, **keywords):
        return a, keywords["a"]

    return f(x, a=5)




@mistake(1, says="f\\(\\) got multiple values for argument 'a'")
def twice(x):
    def f(a, **keywords):
        return a

    return f(x, a=x)


@mistake(1, says="multiple values for keyword argument 'b'")
def twice_forwarded(x):
    def f(**keywords):
        return keywords["b"]

    def g(**keywords):
        return f(b=x, **keywords)

    return g(b=x)


@mistake(1, says="scaled\\(\\) got an unexpected keyword argument 'size'")
def unexpected(x):
    def g(**keywords):
        return scaled(x, **keywords)

    return g(size=1)


@mistake(1, says="the keywords of a call are not changed")
def changed(x):
    def f(**keywords):
        keywords["a"] = 2
        return keywords["a"]

    return f(a=x)


@mistake(1, says="the keywords of a call are not changed")
def taken_out(x):
    def f(**keywords):
        return keywords.pop("a")

    return f(a=x)


@mistake(1, says="the keyword `b` is str, and those before it are int64")
def no_common_type(x):
    def f(**keywords):
        return {**keywords}

    return f(a=x, b="text")


@mistake(1, says="only the keywords of another call are unpacked")
def dict_of_a_variable(x):
    options = {"scale": x}
    return scaled(x, **options)


test_keywords = cases.test()


@pytest.mark.parametrize(("function", "args", "says"), mistake)
def test_mistake(function, args, says):
    check_mistake(function, args, says)


@pytest.mark.parametrize("keywords", [{}, {"a": 1}, {"a": 2.5, "b": "text"}, {"b": "text", "a": 2.5}, {"x": 1}])
def test_called_from_python(keywords):
    def f(x=0, *rest, y=1, **keywords):
        return x, len(rest), y, len(keywords), sorted(keywords), keywords.get("a", -1), keywords.get("b", "none")

    compiled = njit(f)
    for _ in range(2):
        assert compiled(**keywords) == f(**keywords)
        assert compiled(5, 6, y=2.5, **{"a": 1, "c": [1, 2]}) == f(5, 6, y=2.5, **{"a": 1, "c": [1, 2]})


def test_a_wrong_call_from_python():
    @njit
    def f(a, /, b, **keywords):
        return a, b, keywords["a"]

    assert f(1, 2, a=3) == f(1, b=2, a=3) == (1, 2, 3)
    with pytest.raises(TypeError, match="multiple values for argument 'b'"):
        f(1, 2, b=3)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'b'"):
        f(1, a=3)
    with pytest.raises(KeyError, match="a"):
        f(1, 2)


def test_arrays_of_keywords_are_written():
    import numpy as np

    @njit
    def f(**keywords):
        keywords["out"][0] = 5.0

    out = np.zeros(2)
    f(out=out)
    assert out[0] == 5.0
