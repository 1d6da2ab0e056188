"""What importing costs over importing NumPy, in fresh processes."""

import subprocess
import sys

from benches.measure import alternate
from benches.report import Table

BAR_MS = 20.0
REPETITIONS = 15

# Every process imports NumPy first, so that only what comes on top is timed.
_PROGRAM = """
import time
import numpy
start = time.perf_counter()
import {module}
print((time.perf_counter() - start) * 1e3)
"""


def _import_ms(module):
    program = _PROGRAM.format(module=module)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout)


def run(sides):
    actions = {side: lambda side=side: _import_ms(side) for side in sides}
    for action in actions.values():
        action()  # fills the disk cache and writes the .pyc files
    medians = alternate(actions, REPETITIONS)
    table = Table("Import over NumPy (ms, fresh processes)", sides)
    table.row("import", medians, unit="ms", bar=("rumba", BAR_MS))
    return [table]
