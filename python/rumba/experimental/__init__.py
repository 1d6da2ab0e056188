"""What Numba has under this name: `jitclass`."""

from rumba.classes import jitclass

__all__ = ["jitclass"]
