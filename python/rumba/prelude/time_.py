"""Clocks of `time`, by the system's: their bits are those that CPython makes of the same reading."""

import ctypes
import time

import numpy as np

from rumba.extending import register_jitable
from rumba.prelude import always

_clock_gettime = ctypes.CDLL(None).clock_gettime
_clock_gettime.argtypes = (ctypes.c_int, ctypes.c_void_p)
_clock_gettime.restype = ctypes.c_int

_REALTIME = time.CLOCK_REALTIME
_MONOTONIC = time.CLOCK_MONOTONIC
_PROCESS = time.CLOCK_PROCESS_CPUTIME_ID
_THREAD = time.CLOCK_THREAD_CPUTIME_ID


@register_jitable
def _nanoseconds(clock):
    # A `timespec`: seconds and nanoseconds.
    reading = np.empty(2, np.int64)
    _clock_gettime(clock, reading.ctypes.data)
    return reading[0] * 1_000_000_000 + reading[1]


@always(time.time)
def seconds_since_1970():
    return _nanoseconds(_REALTIME) / 1e9


@always(time.time_ns)
def nanoseconds_since_1970():
    return _nanoseconds(_REALTIME)


@always(time.perf_counter)
@always(time.monotonic)
def monotonic():
    return _nanoseconds(_MONOTONIC) / 1e9


@always(time.perf_counter_ns)
@always(time.monotonic_ns)
def monotonic_ns():
    return _nanoseconds(_MONOTONIC)


@always(time.process_time)
def process_time():
    return _nanoseconds(_PROCESS) / 1e9


@always(time.process_time_ns)
def process_time_ns():
    return _nanoseconds(_PROCESS)


@always(time.thread_time)
def thread_time():
    return _nanoseconds(_THREAD) / 1e9


@always(time.thread_time_ns)
def thread_time_ns():
    return _nanoseconds(_THREAD)
