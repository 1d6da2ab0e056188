//! All instances that one request needs, inferred together to a fixed point.

use crate::analysis::Facts;
use crate::cells::Cell;
use crate::code::Code;
use crate::containers::is_container;
use crate::generators::{Resumed, reads_sent};
use crate::keywords::is_keywords;
use crate::{CodeTable, Constant, Environment, Extensible, Interpreted, Member, NotInterpreted};
use rumba_ir::{Function, InstanceId, Value as IrValue};
use rumba_source::{Code as ErrorCode, Diagnostic, Span};
use rumba_syntax::hir::{self, ParamKind};
use rumba_types::{ObjectId, Type, TypeKind, join};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::sync::Arc;

/// What makes an instance: which code, for which types of parameters and captured variables.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InstanceKey {
    pub code: u32,
    pub params: Vec<Type>,
    /// The result type that an eager signature asks for.
    pub result: Option<Type>,
}

/// An instance that is compiled already.
#[derive(Clone, Copy, Debug)]
pub struct KnownInstance {
    pub id: InstanceId,
    pub result: Type,
}

/// The instances that a request needs and that were not known, as typed SSA.
pub struct Inferred {
    pub root: InstanceId,
    pub functions: Vec<(InstanceKey, Function)>,
}

/// More instances of one function than this in one request mean a recursion that never repeats its types.
const MAX_INSTANCES: usize = 100;

/// Instances are looked at from within calls of each other up to this depth; deeper ones wait for their turn.
const MAX_DEPTH: usize = 20;

/// Tuples of more numbers than this come from a recursion that nests them ever deeper.
const MAX_SCALARS: usize = 4096;

pub(crate) struct Instance {
    pub id: InstanceId,
    /// Of a generator function: the function that goes on with a generator, and whether it makes something of what is sent.
    pub resume: Option<InstanceId>,
    pub reads_sent: bool,
    pub key: InstanceKey,
    pub code: Arc<Code>,
    pub facts: Facts,
    pub result: Option<Type>,
    /// Instances that call this one, by position.
    pub callers: Vec<usize>,
    /// Those that this one calls and that are compiled already.
    pub known_callees: Vec<InstanceKey>,
    /// The first call that asked for it.
    pub called_from: Option<Span>,
    /// What the callers have been told that the instance wants of them.
    told: FxHashMap<usize, Type>,
}

pub(crate) struct Inference<'a> {
    pub env: &'a dyn Environment,
    pub codes: &'a mut CodeTable,
    known: &'a dyn Fn(&InstanceKey) -> Option<KnownInstance>,
    new_id: &'a mut dyn FnMut() -> InstanceId,
    pub instances: Vec<Instance>,
    by_key: FxHashMap<InstanceKey, usize>,
    queue: VecDeque<usize>,
    /// The calls that are being looked at, from within each other.
    depth: usize,
    names: FxHashMap<(ObjectId, Arc<str>), Option<Constant>>,
    /// What names are in classes.
    pub members: FxHashMap<(ObjectId, Arc<str>), Option<Member>>,
    /// Blocks that the interpreter runs, by code, instruction, and which of the inputs are passed.
    pub interpreted: FxHashMap<(u32, hir::Value, Vec<usize>), Result<Interpreted, NotInterpreted>>,
    /// What extensions implement.
    pub extended: Arc<FxHashSet<Extensible>>,
    /// The dataclasses whose fields are being compared or written, one within the other.
    pub entered: Vec<ObjectId>,
    /// Operands of the instruction at hand that have to be constants.
    pub needed: Vec<IrValue>,
    /// By type: the cells of the instances.
    pub cells: FxHashMap<Type, Cell>,
    /// The instances whose cells are counted, by id.
    pub counted: FxHashSet<u32>,
    /// While the function that goes on with a generator is emitted.
    pub resumed: Option<Resumed>,
    /// Errors in the source of callees.
    pub source_errors: Vec<Diagnostic>,
}

/// Infers `function` for parameters of these types. `known` says which instances are compiled already,
/// `new_id` names new ones. On failure: every independent mistake.
pub fn infer(
    env: &dyn Environment,
    codes: &mut CodeTable,
    known: &dyn Fn(&InstanceKey) -> Option<KnownInstance>,
    new_id: &mut dyn FnMut() -> InstanceId,
    function: ObjectId,
    params: &[Type],
    result: Option<Type>,
) -> Result<Inferred, Vec<Diagnostic>> {
    loop {
        let n_literal = codes.literal_params.len();
        let inferred = infer_once(env, codes, known, new_id, function, params, result);
        // Constants reach the functions that have asked for them now.
        if inferred.is_ok() || codes.literal_params.len() == n_literal {
            return inferred;
        }
    }
}

