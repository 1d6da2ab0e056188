//! Kernels: functions over whole arrays, generic over the element type and compiled when Rumba is built.
//!
//! A kernel is a Rust function over [`View`]s and numbers that gives numbers and [`NewArray`]s. [`kernels!`] makes one
//! symbol per element type of it, `rumba_<kernel>_<element type>`, which compiled code calls by the conventions of
//! `rumba_ir::RuntimeFunction`. What a kernel raises becomes a Python exception, a panic an `InternalError`.
//!
//! The other side is `rumba_library::kernels`.

mod array;
mod bits;
mod calendar;
mod comparing;
mod counting;
mod diagonals;
mod element;
mod fourier;
mod grids;
mod indexing;
mod joining;
mod linear_algebra;
mod masks;
mod moments;
mod number;
mod padding;
mod polynomials;
mod power_series;
mod products;
mod random;
mod rearranging;
mod reductions;
mod scans;
mod sets;
mod signals;
mod sorting;
mod spacing;
mod stand_ins;
mod statistics;
mod text;
mod vector_sort;

pub use array::{Lane, NewArray, View, Views};
pub use element::{Bool, C64, C128, Element};

use crate::context::{ExecutionContext, Raised};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An exception that a kernel raises.
pub enum Raise {
    /// A built-in class, and the message.
    Builtin { class: &'static str, message: String },
    /// The interpreter has it.
    Host,
}

impl Raise {
    pub fn new(class: &'static str, message: impl Into<String>) -> Raise {
        Raise::Builtin { class, message: message.into() }
    }

    pub fn value_error(message: impl Into<String>) -> Raise {
        Raise::new("ValueError", message)
    }
}

pub type Result<T> = std::result::Result<T, Raise>;

/// What a kernel takes.
pub trait Argument: Sized {
    /// As compiled code passes it.
    type Raw;

    /// # Safety
    /// `raw` is what `rumba_library::kernels` passes for an argument of this type, and valid during the call.
    unsafe fn from_raw(raw: Self::Raw) -> Self;

    /// What the kernel is given instead where elements are of any size: see [`stand_ins`].
    ///
    /// # Safety
    /// As [`Argument::from_raw`]; the result is valid as long as `stand_ins`.
    unsafe fn stand_in(raw: Self::Raw, _stand_ins: &mut stand_ins::StandIns) -> Self::Raw {
        raw
    }
}

macro_rules! plain_arguments {
    ($($T:ty),*) => {$(
        impl Argument for $T {
            type Raw = $T;
            unsafe fn from_raw(raw: $T) -> $T {
                raw
            }
        }
    )*};
}

plain_arguments!(bool, i64, u64, f64);

/// Integers. Slots: how many; then those.
impl<'a> Argument for &'a [i64] {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> &'a [i64] {
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts(raw.add(1), *raw as usize) }
    }
}

/// An argument that may be missing: an address of 0.
impl<A: Argument<Raw = *const i64>> Argument for Option<A> {
    type Raw = *const i64;

    unsafe fn from_raw(raw: *const i64) -> Self {
        // SAFETY: promised by the caller.
        (!raw.is_null()).then(|| unsafe { A::from_raw(raw) })
    }
}

/// What a kernel gives: written as scalars into slots of eight bytes.
pub trait Outcome: Sized {
    /// Writes the scalars; gives the first slot behind them.
    ///
    /// # Safety
    /// `slots` has room for them.
    unsafe fn write(self, slots: *mut u64) -> *mut u64;

    /// What the result stands for where elements are of any size: see [`stand_ins`].
    fn resolve(self, _stand_ins: &stand_ins::StandIns) -> Result<Self> {
        Ok(self)
    }
}

impl Outcome for () {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        slots
    }
}

macro_rules! plain_outcomes {
    ($($T:ty),*) => {$(
        impl Outcome for $T {
            unsafe fn write(self, slots: *mut u64) -> *mut u64 {
                // SAFETY: promised by the caller; a scalar stands in the first bytes of its slot.
                unsafe {
                    slots.cast::<$T>().write(self);
                    slots.add(1)
                }
            }
        }
    )*};
}

plain_outcomes!(bool, Bool, i8, u8, i16, u16, i32, u32, i64, u64, f32, f64);

/// A result that is not always there: the declaration knows when.
impl<R: Outcome> Outcome for Option<R> {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        match self {
            // SAFETY: promised by the caller.
            Some(result) => unsafe { result.write(slots) },
            None => slots,
        }
    }
}

