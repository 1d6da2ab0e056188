//! Functions as values: where several meet, the type has all of them, and the value says which one it is.

use crate::{FunctionRef, Type, TypeKind};

/// More than these do not meet: each call of the value is a call of every one.
const MOST: usize = 64;

impl Type {
    /// The functions that a value of this type may be, if it is a function without state.
    pub fn alternatives(self) -> Option<Vec<Type>> {
        match self.kind() {
            TypeKind::OneOf(alternatives) => Some(alternatives.clone()),
            TypeKind::Function(_) => Some(vec![self]),
            TypeKind::Closure { .. } if self.scalars().is_empty() => Some(vec![self]),
            _ => None,
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

/// The type of what may be a function of either.
pub(crate) fn join_functions(a: Type, b: Type) -> Option<Type> {
    let mut alternatives = a.alternatives()?;
    alternatives.extend(b.alternatives()?);
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
        TypeKind::Closure { code, captures, .. } => (4, u64::from(*code), format!("{captures:?}")),
        _ => unreachable!("{ty} is no function"),
    }
}
