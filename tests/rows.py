"""Checklists: what programs for Numba and readers of Python's manual expect, one small program for each line of it.

    row = Rows()

    @row("lists: insert", ([1, 2], 0, 9), ([], 5, 1))
    def _(items, position, item):
        items.insert(position, item)
        return items

    test_row = row.test()

The name of a line is the name of its test. What a line means in detail is tested elsewhere: these files say what is
there. Each program runs in the interpreter and compiled, as `differential` does it.
"""

import pytest
from differential import check


class Rows:
    """Collects programs with the lines that they stand for."""

    def __init__(self):
        self.params = []

    def __call__(self, name, *inputs, **options):
        def register(function):
            assert all(name != param.id for param in self.params), f"two lines are called {name}"
            self.params.append(pytest.param(function, inputs or [()], options, id=name))
            return function

        return register

    def test(self):
        @pytest.mark.parametrize(("function", "inputs", "options"), self.params)
        def test_row(function, inputs, options):
            for args in inputs:
                check(function, *args, **options)

        return test_row
