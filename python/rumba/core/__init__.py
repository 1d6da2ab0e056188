"""Where programs for Numba look for what Rumba has at the top: `from rumba.core import types, errors`."""

from rumba import config, errors, types

__all__ = ["config", "errors", "types"]
