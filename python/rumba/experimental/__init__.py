"""What Numba has under this name: `jitclass` and `structref`."""

from rumba.classes import jitclass
from rumba.experimental import structref

__all__ = ["jitclass", "structref"]
