//! What containers hold.
//!
//! A list, set or dict has elements of one type, which is known only when all has been seen that goes into it:
//!
//! ```python
//! found = []
//! for x in values:
//!     found.append(2.5 * x)
//! ```
//! So the type of a container belongs to where it is made. A rule that is to put something into a container whose
//! elements are of a narrower type says which type the container should have (`Failure::Widen`); the places where it may
//! have been made are looked for in untyped SSA, and make containers of that type from then on. A type only ever
//! widens, so that this ends.
//!
//! A container that was passed in, or captured, is made by callers: the instance *wants* a wider one, and is given up for another
//! instance, which a caller calls once it has widened its own container. What the interpreter passes can be wider only where it
//! holds nothing: an empty list of its is one of any type.

use crate::inference::Inference;
use rumba_syntax::hir::{self, ArgumentKind, CaptureKind, Element, Inst, ParamKind};
use rumba_types::{DictKind, Type, TypeKind, is_empty_of, join};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// A container that has to be of another type.
pub(crate) struct Widening {
    pub container: hir::Value,
    pub to: Type,
}

/// Whether two types are containers of one sort that hold different things.
pub(crate) fn differ_in_content(a: Type, b: Type) -> bool {
    a != b
        && match (a.kind(), b.kind()) {
            (TypeKind::Optional(a), TypeKind::Optional(b)) => differ_in_content(*a, *b),
            (_, TypeKind::Optional(b)) => differ_in_content(a, *b),
            _ => {
                is_container(a)
                    && std::mem::discriminant(a.kind()) == std::mem::discriminant(b.kind())
                    && a.dict_kind() == b.dict_kind()
                    && a.is_frozenset() == b.is_frozenset()
            }
        }
}

pub(crate) fn is_container(ty: Type) -> bool {
    matches!(ty.kind(), TypeKind::List(_) | TypeKind::Deque(_) | TypeKind::Set(_, _) | TypeKind::Dict(..))
}

/// Containers that are nested deeper come from one that would hold itself.
const MAX_NESTING: usize = 16;

