"""How large the wheel in dist/ is."""

import sys
from pathlib import Path

from benches.report import Table

BAR_MB = 30.0
DIST = Path(__file__).resolve().parent.parent / "dist"


def run(sides):
    tag = "cp{}{}".format(*sys.version_info[:2])
    table = Table("Wheel (MB)", ("rumba",))
    for wheel in sorted(DIST.glob(f"rumba-*-{tag}-*.whl")):
        table.row(wheel.name, {"rumba": wheel.stat().st_size / 1e6}, unit="MB", bar=("rumba", BAR_MB))
    return [table]
