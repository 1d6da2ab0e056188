//! Fills arrays and converts their elements, for every element type.

use crate::kernels::Bool;
use num_complex::Complex;

/// An element type by the number that compiled code gives it: the position in this list.
///
/// bool, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64, complex64, complex128
pub const N_ELEMENT_TYPES: i64 = 13;

/// Calls `$body` with `$T` standing for the element type of this number.
macro_rules! with_element_type {
    ($number:expr, $T:ident => $body:expr) => {
        match $number {
            0 => {
                type $T = Bool;
                $body
            }
            1 => {
                type $T = i8;
                $body
            }
            2 => {
                type $T = u8;
                $body
            }
            3 => {
                type $T = i16;
                $body
            }
            4 => {
                type $T = u16;
                $body
            }
            5 => {
                type $T = i32;
                $body
            }
            6 => {
                type $T = u32;
                $body
            }
            7 => {
                type $T = i64;
                $body
            }
            8 => {
                type $T = u64;
                $body
            }
            9 => {
                type $T = f32;
                $body
            }
            10 => {
                type $T = f64;
                $body
            }
            11 => {
                type $T = Complex<f32>;
                $body
            }
            12 => {
                type $T = Complex<f64>;
                $body
            }
            other => unreachable!("{other} is the number of no element type"),
        }
    };
}

/// What all elements can be read as: one of these holds the value of every element type.
#[derive(Clone, Copy)]
enum Number {
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Complex(f64, f64),
}

trait Element: Copy {
    fn number(self) -> Number;
    /// As NumPy's `astype` on x86-64: ints wrap, floats are cut off, the imaginary part is dropped.
    fn from_number(number: Number) -> Self;
    /// `first + step * idx` where `step` is `second - first`; wraps.
    fn progression(first: Self, second: Self, idx: u64) -> Self;
}

/// A float cut off to an integer of 64 bits, wrapping to unsigned for negative ones.
fn float_bits(value: f64) -> i64 {
    if value >= 9.223372036854776e18 { value as u64 as i64 } else { value as i64 }
}

impl Number {
    fn bits(self) -> i64 {
        match self {
            Number::Int(value) => value,
            Number::Unsigned(value) => value as i64,
            Number::Float(value) | Number::Complex(value, _) => float_bits(value),
        }
    }
}

macro_rules! int_elements {
    ($($int:ty, $variant:ident, $wide:ty;)*) => {$(
        impl Element for $int {
            #[inline]
            fn number(self) -> Number {
                Number::$variant(<$wide>::from(self))
            }
            #[inline]
            fn from_number(number: Number) -> $int {
                number.bits() as $int
            }
            #[inline]
            fn progression(first: $int, second: $int, idx: u64) -> $int {
                first.wrapping_add(second.wrapping_sub(first).wrapping_mul(idx as $int))
            }
        }
    )*};
}

int_elements! {
    i8, Int, i64;
    i16, Int, i64;
    i32, Int, i64;
    i64, Int, i64;
    u8, Unsigned, u64;
    u16, Unsigned, u64;
    u32, Unsigned, u64;
    u64, Unsigned, u64;
}

macro_rules! float_elements {
    ($($float:ty),*) => {$(
        impl Element for $float {
            #[inline]
            fn number(self) -> Number {
                Number::Float(f64::from(self))
            }
            #[inline]
            fn from_number(number: Number) -> $float {
                match number {
                    Number::Int(value) => value as $float,
                    Number::Unsigned(value) => value as $float,
                    Number::Float(value) | Number::Complex(value, _) => value as $float,
                }
            }
            #[inline]
            fn progression(first: $float, second: $float, idx: u64) -> $float {
                first + idx as $float * (second - first)
            }
        }

        impl Element for Complex<$float> {
            #[inline]
            fn number(self) -> Number {
                Number::Complex(f64::from(self.re), f64::from(self.im))
            }
            #[inline]
            fn from_number(number: Number) -> Self {
                let imag = if let Number::Complex(_, imag) = number { imag as $float } else { 0.0 };
                Complex { re: <$float>::from_number(number), im: imag }
            }
            #[inline]
            fn progression(first: Self, second: Self, idx: u64) -> Self {
                Complex {
                    re: <$float>::progression(first.re, second.re, idx),
                    im: <$float>::progression(first.im, second.im, idx),
                }
            }
        }
    )*};
}

float_elements!(f32, f64);

