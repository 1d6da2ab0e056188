//! `Generator.integers` and `np.random.randint`: integers of any dtype between bounds.

use super::Source;
use super::distribution::Walk;
use crate::context::ExecutionContext;
use crate::kernels::text::new_bytes;
use crate::kernels::{Argument, Bool, NewArray, Outcome, Raise, Result, View, run};
use crate::random::{BitGenerator, MersenneTwister};

/// A dtype that integers are drawn of.
trait Drawn: Copy + Default + 'static + Outcome {
    const NAME: &'static str;
    const MIN: i128;
    const MAX: i128;
    /// Whether `np.random` takes words of 32 random bits for ranges below that, one after the other.
    const WORDS_OF_32_BITS: bool = false;

    fn of(value: i128) -> Self;

    /// Fills with integers from `low` to `low + range`.
    ///
    /// # Safety
    /// The source is alive.
    unsafe fn fill(source: Source, low: i128, range: u64, out: &mut [Self]);

    /// One integer from `low` to `low + range`; narrow ones share words of random bits, which `buffer` keeps.
    ///
    /// # Safety
    /// The source is alive.
    unsafe fn one(source: Source, low: i128, range: u64, mask: u64, buffer: &mut Buffer) -> Self;
}

#[derive(Default)]
struct Buffer {
    n_left: i32,
    bits: u32,
}

macro_rules! drawn {
    ($($T:ty as $U:ty: $name:literal, $fill:ident, $one:ident;)*) => {$(
        impl Drawn for $T {
            const NAME: &'static str = $name;
            const MIN: i128 = <$T>::MIN as i128;
            const MAX: i128 = <$T>::MAX as i128;

            fn of(value: i128) -> $T {
                value as $T
            }

            unsafe fn fill(source: Source, low: i128, range: u64, out: &mut [$T]) {
                let (n, data) = (out.len() as isize, out.as_mut_ptr().cast());
                // SAFETY: promised by the caller; the slice has room for as many, and signedness does not matter.
                unsafe { (source.numpy.$fill)(source.bits, low as $U, range as $U, n, source.legacy, data) }
            }

            unsafe fn one(source: Source, low: i128, range: u64, mask: u64, buffer: &mut Buffer) -> $T {
                let (left, bits) = (&raw mut buffer.n_left, &raw mut buffer.bits);
                // SAFETY: promised by the caller.
                unsafe {
                    (source.numpy.$one)(source.bits, low as $U, range as $U, mask as $U, source.legacy, left, bits) as $T
                }
            }
        }
    )*};
}

drawn! {
    i8 as u8: "int8", random_bounded_uint8_fill, random_buffered_bounded_uint8;
    u8 as u8: "uint8", random_bounded_uint8_fill, random_buffered_bounded_uint8;
    i16 as u16: "int16", random_bounded_uint16_fill, random_buffered_bounded_uint16;
    u16 as u16: "uint16", random_bounded_uint16_fill, random_buffered_bounded_uint16;
    i32 as u32: "int32", random_bounded_uint32_fill, random_buffered_bounded_uint32;
    u32 as u32: "uint32", random_bounded_uint32_fill, random_buffered_bounded_uint32;
}

macro_rules! drawn_wide {
    ($($T:ty: $name:literal;)*) => {$(
        impl Drawn for $T {
            const NAME: &'static str = $name;
            const MIN: i128 = <$T>::MIN as i128;
            const MAX: i128 = <$T>::MAX as i128;
            const WORDS_OF_32_BITS: bool = true;

            fn of(value: i128) -> $T {
                value as $T
            }

            unsafe fn fill(source: Source, low: i128, range: u64, out: &mut [$T]) {
                let (n, data) = (out.len() as isize, out.as_mut_ptr().cast());
                // SAFETY: promised by the caller; the slice has room for as many, and signedness does not matter.
                unsafe {
                    (source.numpy.random_bounded_uint64_fill)(source.bits, low as u64, range, n, source.legacy, data)
                }
            }

            unsafe fn one(source: Source, low: i128, range: u64, mask: u64, _buffer: &mut Buffer) -> $T {
                // SAFETY: promised by the caller.
                unsafe {
                    (source.numpy.random_bounded_uint64)(source.bits, low as u64, range, mask, source.legacy) as $T
                }
            }
        }
    )*};
}

drawn_wide! {
    i64: "int64";
    u64: "uint64";
}

impl Drawn for Bool {
    const NAME: &'static str = "bool";
    const MIN: i128 = 0;
    const MAX: i128 = 1;

    fn of(value: i128) -> Bool {
        Bool::from(value != 0)
    }

    unsafe fn fill(source: Source, low: i128, range: u64, out: &mut [Bool]) {
        let (n, data) = (out.len() as isize, out.as_mut_ptr().cast());
        // SAFETY: promised by the caller; a bool is a byte of 0 or 1, which is what is written.
        unsafe {
            (source.numpy.random_bounded_bool_fill)(
                source.bits,
                low as u8,
                range as u8,
                n,
                source.legacy,
                data,
            )
        }
    }

    unsafe fn one(source: Source, low: i128, range: u64, mask: u64, buffer: &mut Buffer) -> Bool {
        let (left, bits) = (&raw mut buffer.n_left, &raw mut buffer.bits);
        // SAFETY: promised by the caller.
        let byte = unsafe {
            (source.numpy.random_buffered_bounded_bool)(
                source.bits,
                low as u8,
                range as u8,
                mask as u8,
                source.legacy,
                left,
                bits,
            )
        };
        Bool::from(byte != 0)
    }
}

