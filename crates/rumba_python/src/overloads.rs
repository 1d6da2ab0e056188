//! Chooses among compiled signatures when no more are compiled: exact, promotion, safe, unsafe.

use rumba_types::{Conversion, Type, conversion};

#[derive(PartialEq, Eq, Debug)]
pub enum Resolution {
    One(usize),
    Ambiguous(Vec<usize>),
    None,
}

/// The candidate that needs the fewest unsafe conversions, then the fewest safe ones, then the fewest
/// promotions.
pub fn resolve(args: &[Type], candidates: &[&[Type]]) -> Resolution {
    let mut best: Option<[usize; 3]> = None;
    let mut chosen = Vec::new();
    for (idx, params) in candidates.iter().enumerate() {
        let Some(cost) = cost(args, params) else { continue };
        match best {
            Some(known) if known < cost => {}
            Some(known) if known == cost => chosen.push(idx),
            _ => {
                best = Some(cost);
                chosen = vec![idx];
            }
        }
    }
    match chosen.as_slice() {
        [] => Resolution::None,
        [one] => Resolution::One(*one),
        _ => Resolution::Ambiguous(chosen),
    }
}

/// How many unsafe, safe and promoting conversions a call needs; `None` if it cannot be made.
fn cost(args: &[Type], params: &[Type]) -> Option<[usize; 3]> {
    if args.len() != params.len() {
        return None;
    }
    let mut cost = [0; 3];
    for (from, to) in args.iter().zip(params) {
        match conversion(*from, *to)? {
            Conversion::Exact => {}
            Conversion::Promote => cost[2] += 1,
            Conversion::Safe => cost[1] += 1,
            Conversion::Unsafe => cost[0] += 1,
        }
    }
    Some(cost)
}
