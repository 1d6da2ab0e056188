//! Checks the invariants of typed SSA that `lib.rs` and `ops.rs` list.
//!
//! Runs after every pass in debug builds. Blocks that the entry does not reach are checked too, except
//! for dominance, which says nothing there.

use crate::analysis::Dominators;
use crate::{
    BinaryOp, Block, BodyId, Function, Instruction, Op, Scalar, Site, SiteId, SiteKind, Terminator, UnaryOp,
    Value,
};
use rumba_types::{Type, TypeKind};

/// The first broken invariant, in words, with its place.
pub fn verify(function: &Function) -> Result<(), String> {
    let in_function = |message: String| format!("{} {:?}: {message}", function.id, function.name);
    Verifier::new(function, &function.sites).verify().map_err(in_function)?;
    for (idx, body) in function.bodies.iter().enumerate() {
        let of_its_own = body.sites.len() + body.bodies.len();
        ensure(of_its_own == 0, || "a body has sites or bodies of its own".into())
            .and_then(|()| Verifier::new(body, &function.sites).verify())
            .map_err(|message| in_function(format!("body{idx}: {message}")))?;
    }
    Ok(())
}

/// Where a value is defined: the block, and the position in it (0: a parameter).
type Place = (Block, usize);

struct Verifier<'f> {
    function: &'f Function,
    /// Of the function, or of the one that this is a body in.
    sites: &'f [Site],
    definitions: Vec<Option<Place>>,
    dominators: Option<Dominators>,
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(message()) }
}

