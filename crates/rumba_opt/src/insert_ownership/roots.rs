//! Who owns the memory that a value refers to: finds the roots of a function and what is derived from each.

use rumba_ir::analysis::Dominators;
use rumba_ir::{Block, Function, Instruction, Op, Scalar, Value};
use rumba_types::layout::array_field;
use rumba_types::{Layout, Type, TypeKind};
use rustc_hash::FxHashMap;

pub type RootId = u32;

/// By allocation: the array that stands for the reference.
pub type Handles = FxHashMap<Value, Value>;

/// Finds for every allocation an array that is made of it right away, so that there is a value to
/// release. Makes one (of bytes, of extent 0) where the array was dropped, or something may raise first.
pub fn find_handles(function: &mut Function) -> Handles {
    let mut handles = Handles::default();
    for block in function.block_ids() {
        let mut idx = 0;
        while idx < function.block(block).instructions.len() {
            let instruction = &function.block(block).instructions[idx];
            let allocation = instruction.result;
            idx += 1;
            if instruction.op.allocates(function.ty(allocation)) {
                let handle = find_handle(function, block, idx, allocation)
                    .unwrap_or_else(|| make_handle(function, block, idx, allocation));
                handles.insert(allocation, handle);
            }
        }
    }
    handles
}

fn find_handle(function: &Function, block: Block, start: usize, allocation: Value) -> Option<Value> {
    let mut owners = Vec::new();
    for instruction in &function.block(block).instructions[start..] {
        match &instruction.op {
            Op::Field { value, index: 0 } if *value == allocation => owners.push(instruction.result),
            Op::Make(fields)
                if function.ty(instruction.result).as_array().is_some()
                    && owners.contains(&fields[array_field::OWNER]) =>
            {
                return Some(instruction.result);
            }
            op if op.can_raise() => return None,
            _ => {}
        }
    }
    None
}

fn make_handle(function: &mut Function, block: Block, position: usize, allocation: Value) -> Value {
    let mut instructions = Vec::new();
    let mut push = |op: Op, ty: Type| {
        let result = function.add_value(ty);
        instructions.push(Instruction { result, op, site: None, cleanup: Vec::new() });
        result
    };
    let owner = push(Op::Field { value: allocation, index: 0 }, Type::pointer());
    let data = push(Op::Field { value: allocation, index: 1 }, Type::pointer());
    let extent = push(Op::Const(Scalar::Int(0)), Type::int64());
    let handle = push(Op::Make(vec![data, owner, extent]), Type::array(Type::uint8(), 1, Layout::C));
    function.block_mut(block).instructions.splice(position..position, instructions);
    handle
}

/// What the pass knows of types, remembered.
#[derive(Default)]
struct Types {
    facts: FxHashMap<Type, TypeFacts>,
}

#[derive(Clone, Copy)]
struct TypeFacts {
    /// Holds addresses, so values may be derived from roots.
    has_pointers: bool,
    /// The number of owner words: of references that retaining a value counts.
    n_owners: usize,
}

impl Types {
    fn facts(&mut self, ty: Type) -> TypeFacts {
        *self.facts.entry(ty).or_insert_with(|| TypeFacts {
            has_pointers: ty.scalars().contains(&Type::pointer()),
            n_owners: n_owners(ty),
        })
    }
}

fn n_owners(ty: Type) -> usize {
    match ty.owner_field() {
        Some(_) => 1,
        None => ty.fields().map_or(0, |fields| fields.into_iter().map(n_owners).sum()),
    }
}

pub struct Roots {
    /// By root: the value to release.
    handles: Vec<Value>,
    of_frame: Vec<RootId>,
    /// By value: the root that it is.
    defined: FxHashMap<Value, RootId>,
    /// By value: the roots that it is derived from, sorted. Nothing for what is borrowed or constant.
    derived: Vec<Vec<RootId>>,
    /// By value: the roots whose references are exactly those that the value counts, so that it can
    /// take them over. `None` where that is not known.
    exact: FxHashMap<Value, Vec<RootId>>,
}

impl Roots {
    pub fn of(function: &Function, handles: &Handles) -> Roots {
        let mut finder = Finder::new(function, handles);
        if !finder.roots.handles.is_empty() {
            finder.derive();
            finder.find_exact();
        }
        finder.roots
    }

