//! Checks the invariants of untyped SSA that `hir`'s module comment lists, inner functions included.

use crate::hir::{Block, BlockData, Function, Inst, Terminator, UnaryOp, Value};

/// `Err` names the first invariant found broken, and where.
pub fn verify(function: &Function) -> Result<(), String> {
    let verifier = Verifier {
        function,
        definitions: vec![None; function.value_spans.len()],
    };
    verifier
        .run()
        .map_err(|broken| format!("in `{}`: {broken}", function.name))?;
    function.functions.iter().try_for_each(|inner| verify(inner))
}

/// Where a value is defined. Positions in a block: 0 is its parameters, then its instructions.
#[derive(Clone, Copy)]
struct Place {
    block: Block,
    position: usize,
}

struct Verifier<'a> {
    function: &'a Function,
    definitions: Vec<Option<Place>>,
}

type Check = Result<(), String>;

macro_rules! ensure {
    ($condition:expr, $($message:tt)*) => {
        if !$condition {
            return Err(format!($($message)*));
        }
    };
}

impl Verifier<'_> {
    fn run(mut self) -> Check {
        let function = self.function;
        ensure!(!function.blocks.is_empty(), "no entry block");
        ensure!(
            function.value_names.len() == function.value_spans.len(),
            "names and spans differ in number"
        );
        self.define_values()?;
        self.check_edges()?;
        let dominators = Dominators::of(&function.blocks);
        for (block, data) in self.blocks() {
            ensure!(dominators.is_reachable(block), "{block} cannot be reached");
            for (idx, (value, inst)) in data.insts.iter().enumerate() {
                for operand in inst.operands() {
                    self.check_use(
                        operand,
                        Place {
                            block,
                            position: idx + 1,
                        },
                        &dominators,
                    )?;
                }
                self.check_inst(*value, inst)?;
            }
            let end = Place {
                block,
                position: data.insts.len() + 1,
            };
            let passed = data
                .terminator
                .edges()
                .into_iter()
                .flat_map(|edge| edge.args.iter().copied());
            for operand in data.terminator.operands().into_iter().chain(passed) {
                self.check_use(operand, end, &dominators)?;
            }
            self.check_condition(data)?;
        }
        self.check_pruned()
    }

    fn blocks(&self) -> impl Iterator<Item = (Block, &BlockData)> {
        self.function
            .blocks
            .iter()
            .enumerate()
            .map(|(idx, data)| (Block(idx as u32), data))
    }

    fn define_values(&mut self) -> Check {
        let function = self.function;
        let n_given = function.params.len() + function.captures.len();
        for idx in 0..n_given {
            self.define(
                Value(idx as u32),
                Place {
                    block: Block(0),
                    position: 0,
                },
            )?;
        }
        for (idx, data) in function.blocks.iter().enumerate() {
            let block = Block(idx as u32);
            for &param in &data.params {
                self.define(param, Place { block, position: 0 })?;
            }
            for (idx, (value, _)) in data.insts.iter().enumerate() {
                self.define(
                    *value,
                    Place {
                        block,
                        position: idx + 1,
                    },
                )?;
            }
        }
        match self.definitions.iter().position(Option::is_none) {
            Some(idx) => Err(format!("v{idx} is not defined")),
            None => Ok(()),
        }
    }

    fn define(&mut self, value: Value, place: Place) -> Check {
        let Some(slot) = self.definitions.get_mut(value.index()) else {
            return Err(format!("{value} has no span"));
        };
        ensure!(slot.is_none(), "{value} is defined twice");
        *slot = Some(place);
        Ok(())
    }

    fn check_edges(&self) -> Check {
        let blocks = &self.function.blocks;
        ensure!(blocks[0].params.is_empty(), "the entry block has parameters");
        for (block, data) in self.blocks() {
            for edge in data.terminator.edges() {
                let Some(target) = blocks.get(edge.block.index()) else {
                    return Err(format!("{block} goes to {}, which does not exist", edge.block));
                };
                ensure!(edge.block != Block(0), "{block} goes to the entry block");
                let (given, wanted) = (edge.args.len(), target.params.len());
                ensure!(
                    given == wanted,
                    "{block} passes {given} arguments to {}, which has {wanted}",
                    edge.block
                );
            }
        }
        Ok(())
    }

    fn check_use(&self, value: Value, at: Place, dominators: &Dominators) -> Check {
        let Some(definition) = self.definitions.get(value.index()).copied().flatten() else {
            return Err(format!("{} reads {value}, which does not exist", at.block));
        };
        let dominates = if definition.block == at.block {
            definition.position < at.position
        } else {
            dominators.dominates(definition.block, at.block)
        };
        ensure!(dominates, "{value} does not dominate its use in {}", at.block);
        Ok(())
    }

    fn check_inst(&self, value: Value, inst: &Inst) -> Check {
        let Inst::MakeFunction {
            function,
            defaults,
            captures,
        } = inst
        else {
            return Ok(());
        };
        let Some(inner) = self.function.functions.get(*function as usize) else {
            return Err(format!("{value} makes function {function}, which does not exist"));
        };
        let n_defaults = inner.params.iter().filter(|param| param.has_default).count();
        ensure!(
            defaults.len() == n_defaults,
            "{value} passes {} defaults of {n_defaults}",
            defaults.len()
        );
        let n_captures = inner.captures.iter().filter(|capture| !capture.is_self).count();
        ensure!(
            captures.len() == n_captures,
            "{value} passes {} captures of {n_captures}",
            captures.len()
        );
        Ok(())
    }

    fn check_condition(&self, data: &BlockData) -> Check {
        let Terminator::Branch {
            condition,
            then,
            otherwise,
        } = &data.terminator
        else {
            return Ok(());
        };
        ensure!(
            then.block != otherwise.block,
            "both sides of a branch go to {}",
            then.block
        );
        let is_bool = self
            .function
            .blocks
            .iter()
            .flat_map(|block| &block.insts)
            .any(|(value, inst)| {
                value == condition
                    && matches!(
                        inst,
                        Inst::Truth(_)
                            | Inst::Unary { op: UnaryOp::Not, .. }
                            | Inst::MatchSequence { .. }
                            | Inst::IterHasNext(_)
                    )
            });
        ensure!(is_bool, "{condition} is no condition");
        Ok(())
    }

    /// Every block parameter is read, by itself or through other block parameters.
    fn check_pruned(&self) -> Check {
        let mut is_read = vec![false; self.definitions.len()];
        let mut work = Vec::new();
        for (_, data) in self.blocks() {
            data.insts
                .iter()
                .for_each(|(_, inst)| work.extend(inst.operands()));
            work.extend(data.terminator.operands());
        }
        while let Some(value) = work.pop() {
            if std::mem::replace(&mut is_read[value.index()], true) {
                continue;
            }
            for (_, data) in self.blocks() {
                for edge in data.terminator.edges() {
                    let params = &self.function.blocks[edge.block.index()].params;
                    let passed = params
                        .iter()
                        .zip(&edge.args)
                        .filter(|(param, _)| **param == value);
                    work.extend(passed.map(|(_, arg)| *arg));
                }
            }
        }
        let mut params = self.function.blocks.iter().flat_map(|block| &block.params);
        match params.find(|param| !is_read[param.index()]) {
            Some(param) => Err(format!("block parameter {param} is never read")),
            None => Ok(()),
        }
    }
}

