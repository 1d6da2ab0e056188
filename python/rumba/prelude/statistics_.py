"""`statistics`, of floats: exact sums, as CPython's, and float results, also of ints."""

import math
import statistics
from statistics import StatisticsError

import numpy as np

from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.prelude import always, implements
from rumba.types import Array, BaseTuple, Boolean, Float, Integer, List, Set


def _for_numbers(func):
    """Registers a function of numbers; several arguments may be sequences of them."""

    def register(function):
        @implements(func)
        def choose(*args, **keywords):
            if args and not _is_data(args[0]):
                raise TypingError(f"{func.__name__} takes a list, a tuple, a set or an array of numbers")
            return function

        return function

    return register


def _is_data(ty):
    if isinstance(ty, BaseTuple):
        return all(isinstance(item, (Boolean, Float, Integer)) for item in ty)
    is_one = isinstance(ty, Array) and ty.ndim == 1 or isinstance(ty, (List, Set))
    # What is in an empty list is not known.
    return is_one and (isinstance(ty.dtype, (Boolean, Float, Integer)) or ty.dtype.kind == "never")


@register_jitable
def _as_floats(data, n_more):
    """The numbers, and room for more behind them."""
    values = np.zeros(len(data) + n_more)
    position = 0
    for x in data:
        values[position] = x
        position += 1
    return values


@register_jitable
def _product(x, y):
    """The product and its rounding error (Dekker, 1971)."""
    product = x * y
    scaled = 134217729.0 * x
    x_high = scaled - (scaled - x)
    x_low = x - x_high
    scaled = 134217729.0 * y
    y_high = scaled - (scaled - y)
    y_low = y - y_high
    return product, ((x_high * y_high - product) + x_high * y_low + x_low * y_high) + x_low * y_low


@register_jitable
def _exact_mean(values):
    """The mean of all but the last, which is overwritten, and how far it is from the exact one."""
    n = float(len(values) - 1)
    values[-1] = 0.0
    total = math.fsum(values)
    mean = total / n
    if not math.isfinite(mean):
        return mean, 0.0
    values[-1] = -total
    rest = math.fsum(values)
    product, error = _product(mean, n)
    remainder = ((total - product) - error + rest) / n
    rounded = mean + remainder
    return rounded, (mean - rounded) + remainder


@register_jitable
def _squares(values, centre):
    """The exact sum of the squares of the distances of all but the last."""
    n = len(values) - 1
    terms = np.empty(3 * n)
    for position in range(n):
        x = values[position]
        distance = x - centre
        # What rounding took off the distance (Knuth).
        back = x - distance
        error = (x - (distance + back)) + (back - centre)
        square, rest = _product(distance, distance)
        terms[3 * position] = square
        terms[3 * position + 1] = rest
        terms[3 * position + 2] = 2.0 * distance * error
    return math.fsum(terms)


@register_jitable
def _squares_about_mean(values):
    mean, error = _exact_mean(values)
    if not math.isfinite(mean):
        return mean - mean
    return _squares(values, mean) - (len(values) - 1) * error * error


@_for_numbers(statistics.mean)
def mean(data):
    if len(data) < 1:
        raise StatisticsError("mean requires at least one data point")
    return _exact_mean(_as_floats(data, 1))[0]


@_for_numbers(statistics.fmean)
def fmean(data, weights=None):
    n = len(data)
    if weights is None:
        if n == 0:
            raise StatisticsError("fmean requires at least one data point")
        return math.fsum(_as_floats(data, 0)) / n
    if len(weights) != n:
        raise StatisticsError("data and weights must be the same length")
    values = _as_floats(data, 0)
    by = _as_floats(weights, 0)
    denominator = math.fsum(by)
    if denominator == 0.0:
        raise StatisticsError("sum of weights must be non-zero")
    return math.fsum(values * by) / denominator


@_for_numbers(statistics.variance)
def variance(data, xbar=None):
    n = len(data)
    if n < 2:
        raise StatisticsError("variance requires at least two data points")
    if xbar is None:
        return _squares_about_mean(_as_floats(data, 1)) / (n - 1)
    return _squares(_as_floats(data, 1), float(xbar)) / (n - 1)


@_for_numbers(statistics.pvariance)
def pvariance(data, mu=None):
    n = len(data)
    if n < 1:
        raise StatisticsError("pvariance requires at least one data point")
    if mu is None:
        return _squares_about_mean(_as_floats(data, 1)) / n
    return _squares(_as_floats(data, 1), float(mu)) / n


@_for_numbers(statistics.stdev)
def stdev(data, xbar=None):
    n = len(data)
    if n < 2:
        raise StatisticsError("stdev requires at least two data points")
    if xbar is None:
        return math.sqrt(_squares_about_mean(_as_floats(data, 1)) / (n - 1))
    return math.sqrt(_squares(_as_floats(data, 1), float(xbar)) / (n - 1))


