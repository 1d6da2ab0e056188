//! Single assignment again, where a pass has given values several definitions.

use rumba_ir::{Block, Edge, Function, Value};
use rumba_types::Type;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// The values that are alive where each block begins, other than its own parameters.
pub fn live_in(function: &Function) -> Vec<BTreeSet<Value>> {
    let n_blocks = function.blocks.len();
    let mut live_in: Vec<BTreeSet<Value>> = vec![BTreeSet::new(); n_blocks];
    let mut changed = true;
    while changed {
        changed = false;
        for (idx, block) in function.blocks.iter().enumerate().rev() {
            let mut live = BTreeSet::new();
            block.terminator.successors(|successor| live.extend(&live_in[successor.index()]));
            block.edge_operands(|value| {
                live.insert(value);
            });
            for instruction in block.instructions.iter().rev() {
                live.remove(&instruction.result);
                instruction.op.operands(|value| {
                    live.insert(value);
                });
            }
            if let Some(handler) = &block.handler {
                live.extend(&live_in[handler.block.index()]);
            }
            block.params.iter().for_each(|param| {
                live.remove(param);
            });
            if live != live_in[idx] {
                live_in[idx] = live;
                changed = true;
            }
        }
    }
    live_in
}

pub fn replace_in(function: &mut Function, block: Block, old: Value, new: Value) {
    let data = function.block_mut(block);
    let replace = |value: &mut Value| {
        if *value == old {
            *value = new;
        }
    };
    for instruction in &mut data.instructions {
        instruction.op.operands_mut(replace);
    }
    data.edge_operands_mut(replace);
}

/// Makes SSA again of values that have several definitions (Braun et al. 2013): where they meet, block parameters.
#[derive(Default)]
pub struct Repair {
    /// By value: further definitions, each of which holds at the end of its block.
    pub definitions: FxHashMap<Value, Vec<(Block, Value)>>,
}

#[derive(Clone, Copy)]
enum WayIn {
    FromEnd(Block),
    /// Of a block's handler: what holds where the block begins.
    FromBegin(Block),
}

impl Repair {
    pub fn run(self, function: &mut Function) {
        let mut ways_in: Vec<Vec<WayIn>> = vec![Vec::new(); function.blocks.len()];
        let mut defined_in: FxHashMap<Value, Block> = FxHashMap::default();
        let mut used_in: FxHashMap<Value, BTreeSet<Block>> = FxHashMap::default();
        for block in function.block_ids() {
            let data = function.block(block);
            let mut successors = Vec::new();
            data.terminator.successors(|successor| successors.push(successor));
            successors.dedup();
            successors.iter().for_each(|successor| ways_in[successor.index()].push(WayIn::FromEnd(block)));
            if let Some(handler) = &data.handler {
                ways_in[handler.block.index()].push(WayIn::FromBegin(block));
            }
            let results = data.instructions.iter().map(|instruction| instruction.result);
            defined_in.extend(data.params.iter().copied().chain(results).map(|value| (value, block)));
            let mut uses = |value: Value| {
                if self.definitions.contains_key(&value) {
                    used_in.entry(value).or_default().insert(block);
                }
            };
            data.instructions.iter().for_each(|instruction| instruction.op.operands(&mut uses));
            data.edge_operands(&mut uses);
        }
        let mut values: Vec<(Value, Vec<(Block, Value)>)> = self.definitions.into_iter().collect();
        values.sort_unstable();
        for (value, further) in values {
            let first = defined_in[&value];
            let mut reader = Reader {
                ty: function.ty(value),
                ways_in: &ways_in,
                at_begin: FxHashMap::default(),
                at_end: further.into_iter().chain([(first, value)]).collect(),
                function,
            };
            if reader.function.block(first).params.contains(&value) {
                reader.at_begin.insert(first, value);
            }
            for block in used_in.remove(&value).unwrap_or_default() {
                if block != first {
                    let new = reader.read_at_begin(block);
                    replace_in(reader.function, block, value, new);
                }
            }
        }
    }
}

/// Finds which definition of a value holds where.
struct Reader<'a> {
    function: &'a mut Function,
    ty: Type,
    ways_in: &'a [Vec<WayIn>],
    at_begin: FxHashMap<Block, Value>,
    at_end: FxHashMap<Block, Value>,
}

impl Reader<'_> {
    fn read(&mut self, way: WayIn) -> Value {
        match way {
            WayIn::FromEnd(block) => match self.at_end.get(&block) {
                Some(value) => *value,
                None => self.read_at_begin(block),
            },
            WayIn::FromBegin(block) => self.read_at_begin(block),
        }
    }

    fn read_at_begin(&mut self, block: Block) -> Value {
        // Along straight ways without recursion.
        let mut passed = Vec::new();
        let mut at = block;
        let value = loop {
            if let Some(value) = self.at_begin.get(&at) {
                break *value;
            }
            match self.ways_in[at.index()][..] {
                [WayIn::FromEnd(before)] => {
                    passed.push(at);
                    if let Some(value) = self.at_end.get(&before) {
                        break *value;
                    }
                    at = before;
                }
                [WayIn::FromBegin(before)] => {
                    passed.push(at);
                    at = before;
                }
                _ => break self.meet(at),
            }
        };
        passed.into_iter().for_each(|block| {
            self.at_begin.insert(block, value);
        });
        value
    }

    /// A parameter of a block that several ways lead to.
    fn meet(&mut self, block: Block) -> Value {
        let param = self.function.add_param(block, self.ty);
        self.at_begin.insert(block, param);
        let ways_in = self.ways_in;
        for way in &ways_in[block.index()] {
            let arg = self.read(*way);
            let (WayIn::FromEnd(from) | WayIn::FromBegin(from)) = *way;
            let data = self.function.block_mut(from);
            let edges: Vec<&mut Edge> = match way {
                WayIn::FromEnd(_) => data.terminator.edges_mut(),
                WayIn::FromBegin(_) => data.handler.iter_mut().collect(),
            };
            edges.into_iter().filter(|edge| edge.block == block).for_each(|edge| edge.args.push(arg));
        }
        param
    }
}
