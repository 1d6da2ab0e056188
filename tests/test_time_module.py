"""Clocks of `time` in compiled code beside the interpreter's readings before and after."""

import time

import pytest
from rumba import njit

CLOCKS = ["time", "monotonic", "perf_counter", "process_time", "thread_time"]


@pytest.mark.parametrize("name", [*CLOCKS, *(f"{name}_ns" for name in CLOCKS)])
def test_a_reading_is_between_the_interpreters(name):
    clock = getattr(time, name)

    @njit
    def read():
        return clock()

    read()
    before, reading, after = clock(), read(), clock()
    assert type(reading) is type(before)
    assert before <= reading <= after


def test_a_clock_goes_on_in_a_loop():
    @njit
    def wait(seconds):
        start = time.perf_counter()
        n_readings = 0
        while time.perf_counter() - start < seconds:
            n_readings += 1
        return n_readings

    start = time.perf_counter()
    assert wait(0.05) > 100
    assert time.perf_counter() - start >= 0.05