/// How deep containers are nested in values of a type.
fn nesting(ty: Type) -> usize {
    match ty.kind() {
        TypeKind::List(element) | TypeKind::Deque(element) | TypeKind::Set(element, _) => {
            1 + nesting(*element)
        }
        TypeKind::Dict(_, value, _) => 1 + nesting(*value),
        TypeKind::Optional(inner) => nesting(*inner),
        TypeKind::Tuple(elements) | TypeKind::Closure { captures: elements, .. } => {
            elements.iter().map(|ty| nesting(*ty)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

/// Whether it is not known yet what the container holds: nothing, so far.
fn is_empty(ty: Type) -> bool {
    match ty.kind() {
        TypeKind::List(element) | TypeKind::Deque(element) | TypeKind::Set(element, _) => {
            *element == Type::never()
        }
        TypeKind::Dict(key, _, _) => *key == Type::never(),
        _ => false,
    }
}

/// The type of a container that is to be of type `to`. A `defaultdict` makes its values itself: where one of these has
/// to be wider, the values of the dict have.
fn joined_within(own: Type, to: Type) -> Option<Type> {
    if let Some(joined) = join(own, to) {
        return Some(joined);
    }
    match own.kind() {
        TypeKind::Dict(key, value, DictKind::Default(_)) => {
            Some(own.with_entries(*key, joined_within(*value, to)?))
        }
        _ => None,
    }
}

impl Inference<'_> {
    /// Makes a container of a wider type that a function of this type has captured, by the instances that make such functions.
    /// Whether that is possible, and news.
    pub(crate) fn widen_captured(&mut self, function: Type, position: usize, to: Type) -> bool {
        let TypeKind::Closure { code, .. } = function.kind() else { return false };
        let mut is_news = false;
        for idx in 0..self.instances.len() {
            let (of, hir) = (self.instances[idx].code.id, self.instances[idx].code.hir.clone());
            for (value, inst) in hir.blocks.iter().flat_map(|block| &block.insts) {
                let Inst::MakeFunction { function: inner, captures, .. } = inst else { continue };
                let facts = &self.instances[idx].facts;
                if facts.types[value.index()] != Some(function) || self.codes.inner(of, *inner) != *code {
                    continue;
                }
                let Some(container) = captures.get(position).copied() else { continue };
                let facts = &self.instances[idx].facts;
                let before = (facts.containers.clone(), facts.wanted.clone());
                if !self.widen_container(idx, &hir, &Widening { container, to }) {
                    return false;
                }
                let facts = &self.instances[idx].facts;
                if (&facts.containers, &facts.wanted) != (&before.0, &before.1) {
                    self.enqueue(idx);
                    is_news = true;
                }
            }
        }
        is_news
    }

    /// Makes a container of a wider type where it is made. Whether that is possible.
    pub(crate) fn widen_container(&mut self, idx: usize, hir: &hir::Function, widening: &Widening) -> bool {
        let to = match widening.to.kind() {
            TypeKind::Optional(inner) => *inner,
            _ => widening.to,
        };
        let is_called = self.instances[idx].called_from.is_some();
        let facts = &mut self.instances[idx].facts;
        let mut search = Search {
            hir,
            types: &facts.types,
            widened: &facts.containers,
            seen: FxHashSet::default(),
            outer: Vec::new(),
            known: true,
            params: BTreeSet::new(),
        };
        let places = search.sources(widening.container);
        let params = std::mem::take(&mut search.params);
        if !search.known || places.is_empty() && params.is_empty() {
            return false;
        }
        for param in params {
            // What is wanted only ever widens, too.
            let own = facts.wanted.get(&param.index()).copied().or(facts.types[param.index()]);
            let own = own.expect("the types of parameters are known");
            let Some(joined) = joined_within(own, to) else { return false };
            // What the interpreter passes has its type, unless it holds nothing yet.
            if !is_called && !is_empty_of(own, joined) || nesting(joined) > MAX_NESTING {
                return false;
            }
            facts.wanted.insert(param.index(), joined);
        }
        for place in places {
            let old = facts.containers.get(&place).copied().or(facts.types[place.index()]);
            let Some(joined) = old.map_or(Some(to), |old| joined_within(old, to)) else { return false };
            if nesting(joined) > MAX_NESTING {
                return false;
            }
            facts.containers.insert(place, joined);
        }
        true
    }
}

/// Looks for where containers were made.
struct Search<'a> {
    hir: &'a hir::Function,
    types: &'a [Option<Type>],
    /// The types of those containers that have been made wider where they are made.
    widened: &'a FxHashMap<hir::Value, Type>,
    /// Values that have been looked at, as containers and for their contents.
    seen: FxHashSet<(hir::Value, bool)>,
    /// Those whose contents are being looked for.
    outer: Vec<hir::Value>,
    /// Set to false when a container comes from elsewhere: out of another one that was passed in, or of a call.
    known: bool,
    /// Parameters of the function that a container was passed as.
    params: BTreeSet<hir::Value>,
}

impl Search<'_> {
    fn ty(&self, value: hir::Value) -> Option<Type> {
        self.types[value.index()]
    }

    fn definition(&self, value: hir::Value) -> Option<&Inst> {
        self.hir
            .blocks
            .iter()
            .flat_map(|block| &block.insts)
            .find(|(of, _)| *of == value)
            .map(|(_, inst)| inst)
    }

    /// The instructions that may have made this container.
    fn sources(&mut self, container: hir::Value) -> BTreeSet<hir::Value> {
        if !self.seen.insert((container, false)) {
            return BTreeSet::new();
        }
        let Some(inst) = self.definition(container).cloned() else {
            return self.sources_of_param(container);
        };
        match inst {
            Inst::List { .. } | Inst::Set(_) | Inst::Dict(_) => BTreeSet::from([container]),
            Inst::Copy(value) | Inst::CheckBound { value, .. } => self.sources(value),
            Inst::Binary { lhs, rhs, .. } => {
                let operands =
                    [lhs, rhs].into_iter().filter(|value| self.ty(*value).is_some_and(is_container));
                operands.collect::<Vec<_>>().into_iter().flat_map(|value| self.sources(value)).collect()
            }
            Inst::Subscript { value, .. } if self.ty(value) == self.ty(container) => self.sources(value),
            Inst::Subscript { value, .. } => {
                let makes_values =
                    self.ty(value).is_some_and(|ty| matches!(ty.dict_kind(), Some(DictKind::Default(_))));
                let made = if makes_values { self.sources(value) } else { BTreeSet::new() };
                &self.contents(value) | &made
            }
            Inst::IterItem(iterator) => self.contents(iterator),
            Inst::UnpackItem { unpacked, position } => match self.unpacked(unpacked, position as usize) {
                Some(element) => self.sources(element),
                None => self.made_by_call(container),
            },
            Inst::Call { callee, .. } => match self.definition(callee).cloned() {
                Some(Inst::Attribute { value, name }) if self.ty(value).is_some_and(is_container) => {
                    match &*name {
                        "copy" => self.sources(value),
                        "pop" | "popleft" | "get" | "setdefault" => self.contents(value),
                        _ => self.made_by_call(container),
                    }
                }
                _ => self.made_by_call(container),
            },
            _ => self.unknown(),
        }
    }

    /// What `a` is in `a, b = …, …`.
    fn unpacked(&self, unpacked: hir::Value, position: usize) -> Option<hir::Value> {
        let Some(Inst::Unpack { value, starred: false, .. }) = self.definition(unpacked) else { return None };
        match self.definition(*value) {
            Some(Inst::Tuple(elements)) => match elements.get(position) {
                Some(Element::One(element)) => Some(*element),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a call gives is made there if nothing has been put into it before, or if what is put in has widened it.
    fn made_by_call(&mut self, container: hir::Value) -> BTreeSet<hir::Value> {
        match self.ty(container).is_some_and(is_empty) || self.widened.contains_key(&container) {
            true => BTreeSet::from([container]),
            false => self.unknown(),
        }
    }

    fn unknown(&mut self) -> BTreeSet<hir::Value> {
        self.known = false;
        BTreeSet::new()
    }

    fn sources_of_param(&mut self, param: hir::Value) -> BTreeSet<hir::Value> {
        let incoming = self.incoming(param);
        if incoming.is_empty() {
            let (position, n_params) = (param.index(), self.hir.params.len());
            let is_passed = match self.hir.params.get(position) {
                Some(own) => own.kind != ParamKind::VarPositional,
                None => self
                    .hir
                    .captures
                    .get(position - n_params)
                    .is_some_and(|own| own.kind == CaptureKind::Value),
            };
            if !is_passed {
                return self.unknown();
            }
            self.params.insert(param);
            return BTreeSet::new();
        }
        incoming.into_iter().flat_map(|arg| self.sources(arg)).collect()
    }

    /// What edges pass for a parameter of a block, as far as they are known to be taken.
    fn incoming(&self, param: hir::Value) -> Vec<hir::Value> {
        let edges = self.hir.blocks.iter().flat_map(|block| block.edges());
        let args = edges.filter_map(|edge| {
            let params = &self.hir.blocks[edge.block.index()].params;
            Some(edge.args[params.iter().position(|other| *other == param)?])
        });
        args.filter(|arg| self.ty(*arg).is_some()).collect()
    }

    /// The instructions that may have made the containers which are elements of this one, or items of this iterator.
    fn contents(&mut self, outer: hir::Value) -> BTreeSet<hir::Value> {
        if !self.seen.insert((outer, true)) {
            return BTreeSet::new();
        }
        match self.definition(outer).cloned() {
            Some(Inst::Iter(value) | Inst::IterAdvance(value)) => return self.contents(value),
            None if !self.ty(outer).is_some_and(is_container) => {
                return self.incoming(outer).into_iter().flat_map(|arg| self.contents(arg)).collect();
            }
            _ => {}
        }
        self.outer.push(outer);
        let found = self.contents_of(&self.sources_anew(outer));
        self.outer.pop();
        found
    }

    /// What goes into the containers that these instructions make.
    fn contents_of(&mut self, outer: &BTreeSet<hir::Value>) -> BTreeSet<hir::Value> {
        let mut found = BTreeSet::new();
        for (value, inst) in self.hir.blocks.iter().flat_map(|block| &block.insts) {
            match inst {
                Inst::List { elements, .. } | Inst::Set(elements) if outer.contains(value) => {
                    for element in elements {
                        found.extend(match element {
                            Element::One(value) => self.sources(*value),
                            Element::Starred(value) => self.contents(*value),
                        });
                    }
                }
                Inst::Dict(items) if outer.contains(value) => {
                    let may_be = |value: &hir::Value| self.ty(*value).is_none_or(is_container);
                    let values: Vec<hir::Value> =
                        items.iter().map(|(_, value)| *value).filter(may_be).collect();
                    for value in values {
                        found.extend(self.sources(value));
                    }
                }
                Inst::Append { container, value } if self.may_be(*container, outer) => {
                    found.extend(self.sources(*value));
                }
                Inst::StoreSubscript { value, new, .. } if self.may_be(*value, outer) => {
                    found.extend(self.sources(*new));
                }
                Inst::Call { callee, args } => {
                    let Some(Inst::Attribute { value, name }) = self.definition(*callee).cloned() else {
                        continue;
                    };
                    if !self.ty(value).is_some_and(is_container) || !self.may_be(value, outer) {
                        continue;
                    }
                    let Some(last) = args.last().filter(|arg| arg.kind == ArgumentKind::Positional) else {
                        continue;
                    };
                    match &*name {
                        "append" | "appendleft" | "insert" | "setdefault" => {
                            found.extend(self.sources(last.value))
                        }
                        "extend" | "extendleft" => found.extend(self.contents(last.value)),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// Whether a container may have been made by one of these instructions.
    fn may_be(&self, container: hir::Value, places: &BTreeSet<hir::Value>) -> bool {
        // Where a value of a `defaultdict` is made is where that is.
        let is_alike = |place: &hir::Value| {
            self.ty(*place).zip(self.ty(container)).is_none_or(|(a, b)| a == b || differ_in_content(a, b))
        };
        self.sources_anew(container).iter().any(|place| places.contains(place) && is_alike(place))
    }

    fn sources_anew(&self, container: hir::Value) -> BTreeSet<hir::Value> {
        let seen = self.outer.iter().map(|outer| (*outer, true)).collect();
        let mut search = Search {
            hir: self.hir,
            types: self.types,
            widened: self.widened,
            seen,
            outer: self.outer.clone(),
            known: true,
            params: BTreeSet::new(),
        };
        search.sources(container)
    }
}
