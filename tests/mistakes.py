"""Functions that do not compile: a test file registers them with what their message says, and tests them all."""

import pytest
from rumba import njit
from rumba.errors import TypingError


class Mistakes(list):
    """`@mistake(*args, says=pattern)` registers a function that is refused for these arguments."""

    def __call__(self, *args, says):
        def register(function):
            self.append(pytest.param(function, args, says, id=function.__name__))
            return function

        return register


def check_mistake(function, args, says):
    """The function is refused before it runs, with a caret under the mistake."""
    with pytest.raises(TypingError, match=says) as caught:
        njit(function)(*args)
    assert "^" in str(caught.value)
