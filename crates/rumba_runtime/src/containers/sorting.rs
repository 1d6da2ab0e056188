//! Sorting of lists: stable, by the elements themselves or by keys in another list.

use super::List;
use crate::text::Text;
use std::cmp::Ordering;

/// What elements are ordered by: constant data of compiled code, `rumba_types::order`.
#[repr(C)]
pub(super) struct Order {
    n_parts: usize,
    /// Pairs of a [`part`] and its distance from the start of the element.
    parts: [[usize; 2]; 0],
}

/// The parts of elements, the first that differ decide.
mod part {
    pub const U8: usize = 1;
    pub const U16: usize = 2;
    pub const U32: usize = 4;
    pub const U64: usize = 8;
    pub const I8: usize = 101;
    pub const I16: usize = 102;
    pub const I32: usize = 104;
    pub const I64: usize = 108;
    pub const F32: usize = 14;
    pub const F64: usize = 18;
}

/// NaN comes last; in Python, the order of a list with NaN is any.
fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// # Safety
/// Elements of these parts are at the addresses.
unsafe fn compare(a: *const u8, b: *const u8, parts: &[[usize; 2]]) -> Ordering {
    parts.iter().fold(Ordering::Equal, |ordering, [kind, offset]| {
        ordering.then_with(|| {
            let (a, b) = (a.wrapping_add(*offset), b.wrapping_add(*offset));
            macro_rules! read {
                ($T:ty) => {
                    (a.cast::<$T>().read(), b.cast::<$T>().read())
                };
            }
            macro_rules! ints {
                ($T:ty) => {{
                    let (a, b) = read!($T);
                    a.cmp(&b)
                }};
            }
            // SAFETY: promised by the caller.
            unsafe {
                match *kind {
                    part::U8 => ints!(u8),
                    part::U16 => ints!(u16),
                    part::U32 => ints!(u32),
                    part::U64 => ints!(u64),
                    part::I8 => ints!(i8),
                    part::I16 => ints!(i16),
                    part::I32 => ints!(i32),
                    part::I64 => ints!(i64),
                    part::F32 => {
                        let (a, b) = read!(f32);
                        compare_floats(a.into(), b.into())
                    }
                    part::F64 => {
                        let (a, b) = read!(f64);
                        compare_floats(a, b)
                    }
                    // Text: four words.
                    _ => Text::from_slots(a.cast()).cmp(&Text::from_slots(b.cast())),
                }
            }
        })
    })
}

/// `(list, list of keys, order of the keys, reverse)`: sorts the list; the keys are the list itself, or as many.
///
/// # Safety
/// As compiled code calls it: both are lists, and the order is that of the elements of the second.
pub(super) unsafe extern "C" fn rumba_list_sort(
    list: *mut List,
    keys: *const List,
    order: *const Order,
    reverse: bool,
) {
    // SAFETY: promised by the caller; positions are below the common length.
    unsafe {
        let parts =
            std::slice::from_raw_parts((&raw const (*order).parts).cast::<[usize; 2]>(), (*order).n_parts);
        let n = (*list).length.min((*keys).length);
        (*list).changed = 1;
        if std::ptr::eq(list, keys) && !reverse {
            match parts {
                [[part::I64, 0]] if (*list).layout().size == 8 => {
                    std::slice::from_raw_parts_mut((*list).data.cast::<i64>(), n).sort();
                    return;
                }
                [[part::F64, 0]] if (*list).layout().size == 8 => {
                    std::slice::from_raw_parts_mut((*list).data.cast::<f64>(), n)
                        .sort_by(|a, b| compare_floats(*a, *b));
                    return;
                }
                _ => {}
            }
        }
        let mut positions: Vec<usize> = (0..n).collect();
        positions.sort_by(|a, b| {
            let ordering = compare((*keys).at(*a), (*keys).at(*b), parts);
            if reverse { ordering.reverse() } else { ordering }
        });
        let size = (*list).layout().size;
        let old = std::slice::from_raw_parts((*list).data, n * size).to_vec();
        for (to, from) in positions.into_iter().enumerate() {
            std::ptr::copy_nonoverlapping(old.as_ptr().add(from * size), (*list).at(to), size);
        }
    }
}
