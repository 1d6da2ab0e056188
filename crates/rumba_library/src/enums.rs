//! Members of enums. A member is a type of its own; where it is known only when it runs which one a value is, the value is the
//! number of one of the members that its type has.

use crate::operators::Comparison;
use crate::{Emit, Emitter, Failure};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind, join};

/// What is looked up in an enum: members, each with the key that it is found by.
pub struct Lookup<'a> {
    pub members: &'a [(Value, Type)],
    /// The exception for what no key equals, and its message about the value.
    pub missing: (&'static str, &'a str),
}

impl Emitter<'_> {
    /// The value of a member of an enum whose values are literals, or tuples of these.
    pub fn member_value(&mut self, member: Value) -> Emit {
        match self.literal_value_of_member(member)? {
            Some(value) => Ok(value),
            None => {
                let message = format!("the value of {} is not known here", self.ty(member).shown());
                self.error(Code::UnsupportedValue, message)
            }
        }
    }

    /// The value of a member of an enum, if the type says which it is.
    pub fn literal_value_of_member(&mut self, member: Value) -> Emit<Option<Value>> {
        let value_type = |ty: Type| match ty.kind() {
            TypeKind::EnumMember { value, .. } => *value,
            _ => unreachable!("{ty} is no member"),
        };
        let members = self.ty(member).members().expect("the caller checked that it is a member");
        let parts: Option<Vec<Value>> =
            members.into_iter().map(|member| self.value_of_type(value_type(member))).collect();
        parts.map(|parts| self.part_of_member(member, "value", &parts)).transpose()
    }

    /// A member that is text itself as that; other values as they are.
    pub(crate) fn plain_member(&mut self, value: Value) -> Value {
        match self.ty(value).kind() {
            TypeKind::EnumMember { value, is_int: true, .. } if value.is_str() => self.b.unit(*value),
            _ => value,
        }
    }

    /// The name of a member of an enum; None of a combination of flags that has none.
    pub(crate) fn member_name(&mut self, member: Value) -> Emit {
        let name = |ty: Type| match ty.kind() {
            TypeKind::EnumMember { member, .. } if member.is_empty() => Type::none(),
            TypeKind::EnumMember { member, .. } => Type::literal_str(member),
            _ => unreachable!("{ty} is no member"),
        };
        let members = self.ty(member).members().expect("the caller checked that it is a member");
        let names: Vec<Value> = members.into_iter().map(|member| self.b.unit(name(member))).collect();
        self.part_of_member(member, "name", &names)
    }

    /// The value that a type says, if it says one.
    fn value_of_type(&mut self, ty: Type) -> Option<Value> {
        match ty.kind() {
            TypeKind::Tuple(types) => {
                let elements: Option<Vec<Value>> = types.iter().map(|ty| self.value_of_type(*ty)).collect();
                elements.map(|elements| self.tuple(elements))
            }
            TypeKind::Literal(_) | TypeKind::None => Some(self.b.unit(ty)),
            _ => None,
        }
    }

    /// What a member has of the parts that each member that it may be has.
    pub fn part_of_member(&mut self, member: Value, what: &str, parts: &[Value]) -> Emit {
        if let ([part], TypeKind::EnumMember { .. }) = (parts, self.ty(member).kind()) {
            return Ok(*part);
        }
        let types: Vec<Type> = self.types(parts).into_iter().map(Type::widen).collect();
        let common = types.iter().try_fold(Type::never(), |common, ty| join(common, *ty));
        let is_of = |common: Type, ty: Type| ty == common || ty.is_none() || common == Type::optional(ty);
        let Some(common) = common.filter(|common| types.iter().all(|ty| is_of(*common, *ty))) else {
            let message = format!("`{what}` of {} is of several types", self.ty(member).shown());
            return self.error(Code::CannotUnify, message);
        };
        let number = self.b.field(member, 0);
        self.tuple_item_unchecked(parts, common, number)
    }

    /// The member whose key equals a value.
    pub fn member_by(&mut self, lookup: &Lookup<'_>, value: Value) -> Emit {
        let (exception, message) = lookup.missing;
        let ty = lookup.members.iter().try_fold(Type::never(), |all, (_, member)| join(all, *member));
        let Some(ty) = ty else {
            return self.error(Code::CannotUnify, "the members of this enum are too many to look one up");
        };
        // Members of an `IntEnum` meet in an int.
        let alternatives = ty.members().unwrap_or_else(|| lookup.members.iter().map(|(_, ty)| *ty).collect());
        let mut number = self.b.int64(-1);
        let mut may_be = false;
        for (key, member) in lookup.members.iter().rev() {
            let equal = self.comparison(Comparison::Eq, *key, value)?;
            match self.ty(equal).as_literal_bool() {
                Some(true) => return Ok(self.b.unit(*member)),
                Some(false) => continue,
                None => {}
            }
            may_be = true;
            let equal = self.coerce(equal, Type::bool())?;
            let here =
                alternatives.iter().position(|other| other == member).expect("joined from the members");
            let here = self.b.int64(here as i64);
            number = self.b.select(equal, here, number);
        }
        let zero = self.b.int64(0);
        let missing = self.less(number, zero);
        let value = self.materialise(value);
        self.raise_if(missing, exception, message, &[value]);
        if !may_be {
            return Err(Failure::NeverReturns);
        }
        match ty.kind() {
            TypeKind::OneOf(_) => Ok(self.b.make(ty, vec![number])),
            TypeKind::EnumMember { .. } => Ok(self.b.unit(ty)),
            _ => {
                let members: Vec<Value> = alternatives.iter().map(|member| self.b.unit(*member)).collect();
                self.tuple_item_unchecked(&members, ty, number)
            }
        }
    }

    /// `item in flags`.
    pub(crate) fn flags_contain(&mut self, flags: Value, item: Value) -> Emit {
        let (flags, item) = (self.member_value(flags)?, self.member_value(item)?);
        let common = self.binary(crate::operators::BinaryOperator::BitAnd, flags, item)?;
        self.comparison(Comparison::Eq, common, item)
    }
}
