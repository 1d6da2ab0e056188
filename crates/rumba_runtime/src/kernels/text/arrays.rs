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
    #[inline]
    fn at(self, idx: usize) -> C {
        debug_assert!(idx < self.length);
        // SAFETY: a character of the element, which is valid memory.
        unsafe { self.address.add(idx).read_unaligned() }
    }

    fn characters(self, range: Range<usize>) -> impl Iterator<Item = C> {
        range.map(move |idx| self.at(idx))
    }

    /// By the characters from a position on, up to which both have the same.
    fn order(self, other: Element<C>, start: usize) -> Ordering {
        let common = self.length.min(other.length);
        for idx in start..common {
            let (a, b) = (self.at(idx), other.at(idx));
            if a != b {
                return a.cmp(&b);
            }
        }
        // The shorter one is followed by zeros.
        let goes_on =
            |longer: Element<C>| longer.characters(common..longer.length).any(|c| c != C::default());
        goes_on(self).cmp(&goes_on(other))
    }

    fn equals(self, other: Element<C>) -> bool {
        match self.length == other.length {
            true => (0..self.length).all(|idx| self.at(idx) == other.at(idx)),
            false => self.order(other, 0).is_eq(),
        }
    }
}

/// The elements along the last axis of a view, at one position along the others.
#[derive(Clone, Copy)]
struct Row<C> {
    address: *const C,
    /// In bytes.
    stride: isize,
    n_elements: usize,
    /// Of an element.
    length: usize,
}

impl<C: Character> Row<C> {
    #[inline]
    fn element(self, idx: usize) -> Element<C> {
        Element {
            address: self.address.wrapping_byte_offset(idx as isize * self.stride),
            length: self.length,
        }
    }
}

/// The rows of a view in C order.
fn rows<'a, C: Character>(view: &View<'a, u8>, length: i64) -> impl Iterator<Item = Row<C>> + use<'a, C> {
    let n_outer = view.ndim().saturating_sub(1);
    let n_elements = view.extents().last().map_or(1, |extent| *extent as usize);
    let stride = view.strides().last().copied().unwrap_or(0) as isize;
    // SAFETY: the elements with the first position on the last axis.
    let outer = unsafe { View::new(view.data(), &view.extents()[..n_outer], &view.strides()[..n_outer]) };
    outer.addresses().map(move |address| Row {
        address: address.cast(),
        stride,
        n_elements,
        length: length as usize,
    })
}

/// The elements of a view in C order.
fn elements<'a, C: Character>(
    view: &View<'a, u8>,
    length: i64,
) -> impl Iterator<Item = Element<C>> + use<'a, C> {
    rows(view, length).flat_map(|row| (0..row.n_elements).map(move |idx| row.element(idx)))
}

/// What `relation` says of the elements of rows of one shape.
fn relate<C: Character>(
    extents: &[i64],
    pairs: impl Iterator<Item = (Row<C>, Row<C>)>,
    relation: impl Fn(Element<C>, Element<C>) -> bool,
) -> Result<NewArray<Bool>> {
    let mut result = NewArray::of_shape(extents)?;
    let mut targets = result.as_mut_slice();
    for (a, b) in pairs {
        let (row, rest) = targets.split_at_mut(a.n_elements);
        targets = rest;
        for (idx, target) in row.iter_mut().enumerate() {
            *target = relation(a.element(idx), b.element(idx)).into();
        }
    }
    Ok(result)
}

fn compare<C: Character>(
    a: View<'_, u8>,
    length: i64,
    others: impl Iterator<Item = Row<C>>,
    op: i64,
) -> Result<NewArray<Bool>> {
    let (extents, pairs) = (a.extents(), rows(&a, length).zip(others));
    match op {
        0 => relate(extents, pairs, |a, b| a.equals(b)),
        1 => relate(extents, pairs, |a, b| !a.equals(b)),
        2 => relate(extents, pairs, |a, b| a.order(b, 0).is_lt()),
        3 => relate(extents, pairs, |a, b| a.order(b, 0).is_le()),
        4 => relate(extents, pairs, |a, b| a.order(b, 0).is_gt()),
        _ => relate(extents, pairs, |a, b| a.order(b, 0).is_ge()),
    }
}

/// `a op b`, both of the same shape: `==`, `!=`, `<`, `<=`, `>`, `>=`.
fn compare_elements<T: ElementKind>(
    a: View<'_, u8>,
    a_length: i64,
    b: View<'_, u8>,
    b_length: i64,
    op: i64,
) -> Result<NewArray<Bool>> {
    compare::<T::Character>(a, a_length, rows(&b, b_length), op)
}

fn compare_with_text<T: ElementKind>(
    a: View<'_, u8>,
    length: i64,
    text: Text<'_>,
    op: i64,
) -> Result<NewArray<Bool>> {
    let units = units::<T::Character>(text);
    let text = Row { address: units.as_ptr(), stride: 0, n_elements: 1, length: units.len() };
    compare(a, length, std::iter::repeat(text), op)
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
