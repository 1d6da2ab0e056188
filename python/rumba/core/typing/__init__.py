"""Where programs for Numba look for signatures, and for what it does with C libraries: `cffi_utils`."""

from rumba.types import signature

__all__ = ["signature"]