impl Element for Bool {
    #[inline]
    fn number(self) -> Number {
        Number::Int(i64::from(self.0 != 0))
    }
    #[inline]
    fn from_number(number: Number) -> Bool {
        Bool(u8::from(match number {
            Number::Int(value) => value != 0,
            Number::Unsigned(value) => value != 0,
            Number::Float(value) => value != 0.0,
            Number::Complex(real, imag) => real != 0.0 || imag != 0.0,
        }))
    }
    #[inline]
    fn progression(first: Bool, second: Bool, idx: u64) -> Bool {
        if idx == 0 { first } else { second }
    }
}

/// Calls `visit` with the byte offset of each element in each of `N` views of one shape, the last axis fastest.
fn for_each_offset<const N: usize>(
    extents: &[i64],
    strides: [&[i64]; N],
    visit: &mut impl FnMut([isize; N]),
) {
    fn walk<const N: usize>(
        extents: &[i64],
        strides: [&[i64]; N],
        offsets: [isize; N],
        visit: &mut impl FnMut([isize; N]),
    ) {
        let Some((extent, inner)) = extents.split_first() else {
            return visit(offsets);
        };
        let mut offsets = offsets;
        for _ in 0..*extent {
            if inner.is_empty() {
                visit(offsets);
            } else {
                walk(inner, strides.map(|strides| &strides[1..]), offsets, visit);
            }
            for (offset, strides) in offsets.iter_mut().zip(&strides) {
                *offset = offset.wrapping_add(strides[0] as isize);
            }
        }
    }
    walk(extents, strides, [0; N], visit);
}

/// # Safety
/// `geometry` points to `n` slots.
unsafe fn slots<'g>(geometry: *const i64, n: usize) -> &'g [i64] {
    if n == 0 {
        // The pointer may be any.
        return &[];
    }
    // SAFETY: promised by the caller.
    unsafe { std::slice::from_raw_parts(geometry, n) }
}

/// Sets every element of a strided array to one value.
///
/// # Safety
/// `geometry` points to `2 * ndim` slots: extents and strides in bytes; every element that they reach from
/// `data` is writable memory of `element_type`; `value` points to the slots of one element's scalars.
pub unsafe extern "C" fn rumba_fill_elements(
    data: *mut u8,
    geometry: *const i64,
    ndim: i64,
    element_type: i64,
    value: *const u64,
) {
    let ndim = ndim as usize;
    with_element_type!(element_type, T => {
        // SAFETY: promised by the caller.
        let (geometry, value) = unsafe { (slots(geometry, 2 * ndim), read_slots::<T>(value)) };
        let (extents, strides) = geometry.split_at(ndim);
        if ndim == 1 && strides[0] == size_of::<T>() as i64 && data.cast::<T>().is_aligned() {
            // SAFETY: a contiguous, aligned run of elements, all of which the caller owns.
            let elements = unsafe { std::slice::from_raw_parts_mut(data.cast::<T>(), extents[0].max(0) as usize) };
            elements.fill(value);
        } else {
            for_each_offset(extents, [strides], &mut |[offset]| {
                // SAFETY: the offset is that of an element.
                unsafe { data.offset(offset).cast::<T>().write_unaligned(value) }
            });
        }
    });
}

/// An element from its scalars, one slot each.
///
/// # Safety
/// `slots` points to as many slots as `T` has scalars.
unsafe fn read_slots<T: Element + SlotLayout>(slots: *const u64) -> T {
    // SAFETY: promised by the caller.
    unsafe { T::from_slots(slots) }
}

/// How an element stands in packed slots.
trait SlotLayout: Sized {
    /// # Safety
    /// `slots` points to as many slots as the type has scalars.
    unsafe fn from_slots(slots: *const u64) -> Self;
}

macro_rules! one_slot {
    ($($scalar:ty),*) => {$(
        impl SlotLayout for $scalar {
            unsafe fn from_slots(slots: *const u64) -> Self {
                // SAFETY: promised by the caller; a scalar stands in the first bytes of its slot.
                unsafe { slots.cast::<Self>().read() }
            }
        }
    )*};
}

one_slot!(Bool, i8, u8, i16, u16, i32, u32, i64, u64, f32, f64);

impl<F: SlotLayout> SlotLayout for Complex<F> {
    unsafe fn from_slots(slots: *const u64) -> Self {
        // SAFETY: promised by the caller: two slots.
        unsafe { Complex { re: F::from_slots(slots), im: F::from_slots(slots.add(1)) } }
    }
}

