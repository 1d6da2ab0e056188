//! Drops block parameters that are the same value on every edge.

use crate::replacements::Replacements;
use rumba_ir::{Function, Value};

pub fn run(function: &mut Function) {
    let n_blocks = function.blocks.len();
    let mut replacements = Replacements::new(function);
    let mut dropped: Vec<Vec<bool>> =
        function.blocks.iter().map(|block| vec![false; block.params.len()]).collect();
    let mut changed = true;
    let mut any = false;
    while changed {
        changed = false;
        // What each parameter is given: nothing yet, one value, or several.
        let mut incoming: Vec<Vec<Incoming>> =
            function.blocks.iter().map(|block| vec![Incoming::None; block.params.len()]).collect();
        for block in &function.blocks {
            for edge in block.edges() {
                let params = &function.block(edge.block).params;
                for (idx, arg) in edge.args.iter().enumerate() {
                    if !dropped[edge.block.index()][idx] {
                        let arg = replacements.resolve(*arg);
                        incoming[edge.block.index()][idx].meet(arg, params[idx]);
                    }
                }
            }
        }
        for block_idx in 1..n_blocks {
            for (idx, given) in incoming[block_idx].iter().enumerate() {
                if let Incoming::One(value) = *given {
                    let param = function.blocks[block_idx].params[idx];
                    // Two parameters may each be given the other; then the first one has gone already.
                    let value = replacements.resolve(value);
                    if value != param {
                        replacements.replace(param, value);
                        dropped[block_idx][idx] = true;
                        changed = true;
                    }
                }
            }
        }
        any |= changed;
    }
    if any {
        drop_params(function, &dropped);
        replacements.apply(function);
    }
}

#[derive(Clone, Copy)]
enum Incoming {
    None,
    One(Value),
    Several,
}

impl Incoming {
    fn meet(&mut self, value: Value, param: Value) {
        *self = match *self {
            _ if value == param => return,
            Incoming::None => Incoming::One(value),
            Incoming::One(other) if other == value => return,
            _ => Incoming::Several,
        }
    }
}

/// Drops parameters, and the arguments for them. `dropped` is by block, then position.
pub(crate) fn drop_params(function: &mut Function, dropped: &[Vec<bool>]) {
    for (block, dropped_here) in function.blocks.iter_mut().zip(dropped) {
        let mut drops = dropped_here.iter();
        block.params.retain(|_| drops.next() == Some(&false));
        for edge in block.edges_mut() {
            let mut drops = dropped[edge.block.index()].iter();
            edge.args.retain(|_| drops.next() == Some(&false));
        }
    }
}
