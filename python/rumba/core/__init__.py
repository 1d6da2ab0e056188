"""Where programs for Numba look for what Rumba has at the top: `from rumba.core.errors import TypingError`."""

import sys

from rumba import config, errors, extending, types

__all__ = ["config", "errors", "extending", "types"]

for _module in (config, errors, extending, types):
    sys.modules[f"{__name__}.{_module.__name__.rpartition('.')[2]}"] = _module