fn infer_once(
    env: &dyn Environment,
    codes: &mut CodeTable,
    known: &dyn Fn(&InstanceKey) -> Option<KnownInstance>,
    new_id: &mut dyn FnMut() -> InstanceId,
    function: ObjectId,
    params: &[Type],
    result: Option<Type>,
) -> Result<Inferred, Vec<Diagnostic>> {
    let code = codes.load(env, function)?;
    let hir = codes.get(code).hir.clone();
    let is_refused =
        |(param, ty): &(&hir::Param, &Type)| param.kind == ParamKind::VarKeyword && !is_keywords(**ty);
    if let Some((param, _)) = hir.params.iter().zip(params).find(is_refused) {
        let message = format!("the types of `**{}` have no names", param.name);
        let note = "a function with a signature names its keyword parameters: `def f(a, *, scale=1.0)`";
        return Err(vec![Diagnostic::new(ErrorCode::UnsupportedParameter, param.span, message).note(note)]);
    }
    let mut inference = Inference {
        env,
        codes,
        known,
        new_id,
        instances: Vec::new(),
        by_key: FxHashMap::default(),
        queue: VecDeque::new(),
        depth: 0,
        names: FxHashMap::default(),
        members: FxHashMap::default(),
        entered: Vec::new(),
        needed: Vec::new(),
        interpreted: FxHashMap::default(),
        extended: env.extended(),
        cells: FxHashMap::default(),
        counted: FxHashSet::default(),
        resumed: None,
        source_errors: Vec::new(),
    };
    let key = InstanceKey { code, params: params.to_vec(), result };
    let mut root = inference.add_instance(key, None);
    inference.run()?;
    // Arguments that hold nothing yet are of the types that the function wants.
    while inference.instances[root].is_given_up() {
        let key = inference.instances[root].wanted_key();
        root = match inference.by_key.get(&key) {
            Some(known) => *known,
            None => inference.add_instance(key, None),
        };
        inference.run()?;
    }
    inference.note_raised();
    let id = inference.instances[root].id;
    let mut functions = Vec::new();
    for idx in inference.kept().collect::<Vec<_>>() {
        let function = inference.emit_instance(idx);
        let key = inference.instances[idx].key.clone();
        if inference.instances[idx].resume.is_some() {
            functions.push((key, inference.emit_maker(idx)));
            functions.push((inference.resuming_key(idx, &function), function));
        } else {
            functions.push((key, function));
        }
    }
    Ok(Inferred { root: id, functions })
}

/// What a call of an instance gives.
pub(crate) enum Callee {
    Ready(KnownInstance),
    /// Its result is not known yet.
    Pending,
    /// The function has too many instances.
    Unbounded,
    /// The parameter at the position has to be a container of a wider type.
    Wants {
        param: usize,
        to: Type,
    },
}

impl Instance {
    /// Whether callers cannot call it as it is, and call another instance in its place.
    fn is_given_up(&self) -> bool {
        !self.facts.wanted.is_empty()
    }

    /// The instance that is to be called in place of this one.
    fn wanted_key(&self) -> InstanceKey {
        let mut key = self.key.clone();
        for (param, ty) in &self.facts.wanted {
            key.params[*param] = *ty;
        }
        key
    }

    fn as_callee(&self) -> Callee {
        if let Some((param, to)) = self.facts.wanted.iter().min_by_key(|(param, _)| **param) {
            return Callee::Wants { param: *param, to: *to };
        }
        match self.result {
            Some(result) => Callee::Ready(KnownInstance { id: self.id, result }),
            // A generator function that consumes a generator of its own goes on: so far, that one yields nothing.
            //
            //     def walk(k):
            //         if k > 0:
            //             yield from walk(k - 1)
            //             yield k
            None => match self.generator_so_far() {
                Some(generator) => {
                    let result = TypeKind::GeneratorIterator(generator).into();
                    Callee::Ready(KnownInstance { id: self.id, result })
                }
                None => Callee::Pending,
            },
        }
    }
}

