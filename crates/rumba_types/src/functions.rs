//! Functions and members of enums as values: where several meet, the type has all of them, and the value says which one it
//! is.

use crate::{FunctionRef, ObjectId, Type, TypeKind};

/// More than these do not meet: each call of the value is a call of every one.
const MOST: usize = 64;

impl Type {
    /// The functions that a value of this type may be, if it is a function without state; likewise the members of an enum.
    pub fn alternatives(self) -> Option<Vec<Type>> {
        match self.kind() {
            TypeKind::OneOf(alternatives) => Some(alternatives.clone()),
            TypeKind::Function(_) => Some(vec![self]),
            TypeKind::Closure { .. } if self.scalars().is_empty() => Some(vec![self]),
            TypeKind::EnumMember { is_int: false, .. } => Some(vec![self]),
            _ => None,
        }
    }

    /// The members of an enum that a value of this type may be.
    pub fn members(self) -> Option<Vec<Type>> {
        match self.kind() {
            TypeKind::EnumMember { .. } => Some(vec![self]),
            TypeKind::OneOf(alternatives) if alternatives[0].enum_class().is_some() => {
                Some(alternatives.clone())
            }
            _ => None,
        }
    }

    /// The class of a member of an enum.
    pub fn enum_class(self) -> Option<ObjectId> {
        match self.kind() {
            TypeKind::EnumMember { class, .. } => Some(*class),
            TypeKind::OneOf(alternatives) => alternatives[0].enum_class(),
            _ => None,
        }
    }

    /// Whether it is a member, or may be several ones, of an enum of flags.
    pub fn is_flag(self) -> bool {
        match self.kind() {
            TypeKind::EnumMember { is_flag, .. } => *is_flag,
            TypeKind::OneOf(alternatives) => alternatives[0].is_flag(),
            _ => false,
        }
    }

    /// Whether a pointer can be made of the function, or of each that it may be: the interpreter knows them.
    pub fn has_pointer(self) -> bool {
        let is_known = |ty: &Type| {
            matches!(ty.kind(), TypeKind::Function(FunctionRef::Jitted { .. } | FunctionRef::C(_)))
        };
        self.alternatives().is_some_and(|alternatives| alternatives.iter().all(is_known))
    }
}

/// The type of what may be a function, or a member of one enum, of either.
pub(crate) fn join_functions(a: Type, b: Type) -> Option<Type> {
    let mut alternatives = a.alternatives()?;
    alternatives.extend(b.alternatives()?);
    if alternatives.iter().any(|ty| ty.enum_class() != a.enum_class()) {
        return None;
    }
    alternatives.sort_by_cached_key(|ty| order(*ty));
    alternatives.dedup();
    (alternatives.len() <= MOST).then(|| TypeKind::OneOf(alternatives).into())
}

/// An order in which each function comes before or behind another one.
fn order(ty: Type) -> (u8, u64, String) {
    match ty.kind() {
        TypeKind::Function(FunctionRef::Library(path)) => (0, 0, path.to_string()),
        TypeKind::Function(FunctionRef::Jitted { object, .. }) => (1, u64::from(object.0), String::new()),
        TypeKind::Function(FunctionRef::Extended { object, .. }) => (2, u64::from(object.0), String::new()),
        TypeKind::Function(FunctionRef::C(function)) => {
            (3, function.address, format!("{:?} {}", function.params, function.result))
        }
        TypeKind::EnumMember { class, member, value, .. } => {
            (5, u64::from(class.0), format!("{member} {value}"))
        }
        TypeKind::Closure { code, captures, .. } => (4, u64::from(*code), format!("{captures:?}")),
        _ => unreachable!("{ty} is no function or member"),
    }
}
