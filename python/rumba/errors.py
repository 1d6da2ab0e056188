"""The exceptions that Rumba raises when it cannot compile, under Numba's names.

Exceptions of running code are Python's own: `ZeroDivisionError`, `IndexError` and so on.
"""

__all__ = [
    "CompilerError",
    "InternalError",
    "LoweringError",
    "NumbaError",
    "NumbaPerformanceWarning",
    "NumbaWarning",
    "RumbaError",
    "RumbaObjectModeWarning",
    "RumbaPerformanceWarning",
    "RumbaWarning",
    "SourceError",
    "TypingError",
    "UnsupportedError",
]


class RumbaError(Exception):
    """The base of everything that Rumba raises about a function it compiles."""

    #: One dict per mistake: code, message, filename, line, column, label, notes.
    diagnostics: list = []

    @property
    def msg(self):
        return str(self)


class TypingError(RumbaError):
    """An operation has no meaning for the types of its operands, or a value has no type."""


class UnsupportedError(RumbaError):
    """A construct of Python that Rumba does not compile."""


class SourceError(RumbaError):
    """The source of a function cannot be had, or is not what runs."""


class CompilerError(RumbaError):
    """The compiler gave up."""


class LoweringError(CompilerError):
    """Code generation gave up."""


class InternalError(CompilerError):
    """A bug in Rumba."""


class RumbaWarning(Warning):
    """The base of Rumba's warnings."""


class RumbaObjectModeWarning(RumbaWarning):
    """The interpreter runs a function because it does not compile."""


class RumbaPerformanceWarning(RumbaWarning):
    """Something runs, but not as fast as one may think."""


NumbaError = RumbaError
NumbaWarning = RumbaWarning
NumbaPerformanceWarning = RumbaPerformanceWarning
