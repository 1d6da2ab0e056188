//! One instance of a function: blocks, values, sites.

use crate::{Block, BodyId, InstanceId, Op, Site, SiteId, SiteKind, Value};
use rumba_source::Span;
use rumba_types::Type;

#[derive(Clone, Debug)]
pub struct Function {
    pub id: InstanceId,
    /// The user's name for it.
    pub name: String,
    /// Its header, where the source is known.
    pub span: Span,
    /// Results are of this type; `none` for functions that return nothing.
    pub result: Type,
    /// Whether a call of this instance can raise. Starts as true; `mark_raising` makes it exact.
    pub can_raise: bool,
    pub blocks: Vec<BlockData>,
    pub values: Vec<ValueData>,
    pub sites: Vec<Site>,
    /// What elementwise operations do to one element: functions of scalars without bodies of their own, whose sites
    /// are those of this function.
    pub bodies: Vec<Function>,
}

#[derive(Clone, Copy, Debug)]
pub struct ValueData {
    pub ty: Type,
}

#[derive(Clone, Debug)]
pub struct BlockData {
    /// Of the entry block: the function's parameters.
    pub params: Vec<Value>,
    /// Where to go on when something in the block raises, with the exception pending; without one, the exception
    /// leaves the function. The arguments are defined before the first instruction that can raise.
    pub handler: Option<Edge>,
    pub instructions: Vec<Instruction>,
    pub terminator: Terminator,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Instruction {
    /// Of type `none` where the operation only has an effect.
    pub result: Value,
    pub op: Op,
    /// Present where the operation can raise.
    pub site: Option<SiteId>,
    /// Values whose counted references are released when the operation raises.
    pub cleanup: Vec<Value>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Edge {
    pub block: Block,
    pub args: Vec<Value>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Terminator {
    Jump(Edge),
    Branch {
        condition: Value,
        then: Edge,
        otherwise: Edge,
    },
    Return(Value),
    /// Raises what the site says; `cleanup` is released before.
    Raise {
        site: SiteId,
        args: Vec<Value>,
        cleanup: Vec<Value>,
    },
    /// Goes where the exception that is pending is handled, or leaves the function with it; `cleanup` is released
    /// before. No place joins the traceback.
    Reraise {
        cleanup: Vec<Value>,
    },
    /// Leaves a generator's function, which goes on there when it is resumed. `rumba_opt::lower_yields` replaces it.
    Yield(Edge),
    /// Never reached.
    Unreachable,
}

impl Function {
    pub fn new(id: InstanceId, name: impl Into<String>, params: &[Type], result: Type) -> Function {
        let mut function = Function {
            id,
            name: name.into(),
            span: Span::default(),
            result,
            can_raise: true,
            blocks: Vec::new(),
            values: Vec::new(),
            sites: Vec::new(),
            bodies: Vec::new(),
        };
        let entry = function.add_block();
        for ty in params {
            function.add_param(entry, *ty);
        }
        function
    }

    pub fn entry(&self) -> Block {
        Block(0)
    }

    /// The function's parameters.
    pub fn params(&self) -> &[Value] {
        &self.blocks[0].params
    }

    pub fn param_types(&self) -> Vec<Type> {
        self.params().iter().map(|value| self.ty(*value)).collect()
    }

    pub fn ty(&self, value: Value) -> Type {
        self.values[value.index()].ty
    }

    pub fn add_value(&mut self, ty: Type) -> Value {
        self.values.push(ValueData { ty });
        Value(self.values.len() as u32 - 1)
    }

    /// A block without instructions that ends in `Unreachable` until it is given another end.
    pub fn add_block(&mut self) -> Block {
        self.blocks.push(BlockData {
            params: Vec::new(),
            handler: None,
            instructions: Vec::new(),
            terminator: Terminator::Unreachable,
        });
        Block(self.blocks.len() as u32 - 1)
    }

    pub fn add_param(&mut self, block: Block, ty: Type) -> Value {
        let value = self.add_value(ty);
        self.blocks[block.index()].params.push(value);
        value
    }

    /// A new site for what happens in the function and at no place of its text.
    pub fn add_own_site(&mut self) -> SiteId {
        self.add_site(Site {
            span: self.span,
            function_name: self.name.as_str().into(),
            kind: SiteKind::Call,
            operand_types: Vec::new(),
            caller: None,
        })
    }

    pub fn add_site(&mut self, site: Site) -> SiteId {
        self.sites.push(site);
        SiteId(self.sites.len() as u32 - 1)
    }

    pub fn add_body(&mut self, body: Function) -> BodyId {
        self.bodies.push(body);
        BodyId(self.bodies.len() as u32 - 1)
    }

    pub fn block(&self, block: Block) -> &BlockData {
        &self.blocks[block.index()]
    }

    pub fn block_mut(&mut self, block: Block) -> &mut BlockData {
        &mut self.blocks[block.index()]
    }

    pub fn block_ids(&self) -> impl Iterator<Item = Block> + use<> {
        (0..self.blocks.len() as u32).map(Block)
    }
}

impl BlockData {
    /// Where the block may lead to: its end, then its handler.
    pub fn edges(&self) -> Vec<&Edge> {
        let mut edges = self.terminator.edges();
        edges.extend(&self.handler);
        edges
    }

    pub fn edges_mut(&mut self) -> Vec<&mut Edge> {
        let mut edges = self.terminator.edges_mut();
        edges.extend(&mut self.handler);
        edges
    }

    /// Calls `visit` for each block that may come next, as often as there are ways.
    pub fn successors(&self, mut visit: impl FnMut(Block)) {
        self.terminator.successors(&mut visit);
        self.handler.iter().for_each(|handler| visit(handler.block));
    }

    /// Calls `visit` for each operand of the end and of the handler.
    pub fn edge_operands(&self, mut visit: impl FnMut(Value)) {
        self.terminator.operands(&mut visit);
        self.handler.iter().flat_map(|handler| &handler.args).for_each(|arg| visit(*arg));
    }

    /// Calls `visit` for each operand of the end and of the handler.
    pub fn edge_operands_mut(&mut self, mut visit: impl FnMut(&mut Value)) {
        self.terminator.operands_mut(&mut visit);
        self.handler.iter_mut().flat_map(|handler| &mut handler.args).for_each(visit);
    }

    /// The position of the first instruction that may raise, or of the end.
    pub fn first_to_raise(&self) -> usize {
        let may_raise = |instruction: &Instruction| {
            instruction.op.can_raise() || matches!(instruction.op, Op::Elementwise { .. } | Op::Reduce { .. })
        };
        self.instructions.iter().position(may_raise).unwrap_or(self.instructions.len())
    }
}

impl Terminator {
    pub fn edges(&self) -> Vec<&Edge> {
        match self {
            Terminator::Jump(edge) | Terminator::Yield(edge) => vec![edge],
            Terminator::Branch { then, otherwise, .. } => vec![then, otherwise],
            Terminator::Return(_)
            | Terminator::Raise { .. }
            | Terminator::Reraise { .. }
            | Terminator::Unreachable => vec![],
        }
    }

    pub fn edges_mut(&mut self) -> Vec<&mut Edge> {
        match self {
            Terminator::Jump(edge) | Terminator::Yield(edge) => vec![edge],
            Terminator::Branch { then, otherwise, .. } => vec![then, otherwise],
            Terminator::Return(_)
            | Terminator::Raise { .. }
            | Terminator::Reraise { .. }
            | Terminator::Unreachable => vec![],
        }
    }

    /// Calls `visit` for each operand, arguments of edges included; `cleanup` is not an operand.
    pub fn operands(&self, mut visit: impl FnMut(Value)) {
        match self {
            Terminator::Jump(edge) | Terminator::Yield(edge) => edge.args.iter().for_each(|arg| visit(*arg)),
            Terminator::Branch { condition, then, otherwise } => {
                visit(*condition);
                then.args.iter().chain(&otherwise.args).for_each(|arg| visit(*arg));
            }
            Terminator::Return(value) => visit(*value),
            Terminator::Raise { args, .. } => args.iter().for_each(|arg| visit(*arg)),
            Terminator::Reraise { .. } | Terminator::Unreachable => {}
        }
    }

    /// Calls `visit` for each block that may come next, twice when both ways lead to it.
    pub fn successors(&self, mut visit: impl FnMut(Block)) {
        match self {
            Terminator::Jump(edge) | Terminator::Yield(edge) => visit(edge.block),
            Terminator::Branch { then, otherwise, .. } => {
                visit(then.block);
                visit(otherwise.block);
            }
            Terminator::Return(_)
            | Terminator::Raise { .. }
            | Terminator::Reraise { .. }
            | Terminator::Unreachable => {}
        }
    }

    /// Calls `visit` for each operand, arguments of edges included; `cleanup` is not an operand.
    pub fn operands_mut(&mut self, mut visit: impl FnMut(&mut Value)) {
        match self {
            Terminator::Jump(edge) | Terminator::Yield(edge) => edge.args.iter_mut().for_each(visit),
            Terminator::Branch { condition, then, otherwise } => {
                visit(condition);
                then.args.iter_mut().for_each(&mut visit);
                otherwise.args.iter_mut().for_each(visit);
            }
            Terminator::Return(value) => visit(value),
            Terminator::Raise { args, .. } => args.iter_mut().for_each(visit),
            Terminator::Reraise { .. } | Terminator::Unreachable => {}
        }
    }
}