@_for_numbers(statistics.pstdev)
def pstdev(data, mu=None):
    n = len(data)
    if n < 1:
        raise StatisticsError("pstdev requires at least one data point")
    if mu is None:
        return math.sqrt(_squares_about_mean(_as_floats(data, 1)) / n)
    return math.sqrt(_squares(_as_floats(data, 1), float(mu)) / n)


@_for_numbers(statistics.geometric_mean)
def geometric_mean(data):
    values = _as_floats(data, 0)
    for position in range(len(values)):
        if not values[position] > 0.0:
            raise StatisticsError("geometric mean requires a non-empty dataset containing positive numbers")
        values[position] = math.log(values[position])
    if len(values) == 0:
        raise StatisticsError("geometric mean requires a non-empty dataset containing positive numbers")
    return math.exp(math.fsum(values) / len(values))


@_for_numbers(statistics.harmonic_mean)
def harmonic_mean(data):
    n = len(data)
    if n < 1:
        raise StatisticsError("harmonic_mean requires at least one data point")
    values = _as_floats(data, 0)
    for x in values:
        if x < 0.0:
            raise StatisticsError("harmonic mean does not support negative values")
    for position in range(n):
        if values[position] == 0.0:
            return 0.0
        values[position] = 1.0 / values[position]
    return n / math.fsum(values)


@always(statistics.median)
def median(data):
    items = sorted(data)
    n = len(items)
    if n == 0:
        raise StatisticsError("no median for empty data")
    if n % 2 == 1:
        return items[n // 2] / 1
    return (items[n // 2 - 1] + items[n // 2]) / 2


@always(statistics.median_low)
def median_low(data):
    items = sorted(data)
    n = len(items)
    if n == 0:
        raise StatisticsError("no median for empty data")
    return items[(n - 1) // 2]


@always(statistics.median_high)
def median_high(data):
    items = sorted(data)
    n = len(items)
    if n == 0:
        raise StatisticsError("no median for empty data")
    return items[n // 2]


@always(statistics.mode)
def mode(data):
    counts = {}
    for item in data:
        counts[item] = counts.get(item, 0) + 1
    if len(counts) == 0:
        raise StatisticsError("no mode for empty data")
    most = max(counts.values())
    for item in data:
        if counts[item] == most:
            return item
    raise StatisticsError("no mode for empty data")


@always(statistics.multimode)
def multimode(data):
    counts = {}
    for item in data:
        counts[item] = counts.get(item, 0) + 1
    most = 0
    for count in counts.values():
        most = max(most, count)
    return [item for item, count in counts.items() if count == most]


@_for_numbers(statistics.quantiles)
def quantiles(data, *, n=4, method="exclusive"):
    if n < 1:
        raise StatisticsError("n must be at least 1")
    values = np.sort(_as_floats(data, 0))
    length = len(values)
    if length < 2:
        raise StatisticsError("must have at least two data points")
    if method != "exclusive" and method != "inclusive":
        raise ValueError(f"Unknown method: {method!r}")
    span = length - 1 if method == "inclusive" else length + 1
    cuts = []
    for number in range(1, n):
        if method == "inclusive":
            below = number * span // n
            part = number * span - below * n
            cuts.append((values[below] * (n - part) + values[below + 1] * part) / n)
        else:
            below = min(max(number * span // n, 1), length - 1)
            part = number * span - below * n
            cuts.append((values[below - 1] * (n - part) + values[below] * part) / n)
    return cuts


@_for_numbers(statistics.covariance)
def covariance(x, y, /):
    n = len(x)
    if len(y) != n:
        raise StatisticsError("covariance requires that both inputs have same number of data points")
    if n < 2:
        raise StatisticsError("covariance requires at least two data points")
    xs = _as_floats(x, 0)
    ys = _as_floats(y, 0)
    return math.fsum((xs - math.fsum(xs) / n) * (ys - math.fsum(ys) / n)) / (n - 1)


@_for_numbers(statistics.correlation)
def correlation(x, y, /):
    n = len(x)
    if len(y) != n:
        raise StatisticsError("correlation requires that both inputs have same number of data points")
    if n < 2:
        raise StatisticsError("correlation requires at least two data points")
    xs = _as_floats(x, 0)
    ys = _as_floats(y, 0)
    xs -= math.fsum(xs) / n
    ys -= math.fsum(ys) / n
    by = math.sqrt(math.fsum(xs * xs) * math.fsum(ys * ys))
    if by == 0.0:
        raise StatisticsError("at least one of the inputs is constant")
    return math.fsum(xs * ys) / by