/// As many results as the declaration says.
impl<R: Outcome> Outcome for Vec<R> {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        // SAFETY: promised by the caller.
        self.into_iter().fold(slots, |slots, result| unsafe { result.write(slots) })
    }
}

impl<F: Outcome> Outcome for num_complex::Complex<F> {
    unsafe fn write(self, slots: *mut u64) -> *mut u64 {
        // SAFETY: promised by the caller.
        unsafe { self.im.write(self.re.write(slots)) }
    }
}

macro_rules! tuple_outcomes {
    ($(($($T:ident $idx:tt),*))*) => {$(
        impl<$($T: Outcome),*> Outcome for ($($T,)*) {
            unsafe fn write(self, slots: *mut u64) -> *mut u64 {
                $(
                    // SAFETY: promised by the caller.
                    let slots = unsafe { self.$idx.write(slots) };
                )*
                slots
            }
        }
    )*};
}

tuple_outcomes! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
}

/// Runs a kernel on behalf of compiled code. Gives the status: 1 with an exception pending.
///
/// # Safety
/// `ctx` is the thread's context, `out` has room for the result.
unsafe fn run<R: Outcome>(
    ctx: *mut ExecutionContext,
    out: *mut u64,
    kernel: impl FnOnce() -> Result<R>,
) -> i32 {
    // A kernel that panics leaves nothing behind that is looked at again: its arguments are the caller's memory, in
    // which every value is valid.
    let raise = match catch_unwind(AssertUnwindSafe(kernel)) {
        Ok(Ok(result)) => {
            // SAFETY: promised by the caller.
            unsafe { result.write(out) };
            return 0;
        }
        Ok(Err(raise)) => raise,
        Err(panic) if panic.is::<crate::text::OutOfMemory>() => Raise::new("MemoryError", ""),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
            Raise::new("SystemError", format!("this is a bug in Rumba, not in your code (kernel): {text}"))
        }
    };
    let raised = match raise {
        Raise::Builtin { class, message } => Raised::Builtin { class, message },
        Raise::Host => Raised::Host,
    };
    // SAFETY: promised by the caller.
    unsafe { (*ctx).set(raised) };
    1
}

