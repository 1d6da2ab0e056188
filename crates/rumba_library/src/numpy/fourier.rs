//! Fourier transforms: `np.fft`.
//!
//! A transform along several axes is one along each, the first into a new array and the others in place where the length
//! stays. What of it is real is transformed as such.

use super::selecting::into_out;
use crate::arrays::creation::array_like;
use crate::arrays::reshaping::constant_axis;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, UnaryOp, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{FloatKind, Layout, Type, TypeKind};

const A: Param = Param::required("a");
const X: Param = Param::required("x");
const S: Param = Param::optional("s", Default::None);
const AXES: Param = Param::optional("axes", Default::None);
/// The last two: the rule takes these for a missing argument.
const LAST_TWO: Param = Param::optional("axes", Default::Absent);
const NORM: Param = Param::optional("norm", Default::None);
const OUT: Param = Param::optional("out", Default::None);
const N: Param = Param::required("n");
const D: Param = Param::optional("d", Default::Float(1.0));
const DEVICE: Param = Param::optional("device", Default::None);

const ALONG_ONE: &[Param] =
    &[A, Param::optional("n", Default::None), Param::optional("axis", Default::Int(-1)), NORM, OUT];
const ALONG_TWO: &[Param] = &[A, S, LAST_TWO, NORM, OUT];
const ALONG_SEVERAL: &[Param] = &[A, S, AXES, NORM, OUT];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.fft.fft",
        params: ALONG_ONE,
        doc: "The Fourier transform along an axis.",
        rule: |e, call| along_one(e, call, Sort::Complex, false),
    },
    Declaration {
        path: "numpy.fft.ifft",
        params: ALONG_ONE,
        doc: "The inverse Fourier transform along an axis.",
        rule: |e, call| along_one(e, call, Sort::Complex, true),
    },
    Declaration {
        path: "numpy.fft.rfft",
        params: ALONG_ONE,
        doc: "The half of the Fourier transform of real numbers that says all.",
        rule: |e, call| along_one(e, call, Sort::ToHalf, false),
    },
    Declaration {
        path: "numpy.fft.irfft",
        params: ALONG_ONE,
        doc: "The real numbers of whose Fourier transform the array is the half.",
        rule: |e, call| along_one(e, call, Sort::FromHalf, true),
    },
    Declaration {
        path: "numpy.fft.hfft",
        params: ALONG_ONE,
        doc: "The real Fourier transform of a signal that is given by half, the rest being its conjugate.",
        rule: |e, call| along_one(e, call, Sort::FromHalf, false),
    },
    Declaration {
        path: "numpy.fft.ihfft",
        params: ALONG_ONE,
        doc: "The half of the inverse Fourier transform of real numbers.",
        rule: |e, call| along_one(e, call, Sort::ToHalf, true),
    },
    Declaration {
        path: "numpy.fft.fft2",
        params: ALONG_TWO,
        doc: "The Fourier transform along the last two axes, or along others, which are constants.",
        rule: |e, call| along_several(e, call, Sort::Complex, false),
    },
    Declaration {
        path: "numpy.fft.ifft2",
        params: ALONG_TWO,
        doc: "The inverse Fourier transform along the last two axes, or along others, which are constants.",
        rule: |e, call| along_several(e, call, Sort::Complex, true),
    },
    Declaration {
        path: "numpy.fft.rfft2",
        params: ALONG_TWO,
        doc: "As `fft2` of real numbers, the last axis by half.",
        rule: |e, call| along_several(e, call, Sort::ToHalf, false),
    },
    Declaration {
        path: "numpy.fft.irfft2",
        params: ALONG_TWO,
        doc: "The inverse of `rfft2`.",
        rule: |e, call| along_several(e, call, Sort::FromHalf, true),
    },
    Declaration {
        path: "numpy.fft.fftn",
        params: ALONG_SEVERAL,
        doc: "The Fourier transform along all axes, or along those that constants say.",
        rule: |e, call| along_several(e, call, Sort::Complex, false),
    },
    Declaration {
        path: "numpy.fft.ifftn",
        params: ALONG_SEVERAL,
        doc: "The inverse Fourier transform along all axes, or along those that constants say.",
        rule: |e, call| along_several(e, call, Sort::Complex, true),
    },
    Declaration {
        path: "numpy.fft.rfftn",
        params: ALONG_SEVERAL,
        doc: "As `fftn` of real numbers, the last of the axes by half.",
        rule: |e, call| along_several(e, call, Sort::ToHalf, false),
    },
    Declaration {
        path: "numpy.fft.irfftn",
        params: ALONG_SEVERAL,
        doc: "The inverse of `rfftn`.",
        rule: |e, call| along_several(e, call, Sort::FromHalf, true),
    },
    Declaration {
        path: "numpy.fft.fftfreq",
        params: &[N, D, DEVICE],
        doc: "The frequencies that a transform of `n` samples has.",
        rule: |e, call| frequencies(e, call, false),
    },
    Declaration {
        path: "numpy.fft.rfftfreq",
        params: &[N, D, DEVICE],
        doc: "The frequencies that the half of a transform of `n` samples has.",
        rule: |e, call| frequencies(e, call, true),
    },
    Declaration {
        path: "numpy.fft.fftshift",
        params: &[X, AXES],
        doc: "The array with frequency 0 in the middle of all axes, or of those that constants say.",
        rule: |e, call| shift(e, call, false),
    },
    Declaration {
        path: "numpy.fft.ifftshift",
        params: &[X, AXES],
        doc: "The inverse of `fftshift`.",
        rule: |e, call| shift(e, call, true),
    },
];