/// Which blocks dominate which, as sets: simple, and fast enough for checking.
struct Dominators {
    /// Empty for a block that cannot be reached.
    sets: Vec<Vec<bool>>,
}

impl Dominators {
    fn of(blocks: &[BlockData]) -> Dominators {
        // A block dominates those that can no longer be reached once it is taken away.
        let all = reachable_without(blocks, None);
        let mut sets: Vec<Vec<bool>> = vec![vec![false; blocks.len()]; blocks.len()];
        for dominator in 0..blocks.len() {
            let others = reachable_without(blocks, Some(dominator));
            for (block, set) in sets.iter_mut().enumerate() {
                set[dominator] = all[block] && !others[block];
            }
        }
        Dominators { sets }
    }

    fn is_reachable(&self, block: Block) -> bool {
        self.dominates(block, block)
    }

    fn dominates(&self, dominator: Block, block: Block) -> bool {
        self.sets[block.index()][dominator.index()]
    }
}

fn reachable_without(blocks: &[BlockData], removed: Option<usize>) -> Vec<bool> {
    let mut reached = vec![false; blocks.len()];
    let mut work = vec![0];
    while let Some(block) = work.pop() {
        if Some(block) == removed || std::mem::replace(&mut reached[block], true) {
            continue;
        }
        work.extend(
            blocks[block]
                .terminator
                .edges()
                .into_iter()
                .map(|edge| edge.block.index()),
        );
    }
    reached
}
