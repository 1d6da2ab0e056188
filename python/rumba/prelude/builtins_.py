"""Python's built-in functions that make iterators: `map`, `filter`, `iter`, `zip`; sorting; others that the library lacks.

Numbers as bytes and as text: `int.to_bytes`, `float.hex`, `complex(text)` and their kin.
"""

import builtins
import math

import numpy as np

from rumba.errors import TypingError
from rumba.extending import register_jitable
from rumba.prelude import always, implements
from rumba.types import Bytes, NoneType


@implements(builtins.map)
def choose_map(func, *iterables):
    if len(iterables) == 1:

        def map(func, iterable, /):
            for item in iterable:
                yield func(item)

    elif iterables:

        def map(func, /, *iterables):
            for items in zip(*iterables):
                yield func(*items)

    else:
        raise TypingError("map() must have at least two arguments.")
    return map


@implements(builtins.filter)
def choose_filter(function, iterable, /):
    if isinstance(function, NoneType):

        def filter(function, iterable, /):
            for item in iterable:
                if item:
                    yield item

    else:

        def filter(function, iterable, /):
            for item in iterable:
                if function(item):
                    yield item

    return filter


@implements(builtins.iter)
def choose_iter(iterable, /, *sentinel):
    if sentinel:

        def iter(callable, sentinel, /):
            while True:
                value = callable()
                if value == sentinel:
                    return
                yield value

    elif iterable.kind == "struct":
        # Its own `__iter__` is for extensions.
        return None

    else:

        def iter(iterable, /):
            for item in iterable:
                yield item

    return iter


@register_jitable
def _iterators(iterables):
    if len(iterables) == 0:
        return ()
    return (iter(iterables[0]), *_iterators(iterables[1:]))


@register_jitable
def _next_items(iterators):
    if len(iterators) == 0:
        return ()
    return (next(iterators[0]), *_next_items(iterators[1:]))


@implements(builtins.zip)
def choose_zip(*iterables, strict=False):
    # Asked for where generators may be the same one.
    def zip(*iterables, strict=False):
        iterators = _iterators(iterables)
        while True:
            try:
                items = _next_items(iterators)
            except StopIteration:
                return
            yield items

    return zip


@always("builtins.dict.fromkeys")
def fromkeys(iterable, value, /):
    return {key: value for key in iterable}


@always("builtins.list.sort_by_comparison")
def sort_by_comparison(items, keys, reverse, /):
    # Runs are merged, so that items which are not less than each other stay in their order.
    n_items = len(keys)
    order = list(range(n_items))
    if reverse:
        order.reverse()
    merged = order.copy()
    width = 1
    while width < n_items:
        for start in range(0, n_items, 2 * width):
            middle = min(start + width, n_items)
            end = min(middle + width, n_items)
            left, right = start, middle
            for place in range(start, end):
                if right == end or left < middle and not keys[order[right]] < keys[order[left]]:
                    merged[place] = order[left]
                    left += 1
                else:
                    merged[place] = order[right]
                    right += 1
        order, merged = merged, order
        width *= 2
    if reverse:
        order.reverse()
    unsorted = items.copy()
    for place in range(n_items):
        items[place] = unsorted[order[place]]


@always("builtins.list.contains_by_comparison")
def contains(items, value, /):
    for item in items:
        if item == value:
            return True
    return False


@always("builtins.list.count_by_comparison")
def count(items, value, /):
    n_found = 0
    for item in items:
        if item == value:
            n_found += 1
    return n_found


@always("builtins.list.index_by_comparison")
def index(items, value, start, stop, /):
    n_items = len(items)
    end = n_items if stop is None else stop
    if start < 0:
        start = max(start + n_items, 0)
    if end < 0:
        end += n_items
    for position in range(start, min(end, n_items)):
        if items[position] == value:
            return position
    raise ValueError("list.index(x): x not in list")


@always("builtins.list.remove_by_comparison")
def remove(items, value, /):
    for position in range(len(items)):
        if items[position] == value:
            del items[position]
            return
    raise ValueError("list.remove(x): x not in list")


# Numbers as bytes and as text.


@implements(builtins.hash)
def choose_hash(obj, /):
    if not isinstance(obj, NoneType):
        return None
    # The interpreter's: it differs between processes before Python 3.12.
    value = hash(None)

    def hash_of_none(obj, /):
        return value

    return hash_of_none


@register_jitable
def _is_big(byteorder):
    if byteorder == "big":
        return True
    if byteorder == "little":
        return False
    raise ValueError("byteorder must be either 'little' or 'big'")


@always("builtins.int.to_bytes")
def to_bytes(self, length, byteorder, signed):
    is_big = _is_big(byteorder)
    if length < 0:
        raise ValueError("length argument must be non-negative")
    if self < 0 and not signed:
        raise OverflowError("can't convert negative int to unsigned")
    if length < 8 or length == 8 and signed:
        # What is left of the bytes, with the sign if there is one, consists of copies of the sign.
        rest = self >> max(8 * length - (1 if signed else 0), 0)
        if rest != 0 and rest != (-1 if self < 0 else 0):
            raise OverflowError("int too big to convert")
    items = []
    for position in range(length):
        if position < 8:
            items.append(np.int64((self >> (8 * position)) & 255))
        else:
            items.append(255 if self < 0 else 0)
    if is_big:
        items.reverse()
    return bytes(items)


@implements("builtins.int.from_bytes")
def choose_from_bytes(bytes, byteorder="big", *, signed=False):
    def from_bytes(bytes, byteorder="big", *, signed=False):
        return _int_of_bytes(bytes, _is_big(byteorder), signed)

    def from_iterable(bytes, byteorder="big", *, signed=False):
        return _int_of_bytes(builtins.bytes(bytes), _is_big(byteorder), signed)

    return from_bytes if isinstance(bytes, Bytes) else from_iterable


