//! Sorting along an axis.

use super::{Element, Result, View, kernels};

kernels! {
    sort<T: all>(array: View<'_, T>, axis: i64, stable: bool) -> ();
}

/// Sorts an array in place.
fn sort<T: Element>(array: View<'_, T>, axis: i64, stable: bool) -> Result<()> {
    for mut lane in array.lanes(axis as usize) {
        lane.with_mut_slice(|elements| match stable {
            true => elements.sort_by(Element::order),
            false => elements.sort_unstable_by(Element::order),
        });
    }
    Ok(())
}
