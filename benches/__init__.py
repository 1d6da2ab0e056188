"""Rumba and Numba side by side, in one run: `python -m benches`, or `python -m benches imports calls` for some."""
