//! What users' classes of named tuples and enums define: methods, properties, operators, constants, and the attributes that
//! members of enums are given when the class is made.
//!
//! ```python
//! class Vector(NamedTuple):
//!     x: float
//!     y: float
//!     def __add__(self, other):
//!         return Vector(self.x + other.x, self.y + other.y)
//! ```
//!
//! Such values are no instances of compiled classes, so that what their classes do not define is the library's.

use crate::Constant;
use crate::classes::{binary_method, comparison_methods, jitted, unary_method};
use crate::constants::emit_constant;
use crate::environment::Member;
use crate::evaluate::unsupported_value;
use crate::inference::Inference;
use rumba_ir::Value as IrValue;
use rumba_library::{Emit, Emitter};
use rumba_source::Code;
use rumba_syntax::hir::{self, Inst};
use rumba_types::{ClassRef, ObjectId, Type, TypeKind};

/// The class of a named tuple or a member of an enum.
pub(crate) fn class_of_value(ty: Type) -> Option<ObjectId> {
    match ty.kind() {
        TypeKind::NamedTuple(class, _) => match &class.class {
            ClassRef::Object(object) => Some(*object),
            ClassRef::Path(_) => None,
        },
        _ => ty.enum_class(),
    }
}

impl Inference<'_> {
    /// The rule of an instruction that the class of an operand defines; `None` for all others.
    pub(crate) fn defined_by_class(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        inst: &Inst,
        get: &dyn Fn(hir::Value) -> IrValue,
    ) -> Emit<Option<IrValue>> {
        let has_class = |e: &Emitter<'_>, value: hir::Value| class_of_value(e.ty(get(value))).is_some();
        match inst {
            Inst::Attribute { value, name } => self.defined_attribute(e, idx, get(*value), name),
            Inst::Unary { op, operand } if has_class(e, *operand) => match unary_method(*op) {
                Some(method) => self.call_method(e, idx, get(*operand), method, &[]),
                None => Ok(None),
            },
            Inst::Binary { op, lhs, rhs, .. } if has_class(e, *lhs) || has_class(e, *rhs) => {
                let name = binary_method(*op);
                if let Some(result) =
                    self.call_operator(e, idx, get(*lhs), &format!("__{name}__"), get(*rhs))?
                {
                    return Ok(Some(result));
                }
                self.call_operator(e, idx, get(*rhs), &format!("__r{name}__"), get(*lhs))
            }
            Inst::Compare { op, lhs, rhs } if has_class(e, *lhs) || has_class(e, *rhs) => {
                let Some((method, reflected)) = comparison_methods(*op) else { return Ok(None) };
                if let Some(result) = self.call_operator(e, idx, get(*lhs), method, get(*rhs))? {
                    return Ok(Some(result));
                }
                self.call_operator(e, idx, get(*rhs), reflected, get(*lhs))
            }
            _ => Ok(None),
        }
    }

    /// `value.name` of a named tuple, a member of an enum, or the class of one.
    fn defined_attribute(
        &mut self,
        e: &mut Emitter<'_>,
        idx: usize,
        value: IrValue,
        name: &str,
    ) -> Emit<Option<IrValue>> {
        let ty = e.ty(value);
        let class = match ty.kind() {
            TypeKind::NamedTuple(class, _) if class.fields.iter().any(|field| **field == *name) => None,
            TypeKind::EnumClass { object, .. } => Some(*object),
            TypeKind::NamedTupleClass(class) => match &class.class {
                ClassRef::Object(object) => Some(*object),
                ClassRef::Path(_) => None,
            },
            _ => class_of_value(ty),
        };
        let Some(class) = class else { return Ok(None) };
        let is_value = class_of_value(ty).is_some();
        if is_value && ty.members().is_some() && matches!(name, "name" | "value") {
            return if name == "value" { self.member_value(e, value).map(Some) } else { Ok(None) };
        }
        match self.member(class, name) {
            Some(Member::Method { function, name }) if is_value => {
                let ty = TypeKind::BoundMethod { function, name, receiver: ty };
                Ok(Some(e.b.make(ty.into(), vec![value])))
            }
            Some(Member::Property { getter: Some(getter), .. }) if is_value => {
                self.call_function(e, idx, getter, &[value]).map(Some)
            }
            Some(Member::Method { function, name } | Member::Static { function, name }) => {
                jitted(e, function, name).map(Some)
            }
            Some(Member::ClassMethod { function, name }) => {
                let receiver = self.class_of_receiver(e, value, class);
                let ty = TypeKind::BoundMethod { function, name, receiver: e.ty(receiver) };
                Ok(Some(e.b.make(ty.into(), vec![receiver])))
            }
            // What is written in C, and what classes have in common, is the library's.
            Some(Member::Value(Constant::Unsupported { .. })) => Ok(None),
            Some(Member::Value(constant)) if is_value && !name.starts_with('_') => {
                let value = emit_constant(e, &constant);
                value.or_else(|unusable| unsupported_value(e, &format!("`{name}`"), unusable)).map(Some)
            }
            None if is_value && ty.members().is_some() => self.attribute_of_members(e, value, name),
            _ => Ok(None),
        }
    }

    fn class_of_receiver(&self, e: &mut Emitter<'_>, value: IrValue, object: ObjectId) -> IrValue {
        let kind = match e.ty(value).kind() {
            TypeKind::NamedTuple(class, _) => TypeKind::NamedTupleClass(class.clone()),
            TypeKind::EnumClass { .. } | TypeKind::NamedTupleClass(_) => return value,
            _ => {
                let member = e.ty(value).members().and_then(|members| members.first().copied());
                let Some(TypeKind::EnumMember { class_name, .. }) = member.map(Type::kind) else {
                    unreachable!("the class of a member is an enum");
                };
                TypeKind::EnumClass { object, name: class_name.clone() }
            }
        };
        e.b.unit(kind.into())
    }

    /// `member.value`, also where it is of a type that does not say which value it is.
    pub(crate) fn member_value(&mut self, e: &mut Emitter<'_>, member: IrValue) -> Emit<IrValue> {
        if let Some(value) = e.literal_value_of_member(member)? {
            return Ok(value);
        }
        match self.attribute_of_members(e, member, "value")? {
            Some(value) => Ok(value),
            None => {
                let message = format!("the value of {} is not known", e.ty(member).shown());
                e.error(Code::UnsupportedValue, message)
            }
        }
    }

    /// What the members that a value may be have under a name; `None` where one has nothing.
    fn attribute_of_members(
        &mut self,
        e: &mut Emitter<'_>,
        value: IrValue,
        name: &str,
    ) -> Emit<Option<IrValue>> {
        let members = e.ty(value).members().expect("the caller checked that it is a member");
        let mut parts = Vec::with_capacity(members.len());
        for ty in members {
            let TypeKind::EnumMember { class, member, .. } = ty.kind() else {
                unreachable!("{ty} is no member");
            };
            let Some(constant) = self.env.member_attribute(*class, member, name) else { return Ok(None) };
            let part = emit_constant(e, &constant);
            parts.push(part.or_else(|unusable| unsupported_value(e, &format!("`{name}`"), unusable))?);
        }
        e.part_of_member(value, name, &parts).map(Some)
    }
}