    /// The roots that are alive as long as the frame: its cells.
    pub fn of_frame(&self) -> impl Iterator<Item = RootId> + '_ {
        self.of_frame.iter().copied()
    }

    pub fn len(&self) -> usize {
        self.handles.len()
    }

    pub fn handle(&self, root: RootId) -> Value {
        self.handles[root as usize]
    }

    /// The root that comes to life with this value (an allocation, a call, a parameter).
    pub fn defined_by(&self, value: Value) -> Option<RootId> {
        self.defined.get(&value).copied()
    }

    pub fn of_value(&self, value: Value) -> &[RootId] {
        self.derived.get(value.index()).map_or(&[], Vec::as_slice)
    }

    pub fn exactly(&self, value: Value) -> Option<&[RootId]> {
        self.exact.get(&value).map(Vec::as_slice)
    }

    fn add(&mut self, value: Value, handle: Value) {
        let root = self.handles.len() as RootId;
        self.handles.push(handle);
        self.defined.insert(value, root);
    }
}

struct Finder<'f> {
    function: &'f Function,
    handles: &'f Handles,
    types: Types,
    order: Vec<Block>,
    roots: Roots,
    /// By block, then parameter: the values that edges pass.
    incoming: Vec<Vec<Vec<Value>>>,
}

impl<'f> Finder<'f> {
    fn new(function: &'f Function, handles: &'f Handles) -> Finder<'f> {
        let roots = Roots {
            handles: Vec::new(),
            of_frame: Vec::new(),
            defined: FxHashMap::default(),
            derived: Vec::new(),
            exact: FxHashMap::default(),
        };
        let mut finder = Finder {
            function,
            handles,
            types: Types::default(),
            order: Vec::new(),
            roots,
            incoming: Vec::new(),
        };
        for instruction in function.blocks.iter().flat_map(|block| &block.instructions) {
            let result = instruction.result;
            if let Some(handle) = handles.get(&result) {
                finder.roots.add(result, *handle);
            } else if finder.returns_reference(instruction) {
                finder.roots.add(result, result);
            }
            if matches!(instruction.op, Op::Cell(_)) {
                finder.roots.of_frame.push(finder.roots.defined[&result]);
            }
        }
        finder
    }

    fn returns_reference(&mut self, instruction: &Instruction) -> bool {
        matches!(instruction.op, Op::Cell(_) | Op::Own(_) | Op::Adopt(_))
            || matches!(instruction.op, Op::Call { .. } | Op::CallRuntime { .. })
                && self.types.facts(self.function.ty(instruction.result)).n_owners > 0
    }

    /// Fills `derived`, and adds the parameters that are roots.
    fn derive(&mut self) {
        self.order = Dominators::of(self.function).order().to_vec();
        self.incoming =
            self.function.blocks.iter().map(|block| vec![Vec::new(); block.params.len()]).collect();
        for block in &self.function.blocks {
            for edge in block.edges() {
                for (incoming, arg) in self.incoming[edge.block.index()].iter_mut().zip(&edge.args) {
                    incoming.push(*arg);
                }
            }
        }
        // Each round assumes that no more parameters are roots than are known; one that cannot be derived
        // becomes a root, and others may then be derived from it, so that the next round starts afresh.
        let derived = loop {
            if let Ok(derived) = self.try_derive() {
                break derived;
            }
        };
        self.roots.derived = derived.into_iter().map(Option::unwrap_or_default).collect();
    }

    /// The roots of every value; or `Err` when a parameter has become a root. `None` in between: nothing
    /// is known yet.
    fn try_derive(&mut self) -> Result<Vec<Option<Vec<RootId>>>, ()> {
        let function = self.function;
        let mut derived: Vec<Option<Vec<RootId>>> = vec![None; function.values.len()];
        for param in function.params() {
            derived[param.index()] = Some(Vec::new());
        }
        let mut changed = true;
        while changed {
            changed = false;
            for block in self.order.clone() {
                let mut any_new_root = false;
                for (idx, param) in function.block(block).params.iter().enumerate() {
                    if block == function.entry() || !self.types.facts(function.ty(*param)).has_pointers {
                        continue;
                    }
                    let roots = match self.roots.defined_by(*param) {
                        Some(root) => Some(vec![root]),
                        // An address into one of several arrays keeps all of them alive.
                        None if self.types.facts(function.ty(*param)).n_owners == 0 => {
                            let known: Vec<&Vec<RootId>> = self.incoming[block.index()][idx]
                                .iter()
                                .filter_map(|arg| derived[arg.index()].as_ref())
                                .collect();
                            (!known.is_empty()).then(|| {
                                let mut all: Vec<RootId> = known.into_iter().flatten().copied().collect();
                                all.sort_unstable();
                                all.dedup();
                                all
                            })
                        }
                        None => {
                            let mut known = self.incoming[block.index()][idx]
                                .iter()
                                .filter_map(|arg| derived[arg.index()].as_ref());
                            let first = known.next();
                            if known.any(|other| Some(other) != first) {
                                self.roots.add(*param, *param);
                                any_new_root = true;
                            }
                            first.cloned()
                        }
                    };
                    if derived[param.index()] != roots {
                        derived[param.index()] = roots;
                        changed = true;
                    }
                }
                if any_new_root {
                    return Err(());
                }
                for instruction in &function.block(block).instructions {
                    let result = instruction.result;
                    if !self.types.facts(function.ty(result)).has_pointers {
                        continue;
                    }
                    let roots = self.roots_of_result(instruction, &derived);
                    if derived[result.index()].as_ref() != Some(&roots) {
                        derived[result.index()] = Some(roots);
                        changed = true;
                    }
                }
            }
        }
        Ok(derived)
    }

    fn roots_of_result(&self, instruction: &Instruction, derived: &[Option<Vec<RootId>>]) -> Vec<RootId> {
        if let Some(root) = self.roots.defined_by(instruction.result) {
            return vec![root];
        }
        // The address of memory that is there as long as the frame.
        if let Op::Field { value, .. } = instruction.op
            && matches!(self.function.ty(value).kind(), TypeKind::Frame(_))
        {
            return Vec::new();
        }
        let mut roots: Vec<RootId> = Vec::new();
        instruction.op.operands(|operand| roots.extend(derived[operand.index()].iter().flatten()));
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    /// Fills `exact`, for roots and what is taken out of, or wrapped around them.
    fn find_exact(&mut self) {
        for value in self.roots.defined.keys().copied().collect::<Vec<_>>() {
            // The pair that an allocation gives counts nothing; its first field does.
            if !self.handles.contains_key(&value) {
                let root = self.roots.defined[&value];
                self.roots.exact.insert(value, vec![root]);
            }
        }
        for block in self.order.clone() {
            for instruction in &self.function.block(block).instructions {
                if let Some(exact) = self.exact_of_result(instruction) {
                    self.roots.exact.insert(instruction.result, exact);
                }
            }
        }
    }

    fn exact_of_result(&mut self, instruction: &Instruction) -> Option<Vec<RootId>> {
        match &instruction.op {
            Op::Field { value, index: 0 } if self.handles.contains_key(value) => {
                Some(vec![self.roots.defined[value]])
            }
            Op::Field { value, index } => {
                let taken_from = self.function.ty(*value);
                let takes_owner = taken_from.owner_field() == Some(*index as usize);
                let takes_managed = self.types.facts(self.function.ty(instruction.result)).n_owners > 0;
                let counts_one = self.types.facts(taken_from).n_owners == 1;
                ((takes_owner || takes_managed) && counts_one).then(|| self.single(*value)).flatten()
            }
            Op::Make(fields) => {
                if let Some(owner) = self.function.ty(instruction.result).owner_field() {
                    return self.single(fields[owner]);
                }
                let mut exact = Vec::new();
                for field in fields {
                    match self.types.facts(self.function.ty(*field)).n_owners {
                        0 => {}
                        1 => exact.extend(self.single(*field)?),
                        // Several references at once: only as a whole.
                        _ => exact.extend(self.roots.exact.get(field)?),
                    }
                }
                (!exact.is_empty()).then_some(exact)
            }
            _ => None,
        }
    }

    /// The root whose only reference `value` counts.
    fn single(&self, value: Value) -> Option<Vec<RootId>> {
        self.roots.exact.get(&value).filter(|exact| exact.len() == 1).cloned()
    }
}
