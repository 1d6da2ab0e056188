//! Which of the containers that a function is given its code may change: what several threads may not do at once.
//!
//! ```python
//! def f(a, b):        # `a` may change, also what it holds; `b` is only read
//!     for x in b:
//!         a.append(x)
//! ```
//! Every address is followed from the parameters on, through what is loaded from there. Where one is stored, it is not
//! followed any further: whoever finds it there may change what it leads to. A field of an instance that is set changes no container.
//! A generator leads to what it is given, and its function, given the generator, says what becomes of that.

use crate::call_graph::CallGraph;
use rumba_ir::{Changes, Edge, Function, InstanceId, Op, Scalar, Terminator, Value};
use rumba_types::{Type, TypeKind};
use rustc_hash::FxHashMap;

/// What a function does to what it is given. The last bit stands for all parameters from there on.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ContainerUse {
    /// By parameter: whether what it leads to may change.
    pub changed: u64,
    /// By parameter: whether the result may be part of what it leads to.
    pub returned: u64,
}

impl ContainerUse {
    /// Of functions that nothing is known of.
    pub const ANY: ContainerUse = ContainerUse { changed: u64::MAX, returned: u64::MAX };
}

/// The bit of a parameter.
pub fn bit_of(param: usize) -> u64 {
    1 << param.min(63)
}

/// What each function does, as inference gives them. `known` tells of those of earlier batches.
pub fn find(
    functions: &[Function],
    known: &dyn Fn(InstanceId) -> Option<ContainerUse>,
) -> FxHashMap<InstanceId, ContainerUse> {
    let graph = CallGraph::of(functions);
    let mut uses: FxHashMap<InstanceId, ContainerUse> =
        functions.iter().map(|function| (function.id, ContainerUse::default())).collect();
    let mut finders: Vec<Finder<'_>> = functions.iter().map(Finder::new).collect();
    // From nothing up, so that functions that call each other change no more than they do.
    let mut changed = true;
    while changed {
        changed = false;
        for position in &graph.bottom_up {
            let id = functions[*position].id;
            let of_callee = |id: InstanceId| uses.get(&id).copied().or_else(|| known(id));
            let found = finders[*position].find(&of_callee);
            changed |= uses.insert(id, found) != Some(found);
        }
    }
    uses
}

/// The containers that are constants of functions, and their types: code reads them, and changes none.
pub fn constants(functions: &[Function]) -> Vec<(Type, u64)> {
    let mut constants = Vec::new();
    for function in functions {
        let instructions = || function.blocks.iter().flat_map(|block| &block.instructions);
        let addresses: FxHashMap<Value, u64> = instructions()
            .filter_map(|instruction| match instruction.op {
                // What an optional value has in place of a container is 0.
                Op::Const(Scalar::Address(address)) if address != 0 => Some((instruction.result, address)),
                _ => None,
            })
            .collect();
        for instruction in instructions() {
            if let (Op::Make(fields), TypeKind::Constant(ty)) =
                (&instruction.op, function.ty(instruction.result).kind())
                && let Some(address) = fields.first().and_then(|field| addresses.get(field))
            {
                constants.push((ty.without_constants(), *address));
            }
        }
    }
    constants
}

/// Whether values of a type lead to containers that may change.
fn leads_to_containers(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::Pointer
        | TypeKind::List(_)
        | TypeKind::Deque(_)
        | TypeKind::Set(_, false)
        | TypeKind::Dict(..)
        | TypeKind::Instance(_)
        | TypeKind::GeneratorIterator(_) => true,
        TypeKind::Frame(content) => leads_to_containers(*content),
        _ if ty.owner_field().is_some() => false,
        _ => ty.fields().is_some_and(|fields| fields.into_iter().any(leads_to_containers)),
    }
}

/// Whether the elements of a container do.
fn holds_containers(ty: Type) -> bool {
    ty.owner_field().is_some() && ty.parts().into_iter().any(leads_to_containers)
}

/// The addresses within the blocks of generators that a function makes, or goes on with.
fn generators(function: &Function) -> FxHashMap<Value, Value> {
    let mut generators = FxHashMap::default();
    let is_generator = |value: Value| matches!(function.ty(value).kind(), TypeKind::GeneratorIterator(_));
    let mut known: Vec<Value> =
        function.params().iter().copied().filter(|param| is_generator(*param)).collect();
    for instruction in function.blocks.iter().flat_map(|block| &block.instructions) {
        let generator = match instruction.op {
            Op::CallRuntime { .. } if is_generator(instruction.result) => {
                known.push(instruction.result);
                None
            }
            Op::Field { value, .. } => known.contains(&value).then_some(value),
            Op::Offset { pointer, .. } => generators.get(&pointer).copied(),
            _ => None,
        };
        generators.extend(generator.map(|generator| (instruction.result, generator)));
    }
    generators
}

