"""Extensions that are written for llvmlite as Numba's manual shows: code generators, and functions that box and unbox."""

import operator
from contextlib import ExitStack

import numpy as np
import pytest
from rumba import errors, njit, types
from rumba.core import cgutils
from rumba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    CallableTemplate,
    ConcreteTemplate,
    infer_getattr,
    infer_global,
    signature,
)
from rumba.extending import (
    NativeValue,
    as_numba_type,
    box,
    lower_builtin,
    lower_cast,
    lower_getattr,
    make_attribute_wrapper,
    models,
    overload_attribute,
    overload_method,
    register_model,
    type_callable,
    typeof_impl,
    unbox,
)


class Interval:
    """What the manual's example is about."""

    def __init__(self, lo, hi):
        self.lo = lo
        self.hi = hi

    @property
    def width(self):
        return self.hi - self.lo


class IntervalType(types.Type):
    def __init__(self):
        super().__init__(name="Interval")


interval_type = IntervalType()
as_numba_type.register(Interval, interval_type)


@typeof_impl.register(Interval)
def typeof_interval(value, c):
    return interval_type


@type_callable(Interval)
def type_interval(context):
    def typer(lo, hi):
        if isinstance(lo, types.Float) and isinstance(hi, types.Float):
            return interval_type

    return typer


@register_model(IntervalType)
class IntervalModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        members = [("lo", types.float64), ("hi", types.float64)]
        models.StructModel.__init__(self, dmm, fe_type, members)


make_attribute_wrapper(IntervalType, "lo", "lo")
make_attribute_wrapper(IntervalType, "hi", "hi")


@overload_attribute(IntervalType, "width")
def get_width(interval):
    def getter(interval):
        return interval.hi - interval.lo

    return getter


@lower_builtin(Interval, types.Float, types.Float)
def make_interval(context, builder, sig, args):
    lo, hi = args
    interval = cgutils.create_struct_proxy(sig.return_type)(context, builder)
    # Ordered, so that it shows that this code ran.
    is_ordered = builder.fcmp_ordered("<=", lo, hi)
    interval.lo = builder.select(is_ordered, lo, hi)
    interval.hi = builder.select(is_ordered, hi, lo)
    return interval._getvalue()


@unbox(IntervalType)
def unbox_interval(typ, obj, c):
    is_error_ptr = cgutils.alloca_once_value(c.builder, cgutils.false_bit)
    interval = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    with ExitStack() as stack:
        lo_obj = c.pyapi.object_getattr_string(obj, "lo")
        with cgutils.early_exit_if_null(c.builder, stack, lo_obj):
            c.builder.store(cgutils.true_bit, is_error_ptr)
        lo_native = c.unbox(types.float64, lo_obj)
        c.pyapi.decref(lo_obj)
        with cgutils.early_exit_if(c.builder, stack, lo_native.is_error):
            c.builder.store(cgutils.true_bit, is_error_ptr)
        hi_obj = c.pyapi.object_getattr_string(obj, "hi")
        with cgutils.early_exit_if_null(c.builder, stack, hi_obj):
            c.builder.store(cgutils.true_bit, is_error_ptr)
        hi_native = c.unbox(types.float64, hi_obj)
        c.pyapi.decref(hi_obj)
        with cgutils.early_exit_if(c.builder, stack, hi_native.is_error):
            c.builder.store(cgutils.true_bit, is_error_ptr)
        interval.lo = lo_native.value
        interval.hi = hi_native.value
    return NativeValue(interval._getvalue(), is_error=c.builder.load(is_error_ptr))