impl<'f> Verifier<'f> {
    fn new(function: &'f Function, sites: &'f [Site]) -> Verifier<'f> {
        Verifier { function, sites, definitions: vec![None; function.values.len()], dominators: None }
    }

    fn verify(&mut self) -> Result<(), String> {
        ensure(!self.function.blocks.is_empty(), || "has no entry block".into())?;
        for block in self.function.block_ids() {
            self.verify_edges(block)?;
            self.define(block)?;
        }
        self.dominators = Some(Dominators::of(self.function));
        for block in self.function.block_ids() {
            let data = self.function.block(block);
            for (idx, instruction) in data.instructions.iter().enumerate() {
                self.verify_instruction(block, idx, instruction)
                    .map_err(|message| format!("{block}, {:?}: {message}", instruction))?;
            }
            self.verify_terminator(block)
                .map_err(|message| format!("{block}, {:?}: {message}", data.terminator))?;
        }
        for (idx, site) in self.function.sites.iter().enumerate() {
            let earlier = site.caller.is_none_or(|caller| caller.index() < self.function.sites.len());
            ensure(earlier && site.caller != Some(SiteId(idx as u32)), || {
                format!("site{idx} has no such caller")
            })?;
        }
        Ok(())
    }

    fn verify_edges(&self, block: Block) -> Result<(), String> {
        ensure(block != self.function.entry() || self.function.block(block).handler.is_none(), || {
            "the entry has a handler".into()
        })?;
        for edge in self.function.block(block).edges() {
            ensure(edge.block.index() < self.function.blocks.len(), || format!("{block} goes to no block"))?;
            ensure(edge.block != self.function.entry(), || format!("{block} goes to the entry"))?;
            let n_params = self.function.block(edge.block).params.len();
            ensure(edge.args.len() == n_params, || {
                format!("{block} passes {} values to {}, which takes {n_params}", edge.args.len(), edge.block)
            })?;
        }
        Ok(())
    }

    fn define(&mut self, block: Block) -> Result<(), String> {
        let data = self.function.block(block);
        let params = data.params.iter().map(|param| (*param, 0));
        let results =
            data.instructions.iter().enumerate().map(|(idx, instruction)| (instruction.result, idx + 1));
        for (value, position) in params.chain(results) {
            let Some(slot) = self.definitions.get_mut(value.index()) else {
                return Err(format!("{value} is not in the table of values"));
            };
            if let Some((other, _)) = slot.replace((block, position)) {
                return Err(format!("{value} is defined in {block} and in {other}"));
            }
        }
        Ok(())
    }

    fn ty(&self, value: Value) -> Type {
        self.function.ty(value)
    }

    /// `position` is that of the user: the definition stands before it.
    fn verify_use(&self, block: Block, position: usize, value: Value) -> Result<(), String> {
        let definition = self.definitions.get(value.index()).copied().flatten();
        let (def_block, def_position) = definition.ok_or_else(|| format!("{value} is not defined"))?;
        let dominators = self.dominators.as_ref().expect("computed before uses are checked");
        let fine = if def_block == block {
            def_position < position
        } else if def_position == 0 {
            !dominators.is_reachable(block) || dominators.dominates(def_block, block)
        } else {
            !dominators.is_reachable(block) || dominators.instructions_dominate(def_block, block)
        };
        ensure(fine, || format!("the definition of {value} does not dominate the use"))?;
        if def_position > 0 {
            let user = &self.function.block(def_block).instructions[def_position - 1];
            ensure(!user.op.is_effect(), || format!("{value} is the result of an effect"))?;
        }
        Ok(())
    }

    fn verify_cleanup(&self, block: Block, position: usize, cleanup: &[Value]) -> Result<(), String> {
        for value in cleanup {
            self.verify_use(block, position, *value)?;
            ensure(self.ty(*value).is_managed(), || {
                format!("{value} is cleaned up, but holds no references")
            })?;
        }
        Ok(())
    }

    fn verify_instruction(&self, block: Block, idx: usize, instruction: &Instruction) -> Result<(), String> {
        let Instruction { result, op, site, cleanup } = instruction;
        let mut uses = Ok(());
        op.operands(|value| {
            if uses.is_ok() {
                uses = self.verify_use(block, idx + 1, value);
            }
        });
        uses?;
        self.verify_cleanup(block, idx + 1, cleanup)?;
        ensure(site.is_some() || !op.can_raise(), || "can raise, but names no site".into())?;
        if let Some(site) = site {
            ensure(site.index() < self.sites.len(), || format!("{site} does not exist"))?;
        }
        if matches!(op, Op::Cell(_)) {
            ensure(block == self.function.entry(), || "a cell is made in the entry block".into())?;
        }
        if op.is_effect() {
            ensure(self.ty(*result).is_none(), || "an effect has no result".into())?;
        }
        self.verify_types(self.ty(*result), op, *site)
    }

    fn verify_types(&self, result: Type, op: &Op, site: Option<SiteId>) -> Result<(), String> {
        let expect = |value: Value, ty: Type| {
            ensure(self.ty(value) == ty, || format!("{value} is {}, not {ty}", self.ty(value)))
        };
        match op {
            Op::Const(scalar) => {
                let fits = match (scalar, result.kind()) {
                    (Scalar::Bool(_), TypeKind::Bool) | (Scalar::Float(_), TypeKind::Float(_)) => true,
                    (Scalar::Address(_), TypeKind::Pointer) => true,
                    (Scalar::Int(value), TypeKind::Int(kind)) if kind.signed || kind.bits < 64 => {
                        (kind.min()..=kind.max()).contains(&i128::from(*value))
                    }
                    (Scalar::Int(_), TypeKind::Int(_)) => true,
                    _ => false,
                };
                ensure(fits, || format!("is no constant of type {result}"))
            }
            Op::Make(values) => {
                let fields = result.fields().ok_or_else(|| format!("{result} has no fields"))?;
                ensure(fields.len() == values.len(), || {
                    format!("{result} has {} fields, not {}", fields.len(), values.len())
                })?;
                values.iter().zip(fields).try_for_each(|(value, field)| expect(*value, field))
            }
            Op::Field { value, index } => {
                let fields = self.ty(*value).fields().unwrap_or_default();
                let field = fields.get(*index as usize).copied();
                ensure(field == Some(result), || format!("{} has no such field", self.ty(*value)))
            }
            Op::Unary { op, operand } => {
                expect(*operand, result)?;
                let fits = match op {
                    UnaryOp::Neg => result.is_int() || result.is_float(),
                    UnaryOp::Not => result.is_bool(),
                    UnaryOp::BitNot | UnaryOp::CountOnes | UnaryOp::LeadingZeros | UnaryOp::TrailingZeros => {
                        result.is_int()
                    }
                    UnaryOp::Abs
                    | UnaryOp::Sqrt
                    | UnaryOp::Floor
                    | UnaryOp::Ceil
                    | UnaryOp::Trunc
                    | UnaryOp::RoundEven => result.is_float(),
                };
                ensure(fits, || format!("not an operation on {result}"))
            }
            Op::Binary { op, lhs, rhs } => {
                expect(*lhs, result)?;
                expect(*rhs, result)?;
                let fits = match op {
                    BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => result.is_int() || result.is_float(),
                    BinaryOp::Div | BinaryOp::CopySign => result.is_float(),
                    BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => result.is_int() || result.is_bool(),
                    BinaryOp::AddNoWrap
                    | BinaryOp::FloorDiv
                    | BinaryOp::FloorMod
                    | BinaryOp::TruncDiv
                    | BinaryOp::TruncMod
                    | BinaryOp::Shl
                    | BinaryOp::Shr => result.is_int(),
                };
                ensure(fits, || format!("not an operation on {result}"))
            }
            Op::Compare { lhs, rhs, .. } => {
                expect(*rhs, self.ty(*lhs))?;
                ensure(is_scalar(self.ty(*lhs)), || format!("{} does not compare", self.ty(*lhs)))?;
                ensure(result.is_bool(), || "a comparison is a bool".into())
            }
            Op::Select { condition, then, otherwise } => {
                expect(*condition, Type::bool())?;
                expect(*then, result)?;
                expect(*otherwise, result)
            }
            Op::Convert(value) => {
                let converts = |ty: Type| ty.is_bool() || ty.is_int() || ty.is_float();
                ensure(converts(result) && converts(self.ty(*value)), || {
                    format!("{} does not convert to {result}", self.ty(*value))
                })
            }
            Op::Reinterpret(value) => {
                let (from, to) = (scalar_bits(self.ty(*value)), scalar_bits(result));
                ensure(from.is_some() && from == to, || {
                    format!("{} is not as wide as {result}", self.ty(*value))
                })
            }
            Op::Load { pointer, .. } => {
                expect(*pointer, Type::pointer())?;
                ensure(stands_in_memory(result), || format!("{result} does not stand in memory"))
            }
            Op::Store { pointer, value, .. } => {
                expect(*pointer, Type::pointer())?;
                let ty = self.ty(*value);
                ensure(stands_in_memory(ty), || format!("{ty} does not stand in memory"))
            }
            Op::Offset { pointer, bytes } => {
                expect(*pointer, Type::pointer())?;
                expect(*bytes, Type::int64())?;
                ensure(result == Type::pointer(), || "an address is a pointer".into())
            }
            Op::Pack(_) | Op::StackMemory { .. } | Op::Data(_) => {
                ensure(result == Type::pointer(), || "an address is a pointer".into())
            }
            Op::Elementwise { body, inputs, targets, .. } => {
                ensure(site.is_some(), || "may take memory, but names no site".into())?;
                let computed = self.verify_body(*body, inputs)?;
                let target_types: Option<Vec<_>> =
                    targets.iter().map(|target| self.ty(*target).as_array()).collect();
                let target_types = target_types.ok_or("a target is no array")?;
                let dtypes: Vec<Type> = target_types.iter().map(|target| target.dtype).collect();
                let fits = match dtypes[..] {
                    [dtype] => computed == dtype,
                    _ => computed.as_tuple() == Some(&dtypes[..]),
                };
                ensure(fits, || format!("the body gives {computed}, the targets are of {dtypes:?}"))?;
                let ndim = target_types[0].ndim;
                ensure(target_types.iter().all(|target| target.ndim == ndim), || {
                    "the targets differ in rank".into()
                })?;
                self.verify_ranks(inputs, usize::from(ndim))
            }
            Op::Reduce { function, body, inputs, extents } => {
                self.verify_body(*body, inputs)?;
                ensure(!function.can_raise, || "a reducing function does not raise".into())?;
                extents.iter().try_for_each(|extent| expect(*extent, Type::int64()))?;
                self.verify_ranks(inputs, extents.len())
            }
            Op::Cell(value) => ensure(result == TypeKind::Frame(self.ty(*value)).into(), || {
                format!("{result} does not hold {}", self.ty(*value))
            }),
            Op::Own(value) | Op::Adopt(value) => {
                expect(*value, result)?;
                ensure(result.is_managed(), || format!("{value} holds no references"))
            }
            Op::EntryAddress(_) => ensure(result == Type::pointer(), || "an address is a pointer".into()),
            Op::GeneratorSize(_) => ensure(result == Type::int64(), || "a size is an int64".into()),
            Op::Call { .. } | Op::CallRuntime { .. } | Op::CheckStack | Op::Poll => Ok(()),
            Op::CallHost { args } => self.verify_site(site, args, |kind| {
                matches!(kind, SiteKind::Print { .. } | SiteKind::CallObject { .. })
            }),
            Op::RaiseUnless { condition, args } => {
                expect(*condition, Type::bool())?;
                self.verify_site(site, args, |kind| matches!(kind, SiteKind::Raise { .. }))
            }
            Op::Retain(value) | Op::Release(value) => {
                ensure(self.ty(*value).is_managed(), || format!("{} holds no references", self.ty(*value)))
            }
        }
    }

    /// The body takes the elements of the inputs. Gives the type of its result.
    fn verify_body(&self, body: BodyId, inputs: &[Value]) -> Result<Type, String> {
        let body = self.function.bodies.get(body.index()).ok_or("there is no such body")?;
        let elements: Vec<Type> = inputs
            .iter()
            .map(|input| self.ty(*input).as_array().map_or(self.ty(*input), |array| array.dtype))
            .collect();
        ensure(elements == body.param_types(), || {
            format!("the body takes {:?}, the elements are {elements:?}", body.param_types())
        })?;
        Ok(body.result)
    }

    fn verify_ranks(&self, inputs: &[Value], ndim: usize) -> Result<(), String> {
        let fits =
            |input: &Value| self.ty(*input).as_array().is_none_or(|array| usize::from(array.ndim) <= ndim);
        ensure(inputs.iter().all(fits), || format!("an input has more than {ndim} axes"))
    }

    /// The site describes exactly the operands, and is of the right kind.
    fn verify_site(
        &self,
        site: Option<SiteId>,
        args: &[Value],
        is_kind: impl FnOnce(&SiteKind) -> bool,
    ) -> Result<(), String> {
        let site = site.and_then(|site| self.sites.get(site.index()));
        let site = site.ok_or("names no site")?;
        ensure(is_kind(&site.kind), || format!("the site is of another kind: {:?}", site.kind))?;
        let types: Vec<Type> = args.iter().map(|arg| self.ty(*arg)).collect();
        ensure(types == site.operand_types, || {
            format!("the site takes {:?}, the operands are {types:?}", site.operand_types)
        })
    }

    fn verify_terminator(&self, block: Block) -> Result<(), String> {
        let data = self.function.block(block);
        let terminator = &data.terminator;
        let end = data.instructions.len() + 1;
        let mut uses = Ok(());
        terminator.operands(|value| {
            if uses.is_ok() {
                uses = self.verify_use(block, end, value);
            }
        });
        uses?;
        for arg in data.handler.iter().flat_map(|handler| &handler.args) {
            self.verify_use(block, data.first_to_raise() + 1, *arg)
                .map_err(|message| format!("for the handler: {message}"))?;
        }
        for edge in data.edges() {
            for (arg, param) in edge.args.iter().zip(&self.function.block(edge.block).params) {
                ensure(self.ty(*arg) == self.ty(*param), || {
                    format!("{arg}: {} is passed for {param}: {}", self.ty(*arg), self.ty(*param))
                })?;
            }
        }
        match terminator {
            Terminator::Branch { condition, .. } => {
                ensure(self.ty(*condition).is_bool(), || "the condition is no bool".into())
            }
            Terminator::Return(value) => ensure(self.ty(*value) == self.function.result, || {
                format!("returns {}, not {}", self.ty(*value), self.function.result)
            }),
            Terminator::Raise { site, args, cleanup } => {
                self.verify_cleanup(block, end, cleanup)?;
                self.verify_site(Some(*site), args, |kind| matches!(kind, SiteKind::Raise { .. }))
            }
            Terminator::Reraise { cleanup } => self.verify_cleanup(block, end, cleanup),
            Terminator::Jump(_) | Terminator::Yield(_) | Terminator::Unreachable => Ok(()),
        }
    }
}

fn stands_in_memory(ty: Type) -> bool {
    is_scalar(ty) || ty.is_complex() || ty.time_unit().is_some()
}

fn is_scalar(ty: Type) -> bool {
    scalar_bits(ty).is_some()
}

fn scalar_bits(ty: Type) -> Option<u8> {
    match ty.kind() {
        TypeKind::Bool => Some(8),
        TypeKind::Int(kind) => Some(kind.bits),
        TypeKind::Float(kind) => Some(kind.bits()),
        TypeKind::Pointer => Some(64),
        _ => None,
    }
}
