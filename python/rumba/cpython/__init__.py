"""Where programs for Numba look for functions of its implementation: `unsafe.tuple`."""