/// Converts the elements of `source` into `target`, two views of one shape that do not overlap.
///
/// # Safety
/// `geometry` points to `3 * ndim` slots: extents, target strides and source strides in bytes; every
/// element that they reach from `target` and `source` is valid memory of its element type.
pub unsafe extern "C" fn rumba_convert_elements(
    target: *mut u8,
    source: *const u8,
    geometry: *const i64,
    ndim: i64,
    target_type: i64,
    source_type: i64,
) {
    let ndim = ndim as usize;
    // SAFETY: promised by the caller.
    let geometry = unsafe { slots(geometry, 3 * ndim) };
    let (extents, strides) = geometry.split_at(ndim);
    let (target_strides, source_strides) = strides.split_at(ndim);
    with_element_type!(source_type, S => {
        with_element_type!(target_type, T => {
            let contiguous = ndim == 1
                && target_strides[0] == size_of::<T>() as i64
                && source_strides[0] == size_of::<S>() as i64;
            if contiguous {
                for idx in 0..extents[0].max(0) as usize {
                    // SAFETY: both have `extents[0]` elements in a row.
                    unsafe {
                        let number = source.cast::<S>().add(idx).read_unaligned().number();
                        target.cast::<T>().add(idx).write_unaligned(T::from_number(number));
                    }
                }
            } else {
                for_each_offset(extents, [target_strides, source_strides], &mut |[to, from]| {
                    // SAFETY: the offsets are those of elements.
                    unsafe {
                        let number = source.offset(from).cast::<S>().read_unaligned().number();
                        target.offset(to).cast::<T>().write_unaligned(T::from_number(number));
                    }
                });
            }
        });
    });
}

/// Fills `n` elements in a row with the arithmetic progression of which `start` holds the first two, in the
/// arithmetic of the element type, as `np.arange` does.
///
/// # Safety
/// `data` is writable memory of `n` elements; `start` points to the slots of two elements' scalars.
pub unsafe extern "C" fn rumba_fill_progression(data: *mut u8, n: i64, element_type: i64, start: *const u64) {
    with_element_type!(element_type, T => {
        let n_scalars = if element_type >= 11 { 2 } else { 1 };
        // SAFETY: promised by the caller.
        let (first, second) = unsafe { (read_slots::<T>(start), read_slots::<T>(start.add(n_scalars))) };
        for idx in 0..n.max(0) as u64 {
            let element = match idx {
                0 => first,
                1 => second,
                _ => T::progression(first, second, idx),
            };
            // SAFETY: there are `n` elements.
            unsafe { data.cast::<T>().add(idx as usize).write_unaligned(element) };
        }
    });
}

/// Fills `n` float64 in a row as `np.linspace` computes them; `floor` rounds them down at the end.
///
/// # Safety
/// `data` is writable, aligned memory of `n` float64.
pub unsafe extern "C" fn rumba_fill_linspace_f64(
    data: *mut f64,
    n: i64,
    start: f64,
    stop: f64,
    endpoint: bool,
    floor: bool,
) {
    // SAFETY: promised by the caller.
    let values = unsafe { std::slice::from_raw_parts_mut(data, n.max(0) as usize) };
    linspace(values, start, stop, endpoint);
    if floor {
        values.iter_mut().for_each(|value| *value = value.floor());
    }
}

/// As [`rumba_fill_linspace_f64`] in single precision.
///
/// # Safety
/// `data` is writable, aligned memory of `n` float32.
pub unsafe extern "C" fn rumba_fill_linspace_f32(
    data: *mut f32,
    n: i64,
    start: f32,
    stop: f32,
    endpoint: bool,
    floor: bool,
) {
    // SAFETY: promised by the caller.
    let values = unsafe { std::slice::from_raw_parts_mut(data, n.max(0) as usize) };
    linspace(values, start, stop, endpoint);
    if floor {
        values.iter_mut().for_each(|value| *value = value.floor());
    }
}

fn linspace<F>(values: &mut [F], start: F, stop: F, endpoint: bool)
where
    F: Element
        + PartialEq
        + std::ops::Add<Output = F>
        + std::ops::Sub<Output = F>
        + std::ops::Mul<Output = F>
        + std::ops::Div<Output = F>,
{
    let float = |value: u64| F::from_number(Number::Unsigned(value));
    let n = values.len() as u64;
    let n_steps = if endpoint { n.saturating_sub(1) } else { n };
    let delta = stop - start;
    let divisor = float(n_steps);
    let step = delta / divisor;
    for (idx, value) in values.iter_mut().enumerate() {
        let position = float(idx as u64);
        let distance = if n_steps == 0 {
            position * delta
        } else if step == float(0) {
            // The step is too small to be told from 0: the position is scaled down instead.
            position / divisor * delta
        } else {
            position * step
        };
        *value = distance + start;
    }
    if endpoint && n > 1 {
        values[n as usize - 1] = stop;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot<T: Copy>(value: T) -> u64 {
        let mut slot = 0u64;
        // SAFETY: no scalar is larger than a slot.
        unsafe { (&raw mut slot).cast::<T>().write(value) };
        slot
    }

    #[test]
    fn fills_rows_and_strides() {
        let mut buffer = [0i16; 6];
        // SAFETY: the geometries stay within the buffer.
        unsafe {
            rumba_fill_elements(buffer.as_mut_ptr().cast(), [6, 2].as_ptr(), 1, 3, &slot(7i16));
            rumba_fill_elements(buffer.as_mut_ptr().cast(), [2, 2, 6, 4].as_ptr(), 2, 3, &slot(-1i16));
        }
        assert_eq!(buffer, [-1, 7, -1, -1, 7, -1]);
    }

    #[test]
    fn fills_complex_numbers() {
        let mut buffer = [0f32; 4];
        // SAFETY: the buffer has two complex64.
        unsafe {
            let value = [slot(1f32), slot(2f32)];
            rumba_fill_elements(buffer.as_mut_ptr().cast(), [2, 8].as_ptr(), 1, 11, value.as_ptr());
        }
        assert_eq!(buffer, [1.0, 2.0, 1.0, 2.0]);
    }

    #[test]
    fn conversions_wrap_as_numpy() {
        let source = [-1.0f64, 300.0, -300.5, 3e9];
        let mut target = [0u8; 4];
        // SAFETY: both have four elements.
        unsafe {
            let geometry = [4, 1, 8];
            rumba_convert_elements(target.as_mut_ptr(), source.as_ptr().cast(), geometry.as_ptr(), 1, 2, 10);
        }
        assert_eq!(target, [255, 44, 212, 0]);
        let mut wide = [0u64; 4];
        // SAFETY: as above.
        unsafe {
            let geometry = [4, 8, 8];
            rumba_convert_elements(
                wide.as_mut_ptr().cast(),
                source.as_ptr().cast(),
                geometry.as_ptr(),
                1,
                8,
                10,
            );
        }
        assert_eq!(wide, [u64::MAX, 300, 300u64.wrapping_neg(), 3_000_000_000]);
    }

    #[test]
    fn conversion_of_every_pair_keeps_small_numbers() {
        for from in 0..N_ELEMENT_TYPES {
            for to in 0..N_ELEMENT_TYPES {
                let (mut first, mut second, mut back) = ([0u64; 2], [0u64; 2], [0u64; 2]);
                let one = 1i64;
                // SAFETY: two slots hold an element of any type.
                unsafe {
                    rumba_convert_elements(
                        first.as_mut_ptr().cast(),
                        (&raw const one).cast(),
                        std::ptr::null(),
                        0,
                        from,
                        7,
                    );
                    rumba_convert_elements(
                        second.as_mut_ptr().cast(),
                        first.as_ptr().cast(),
                        std::ptr::null(),
                        0,
                        to,
                        from,
                    );
                    rumba_convert_elements(
                        back.as_mut_ptr().cast(),
                        second.as_ptr().cast(),
                        std::ptr::null(),
                        0,
                        7,
                        to,
                    );
                }
                assert_eq!(back[0], 1, "{from} to {to}");
            }
        }
    }

    #[test]
    fn progressions_wrap_and_round_in_their_type() {
        let mut bytes = [0i8; 4];
        let mut floats = [0f32; 4];
        // SAFETY: both have four elements.
        unsafe {
            rumba_fill_progression(bytes.as_mut_ptr().cast(), 4, 1, [slot(100i8), slot(120i8)].as_ptr());
            rumba_fill_progression(floats.as_mut_ptr().cast(), 4, 9, [slot(0f32), slot(0.1f32)].as_ptr());
        }
        assert_eq!(bytes, [100, 120, -116, -96]);
        assert_eq!(floats, [0.0, 0.1, 0.1 * 2.0, 0.1 * 3.0]);
    }

    #[test]
    fn linspace_ends_at_stop() {
        let mut values = [0f64; 4];
        linspace(&mut values, 0.0, 1.0, true);
        let step = 1.0 / 3.0;
        assert_eq!(values, [0.0, step, 2.0 * step, 1.0]);
        linspace(&mut values, 0.0, 1.0, false);
        assert_eq!(values, [0.0, 0.25, 0.5, 0.75]);
        linspace(&mut values[..1], 5.0, 9.0, true);
        assert_eq!(values[0], 5.0);
        linspace(&mut values[..0], 5.0, 9.0, true);
        linspace(&mut values, 0.0, 5e-324, true);
        assert_eq!(values, [0.0, 0.0, 5e-324, 5e-324]);
    }
}
