//! `np.pad` with what is computed from the elements along an axis: extremes, means, medians, ramps, and reflections at a
//! point.

use super::rearranging::block;
use super::statistics::{Middle, middle};
use super::{Bool, C64, C128, Element, Lane, NewArray, Raise, Result, View, kernels};

kernels! {
    pad_computed<T: all>(array: View<'_, T>, widths: &[i64], mode: i64, lengths: &[i64], ends: View<'_, C128>) -> NewArray<T>;
}

/// In the order in which `rumba_library` numbers them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Maximum,
    Minimum,
    Mean,
    Median,
    LinearRamp,
    ReflectOdd,
    SymmetricOdd,
}

const MODES: [Mode; 7] = [
    Mode::Maximum,
    Mode::Minimum,
    Mode::Mean,
    Mode::Median,
    Mode::LinearRamp,
    Mode::ReflectOdd,
    Mode::SymmetricOdd,
];

/// A number that is computed with in double precision.
pub(super) trait Wide: Element {
    fn wide(self) -> C128;
    /// Of what is out of range, any number.
    fn narrow(value: C128) -> Self;
    /// `2 * edge - self` as NumPy computes with arrays.
    fn opposite(self, edge: Self) -> Self;
}

macro_rules! real_numbers {
    ($($T:ty: $opposite:expr),*) => {$(
        impl Wide for $T {
            fn wide(self) -> C128 {
                C128::new(self as f64, 0.0)
            }
            fn narrow(value: C128) -> $T {
                value.re as $T
            }
            fn opposite(self, edge: $T) -> $T {
                $opposite(self, edge)
            }
        }
    )*};
}

macro_rules! integers {
    ($($T:ty),*) => {
        real_numbers!($($T: |own: $T, edge: $T| edge.wrapping_add(edge).wrapping_sub(own)),*);
    };
}

integers!(i8, u8, i16, u16, i32, u32, i64, u64);
real_numbers!(f32: |own, edge| 2.0 * edge - own, f64: |own, edge| 2.0 * edge - own);

impl Wide for Bool {
    fn wide(self) -> C128 {
        C128::new(f64::from(u8::from(self.get())), 0.0)
    }
    fn narrow(value: C128) -> Bool {
        value.is_true().into()
    }
    fn opposite(self, edge: Bool) -> Bool {
        Bool(edge.0 | self.0)
    }
}

impl Wide for C64 {
    fn wide(self) -> C128 {
        C128::new(self.re.into(), self.im.into())
    }
    fn narrow(value: C128) -> C64 {
        C64::new(value.re as f32, value.im as f32)
    }
    fn opposite(self, edge: C64) -> C64 {
        edge * 2.0 - self
    }
}

impl Wide for C128 {
    fn wide(self) -> C128 {
        self
    }
    fn narrow(value: C128) -> C128 {
        value
    }
    fn opposite(self, edge: C128) -> C128 {
        edge * 2.0 - self
    }
}

/// `widths` and `ends` are two for each axis, before and behind it, and so are `lengths`, how many elements at an end are
/// looked at: all if that is negative.
fn pad_computed<T: Middle<Mean: Wide> + Wide>(
    array: View<'_, T>,
    widths: &[i64],
    mode: i64,
    lengths: &[i64],
    ends: View<'_, C128>,
) -> Result<NewArray<T>> {
    let mode = MODES[mode as usize];
    if widths.iter().any(|width| *width < 0) {
        return Err(Raise::value_error("index can't contain negative values"));
    }
    let before: Vec<i64> = widths.iter().step_by(2).copied().collect();
    let total = |(extent, widths): (&i64, &[i64])| extent.saturating_add(widths[0]).saturating_add(widths[1]);
    let extents: Vec<i64> = array.extents().iter().zip(widths.chunks(2)).map(total).collect();
    let mut result = NewArray::of_shape(&extents)?;
    let whole = result.view();
    if array.extents().contains(&0) {
        for (axis, widths) in widths.chunks(2).enumerate() {
            if array.extents()[axis] == 0 && widths != [0, 0] {
                return Err(Raise::value_error(format!(
                    "can't extend empty axis {axis} using modes other than 'constant' or 'empty'"
                )));
            }
        }
        return Ok(result);
    }
    block(&whole, &before, array.extents()).copy_from(&array);
    let ends = ends.to_vec();
    for axis in 0..extents.len() {
        let (mut start, mut part) = (before.clone(), array.extents().to_vec());
        for other in 0..=axis {
            (start[other], part[other]) = (0, extents[other]);
        }
        let region = block(&whole, &start, &part);
        let sides = Sides {
            axis,
            n: array.extent(axis),
            widths: [widths[2 * axis] as usize, widths[2 * axis + 1] as usize],
        };
        match mode {
            Mode::LinearRamp => sides.fill_ramps(&region, [ends[2 * axis], ends[2 * axis + 1]]),
            Mode::ReflectOdd | Mode::SymmetricOdd => {
                region.lanes(axis).for_each(|mut lane| sides.reflect(&mut lane, mode == Mode::SymmetricOdd));
            }
            _ => sides.fill_statistics(&region, mode, [lengths[2 * axis], lengths[2 * axis + 1]])?,
        }
    }
    Ok(result)
}

