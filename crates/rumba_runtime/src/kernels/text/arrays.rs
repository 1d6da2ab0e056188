//! Arrays of text: comparison element by element, what is unique, and searching what is sorted.
//!
//! The kernels look at the memory of the elements, which have a fixed number of characters, filled up with zeros, and need
//! not be aligned. Arrays are passed as views of bytes, with the number of characters beside them.

use super::{Kind, Octets, Unicode};
use crate::kernels::element::Bool;
use crate::kernels::sets::Unique;
use crate::kernels::sorting::{in_order_of, sorted_order};
use crate::kernels::{NewArray, Result, View, kernels};
use crate::text::Text;
use std::cmp::Ordering;
use std::ops::Range;

kernels! {
    compare_elements<T: strings>(a: View<'_, u8>, a_length: i64, b: View<'_, u8>, b_length: i64, op: i64) -> NewArray<Bool>;
    compare_with_text<T: strings>(a: View<'_, u8>, length: i64, text: Text<'_>, op: i64) -> NewArray<Bool>;
    unique_elements<T: strings>(array: View<'_, u8>, length: i64) -> (NewArray<i64>, NewArray<i64>, NewArray<i64>);
    search_elements<T: strings>(array: View<'_, u8>, length: i64, values: View<'_, u8>, values_length: i64, right: bool, sorter: Option<View<'_, i64>>) -> NewArray<i64>;
    search_text<T: strings>(array: View<'_, u8>, length: i64, text: Text<'_>, right: bool, sorter: Option<View<'_, i64>>) -> NewArray<i64>;
}

/// What elements of arrays consist of.
trait Character: Copy + Ord + Default + 'static {
    /// So many characters fit one key.
    const N_KEY: usize;

    fn of(c: u32) -> Self;

    /// An integer for at most [`Character::N_KEY`] characters, as if zeros followed: of two texts the one with the lower
    /// integer stands first. Where the integers are equal, so are the characters.
    fn key(characters: impl Iterator<Item = Self>) -> u64;
}

impl Character for u32 {
    const N_KEY: usize = 2;

    fn of(c: u32) -> u32 {
        c
    }

    fn key(characters: impl Iterator<Item = u32>) -> u64 {
        characters.zip([32, 0]).fold(0, |key, (c, shift)| key | u64::from(c) << shift)
    }
}

impl Character for u8 {
    const N_KEY: usize = 8;

    fn of(c: u32) -> u8 {
        c as u8
    }

    fn key(characters: impl Iterator<Item = u8>) -> u64 {
        characters.zip((0..8).rev()).fold(0, |key, (c, byte)| key | u64::from(c) << (8 * byte))
    }
}

/// The characters of elements of this kind.
trait ElementKind: Kind {
    type Character: Character;
}

impl ElementKind for Unicode {
    type Character = u32;
}

impl ElementKind for Octets {
    type Character = u8;
}

/// Elements of one length, by their addresses. All of them are valid memory as long as the kernel runs.
#[derive(Clone, Copy)]
struct Element<C> {
    address: *const C,
    length: usize,
}

impl<C: Character> Element<C> {
    fn characters(self, range: Range<usize>) -> impl Iterator<Item = C> {
        // SAFETY: positions of characters of the element, which is valid memory.
        range.map(move |idx| unsafe { self.address.add(idx).read_unaligned() })
    }

    /// By the characters from a position on, up to which both have the same.
    fn order(self, other: Element<C>, start: usize) -> Ordering {
        let common = self.length.min(other.length);
        let differing =
            self.characters(start..common).zip(other.characters(start..common)).find(|(a, b)| a != b);
        if let Some((a, b)) = differing {
            return a.cmp(&b);
        }
        // The shorter one is followed by zeros.
        let goes_on =
            |longer: Element<C>| longer.characters(common..longer.length).any(|c| c != C::default());
        goes_on(self).cmp(&goes_on(other))
    }

    fn equals(self, other: Element<C>) -> bool {
        if self.length != other.length || self.length == 0 {
            return self.order(other, 0).is_eq();
        }
        // SAFETY: the element is valid memory.
        let bytes = |element: Element<C>| unsafe {
            std::slice::from_raw_parts(element.address.cast::<u8>(), element.length * size_of::<C>())
        };
        // Most elements that differ do so at once.
        self.characters(0..1).eq(other.characters(0..1)) && bytes(self) == bytes(other)
    }
}

/// The elements of a view in C order.
fn elements<'a, C: Character>(
    view: &View<'a, u8>,
    length: i64,
) -> impl Iterator<Item = Element<C>> + use<'a, C> {
    let length = length as usize;
    let n_outer = view.ndim().saturating_sub(1);
    let n_inner = view.extents().last().map_or(1, |extent| *extent as usize);
    let stride = view.strides().last().copied().unwrap_or(0) as isize;
    // SAFETY: the elements with the first position on the last axis.
    let outer = unsafe { View::new(view.data(), &view.extents()[..n_outer], &view.strides()[..n_outer]) };
    outer.addresses().flat_map(move |row| {
        (0..n_inner as isize)
            .map(move |idx| Element { address: row.wrapping_byte_offset(idx * stride).cast(), length })
    })
}