/// Between what a transform is.
#[derive(Clone, Copy, PartialEq)]
enum Sort {
    Complex,
    /// From real numbers to the half of their transform.
    ToHalf,
    /// From a half to real numbers.
    FromHalf,
}

/// By what transforms of `n` numbers are divided.
#[derive(Clone, Copy)]
enum Divisor {
    One,
    Root,
    N,
}

/// What results are divided by, of the transform that is called or of the inverse.
fn divisor(e: &Emitter<'_>, call: &Call, inverse: bool) -> Emit<Divisor> {
    let norm = e.ty(call.args[3]);
    match (norm.as_literal_str(), inverse) {
        (Some("ortho"), _) => Ok(Divisor::Root),
        (Some("backward"), false) | (Some("forward"), true) => Ok(Divisor::One),
        (Some("backward"), true) | (Some("forward"), false) => Ok(Divisor::N),
        (None, inverse) if norm.is_none() => Ok(if inverse { Divisor::N } else { Divisor::One }),
        _ => {
            let message = "`norm` is one of the constants 'backward', 'ortho' and 'forward', or None";
            call.argument_error(3, Code::ArgumentValue, message)
        }
    }
}

/// The array to transform, as floats or complex numbers of single or double precision.
fn signal(e: &mut Emitter<'_>, call: &Call, sort: Sort) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    if ty.ndim == 0 {
        return call.argument_error(0, Code::ArgumentType, "an array with at least one axis is transformed");
    }
    let dtype = match ty.dtype.kind() {
        TypeKind::Complex(_) if sort == Sort::ToHalf => {
            let message = format!("np.fft.{}() transforms real numbers, not {}", call.short_name(), ty.dtype);
            return call.argument_error(0, Code::ArgumentType, message);
        }
        TypeKind::Complex(_) => ty.dtype,
        TypeKind::Float(kind) if sort == Sort::FromHalf => Type::complex(*kind),
        TypeKind::Float(_) => ty.dtype,
        _ if sort == Sort::FromHalf => Type::complex128(),
        _ => Type::float64(),
    };
    e.as_dtype(array, dtype)
}

fn along_one(e: &mut Emitter<'_>, call: &Call, sort: Sort, inverse: bool) -> Emit {
    let array = signal(e, call, sort)?;
    let axis = e.run_time_axis(call, 2, array)?;
    let extents = e.extents(array);
    let extent = e.tuple_item_unchecked(&extents, Type::int64(), axis)?;
    let given = !e.ty(call.args[1]).is_none();
    let n = match sort {
        _ if given => e.as_index(call.args[1], "n")?,
        Sort::FromHalf => e.length_of_half(extent),
        _ => extent,
    };
    let divisor = divisor(e, call, inverse)?;
    let result = e.transform(array, sort, inverse, axis, n, divisor)?;
    into_out(e, call, 4, result)
}