/// Declares kernels with the element types they are made for, and lists their symbols:
///
/// ```ignore
/// kernels! {
///     sort<T: all>(array: View<'_, T>, axis: i64) -> ();
/// }
/// ```
/// makes `rumba_sort_bool` … `rumba_sort_c128` of `fn sort<T: …>(array: View<'_, T>, axis: i64) -> Result<()>`.
macro_rules! kernels {
    ($($name:ident<$T:ident: $set:ident>($($arg:ident: $A:ty),* $(,)?) -> $R:ty;)*) => {
        /// Names and addresses of the kernels of this file.
        pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
            $(crate::kernels::kernels!(@set $set, table, $name, $T, ($($arg: $A),*), $R);)*
        }
    };
    (@set all, $($rest:tt)*) => { crate::kernels::kernels!(@each [bool crate::kernels::element::Bool, i8 i8, u8 u8, i16 i16, u16 u16, i32 i32, u32 u32, i64 i64, u64 u64, f32 f32, f64 f64, c64 crate::kernels::element::C64, c128 crate::kernels::element::C128], $($rest)*) };
    (@set real, $($rest:tt)*) => { crate::kernels::kernels!(@each [bool crate::kernels::element::Bool, i8 i8, u8 u8, i16 i16, u16 u16, i32 i32, u32 u32, i64 i64, u64 u64, f32 f32, f64 f64], $($rest)*) };
    (@set inexact, $($rest:tt)*) => { crate::kernels::kernels!(@each [f32 f32, f64 f64, c64 crate::kernels::element::C64, c128 crate::kernels::element::C128], $($rest)*) };
    (@set floats, $($rest:tt)*) => { crate::kernels::kernels!(@each [f32 f32, f64 f64], $($rest)*) };
    (@set single, $($rest:tt)*) => { crate::kernels::kernels!(@each [f32 f32], $($rest)*) };
    (@set double, $($rest:tt)*) => { crate::kernels::kernels!(@each [f64 f64], $($rest)*) };
    (@set byte, $($rest:tt)*) => { crate::kernels::kernels!(@each [u8 u8], $($rest)*) };
    // Of text, whatever its width.
    (@set text, $($rest:tt)*) => { crate::kernels::kernels!(@each [str crate::kernels::text::Unicode], $($rest)*) };
    // Of text and of bytes.
    (@set strings, $($rest:tt)*) => { crate::kernels::kernels!(@each [str crate::kernels::text::Unicode, bytes crate::kernels::text::Octets], $($rest)*) };
    // Positions, whatever they are of.
    (@set index, $($rest:tt)*) => { crate::kernels::kernels!(@each [i64 i64], $($rest)*) };
    // By the size of elements, for what only moves them; elements of other sizes are moved by their addresses.
    (@set raw, $($rest:tt)*) => { crate::kernels::kernels!(@each [raw1 u8, raw2 u16, raw4 u32, raw8 u64, raw16 crate::kernels::element::Raw16], $($rest)*); crate::kernels::kernels!(@of_any_size $($rest)*) };
    (@set doubles, $($rest:tt)*) => { crate::kernels::kernels!(@each [f64 f64, c128 crate::kernels::element::C128], $($rest)*) };
    // Integers and floats of 64 bits and complex128: what arithmetic computes in.
    (@set wide, $($rest:tt)*) => { crate::kernels::kernels!(@each [i64 i64, u64 u64, f32 f32, f64 f64, c64 crate::kernels::element::C64, c128 crate::kernels::element::C128], $($rest)*) };
    (@of_any_size $table:ident, $name:ident, $T:ident, ($($arg:ident: $A:ty),*), $R:ty) => {{
        type $T = crate::kernels::stand_ins::StandIn;
        unsafe extern "C" fn entry(
            ctx: *mut crate::context::ExecutionContext,
            $($arg: <$A as crate::kernels::Argument>::Raw,)*
            out: *mut u64,
        ) -> i32 {
            // SAFETY: compiled code passes what the declaration says.
            unsafe {
                crate::kernels::run(ctx, out, || -> crate::kernels::Result<$R> {
                    let mut stand_ins = crate::kernels::stand_ins::StandIns::default();
                    $(let $arg = <$A as crate::kernels::Argument>::stand_in($arg, &mut stand_ins);)*
                    let result = $name::<$T>($(<$A as crate::kernels::Argument>::from_raw($arg)),*)?;
                    stand_ins.write_back();
                    crate::kernels::Outcome::resolve(result, &stand_ins)
                })
            }
        }
        $table.push((concat!("rumba_", stringify!($name), "_raw"), entry as *const () as usize));
    }};
    (@each [$($dtype:ident $D:ty),*], $table:ident, $name:ident, $T:ident, $args:tt, $R:ty) => {
        $(crate::kernels::kernels!(@one $dtype $D, $table, $name, $T, $args, $R);)*
    };
    (@one $dtype:ident $D:ty, $table:ident, $name:ident, $T:ident, ($($arg:ident: $A:ty),*), $R:ty) => {{
        type $T = $D;
        unsafe extern "C" fn entry(
            ctx: *mut crate::context::ExecutionContext,
            $($arg: <$A as crate::kernels::Argument>::Raw,)*
            out: *mut u64,
        ) -> i32 {
            // SAFETY: compiled code passes what the declaration says.
            unsafe {
                crate::kernels::run(ctx, out, || -> crate::kernels::Result<$R> {
                    $name::<$T>($(<$A as crate::kernels::Argument>::from_raw($arg)),*)
                })
            }
        }
        $table.push((
            concat!("rumba_", stringify!($name), "_", stringify!($dtype)),
            entry as *const () as usize,
        ));
    }};
}
pub(crate) use kernels;

/// Names and addresses of all kernels.
pub(crate) fn symbols() -> Vec<(&'static str, usize)> {
    let mut table = Vec::new();
    bits::symbols(&mut table);
    calendar::symbols(&mut table);
    comparing::symbols(&mut table);
    counting::symbols(&mut table);
    moments::symbols(&mut table);
    reductions::symbols(&mut table);
    scans::symbols(&mut table);
    diagonals::symbols(&mut table);
    fourier::symbols(&mut table);
    grids::symbols(&mut table);
    indexing::symbols(&mut table);
    joining::symbols(&mut table);
    masks::symbols(&mut table);
    padding::symbols(&mut table);
    polynomials::symbols(&mut table);
    power_series::symbols(&mut table);
    random::symbols(&mut table);
    rearranging::symbols(&mut table);
    sets::symbols(&mut table);
    signals::symbols(&mut table);
    linear_algebra::symbols(&mut table);
    products::symbols(&mut table);
    sorting::symbols(&mut table);
    spacing::symbols(&mut table);
    statistics::symbols(&mut table);
    text::symbols(&mut table);
    table
}
