//! Copies the blocks of one function into another: what inlining is made of.

use rumba_ir::{Block, BlockData, BodyId, Edge, Function, Instruction, Op, SiteId, Terminator, Value};
use rustc_hash::FxHashMap;

/// Copies the blocks of `callee` to the end of `caller`, with `args` for its parameters; where it returns, the copy
/// jumps to `after` with the result. Gives the first block of the copy, which takes no parameters.
///
/// Copied sites remember `call_site`; without one the callee is a body of the caller, and names its sites already.
pub fn copy_blocks(
    caller: &mut Function,
    callee: &Function,
    args: &[Value],
    after: Block,
    call_site: Option<SiteId>,
) -> Block {
    let first_block = caller.blocks.len() as u32;
    let mut copy = Copy {
        values: vec![None; callee.values.len()],
        sites: FxHashMap::default(),
        first_block,
        after,
        call_site,
        caller,
        callee,
    };
    for (param, arg) in callee.params().iter().zip(args) {
        copy.values[param.index()] = Some(*arg);
    }
    for block in callee.block_ids() {
        let copied = copy.block(block);
        copy.caller.blocks.push(copied);
    }
    Block(first_block)
}

/// Has the blocks from `first` on handled by what handled the block that they came out of, where they do not handle what
/// they raise themselves.
pub fn handle_from(function: &mut Function, first: Block, handler: &Option<Edge>) {
    for block in &mut function.blocks[first.index()..] {
        if block.handler.is_none() {
            block.handler.clone_from(handler);
        }
    }
}

struct Copy<'a> {
    caller: &'a mut Function,
    callee: &'a Function,
    values: Vec<Option<Value>>,
    sites: FxHashMap<SiteId, SiteId>,
    first_block: u32,
    after: Block,
    call_site: Option<SiteId>,
}

impl Copy<'_> {
    fn value(&mut self, value: Value) -> Value {
        if let Some(copied) = self.values[value.index()] {
            return copied;
        }
        let copied = self.caller.add_value(self.callee.ty(value));
        self.values[value.index()] = Some(copied);
        copied
    }

    fn all_values(&mut self, values: &[Value]) -> Vec<Value> {
        values.iter().map(|value| self.value(*value)).collect()
    }

    fn site(&mut self, site: SiteId) -> SiteId {
        let Some(call_site) = self.call_site else { return site };
        if let Some(copied) = self.sites.get(&site) {
            return *copied;
        }
        let mut copied = self.callee.sites[site.index()].clone();
        copied.caller = Some(match copied.caller {
            Some(outer) => self.site(outer),
            None => call_site,
        });
        let copied = self.caller.add_site(copied);
        self.sites.insert(site, copied);
        copied
    }

    fn block(&mut self, block: Block) -> BlockData {
        let callee = self.callee;
        let data = callee.block(block);
        let params = if block == callee.entry() { Vec::new() } else { self.all_values(&data.params) };
        let instructions =
            data.instructions.iter().map(|instruction| self.instruction(instruction)).collect();
        let terminator = match &data.terminator {
            Terminator::Jump(edge) => Terminator::Jump(self.edge(edge)),
            Terminator::Branch { condition, then, otherwise } => Terminator::Branch {
                condition: self.value(*condition),
                then: self.edge(then),
                otherwise: self.edge(otherwise),
            },
            Terminator::Return(value) => {
                Terminator::Jump(Edge { block: self.after, args: vec![self.value(*value)] })
            }
            Terminator::Raise { site, args, cleanup } => Terminator::Raise {
                site: self.site(*site),
                args: self.all_values(args),
                cleanup: self.all_values(cleanup),
            },
            Terminator::Reraise { cleanup } => Terminator::Reraise { cleanup: self.all_values(cleanup) },
            Terminator::Yield(edge) => Terminator::Yield(self.edge(edge)),
            Terminator::Unreachable => Terminator::Unreachable,
        };
        let handler = data.handler.as_ref().map(|handler| self.edge(handler));
        BlockData { params, handler, instructions, terminator }
    }

    fn instruction(&mut self, instruction: &Instruction) -> Instruction {
        let mut op = instruction.op.clone();
        op.operands_mut(|value| *value = self.value(*value));
        if let Op::Elementwise { body, .. } | Op::Reduce { body, .. } = &mut op {
            *body = self.body(*body);
        }
        Instruction {
            result: self.value(instruction.result),
            op,
            site: instruction.site.map(|site| self.site(site)),
            cleanup: self.all_values(&instruction.cleanup),
        }
    }

    fn body(&mut self, body: BodyId) -> BodyId {
        let mut copied = self.callee.bodies[body.index()].clone();
        for block in &mut copied.blocks {
            for site in block.instructions.iter_mut().filter_map(|instruction| instruction.site.as_mut()) {
                *site = self.site(*site);
            }
            if let Terminator::Raise { site, .. } = &mut block.terminator {
                *site = self.site(*site);
            }
        }
        self.caller.add_body(copied)
    }

    fn edge(&mut self, edge: &Edge) -> Edge {
        Edge { block: Block(self.first_block + edge.block.0), args: self.all_values(&edge.args) }
    }
}