/// What is wrong with bounds of a dtype, the upper one being inclusive; else the distance between them.
fn range<D: Drawn>(low: i128, high: i128, endpoint: bool) -> Result<u64> {
    let or_equal = if endpoint { "" } else { "=" };
    Err(Raise::value_error(if low < D::MIN {
        format!("low is out of bounds for {}", D::NAME)
    } else if high > D::MAX {
        format!("high is out of bounds for {}", D::NAME)
    } else if low > high && low == 0 {
        // What is called with one argument.
        format!("high <{or_equal} 0")
    } else if low > high {
        format!("low >{or_equal} high")
    } else {
        return Ok((high - low) as u64);
    }))
}

/// A bound: 64 bits, and whether they are unsigned.
fn bound(bits: i64, is_unsigned: bool) -> i128 {
    if is_unsigned { i128::from(bits as u64) } else { i128::from(bits) }
}

/// An integer from 0 to `range`, at least 1: random bits until they are no more.
fn masked(twister: &mut MersenneTwister, range: u32) -> u32 {
    let mask = u32::MAX >> range.leading_zeros();
    loop {
        let drawn = twister.next_u32() & mask;
        if drawn <= range {
            return drawn;
        }
    }
}

/// One integer: `(bits or null, low, whether it is unsigned, high, likewise, endpoint)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn integer<D: Drawn>(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    low: i64,
    low_unsigned: bool,
    high: i64,
    high_unsigned: bool,
    endpoint: bool,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        if D::WORDS_OF_32_BITS
            && bits.is_null()
            && !low_unsigned
            && !high_unsigned
            && i128::from(low) >= D::MIN
        {
            let range = (high as u64).wrapping_sub(low as u64).wrapping_sub(u64::from(!endpoint));
            if low < high && (1..u64::from(u32::MAX)).contains(&range) {
                // What NumPy's function does, without its calls of calls, and without what it takes to raise.
                let twister = &mut (*ctx).random.numpy().twister;
                let drawn = masked(twister, range as u32);
                out.cast::<D>().write(D::of(i128::from(low) + i128::from(drawn)));
                return 0;
            }
        }
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let (low, high) = (bound(low, low_unsigned), bound(high, high_unsigned) - i128::from(!endpoint));
            let range = range::<D>(low, high, endpoint)?;
            let mut number = [D::default()];
            D::fill(source, low, range, &mut number);
            Ok(number[0])
        })
    }
}

/// An array: `(bits or null, low as a view, whether it is unsigned, high, likewise, endpoint, shape or null)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn integers<D: Drawn>(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    low: *const i64,
    low_unsigned: bool,
    high: *const i64,
    high_unsigned: bool,
    endpoint: bool,
    size: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let views = [View::<u64>::from_raw(low), View::<u64>::from_raw(high)];
            let size = Option::<&[i64]>::from_raw(size);
            if let Some(size) = size
                && size.contains(&0)
            {
                return NewArray::<D>::of_shape(size);
            }
            let bounds = |words: &[u64]| {
                let high = bound(words[1] as i64, high_unsigned) - i128::from(!endpoint);
                (bound(words[0] as i64, low_unsigned), high)
            };
            if views.iter().all(|view| view.ndim() == 0) {
                let (low, high) = bounds(&[views[0].data().read(), views[1].data().read()]);
                let range = range::<D>(low, high, endpoint)?;
                let mut array = NewArray::of_shape(size.unwrap_or_default())?;
                D::fill(source, low, range, array.as_mut_slice());
                return Ok(array);
            }
            for words in Walk::over(&views, None)? {
                let (low, high) = bounds(&words);
                range::<D>(low, high, endpoint)?;
            }
            let walk = Walk::over(&views, size)?;
            let mut array = NewArray::of_shape(&walk.extents)?;
            let mut buffer = Buffer::default();
            for (element, words) in array.as_mut_slice().iter_mut().zip(walk) {
                let (low, high) = bounds(&words);
                let range = range::<D>(low, high, endpoint)?;
                // The smallest mask that covers the range.
                let mask = if range == 0 { 0 } else { u64::MAX >> range.leading_zeros() };
                *element = D::one(source, low, range, mask, &mut buffer);
            }
            Ok(array)
        })
    }
}

/// `bytes(length)`: words of 32 random bits, of the last of which there may be a part. `(bits or null, length)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn bytes(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    length: i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            // As NumPy, which makes an array of so many words, and cuts what a negative length says off its end.
            let n_words = length.saturating_sub(1) / 4 + 1;
            if n_words < 0 {
                return Err(Raise::value_error("negative dimensions are not allowed"));
            }
            let mut words = NewArray::<u32>::of_shape(&[n_words])?;
            let words = words.as_mut_slice();
            words.iter_mut().for_each(|word| *word = BitGenerator::uint32(source.bits).to_le());
            let bytes = std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), size_of_val(words));
            let end = if length < 0 { length + bytes.len() as i64 } else { length };
            Ok(new_bytes(&bytes[..end.max(0) as usize]))
        })
    }
}

pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    macro_rules! each {
        ($($suffix:ident $D:ty),*) => {$(
            table.push((concat!("rumba_random_integer_", stringify!($suffix)), integer::<$D> as *const () as usize));
            table.push((concat!("rumba_random_integers_", stringify!($suffix)), integers::<$D> as *const () as usize));
        )*};
    }
    table.push(("rumba_random_bytes", bytes as *const () as usize));
    each!(bool Bool, i8 i8, u8 u8, i16 i16, u16 u16, i32 i32, u32 u32, i64 i64, u64 u64);
}
