//! What a distribution is: its parameters with what NumPy demands of them, and how a number is drawn.

use super::Source;
use crate::context::ExecutionContext;
use crate::kernels::{Argument, NewArray, Raise, Result, View, run};
use crate::random::BitGenerator;

/// What NumPy demands of a parameter.
#[derive(Clone, Copy, PartialEq)]
pub enum Constraint {
    Any,
    NonNegative,
    Positive,
    PositiveNotNan,
    /// From 0 to 1.
    Probability,
    /// Above 0, up to 1.
    PositiveProbability,
    /// From 0, below 1.
    ProbabilityBelow1,
    Above1,
    AtLeast1,
    /// From 0, and such that a Poisson number fits int64.
    PoissonMean,
}

impl Constraint {
    #[inline]
    pub fn check(self, value: f64, name: &str, in_array: bool) -> Result<()> {
        let largest_mean = i64::MAX as f64 - (i64::MAX as f64).sqrt() * 10.0;
        let fine = match self {
            Constraint::Any => true,
            Constraint::NonNegative => value.is_nan() || value.is_sign_positive(),
            // A nan passes: NumPy asks whether the number is at most 0.
            Constraint::Positive => value.is_nan() || value > 0.0,
            Constraint::PositiveNotNan => value > 0.0,
            Constraint::Probability => (0.0..=1.0).contains(&value),
            Constraint::PositiveProbability => value > 0.0 && value <= 1.0,
            Constraint::ProbabilityBelow1 => (0.0..1.0).contains(&value),
            Constraint::Above1 => value > 1.0,
            Constraint::AtLeast1 => value >= 1.0,
            Constraint::PoissonMean => (0.0..=largest_mean).contains(&value),
        };
        if fine { Ok(()) } else { Err(self.violated(value, name, in_array)) }
    }

    /// NumPy's message, whose words differ between numbers and arrays.
    #[cold]
    fn violated(self, value: f64, name: &str, in_array: bool) -> Raise {
        let nan = if in_array { "contains NaNs" } else { "is NaN" };
        Raise::value_error(match self {
            Constraint::Any => String::new(),
            Constraint::NonNegative => format!("{name} < 0"),
            Constraint::PositiveNotNan if value.is_nan() => format!("{name} must not be NaN"),
            Constraint::Positive | Constraint::PositiveNotNan => format!("{name} <= 0"),
            Constraint::Probability => format!("{name} < 0, {name} > 1 or {name} {nan}"),
            Constraint::PositiveProbability => format!("{name} <= 0, {name} > 1 or {name} contains NaNs"),
            Constraint::ProbabilityBelow1 => format!("{name} < 0, {name} >= 1 or {name} {nan}"),
            Constraint::Above1 => format!("{name} <= 1 or {name} {nan}"),
            Constraint::AtLeast1 => format!("{name} < 1 or {name} {nan}"),
            Constraint::PoissonMean if value > 0.0 || in_array && value.is_nan() => {
                format!("{name} value too large")
            }
            Constraint::PoissonMean => format!("{name} < 0 or {name} {nan}"),
        })
    }
}

/// A parameter, as compiled code passes it: in eight bytes.
pub trait Word: Copy {
    fn of_bits(bits: u64) -> Self;
    fn as_f64(self) -> f64;
}

impl Word for f64 {
    fn of_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    fn as_f64(self) -> f64 {
        self
    }
}

impl Word for i64 {
    fn of_bits(bits: u64) -> i64 {
        bits as i64
    }
    fn as_f64(self) -> f64 {
        self as f64
    }
}

/// The most parameters that a distribution has.
pub const MAX_PARAMS: usize = 3;

/// A parameter of a distribution.
pub struct Param {
    pub name: &'static str,
    pub constraint: Constraint,
    /// Its word as a float.
    pub value: fn(u64) -> f64,
}

impl Param {
    fn check(&self, word: u64, in_array: bool) -> Result<()> {
        self.constraint.check((self.value)(word), self.name, in_array)
    }
}

pub trait Distribution {
    type Number: Copy + Default + 'static;

    const PARAMS: &'static [Param];

    /// Raises what NumPy raises for parameters that do not go together.
    fn check_together(params: &[u64; MAX_PARAMS], in_array: bool) -> Result<()>;

    /// # Safety
    /// The source is alive, and this thread's.
    unsafe fn draw(source: Source, params: &[u64; MAX_PARAMS]) -> Self::Number;
}