@box(IntervalType)
def box_interval(typ, val, c):
    ret_ptr = cgutils.alloca_once(c.builder, c.pyapi.pyobj)
    fail_obj = c.pyapi.get_null_object()
    with ExitStack() as stack:
        interval = cgutils.create_struct_proxy(typ)(c.context, c.builder, value=val)
        lo_obj = c.box(types.float64, interval.lo)
        with cgutils.early_exit_if_null(c.builder, stack, lo_obj):
            c.builder.store(fail_obj, ret_ptr)
        hi_obj = c.box(types.float64, interval.hi)
        with cgutils.early_exit_if_null(c.builder, stack, hi_obj):
            c.pyapi.decref(lo_obj)
            c.builder.store(fail_obj, ret_ptr)
        class_obj = c.pyapi.unserialize(c.pyapi.serialize_object(Interval))
        with cgutils.early_exit_if_null(c.builder, stack, class_obj):
            c.pyapi.decref(lo_obj)
            c.pyapi.decref(hi_obj)
            c.builder.store(fail_obj, ret_ptr)
        res = c.pyapi.call_function_objargs(class_obj, (lo_obj, hi_obj))
        c.pyapi.decref(lo_obj)
        c.pyapi.decref(hi_obj)
        c.pyapi.decref(class_obj)
        c.builder.store(res, ret_ptr)
    return c.builder.load(ret_ptr)


def bounds(interval):
    assert type(interval) is Interval
    return interval.lo, interval.hi


def test_the_example_of_the_manual():
    a, b = Interval(2, 3), Interval(4, 5)
    assert bounds(njit(lambda x: x)(a)) == (2.0, 3.0)
    assert njit(lambda x: x.width)(a) == 1.0
    assert not njit(lambda interval, x: interval.lo <= x < interval.hi)(a, 5)
    assert bounds(njit(lambda i, j: Interval(i.lo + j.lo, i.hi + j.hi))(a, b)) == (6.0, 8.0)
    # By the code generator, in which the bounds change places.
    assert bounds(njit(lambda x: Interval(x, 1.5))(4.0)) == (1.5, 4.0)
    assert [bounds(i) for i in njit(lambda items: items[1:])([a, b])] == [(4.0, 5.0)]


def test_exceptions_of_functions_that_convert():
    class NotAFloat:
        def __float__(self):
            raise RuntimeError("I am not a float")

    f = njit(lambda x: x.width)
    with pytest.raises(RuntimeError, match="I am not a float"):
        f(Interval(2, NotAFloat()))
    incomplete = Interval(1, 2)
    del incomplete.hi
    with pytest.raises(AttributeError, match="hi"):
        f(incomplete)


class Label:
    """Text with a number, and a check when it is converted."""

    def __init__(self, text, n):
        self.text, self.n = text, n


class LabelType(types.Type):
    def __init__(self):
        super().__init__(name="Label")


@typeof_impl.register(Label)
def typeof_label(value, c):
    return LabelType()


@register_model(LabelType)
class LabelModel(models.StructModel):
    def __init__(self, dmm, fe_type):
        super().__init__(dmm, fe_type, [("text", types.unicode_type), ("n", types.int64)])


make_attribute_wrapper(LabelType, "text", "text")
make_attribute_wrapper(LabelType, "n", "n")


@unbox(LabelType)
def unbox_label(typ, obj, c):
    label = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    label.text = c.unbox(types.unicode_type, c.pyapi.object_getattr_string(obj, "text")).value
    label.n = c.pyapi.long_as_longlong(c.pyapi.object_getattr_string(obj, "n"))
    with c.builder.if_then(c.builder.icmp_signed("<", label.n, 0)):
        c.pyapi.err_set_string(ValueError, "negative")
    is_error = cgutils.alloca_once(c.builder, cgutils.bool_t)
    with c.builder.if_else(c.builder.icmp_signed("==", label.n, 99)) as (then, otherwise):
        with then:
            c.builder.store(cgutils.true_bit, is_error)
        with otherwise:
            c.builder.store(cgutils.false_bit, is_error)
    return NativeValue(label._getvalue(), is_error=c.builder.load(is_error))


@box(LabelType)
def box_label(typ, val, c):
    text, n = (c.builder.extract_value(val, position) for position in range(2))
    module = c.pyapi.unserialize(c.pyapi.serialize_object(Label))
    return c.pyapi.call_function_objargs(module, [text, c.pyapi.long_from_longlong(n)])


def test_branches_of_functions_that_convert():
    f = njit(lambda label: (label, label.text * label.n))
    label, text = f(Label("ab", 2))
    assert (label.text, label.n, text) == ("ab", 2, "abab")
    with pytest.raises(ValueError, match="negative"):
        f(Label("ab", -1))
    with pytest.raises(ValueError, match="`unbox_label` finds no value of type Label"):
        f(Label("ab", 99))


class Marker:
    """Holds nothing."""