@register_jitable
def _int_of_bytes(data, is_big, signed):
    n = len(data)
    if n == 0:
        return 0
    is_negative = signed and data[0 if is_big else n - 1] >= 128
    filling = 255 if is_negative else 0
    value = -1 if is_negative else 0
    for position in range(n):
        # From the most significant byte on.
        byte = data[position] if is_big else data[n - 1 - position]
        is_beyond = position < n - 8 and byte != filling
        if is_beyond or position == max(n - 8, 0) and n >= 8 and (byte >= 128) != is_negative:
            raise OverflowError("Python int too large to convert to int64")
        value = (value << 8) | byte
    return value


@always("builtins.float.hex")
def hex(self):
    if not math.isfinite(self):
        return str(self)
    sign = "-" if math.copysign(1.0, self) < 0 else ""
    if self == 0:
        return sign + "0x0.0p+0"
    mantissa, exponent = math.frexp(abs(float(self)))
    # Subnormal numbers have the least exponent, and begin with a 0.
    shift = 1 - max(-1021 - exponent, 0)
    mantissa = math.ldexp(mantissa, shift)
    exponent -= shift
    first = int(mantissa)
    rest = int(math.ldexp(mantissa - first, 52))
    return f"{sign}0x{first}.{rest:013x}p{exponent:+d}"


@register_jitable
def _hexadecimal_digit(character):
    if "0" <= character <= "9":
        return ord(character) - 48
    if "a" <= character <= "f":
        return ord(character) - 87
    if "A" <= character <= "F":
        return ord(character) - 55
    return -1


@always("builtins.float.fromhex")
def fromhex(string, /):
    text = string.strip()
    sign = 1.0
    if text.startswith(("+", "-")):
        sign = -1.0 if text[0] == "-" else 1.0
        text = text[1:]
    name = text.lower()
    if name in ("inf", "infinity"):
        return sign * math.inf
    if name == "nan":
        return sign * math.nan
    position = 2 if name.startswith("0x") else 0
    # Digits as an int of up to 60 bits times a power of two, and whether anything but zeros follows.
    digits = 0
    exponent = 0
    has_more = False
    has_digits = False
    has_point = False
    while position < len(text):
        digit = _hexadecimal_digit(text[position])
        if text[position] == "." and not has_point:
            has_point = True
        elif digit < 0:
            break
        else:
            has_digits = True
            if digits < 1 << 56:
                digits = digits * 16 + digit
                exponent -= 4 if has_point else 0
            else:
                has_more = has_more or digit != 0
                exponent += 0 if has_point else 4
        position += 1
    if not has_digits:
        raise ValueError("invalid hexadecimal floating-point string")
    if position < len(text):
        power = text[position + 1 :]
        unsigned = power[1:] if power.startswith(("+", "-")) else power
        if text[position] not in ("p", "P") or not (unsigned.isascii() and unsigned.isdigit()):
            raise ValueError("invalid hexadecimal floating-point string")
        # No text has as many digits as make up for a larger exponent.
        magnitude = int(unsigned) if len(unsigned.lstrip("0")) < 18 else 10**18
        exponent += -magnitude if power[0] == "-" else magnitude
    if digits == 0:
        return sign * 0.0
    top = digits.bit_length() + exponent
    if top > 1024:
        raise OverflowError("hexadecimal value too large to represent as a float")
    # The exponent of the last bit that the result has.
    last = max(top - 53, -1074)
    n_dropped = last - exponent
    if n_dropped > 61:
        return sign * 0.0
    if n_dropped > 0:
        rest = digits & ((1 << n_dropped) - 1)
        half = 1 << (n_dropped - 1)
        digits >>= n_dropped
        if rest > half or rest == half and (has_more or digits & 1):
            digits += 1
        exponent = last
    value = math.ldexp(float(digits), exponent)
    if math.isinf(value):
        raise OverflowError("hexadecimal value too large to represent as a float")
    return sign * value


@register_jitable
def _has_misplaced_underscore(text):
    for position in range(len(text)):
        if text[position] == "_":
            before = position > 0 and "0" <= text[position - 1] <= "9"
            behind = position + 1 < len(text) and "0" <= text[position + 1] <= "9"
            if not (before and behind):
                return True
    return False


@register_jitable
def _imaginary_part(text):
    if text in ("", "+"):
        return 1.0
    if text == "-":
        return -1.0
    return float(text)


@implements(builtins.complex)
def choose_complex(*args):
    if len(args) > 1:
        raise TypingError("complex() can't take second arg if first is a string")

    def complex_of_text(real, /):
        if _has_misplaced_underscore(real):
            raise ValueError(f"could not convert string to complex: {real!r}")
        text = real.strip()
        if text.startswith("(") and text.endswith(")"):
            text = text[1:-1].strip()
        if text == "" or len(text.split()) > 1:
            raise ValueError("complex() arg is a malformed string")
        try:
            if text[-1] not in ("j", "J"):
                return complex(float(text), 0.0)
            parts = text[:-1]
            # Where the imaginary part begins: at the last sign that is no exponent's.
            start = len(parts) - 1
            while start > 0 and (parts[start] not in ("+", "-") or parts[start - 1] in ("e", "E")):
                start -= 1
            if start <= 0:
                return complex(0.0, _imaginary_part(parts))
            return complex(float(parts[:start]), _imaginary_part(parts[start:]))
        except ValueError:
            raise ValueError("complex() arg is a malformed string") from None

    return complex_of_text
