"""Functions with `assert`, for test_language.py: here, because pytest rewrites the asserts of test modules."""


def assert_plain(x):
    assert x
    return x


def assert_with_message(x):
    assert x > 0, "x must be positive"
    return x


def assert_with_run_time_message(x):
    assert x > 0, x
    return x