class MarkerType(types.Type):
    def __init__(self):
        super().__init__(name="Marker")


register_model(MarkerType)(models.OpaqueModel)


@typeof_impl.register(Marker)
def typeof_marker(value, c):
    return MarkerType()


@unbox(MarkerType)
def unbox_marker(typ, obj, c):
    return NativeValue(c.context.get_dummy_value())


@box(MarkerType)
def box_marker(typ, val, c):
    return c.pyapi.call_function_objargs(c.pyapi.unserialize(c.pyapi.serialize_object(Marker)), ())


@overload_method(MarkerType, "answer")
def choose_answer(marker, x):
    return lambda marker, x: x + 1


def test_values_of_no_fields():
    f = njit(lambda marker, x: (marker, marker.answer(x)))
    marker, answer = f(Marker(), 4)
    assert type(marker) is Marker and answer == 5


def mixed(x, y):
    raise NotImplementedError


@infer_global(mixed)
class MixedTemplate(AbstractTemplate):
    key = mixed

    def generic(self, args, kws):
        if len(args) == 2 and isinstance(args[0], types.Float):
            return signature(args[0], *args)
        if len(args) == 2 and isinstance(args[0], types.Integer):
            return signature(types.int64, types.int64, types.int64)


@lower_builtin(mixed, types.Float, types.Float)
def mixed_floats(context, builder, sig, args):
    return builder.fmul(*args)


@lower_builtin(mixed, types.int64, types.int64)
def mixed_ints(context, builder, sig, args):
    return builder.sub(*args)


def counted(x):
    raise NotImplementedError


@infer_global(counted)
class CountedTemplate(ConcreteTemplate):
    cases = [signature(types.int64, types.int64), signature(types.float64, types.float64)]


@lower_builtin(counted, types.Integer)
def counted_int(context, builder, sig, args):
    return builder.ctpop(args[0])


@lower_builtin(counted, types.Float)
def counted_float(context, builder, sig, args):
    return builder.fneg(args[0])


@infer_global(operator.matmul)
class IntervalProduct(CallableTemplate):
    def generic(self):
        def typer(a, b):
            if isinstance(a, IntervalType) and isinstance(b, IntervalType):
                return types.float64

        return typer


@lower_builtin(operator.matmul, IntervalType, IntervalType)
def interval_product(context, builder, sig, args):
    a, b = (cgutils.create_struct_proxy(ty)(context, builder, value=value) for ty, value in zip(sig.args, args, strict=True))
    return builder.fadd(builder.fmul(a.lo, b.lo), builder.fmul(a.hi, b.hi))


@infer_getattr
class IntervalAttributes(AttributeTemplate):
    key = IntervalType

    def resolve_middle(self, ty):
        return types.float64


@lower_getattr(IntervalType, "middle")
def interval_middle(context, builder, typ, val):
    interval = cgutils.create_struct_proxy(typ)(context, builder, value=val)
    return builder.fmul(builder.fadd(interval.lo, interval.hi), context.get_constant(types.float64, 0.5))


def test_templates():
    assert njit(lambda x, y: mixed(x, y))(2.5, 2.0) == 5.0
    assert njit(lambda x, y: mixed(x, y))(2, 5) == -3
    assert njit(lambda x: counted(x))(7) == 3
    assert njit(lambda x: counted(x))(np.int32(7)) == 3
    assert njit(lambda x: counted(x))(1.5) == -1.5
    assert njit(lambda a, b: a @ b)(Interval(1, 2), Interval(3, 4)) == 11.0
    assert njit(lambda a: a.middle)(Interval(1, 2)) == 1.5


def half_typed(x):
    raise NotImplementedError


@infer_global(half_typed)
class HalfTyped(AbstractTemplate):
    def generic(self, args, kws):
        return signature(args[0], *args)


def test_what_is_missing():
    with pytest.raises(errors.TypingError, match="no `lower_builtin` of half_typed takes \\(int64\\)"):
        njit(lambda x: half_typed(x))(1)
    with pytest.raises(errors.UnsupportedError, match="conversions between types"):
        lower_cast(IntervalType, types.Float)
    with pytest.raises(errors.TypingError):
        njit(lambda x: mixed(x, x))("a")