/// Draws one number: `(bits or null, parameters)`.
///
/// # Safety
/// As compiled code calls kernels.
pub unsafe extern "C" fn number<D: Distribution>(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    a: u64,
    b: u64,
    c: u64,
    out: *mut u64,
) -> i32
where
    D::Number: crate::kernels::Outcome,
{
    let words = [a, b, c];
    // SAFETY: promised by the caller.
    unsafe {
        // Without what it takes to raise: most draws of one number are cheap.
        if let (Ok(source), Ok(())) = (Source::new(ctx, bits), check_numbers::<D>(&words)) {
            out.cast::<D::Number>().write(D::draw(source, &words));
            return 0;
        }
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            check_numbers::<D>(&words)?;
            Ok(D::draw(source, &words))
        })
    }
}

/// Fills an array: `(bits or null, views of the parameters, shape or null, view of the target or null)`. Without a target
/// the array is new; without a shape, of the shape that the parameters broadcast to.
///
/// # Safety
/// As compiled code calls kernels.
pub unsafe extern "C" fn array<D: Distribution>(
    ctx: *mut ExecutionContext,
    bits: *mut BitGenerator,
    a: *const i64,
    b: *const i64,
    c: *const i64,
    size: *const i64,
    target: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let source = Source::new(ctx, bits)?;
            let params: Vec<View<'_, u64>> =
                [a, b, c][..D::PARAMS.len()].iter().map(|raw| View::from_raw(*raw)).collect();
            let size = Option::<&[i64]>::from_raw(size);
            let target = Option::<View<'_, D::Number>>::from_raw(target);
            let size = size.or(target.as_ref().map(View::extents));
            if params.iter().all(|param| param.ndim() == 0) {
                let mut words = [0; MAX_PARAMS];
                for (word, param) in words.iter_mut().zip(&params) {
                    *word = param.data().read_unaligned();
                }
                check_numbers::<D>(&words)?;
                return fill(target, size.unwrap_or_default(), || D::draw(source, &words));
            }
            // What is wrong is raised before anything is drawn, also where the result is empty.
            for words in Walk::over(&params, None)? {
                D::check_together(&words, true)?;
            }
            for (param, view) in D::PARAMS.iter().zip(&params) {
                view.iter().try_for_each(|word| param.check(word, true))?;
            }
            let mut walk = Walk::over(&params, size)?;
            let extents = walk.extents.clone();
            fill(target, &extents, || match walk.next() {
                Some(words) => D::draw(source, &words),
                None => unreachable!("as many parameters as numbers"),
            })
        })
    }
}

#[inline]
fn check_numbers<D: Distribution>(words: &[u64; MAX_PARAMS]) -> Result<()> {
    D::check_together(words, false)?;
    D::PARAMS.iter().zip(words).try_for_each(|(param, word)| param.check(*word, false))
}

/// Writes drawn numbers in C order into the target, or into a new array.
fn fill<T: Copy + Default + 'static>(
    target: Option<View<'_, T>>,
    extents: &[i64],
    mut draw: impl FnMut() -> T,
) -> Result<Option<NewArray<T>>> {
    let Some(target) = target else {
        let mut array = NewArray::of_shape(extents)?;
        for element in array.as_mut_slice() {
            *element = draw();
        }
        return Ok(Some(array));
    };
    for address in target.addresses() {
        // SAFETY: the address of an element of an array that the kernel is declared to write to.
        unsafe { address.write_unaligned(draw()) };
    }
    Ok(None)
}

/// The parameters of the numbers of an array, in C order.
pub struct Walk {
    pub extents: Vec<i64>,
    /// Of each parameter: the address, and the distance to the next along each axis.
    params: Vec<(*const u64, Vec<i64>)>,
    position: Vec<i64>,
    rest: i64,
}