fn compare<C: Character>(
    a: View<'_, u8>,
    length: i64,
    others: impl Iterator<Item = Element<C>>,
    op: i64,
) -> Result<NewArray<Bool>> {
    let mut result = NewArray::of_shape(a.extents())?;
    let pairs = result.as_mut_slice().iter_mut().zip(elements::<C>(&a, length).zip(others));
    match op {
        0 => pairs.for_each(|(target, (a, b))| *target = a.equals(b).into()),
        1 => pairs.for_each(|(target, (a, b))| *target = (!a.equals(b)).into()),
        2 => pairs.for_each(|(target, (a, b))| *target = a.order(b, 0).is_lt().into()),
        3 => pairs.for_each(|(target, (a, b))| *target = a.order(b, 0).is_le().into()),
        4 => pairs.for_each(|(target, (a, b))| *target = a.order(b, 0).is_gt().into()),
        _ => pairs.for_each(|(target, (a, b))| *target = a.order(b, 0).is_ge().into()),
    }
    Ok(result)
}

/// `a op b`, both of the same shape: `==`, `!=`, `<`, `<=`, `>`, `>=`.
fn compare_elements<T: ElementKind>(
    a: View<'_, u8>,
    a_length: i64,
    b: View<'_, u8>,
    b_length: i64,
    op: i64,
) -> Result<NewArray<Bool>> {
    compare::<T::Character>(a, a_length, elements(&b, b_length), op)
}

fn compare_with_text<T: ElementKind>(
    a: View<'_, u8>,
    length: i64,
    text: Text<'_>,
    op: i64,
) -> Result<NewArray<Bool>> {
    let units = units::<T::Character>(text);
    compare::<T::Character>(a, length, std::iter::repeat(as_element(&units)), op)
}

/// A text in the memory of an element that it fits.
fn units<C: Character>(text: Text<'_>) -> Vec<C> {
    text.code_points().map(C::of).collect()
}

fn as_element<C: Character>(units: &[C]) -> Element<C> {
    Element { address: units.as_ptr(), length: units.len() }
}

/// The positions of elements of one length in sorted order; those of equal ones in their own order.
fn order_of<C: Character>(elements: &[Element<C>]) -> Vec<i64> {
    let length = elements.first().map_or(0, |element| element.length);
    let mut order: Vec<i64> = (0..elements.len() as i64).collect();
    // Runs of elements that have the same characters up to a position are sorted by the next ones.
    let mut runs = vec![(0..order.len(), 0)];
    while let Some((range, start)) = runs.pop() {
        let first = range.start;
        let run = &mut order[range];
        if run.len() < SHORT_RUN {
            run.sort_by(|a, b| elements[*a as usize].order(elements[*b as usize], start));
            continue;
        }
        let end = length.min(start + C::N_KEY);
        let keys: Vec<u64> =
            run.iter().map(|position| C::key(elements[*position as usize].characters(start..end))).collect();
        let by_key = sorted_order(&keys);
        let sorted: Vec<i64> = by_key.iter().map(|idx| run[*idx as usize]).collect();
        run.copy_from_slice(&sorted);
        let mut next = first;
        for same in by_key.chunk_by(|a, b| keys[*a as usize] == keys[*b as usize]) {
            if same.len() > 1 && end < length {
                runs.push((next..next + same.len(), end));
            }
            next += same.len();
        }
    }
    order
}

/// Fewer elements are sorted by comparing them.
const SHORT_RUN: usize = 24;

/// Of what is unique, sorted: the position of the first of each, the number of each element's own, and how often each
/// occurs.
fn unique_elements<T: ElementKind>(
    array: View<'_, u8>,
    length: i64,
) -> Result<(NewArray<i64>, NewArray<i64>, NewArray<i64>)> {
    let elements: Vec<Element<T::Character>> = elements(&array, length).collect();
    let unique = Unique::new(&order_of(&elements), |a, b| elements[a].equals(elements[b]));
    Ok((
        NewArray::from_slice(&unique.first)?,
        NewArray::from_slice(&unique.inverse)?,
        NewArray::from_slice(&unique.counts)?,
    ))
}

fn search<C: Character>(
    array: View<'_, u8>,
    length: i64,
    extents: &[i64],
    values: impl Iterator<Item = Element<C>>,
    right: bool,
    sorter: Option<View<'_, i64>>,
) -> Result<NewArray<i64>> {
    let (n, stride) = (array.extent(0), array.strides()[0] as isize);
    // The elements are looked at where they are: one text is searched for in many without a look at all of these.
    let at = |idx: usize| Element {
        address: array.data().wrapping_byte_offset(idx as isize * stride).cast(),
        length: length as usize,
    };
    let positions = || (0..n).collect::<Vec<usize>>();
    let order = sorter.map(|sorter| in_order_of(positions().into(), Some(sorter))).transpose()?;
    let mut result = NewArray::of_shape(extents)?;
    for (target, value) in result.as_mut_slice().iter_mut().zip(values) {
        let (mut low, mut high) = (0, n);
        while low < high {
            let middle = low.midpoint(high);
            let is_before = match at(order.as_ref().map_or(middle, |order| order[middle])).order(value, 0) {
                Ordering::Less => true,
                Ordering::Equal => right,
                Ordering::Greater => false,
            };
            if is_before { low = middle + 1 } else { high = middle }
        }
        *target = low as i64;
    }
    Ok(result)
}

fn search_elements<T: ElementKind>(
    array: View<'_, u8>,
    length: i64,
    values: View<'_, u8>,
    values_length: i64,
    right: bool,
    sorter: Option<View<'_, i64>>,
) -> Result<NewArray<i64>> {
    search::<T::Character>(array, length, values.extents(), elements(&values, values_length), right, sorter)
}

fn search_text<T: ElementKind>(
    array: View<'_, u8>,
    length: i64,
    text: Text<'_>,
    right: bool,
    sorter: Option<View<'_, i64>>,
) -> Result<NewArray<i64>> {
    let units = units::<T::Character>(text);
    search::<T::Character>(array, length, &[], std::iter::once(as_element(&units)), right, sorter)
}
