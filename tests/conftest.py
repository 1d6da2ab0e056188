"""Settings shared by all tests: the width of hypothesis's search, and no surprise from NumPy's warnings."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "rumba", max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rumba")


@pytest.fixture(autouse=True)
def numpy_computes_in_silence():
    """Overflow and invalid operations are inputs here; the interpreter's warnings about them say nothing new."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield
