"""Every record of the table of library functions, compared with NumPy on all its inputs."""

import pytest
from library import elementwise, fourier, polynomials, reductions, scans, selecting, shapes, signals, sorting, statistics, ufunc_methods, various
from library.records import check

RECORDS = [
    *elementwise.RECORDS,
    *fourier.RECORDS,
    *polynomials.RECORDS,
    *reductions.RECORDS,
    *scans.RECORDS,
    *selecting.RECORDS,
    *shapes.RECORDS,
    *signals.RECORDS,
    *sorting.RECORDS,
    *statistics.RECORDS,
    *ufunc_methods.RECORDS,
    *various.RECORDS,
]


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_record(record):
    inputs = list(record.inputs())
    assert inputs
    for args in inputs:
        check(record, args)
