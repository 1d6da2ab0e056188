//! Reductions: of blocks of elements that compiled code feeds, here, and along axes of arrays (`kernels::reductions`).
//!
//! A function over blocks takes the state of the reduction, a block, the number of elements before it, and the number of
//! all; the value for the last block is the result. State is whatever the function keeps in [`STATE_BYTES`] bytes between
//! blocks: nothing where one block is all, which is why there is no function to begin with. Where there is nothing to
//! reduce and no identity, any value is given: compiled code has raised.

mod element;
mod folds;
mod pairwise;
mod positions;

pub use element::Number;
pub use folds::{All, Any, Count, Extreme, NAT, Product, SpanSum};
pub use pairwise::{Pairwise, Sum, pairwise_sum_of};
pub use positions::{first_extreme, is_beyond};

use crate::kernels::{Bool, C64, C128, Outcome};
use positions::Position;

/// Bytes of state that compiled code has for a reduction.
pub const STATE_BYTES: usize = 3648;

/// What happens to elements.
pub trait Reduction {
    type Element: Copy + 'static;
    type Result: Copy + Default + 'static;

    /// What nothing reduces to. Reductions without identity may see an element twice.
    const IDENTITY: Option<Self::Result>;

    /// Whether the result depends on which elements `run` is given together.
    const IS_PAIRWISE: bool = false;

    /// What one element reduces to.
    fn start(element: Self::Element) -> Self::Result;

    fn step(acc: Self::Result, element: Self::Element) -> Self::Result;

    /// Reduces elements in order.
    #[inline(always)]
    fn run(acc: Self::Result, elements: &[Self::Element]) -> Self::Result {
        elements.iter().fold(acc, |acc, element| Self::step(acc, *element))
    }

    /// The reduction of a block and what was before it.
    ///
    /// # Safety
    /// `state` points to [`STATE_BYTES`] bytes, aligned to a cache line, which are this reduction's.
    unsafe fn block(state: *mut u8, block: &[Self::Element], done: i64, _total: i64) -> Self::Result {
        let state = state.cast::<Self::Result>();
        let (before, rest) = match (done, Self::IDENTITY, block.split_first()) {
            (0, Some(identity), _) => (identity, block),
            (0, None, Some((first, rest))) => (Self::start(*first), rest),
            (0, None, None) => (Self::Result::default(), block),
            // SAFETY: the block before this one wrote it.
            _ => (unsafe { state.read() }, block),
        };
        let acc = Self::run(before, rest);
        // SAFETY: promised by the caller.
        unsafe { state.write(acc) };
        acc
    }
}

/// # Safety
/// `data` points to `n` elements, unless that is 0.
unsafe fn elements<'a, T>(data: *const T, n: i64) -> &'a [T] {
    // SAFETY: promised by the caller; an empty block may have no address.
    if n == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, n as usize) } }
}

/// As compiled code calls a reduction whose result is one scalar.
///
/// # Safety
/// As [`Reduction::block`]; `data` points to `n` elements.
unsafe extern "C" fn reduce_block<R: Reduction>(
    state: *mut u8,
    data: *const R::Element,
    n: i64,
    done: i64,
    total: i64,
) -> R::Result {
    // SAFETY: promised by the caller.
    unsafe { R::block(state, elements(data, n), done, total) }
}

/// As compiled code calls a reduction with a complex result.
///
/// # Safety
/// As [`reduce_block`]; `out` has room for the result.
unsafe extern "C" fn reduce_complex_block<R: Reduction<Result: Outcome>>(
    state: *mut u8,
    data: *const R::Element,
    n: i64,
    done: i64,
    total: i64,
    out: *mut u64,
) {
    // SAFETY: promised by the caller.
    unsafe { R::block(state, elements(data, n), done, total).write(out) };
}

/// Names and addresses of the functions over blocks: `rumba_<reduction>_<element type>`.
pub(crate) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    macro_rules! reductions {
        ($call:ident of [$($dtype:ident $T:ty),*]: $names:tt) => {
            $(reductions!(@one $call, $dtype, $T, $names);)*
        };
        (@one $call:ident, $dtype:ident, $T:ty, [$($name:ident: $Reduction:ident $(($($flag:literal),*))?),* $(,)?]) => {
            $(table.push((
                concat!("rumba_", stringify!($name), "_", stringify!($dtype)),
                $call::<$Reduction<$T $($(, $flag)*)?>> as *const () as usize,
            ));)*
        };
    }
    reductions!(reduce_block of [bool Bool, i8 i8, u8 u8, i16 i16, u16 u16, i32 i32, u32 u32, i64 i64, u64 u64, f32 f32, f64 f64]: [
        sum: Sum,
        prod: Product,
        max: Extreme(true, false),
        min: Extreme(false, false),
        any: Any,
        all: All,
        count: Count,
        argmax: Position(true),
        argmin: Position(false),
    ]);
    reductions!(reduce_block of [i64 i64]: [span_sum: SpanSum]);
    reductions!(reduce_block of [f32 f32, f64 f64]: [
        fmax: Extreme(true, true),
        fmin: Extreme(false, true),
    ]);
    reductions!(reduce_block of [c64 C64, c128 C128]: [
        any: Any,
        all: All,
        count: Count,
        argmax: Position(true),
        argmin: Position(false),
    ]);
    reductions!(reduce_complex_block of [c64 C64, c128 C128]: [
        sum: Sum,
        prod: Product,
        max: Extreme(true, false),
        min: Extreme(false, false),
        fmax: Extreme(true, true),
        fmin: Extreme(false, true),
    ]);
}