/// What is around the elements of an axis.
struct Sides {
    axis: usize,
    n: usize,
    widths: [usize; 2],
}

impl Sides {
    fn fill_statistics<T: Middle<Mean: Wide> + Wide>(
        &self,
        region: &View<'_, T>,
        mode: Mode,
        lengths: [i64; 2],
    ) -> Result<()> {
        let lengths =
            lengths.map(|length| usize::try_from(length).map_or(self.n, |length| length.min(self.n)));
        if lengths.contains(&0) && matches!(mode, Mode::Maximum | Mode::Minimum) {
            return Err(Raise::value_error("stat_length of 0 yields no value for padding"));
        }
        let first = self.widths[0];
        for mut lane in region.lanes(self.axis) {
            for (side, length) in lengths.into_iter().enumerate() {
                let from = if side == 0 { first } else { first + self.n - length };
                let mut elements: Vec<T> = (from..from + length).map(|idx| lane.get(idx)).collect();
                let value = statistic(&mut elements, mode);
                let places = if side == 0 { 0..first } else { first + self.n..lane.len() };
                places.for_each(|place| lane.set(place, value));
            }
        }
        Ok(())
    }

    /// Reflects the elements at the point of the outermost one, which is repeated or not; then what there is of both, as
    /// often as it takes.
    fn reflect<T: Wide>(&self, lane: &mut Lane<'_, T>, repeats_edge: bool) {
        let [mut left, mut right] = self.widths;
        let offset = usize::from(repeats_edge);
        // One element is repeated.
        let period = self.n - 1 + offset;
        while left > 0 || right > 0 {
            let known = lane.len() - left - right;
            let n = if self.n == 1 { usize::MAX } else { (known - 1 + offset) / period * period };
            let chunk = n.min(left);
            let edge = lane.get(left);
            for distance in 1..=chunk {
                let mirrored = if self.n == 1 { edge } else { lane.get(left + distance - offset) };
                lane.set(left - distance, mirrored.opposite(edge));
            }
            left -= chunk;
            let chunk = n.min(right);
            let last = lane.len() - right - 1;
            let edge = lane.get(last);
            for distance in 1..=chunk {
                let mirrored = if self.n == 1 { edge } else { lane.get(last + offset - distance) };
                lane.set(last + distance, mirrored.opposite(edge));
            }
            right -= chunk;
        }
    }

    /// From the end value, which is the outermost element, towards the elements.
    fn fill_ramps<T: Wide>(&self, region: &View<'_, T>, ends: [C128; 2]) {
        for (side, end) in ends.into_iter().enumerate() {
            let width = self.widths[side];
            let edge = if side == 0 { width } else { self.widths[0] + self.n - 1 };
            let n = width as f64;
            // As NumPy's `linspace`, which computes in another way where there is a step of 0.
            let is_flat =
                region.lanes(self.axis).any(|lane| (lane.get(edge).wide() - end) / n == C128::default());
            for mut lane in region.lanes(self.axis) {
                let distance = lane.get(edge).wide() - end;
                for idx in 0..width {
                    let along = match is_flat {
                        true => distance * (idx as f64 / n),
                        false => distance / n * idx as f64,
                    };
                    let mut value = along + end;
                    if T::IS_INTEGER {
                        value.re = value.re.floor();
                    }
                    let place = if side == 0 { idx } else { lane.len() - 1 - idx };
                    lane.set(place, T::narrow(value));
                }
            }
        }
    }
}

fn statistic<T: Middle<Mean: Wide> + Wide>(elements: &mut [T], mode: Mode) -> T {
    let nan = elements.iter().position(|element| Element::is_nan(element));
    let value = match (mode, nan) {
        (Mode::Maximum | Mode::Minimum | Mode::Median, Some(idx)) => return elements[idx],
        (Mode::Maximum, None) => return elements.iter().copied().max_by(T::order).unwrap_or_default(),
        (Mode::Minimum, None) => return elements.iter().copied().min_by(T::order).unwrap_or_default(),
        (Mode::Median, None) => middle(elements).wide(),
        _ => {
            let sum = elements.iter().fold(C128::default(), |sum, element| sum + element.wide());
            sum / elements.len() as f64
        }
    };
    let rounded = C128::new(value.re.round_ties_even(), 0.0);
    T::narrow(if T::IS_INTEGER { rounded } else { value })
}
