//! Sets: what is unique in an array, and unions, intersections and differences of two.

use super::sorting::{sort_elements, sorted_order};
use super::{Bool, Element, NewArray, Result, View, kernels};

kernels! {
    unique<T: all>(array: View<'_, T>, equal_nan: bool) -> NewArray<T>;
    unique_counts<T: all>(array: View<'_, T>, equal_nan: bool) -> (NewArray<T>, NewArray<i64>);
    unique_all<T: all>(array: View<'_, T>, equal_nan: bool) -> UniqueArrays<T>;
    unique_rows<T: all>(array: View<'_, T>) -> UniqueArrays<T>;
    union1d<T: all>(first: View<'_, T>, second: View<'_, T>) -> NewArray<T>;
    intersect1d<T: all>(first: View<'_, T>, second: View<'_, T>, assume_unique: bool) -> (NewArray<T>, NewArray<i64>, NewArray<i64>);
    setxor1d<T: all>(first: View<'_, T>, second: View<'_, T>, assume_unique: bool) -> NewArray<T>;
    isin<T: all>(elements: View<'_, T>, test: View<'_, T>, invert: bool) -> NewArray<Bool>;
}

/// What is unique, first positions, numbers of the elements' own, counts.
type UniqueArrays<T> = (NewArray<T>, NewArray<i64>, NewArray<i64>, NewArray<i64>);

/// Whether two neighbours in sorted order are the same element of a set.
fn is_same<T: Element>(a: &T, b: &T, equal_nan: bool) -> bool {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => !a.less(b),
        // All complex numbers with a nan in them count as one.
        (true, true) => equal_nan,
        _ => false,
    }
}

fn unique_elements<T: Element>(mut elements: Vec<T>, equal_nan: bool) -> Vec<T> {
    sort_elements(&mut elements);
    elements.dedup_by(|later, earlier| is_same(earlier, later, equal_nan));
    elements
}

fn unique<T: Element>(array: View<'_, T>, equal_nan: bool) -> Result<NewArray<T>> {
    NewArray::from_slice(&unique_elements(array.to_vec(), equal_nan))
}

/// What is unique and how often it occurs.
fn unique_counts<T: Element>(array: View<'_, T>, equal_nan: bool) -> Result<(NewArray<T>, NewArray<i64>)> {
    let mut elements = array.to_vec();
    sort_elements(&mut elements);
    let runs = || elements.chunk_by(|a, b| is_same(a, b, equal_nan));
    let values: Vec<T> = runs().map(|run| run[0]).collect();
    let counts: Vec<i64> = runs().map(|run| run.len() as i64).collect();
    Ok((NewArray::from_slice(&values)?, NewArray::from_slice(&counts)?))
}

/// What is unique, with the position of the first of each, the number of each element's own, and how often each occurs.
pub(super) struct Unique {
    pub(super) first: Vec<i64>,
    pub(super) inverse: Vec<i64>,
    pub(super) counts: Vec<i64>,
}

impl Unique {
    /// From the order that sorts, in which equal ones stand in their own order.
    pub(super) fn new(order: &[i64], is_same: impl Fn(usize, usize) -> bool) -> Unique {
        let mut unique = Unique { first: Vec::new(), inverse: vec![0; order.len()], counts: Vec::new() };
        for (idx, position) in order.iter().enumerate() {
            match unique.counts.last_mut() {
                Some(count) if is_same(order[idx - 1] as usize, *position as usize) => *count += 1,
                _ => {
                    unique.first.push(*position);
                    unique.counts.push(1);
                }
            }
            unique.inverse[*position as usize] = unique.first.len() as i64 - 1;
        }
        unique
    }
}

fn unique_all<T: Element>(array: View<'_, T>, equal_nan: bool) -> Result<UniqueArrays<T>> {
    let elements = array.to_vec();
    let unique = Unique::new(&sorted_order(&elements), |a, b| is_same(&elements[a], &elements[b], equal_nan));
    let values: Vec<T> = unique.first.iter().map(|position| elements[*position as usize]).collect();
    Ok((
        NewArray::from_slice(&values)?,
        NewArray::from_slice(&unique.first)?,
        NewArray::from_slice(&unique.inverse)?,
        NewArray::from_slice(&unique.counts)?,
    ))
}

/// As `unique_all`, of the parts along the first axis.
fn unique_rows<T: Element>(array: View<'_, T>) -> Result<UniqueArrays<T>> {
    let elements = array.to_vec();
    let (n_rows, n_row) = (array.extent(0), array.extents()[1..].iter().product::<i64>() as usize);
    let row = |idx: usize| &elements[idx * n_row..(idx + 1) * n_row];
    let mut order: Vec<i64> = (0..n_rows as i64).collect();
    order.sort_by(|a, b| {
        let differing = row(*a as usize).iter().zip(row(*b as usize)).map(|(a, b)| a.order(b));
        differing.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    let unique = Unique::new(&order, |a, b| {
        row(a).iter().zip(row(b)).all(|(a, b)| is_same(a, b, false) && !b.less(a))
    });
    let mut extents = array.extents().to_vec();
    extents[0] = unique.first.len() as i64;
    let mut values = NewArray::of_shape(&extents)?;
    let rows = values.as_mut_slice().chunks_exact_mut(n_row.max(1));
    rows.zip(&unique.first).for_each(|(target, position)| target.copy_from_slice(row(*position as usize)));
    Ok((
        values,
        NewArray::from_slice(&unique.first)?,
        NewArray::from_slice(&unique.inverse)?,
        NewArray::from_slice(&unique.counts)?,
    ))
}

fn union1d<T: Element>(first: View<'_, T>, second: View<'_, T>) -> Result<NewArray<T>> {
    NewArray::from_slice(&unique_elements(first.iter().chain(second.iter()).collect(), true))
}

/// Elements of a set with their positions.
fn members<T: Element>(array: &View<'_, T>, assume_unique: bool) -> Vec<(T, i64)> {
    let elements = array.to_vec();
    let order = sorted_order(&elements);
    let mut members: Vec<(T, i64)> = order.into_iter().map(|idx| (elements[idx as usize], idx)).collect();
    if !assume_unique {
        members.dedup_by(|later, earlier| is_same(&earlier.0, &later.0, true));
    }
    members
}

fn intersect1d<T: Element>(
    first: View<'_, T>,
    second: View<'_, T>,
    assume_unique: bool,
) -> Result<(NewArray<T>, NewArray<i64>, NewArray<i64>)> {
    let (first, second) = (members(&first, assume_unique), members(&second, assume_unique));
    let (mut values, mut in_first, mut in_second) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = &second[..];
    for (value, position) in &first {
        let n_smaller = rest.iter().take_while(|other| other.0.less(value)).count();
        rest = &rest[n_smaller..];
        if let Some((other, other_position)) = rest.first()
            && is_same(value, other, false)
        {
            values.push(*value);
            in_first.push(*position);
            in_second.push(*other_position);
            rest = &rest[1..];
        }
    }
    Ok((NewArray::from_slice(&values)?, NewArray::from_slice(&in_first)?, NewArray::from_slice(&in_second)?))
}

fn setxor1d<T: Element>(first: View<'_, T>, second: View<'_, T>, assume_unique: bool) -> Result<NewArray<T>> {
    let part = |array: View<'_, T>| match assume_unique {
        true => array.to_vec(),
        false => unique_elements(array.to_vec(), true),
    };
    let mut both = part(first);
    both.extend(part(second));
    sort_elements(&mut both);
    let differs = |idx: usize| idx == 0 || idx == both.len() || !is_same(&both[idx - 1], &both[idx], false);
    let alone: Vec<T> =
        (0..both.len()).filter(|idx| differs(*idx) && differs(idx + 1)).map(|idx| both[idx]).collect();
    NewArray::from_slice(&alone)
}

fn isin<T: Element>(elements: View<'_, T>, test: View<'_, T>, invert: bool) -> Result<NewArray<Bool>> {
    let mut result = NewArray::of_shape(elements.extents())?;
    let targets = result.as_mut_slice().iter_mut().zip(elements.iter());
    let mut test: Vec<T> = test.iter().filter(|element| !element.is_nan()).collect();
    // A table of all keys between the lowest and the highest, where that is not much larger than the arrays.
    let lowest = test.iter().map(|element| if T::KEY_BITS > 0 { element.key() } else { 0 }).min();
    let highest = test.iter().map(|element| if T::KEY_BITS > 0 { element.key() } else { u64::MAX }).max();
    if let (Some(lowest), Some(highest)) = (lowest, highest)
        && (highest - lowest) / 8 <= (elements.size() + test.len()) as u64
    {
        let mut table = vec![false; (highest - lowest) as usize + 1];
        test.iter().for_each(|element| table[(element.key() - lowest) as usize] = true);
        targets.for_each(|(target, element)| {
            let idx = usize::try_from(element.key().wrapping_sub(lowest)).ok();
            let found = idx.and_then(|idx| table.get(idx).copied()).unwrap_or(false);
            *target = (found != invert).into();
        });
        return Ok(result);
    }
    test = unique_elements(test, true);
    targets.for_each(|(target, element)| {
        let found = test.get(test.partition_point(|other| other.less(&element)));
        *target = (found.is_some_and(|other| is_same(&element, other, false)) != invert).into();
    });
    Ok(result)
}