fn along_several(e: &mut Emitter<'_>, call: &Call, sort: Sort, inverse: bool) -> Emit {
    let mut array = signal(e, call, sort)?;
    let divisor = divisor(e, call, inverse)?;
    let ndim = usize::from(e.array_type(array).ndim);
    let lengths = lengths(e, call)?;
    let axes = transformed_axes(e, call, ndim, lengths.as_ref().map(Vec::len))?;
    if lengths.as_ref().is_some_and(|lengths| lengths.len() != axes.len()) {
        return call.argument_error(1, Code::ArgumentValue, "Shape and axes have different lengths.");
    }
    let extents = e.extents(array);
    let mut steps = Vec::with_capacity(axes.len());
    for (idx, axis) in axes.iter().enumerate() {
        let own = if sort == Sort::FromHalf && idx + 1 == axes.len() {
            Sort::FromHalf
        } else if sort == Sort::ToHalf && idx + 1 == axes.len() {
            Sort::ToHalf
        } else {
            Sort::Complex
        };
        let mut n = lengths.as_ref().map(|lengths| {
            let whole = e.b.int64(-1);
            let is_whole = e.equal(lengths[idx], whole);
            e.b.select(is_whole, extents[*axis], lengths[idx])
        });
        if sort == Sort::ToHalf && own == Sort::Complex && axes.last() == Some(axis) {
            // What was a whole and is a half by now is transformed in its old length.
            n = n.or(Some(extents[*axis]));
        }
        steps.push((*axis, own, n));
    }
    // A half is made first, and what is made of one comes last.
    if sort != Sort::FromHalf {
        steps.reverse();
    }
    for (idx, (axis, sort, n)) in steps.into_iter().enumerate() {
        let extent = e.extent(array, axis);
        let axis = e.b.int64(axis as i64);
        let is_in_place = idx > 0 && n.is_none() && sort == Sort::Complex;
        if is_in_place {
            e.transform_in_place(array, inverse, axis, extent, divisor)?;
            continue;
        }
        let n = match sort {
            Sort::FromHalf => n.unwrap_or_else(|| e.length_of_half(extent)),
            _ => n.unwrap_or(extent),
        };
        array = e.transform(array, sort, inverse, axis, n, divisor)?;
    }
    into_out(e, call, 4, array)
}

/// The lengths along the axes, if they are given; -1 stands for the extent.
fn lengths(e: &mut Emitter<'_>, call: &Call) -> Emit<Option<Vec<Value>>> {
    if e.ty(call.args[1]).is_none() {
        return Ok(None);
    }
    let given = e.plain(call.args[1]);
    if e.ty(given).as_tuple().is_none() {
        return call.argument_error(1, Code::ArgumentType, "`s` is a tuple of ints");
    }
    let parts = e.tuple_elements(given);
    parts.into_iter().map(|part| e.as_index(part, "a length")).collect::<Emit<_>>().map(Some)
}

/// The axes to transform; without an argument all of them, or the last `n_lengths`.
fn transformed_axes(
    e: &mut Emitter<'_>,
    call: &Call,
    ndim: usize,
    n_lengths: Option<usize>,
) -> Emit<Vec<usize>> {
    let given = call.args[2];
    let last = |n: usize| match ndim.checked_sub(n) {
        Some(first) => Ok((first..ndim).collect()),
        None => call.argument_error(
            0,
            Code::ArgumentType,
            format!("an array of {n} or more dimensions is needed"),
        ),
    };
    if e.ty(given) == Type::undefined() {
        return last(2);
    }
    if e.ty(given).is_none() {
        return last(n_lengths.unwrap_or(ndim));
    }
    if e.ty(given).as_tuple().is_none_or(<[Type]>::is_empty) {
        let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[2], "`axes` is a tuple of ints");
        return Err(diagnostic.note("it has at least one").into());
    }
    let parts = e.tuple_elements(given);
    parts.into_iter().map(|part| constant_axis(e, call, 2, part, ndim)).collect()
}

fn frequencies(e: &mut Emitter<'_>, call: &Call, half: bool) -> Emit {
    let n = e.as_index(call.args[0], "n")?;
    let distance = e.scalar_of(call.args[1]);
    let distance = e.plain(distance);
    if !e.ty(distance).is_number() || e.ty(distance).is_complex() {
        return call.argument_error(1, Code::ArgumentType, "`d` is a real number");
    }
    if !e.ty(call.args[2]).is_none() && e.ty(call.args[2]).as_literal_str() != Some("cpu") {
        return call.argument_error(2, Code::ArgumentValue, "`device` is 'cpu' or None");
    }
    let distance = e.as_float64(distance)?;
    let negative = e.is_negative(n);
    e.raise_if(negative, "ValueError", "negative dimensions are not allowed", &[]);
    let factor = e.b.convert(n, Type::float64());
    let whole = e.b.mul(factor, distance);
    let is_zero = e.is_zero(whole);
    e.raise_if(is_zero, "ZeroDivisionError", "float division by zero", &[]);
    let args = vec![n, distance, e.b.bool(half)];
    Ok(e.call_kernel("sample_frequencies", Type::float64(), args, Type::array(Type::float64(), 1, Layout::C)))
}