impl Walk {
    /// Over parameters that broadcast, to a shape if one is given.
    pub fn over(params: &[View<'_, u64>], size: Option<&[i64]>) -> Result<Walk> {
        let shapes = params.iter().map(|param| param.extents()).chain(size);
        let ndim = shapes.clone().map(<[i64]>::len).max().unwrap_or(0);
        let mut extents = vec![1; ndim];
        for shape in shapes {
            for (extent, own) in extents[ndim - shape.len()..].iter_mut().zip(shape) {
                if *extent != *own && *extent != 1 && *own != 1 {
                    return Err(Raise::value_error(
                        "shape mismatch: objects cannot be broadcast to a single shape",
                    ));
                }
                *extent = if *extent == 1 { *own } else { *extent };
            }
        }
        if let Some(size) = size
            && size != extents
        {
            let message = format!(
                "Output size {} is not compatible with broadcast dimensions of inputs {}.",
                tuple(size),
                tuple(&extents)
            );
            return Err(Raise::value_error(message));
        }
        let params = params.iter().map(|param| {
            let mut strides = vec![0; ndim - param.ndim()];
            let own = param.extents().iter().zip(param.strides());
            strides.extend(own.map(|(extent, stride)| if *extent == 1 { 0 } else { *stride }));
            (param.data().cast_const(), strides)
        });
        let is_empty = extents.iter().any(|extent| *extent <= 0);
        let rest = if is_empty {
            0
        } else {
            extents.iter().fold(1, |size: i64, extent| size.saturating_mul(*extent))
        };
        Ok(Walk { params: params.collect(), position: vec![0; ndim], rest, extents })
    }
}

impl Iterator for Walk {
    type Item = [u64; MAX_PARAMS];

    fn next(&mut self) -> Option<[u64; MAX_PARAMS]> {
        self.rest = self.rest.checked_sub(1).filter(|rest| *rest >= 0)?;
        let mut words = [0; MAX_PARAMS];
        for (word, (address, _)) in words.iter_mut().zip(&self.params) {
            // SAFETY: the address of an element of a parameter.
            *word = unsafe { address.read_unaligned() };
        }
        for axis in (0..self.extents.len()).rev() {
            self.position[axis] += 1;
            let wraps = self.position[axis] == self.extents[axis];
            let steps = if wraps { 1 - self.extents[axis] } else { 1 };
            for (address, strides) in &mut self.params {
                *address = address.wrapping_byte_offset((steps * strides[axis]) as isize);
            }
            if !wraps {
                break;
            }
            self.position[axis] = 0;
        }
        Some(words)
    }
}

/// A shape as Python prints it.
fn tuple(shape: &[i64]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => format!("({})", shape.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Declares distributions, and makes `rumba_<name>` and `rumba_<name>_array` of each:
///
/// ```ignore
/// distributions! {
///     generator_gamma(shape: f64 = NonNegative, scale: f64 = NonNegative) -> f64 = |source| …;
/// }
/// ```
/// Behind `where`, a function raises what NumPy raises besides.
macro_rules! distributions {
    ($($name:ident($($param:ident: $T:ty = $constraint:ident),*) -> $R:ty $(where $check:ident($($arg:ident),*))? = |$source:ident| $draw:expr;)*) => {
        /// Names and addresses of the distributions of this file.
        fn distributions(table: &mut Vec<(&'static str, usize)>) {
            use crate::kernels::random::distribution::{Constraint, Distribution, MAX_PARAMS, Param, Word, array, number};
            $({
                struct Row;
                impl Distribution for Row {
                    type Number = $R;
                    const PARAMS: &'static [Param] = &[$(Param {
                        name: stringify!($param),
                        constraint: Constraint::$constraint,
                        value: |bits| <$T as Word>::of_bits(bits).as_f64(),
                    }),*];

                    #[inline]
                    fn check_together(_params: &[u64; MAX_PARAMS], _in_array: bool) -> crate::kernels::Result<()> {
                        let mut _words = _params.iter();
                        $(
                            let $param = <$T as Word>::of_bits(*_words.next().expect("a word per parameter"));
                            // Few rows look at them.
                            let _ = $param;
                        )*
                        $($check($($arg,)* _in_array)?;)?
                        Ok(())
                    }

                    #[inline]
                    unsafe fn draw($source: crate::kernels::random::Source, _params: &[u64; MAX_PARAMS]) -> $R {
                        let mut _words = _params.iter();
                        $(let $param = <$T as Word>::of_bits(*_words.next().expect("a word per parameter"));)*
                        // SAFETY: promised by the caller.
                        unsafe { $draw }
                    }
                }
                table.push((concat!("rumba_", stringify!($name)), number::<Row> as *const () as usize));
                table.push((concat!("rumba_", stringify!($name), "_array"), array::<Row> as *const () as usize));
            })*
        }
    };
}
pub(super) use distributions;
