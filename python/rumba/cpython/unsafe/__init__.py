"""Functions of Numba's implementation that programs have come to use."""