fn shift(e: &mut Emitter<'_>, call: &Call, inverse: bool) -> Emit {
    let array = array_like(e, call, 0)?;
    let ty = e.array_type(array);
    let ndim = usize::from(ty.ndim);
    let axes: Vec<usize> = match e.ty(call.args[1]) {
        given if given.is_none() => (0..ndim).collect(),
        given if given.as_tuple().is_some() => {
            let parts = e.tuple_elements(call.args[1]);
            parts.into_iter().map(|part| constant_axis(e, call, 1, part, ndim)).collect::<Emit<_>>()?
        }
        _ => vec![constant_axis(e, call, 1, call.args[1], ndim)?],
    };
    let extents = e.extents(array);
    let (zero, two) = (e.b.int64(0), e.b.int64(2));
    let mut shifts = vec![zero; ndim];
    for axis in axes {
        let half = e.b.binary(BinaryOp::TruncDiv, extents[axis], two);
        shifts[axis] = if inverse { e.b.sub(shifts[axis], half) } else { e.b.add(shifts[axis], half) };
    }
    let args = vec![e.view_argument(array), e.integers_argument(&shifts)];
    Ok(e.call_kernel_by_size("roll", ty.dtype, args, Type::array(ty.dtype, ty.ndim, Layout::C)))
}

impl Emitter<'_> {
    /// How many real numbers a half stands for, if nothing else is said.
    fn length_of_half(&mut self, extent: Value) -> Value {
        let (one, two) = (self.b.int64(1), self.b.int64(2));
        let intervals = self.b.sub(extent, one);
        self.b.mul(intervals, two)
    }

    /// What results of transforms of `n` numbers are multiplied by. Raises `ValueError` where there is nothing to transform.
    fn scale(&mut self, n: Value, divisor: Divisor) -> Value {
        let zero = self.b.int64(0);
        let some = self.less(zero, n);
        self.raise_unless(some, "ValueError", "Invalid number of FFT data points ({}) specified.", &[n]);
        let one = self.b.float(1.0, Type::float64());
        let n = self.b.convert(n, Type::float64());
        match divisor {
            Divisor::One => one,
            Divisor::Root => {
                let root = self.b.unary(UnaryOp::Sqrt, n);
                self.b.binary(BinaryOp::Div, one, root)
            }
            Divisor::N => self.b.binary(BinaryOp::Div, one, n),
        }
    }

    /// The transform of an array along one axis, from or to `n` numbers.
    fn transform(
        &mut self,
        array: Value,
        sort: Sort,
        inverse: bool,
        axis: Value,
        n: Value,
        divisor: Divisor,
    ) -> Emit {
        let (kind, is_real) = float_kind(self.array_type(array).dtype);
        let scale = self.scale(n, divisor);
        let mut length = n;
        if sort == Sort::ToHalf {
            let (one, two) = (self.b.int64(1), self.b.int64(2));
            let half = self.b.binary(BinaryOp::TruncDiv, n, two);
            length = self.b.add(half, one);
        }
        let mut extents = self.extents(array);
        for (position, extent) in extents.iter_mut().enumerate() {
            let position = self.b.int64(position as i64);
            let is_it = self.equal(position, axis);
            *extent = self.b.select(is_it, length, *extent);
        }
        let result = if sort == Sort::FromHalf { Type::float(kind) } else { Type::complex(kind) };
        let out = self.allocate_array(result, &extents, Layout::C, false)?;
        let (from, to, float) = (self.view_argument(array), self.view_argument(out), Type::float(kind));
        let inverse = self.b.bool(inverse);
        let (kernel, args) = match sort {
            Sort::ToHalf => ("fourier_to_half", vec![from, n, to, axis, inverse, scale]),
            Sort::FromHalf => ("fourier_from_half", vec![from, to, axis, inverse, scale]),
            Sort::Complex => {
                let name = if is_real { "fourier_of_real" } else { "fourier" };
                (name, vec![from, to, axis, inverse, scale])
            }
        };
        self.call_kernel(kernel, float, args, Type::none());
        Ok(out)
    }

    /// The transform of a new array of complex numbers along one axis, whose extent is `n`.
    fn transform_in_place(
        &mut self,
        array: Value,
        inverse: bool,
        axis: Value,
        n: Value,
        divisor: Divisor,
    ) -> Emit<()> {
        let (kind, _) = float_kind(self.array_type(array).dtype);
        let scale = self.scale(n, divisor);
        let args = vec![self.b.address(0), self.view_argument(array), axis, self.b.bool(inverse), scale];
        self.call_kernel("fourier", Type::float(kind), args, Type::none());
        Ok(())
    }
}

/// The precision of floats or complex numbers, and whether they are floats.
fn float_kind(dtype: Type) -> (FloatKind, bool) {
    match dtype.kind() {
        TypeKind::Complex(kind) => (*kind, false),
        TypeKind::Float(kind) => (*kind, true),
        _ => unreachable!("transforms are of floats and complex numbers"),
    }
}