impl Inference<'_> {
    fn add_instance(&mut self, key: InstanceKey, called_from: Option<Span>) -> usize {
        let code = self.codes.get(key.code);
        let facts = Facts::new(&code.hir, &key.params);
        let idx = self.instances.len();
        let result = key.result;
        let id = (self.new_id)();
        let resume = code.hir.is_generator.then(|| (self.new_id)());
        let reads_sent = resume.is_some() && reads_sent(&code.hir);
        self.by_key.insert(key.clone(), idx);
        self.instances.push(Instance {
            id,
            resume,
            reads_sent,
            key,
            code,
            facts,
            result,
            callers: Vec::new(),
            known_callees: Vec::new(),
            called_from,
            told: FxHashMap::default(),
        });
        self.queue.push_back(idx);
        idx
    }

    /// The instance of `key`, called by the instance `caller`.
    pub(crate) fn callee(&mut self, caller: usize, key: InstanceKey, span: Span) -> Callee {
        if let Some(idx) = self.by_key.get(&key).copied() {
            let instance = &mut self.instances[idx];
            if !instance.callers.contains(&caller) {
                instance.callers.push(caller);
            }
            return instance.as_callee();
        }
        if let Some(known) = (self.known)(&key)
            && !has_state(known.result)
        {
            let callees = &mut self.instances[caller].known_callees;
            if !callees.contains(&key) {
                callees.push(key);
            }
            return Callee::Ready(known);
        }
        let n_instances = self.instances.iter().filter(|instance| instance.key.code == key.code).count();
        if n_instances >= MAX_INSTANCES || key.params.iter().any(|ty| ty.scalars().len() > MAX_SCALARS) {
            return Callee::Unbounded;
        }
        let idx = self.add_instance(key, Some(span));
        // Looked at right away: mostly the caller can go on with the result.
        if self.depth < MAX_DEPTH {
            self.queue.pop_back();
            self.depth += 1;
            self.analyse(idx);
            self.update_result(idx);
            self.depth -= 1;
        }
        let instance = &mut self.instances[idx];
        instance.callers.push(caller);
        instance.as_callee()
    }

    pub(crate) fn resolve_name(&mut self, object: ObjectId, name: &Arc<str>) -> Option<Constant> {
        let env = self.env;
        self.names.entry((object, name.clone())).or_insert_with(|| env.resolve_name(object, name)).clone()
    }

    fn run(&mut self) -> Result<(), Vec<Diagnostic>> {
        loop {
            while let Some(idx) = self.queue.pop_front() {
                self.analyse(idx);
                self.update_result(idx);
            }
            // What is left without a result either never returns, or waits for itself.
            let unfinished: Vec<usize> =
                self.kept().filter(|idx| self.instances[*idx].result.is_none()).collect();
            let never_return: Vec<usize> = unfinished
                .iter()
                .copied()
                .filter(|idx| {
                    let facts = &self.instances[*idx].facts;
                    facts.pending.is_empty() && facts.errors.is_empty()
                })
                .collect();
            if !never_return.is_empty() {
                self.set_never_returning(&never_return);
                continue;
            }
            let errors = self.errors();
            if !errors.is_empty() {
                let independent = self.recover();
                return Err(if independent.is_empty() { errors } else { independent });
            }
            let Some(first) = unfinished.first() else { return Ok(()) };
            // A recursion whose only end is an exception is one that never returns.
            if !unfinished.iter().any(|idx| self.instances[*idx].facts.raises) {
                return Err(vec![self.recursion_without_exit(*first)]);
            }
            self.set_never_returning(&unfinished);
        }
    }

    /// The instances that are not given up.
    fn kept(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.instances.len()).filter(|idx| !self.instances[*idx].is_given_up() && !self.is_outdated(*idx))
    }

    fn set_never_returning(&mut self, instances: &[usize]) {
        for idx in instances {
            self.set_result(*idx, Type::never());
        }
    }

    /// Looks again at every instance that has a mistake, or that waits for one that has: this time for every
    /// independent mistake, and past those that are known. Nothing is compiled after this.
    fn recover(&mut self) -> Vec<Diagnostic> {
        let mut recovered = Vec::new();
        loop {
            let is_stuck =
                |instance: &Instance| !instance.facts.errors.is_empty() || !instance.facts.pending.is_empty();
            let stuck = self
                .kept()
                .filter(|idx| !recovered.contains(idx) && is_stuck(&self.instances[*idx]))
                .collect::<Vec<_>>();
            if stuck.is_empty() {
                return self.errors();
            }
            for idx in stuck {
                recovered.push(idx);
                let instance = &mut self.instances[idx];
                instance.facts = Facts::recovering(&instance.code.hir, &instance.key.params);
                self.analyse(idx);
            }
            // Calls behind a mistake may need further instances. Those under recovery stay as they are.
            while let Some(idx) = self.queue.pop_front() {
                if !recovered.contains(&idx) {
                    self.analyse(idx);
                    self.update_result(idx);
                }
            }
        }
    }

    fn update_result(&mut self, idx: usize) {
        let instance = &mut self.instances[idx];
        if instance.is_given_up() {
            // Functions that call each other would tell each other the same for ever.
            if instance.told == instance.facts.wanted {
                return;
            }
            instance.told.clone_from(&instance.facts.wanted);
            for caller in instance.callers.clone().into_iter().filter(|caller| *caller != idx) {
                self.enqueue(caller);
            }
            return;
        }
        if instance.key.result.is_some() {
            return;
        }
        let result = match instance.resume {
            Some(_) => instance.generator().map(|generator| TypeKind::GeneratorIterator(generator).into()),
            None => instance.facts.result,
        };
        if let Some(result) = result
            && instance.result != Some(result)
        {
            self.set_result(idx, result);
        }
    }

    fn set_result(&mut self, idx: usize, result: Type) {
        let instance = &mut self.instances[idx];
        // Joined with what callers have seen, so that results only ever widen.
        instance.result = match instance.result {
            Some(old) => join(old, result).or(Some(result)),
            None => Some(result),
        };
        for caller in instance.callers.clone() {
            self.enqueue(caller);
        }
    }

    /// Has an instance looked at again, because something that it depends on has changed.
    pub(crate) fn enqueue(&mut self, idx: usize) {
        if !self.queue.contains(&idx) {
            self.queue.push_back(idx);
        }
    }

    fn errors(&self) -> Vec<Diagnostic> {
        let mut errors: Vec<Diagnostic> = self.source_errors.clone();
        for idx in self.kept() {
            let instance = &self.instances[idx];
            for error in &instance.facts.errors {
                let mut error = error.clone();
                if instance.code.is_prelude {
                    error = self.at_the_users_call(idx, error);
                } else if let Some(span) = instance.called_from.filter(|span| *span != error.primary.span) {
                    error = error.secondary(span, called_with(&instance.key.params));
                }
                // The same mistake in several instances of one function is reported once, and so is a name that
                // is wrong wherever it stands.
                let is_of_name = matches!(error.code, ErrorCode::UnknownName | ErrorCode::UnsupportedValue);
                let same = |other: &Diagnostic| {
                    other.code == error.code
                        && (other.primary.span == error.primary.span
                            || is_of_name && other.message == error.message)
                };
                if !errors.iter().any(same) {
                    errors.push(error);
                }
            }
        }
        errors
    }

    /// A mistake inside the prelude as one of the call that led there: the user cannot do anything about our lines.
    fn at_the_users_call(&self, idx: usize, error: Diagnostic) -> Diagnostic {
        let (mut called, mut span) = (idx, error.primary.span);
        // Functions of the prelude may call each other.
        for _ in 0..self.instances.len() {
            let instance = &self.instances[called];
            span = instance.called_from.unwrap_or(span);
            match instance.callers.first() {
                Some(caller) if self.instances[*caller].code.is_prelude => called = *caller,
                _ => break,
            }
        }
        let message = format!("{}: {}", self.instances[called].code.hir.name, error.message);
        let diagnostic = Diagnostic::new(error.code, span, message);
        error.notes.into_iter().fold(diagnostic, Diagnostic::note)
    }

    fn recursion_without_exit(&self, idx: usize) -> Diagnostic {
        let instance = &self.instances[idx];
        let name = &instance.code.hir.name;
        let mut diagnostic = Diagnostic::new(
            ErrorCode::RecursionWithoutExit,
            instance.code.hir.header_span,
            format!("the result type of `{name}` cannot be inferred: every path to a return calls it again"),
        )
        .note("add a path that returns without a recursive call");
        for span in instance.facts.pending.iter().take(1) {
            diagnostic = diagnostic.secondary(*span, "this call needs its own result");
        }
        diagnostic
    }
}

/// Whether a function is in values of the type whose variables may turn out to be of wider types than is known.
fn has_state(ty: Type) -> bool {
    ty.contains(&|ty| match ty.kind() {
        TypeKind::Cell { .. } => true,
        TypeKind::Closure { captures, .. } => captures.iter().any(|ty| ty.contains(&is_container)),
        _ => false,
    })
}

fn called_with(types: &[Type]) -> String {
    const MAX_LENGTH: usize = 120;
    let types: Vec<String> = types.iter().map(|ty| ty.shown().to_string()).collect();
    match types.join(", ") {
        types if types.len() <= MAX_LENGTH => format!("called here with ({types})"),
        _ => "called here".to_string(),
    }
}