struct Finder<'a> {
    function: &'a Function,
    /// By value: whether its type leads to containers, and the parameters that it may come from.
    leads: Vec<bool>,
    origins: Vec<u64>,
    /// By address within the block of a generator: the generator.
    generators: FxHashMap<Value, Value>,
    found: ContainerUse,
}

impl Finder<'_> {
    fn new(function: &Function) -> Finder<'_> {
        let mut known = FxHashMap::default();
        let leads: Vec<bool> = function
            .values
            .iter()
            .map(|value| *known.entry(value.ty).or_insert_with(|| leads_to_containers(value.ty)))
            .collect();
        let mut origins = vec![0; leads.len()];
        for (idx, param) in function.params().iter().enumerate() {
            if leads[param.index()] {
                origins[param.index()] = bit_of(idx);
            }
        }
        Finder { function, leads, origins, generators: generators(function), found: ContainerUse::default() }
    }

    fn find(&mut self, of_callee: &dyn Fn(InstanceId) -> Option<ContainerUse>) -> ContainerUse {
        loop {
            let before = (self.found, self.origins.clone());
            for block in &self.function.blocks {
                for instruction in &block.instructions {
                    self.visit(&instruction.op, instruction.result, of_callee);
                }
                block.terminator.edges().into_iter().chain(&block.handler).for_each(|edge| self.pass(edge));
                if let Terminator::Return(value) = &block.terminator {
                    self.found.returned |= self.origins[value.index()];
                }
            }
            if before == (self.found, self.origins.clone()) {
                return self.found;
            }
        }
    }

    fn pass(&mut self, edge: &Edge) {
        for (param, arg) in self.function.block(edge.block).params.iter().zip(&edge.args) {
            self.add(*param, self.origins[arg.index()]);
        }
    }

    fn add(&mut self, value: Value, origins: u64) {
        if self.leads[value.index()] {
            self.origins[value.index()] |= origins;
        }
    }

    fn visit(&mut self, op: &Op, result: Value, of_callee: &dyn Fn(InstanceId) -> Option<ContainerUse>) {
        let of_all = |origins: &[u64], values: &[Value]| {
            values.iter().fold(0, |all, value| all | origins[value.index()])
        };
        match op {
            Op::Store { pointer, value, .. } if self.generators.contains_key(pointer) => {
                let (generator, origins) = (self.generators[pointer], self.origins[value.index()]);
                if self.function.params().contains(&generator) {
                    // The caller's generator leads to no more than it did.
                    self.found.changed |= origins & !self.origins[generator.index()];
                }
                self.add(generator, origins);
            }
            Op::Store { pointer, value, access } => {
                let of_memory = if access.field { 0 } else { self.origins[pointer.index()] };
                self.found.changed |= of_memory | self.origins[value.index()];
            }
            Op::Call { callee, args } => {
                let callee = of_callee(*callee).unwrap_or(ContainerUse::ANY);
                let of_those = |bits: u64| {
                    let given = args.iter().enumerate().filter(|(idx, _)| bits & bit_of(*idx) != 0);
                    given.fold(0, |all, (_, arg)| all | self.origins[arg.index()])
                };
                self.found.changed |= of_those(callee.changed);
                let returned = of_those(callee.returned);
                self.add(result, returned);
            }
            Op::CallRuntime { function, args } => {
                let first = &args[..args.len().min(1)];
                let takes_in = first.iter().any(|first| holds_containers(self.function.ty(*first)));
                self.found.changed |= match function.changes {
                    Changes::Nothing => 0,
                    Changes::First if !takes_in => of_all(&self.origins, first),
                    Changes::First | Changes::All => of_all(&self.origins, args),
                };
                // A new container has the elements of others; one of numbers has nothing in common with them.
                let ty = self.function.ty(result);
                if ty.owner_field().is_none() || holds_containers(ty) {
                    self.add(result, of_all(&self.origins, args));
                }
            }
            // The interpreter looks after what it does itself.
            Op::CallHost { .. } => {}
            _ => {
                let mut origins = 0;
                op.operands(|value| origins |= self.origins[value.index()]);
                self.add(result, origins);
            }
        }
    }
}
