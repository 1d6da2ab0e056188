//! Classes of enums: their members by value, by name and in order, and the operators of flags.
//!
//! Which members there are, the environment says; what is done with them is the library's.

use crate::Constant;
use crate::constants::emit_constant;
use crate::environment::EnumClass;
use crate::evaluate::unsupported_value;
use crate::inference::Inference;
use rumba_ir::Value;
use rumba_library::declaration::Argument;
use rumba_library::enums::Lookup;
use rumba_library::{Emit, Emitter};
use rumba_source::Code;
use rumba_source::operators::BinaryOperator;
use rumba_types::{ObjectId, Type, TypeKind, join};

/// All combinations of at most so many flags are members that a value may be.
const MAX_FLAGS: u32 = 6;

/// Of a value that is one of those which are looked up.
const IMPOSSIBLE: (&str, &str) = ("ValueError", "{!r} is no combination of flags");

impl Inference<'_> {
    fn enum_class(&self, e: &Emitter<'_>, class: ObjectId) -> Emit<EnumClass> {
        match self.env.enum_class(class) {
            Some(class) => Ok(class),
            None => e.error(Code::UnsupportedValue, "the members of this enum are not known"),
        }
    }

    /// The members of a class in the order of iteration, as a tuple of values of one type.
    pub(crate) fn members_of_class(&self, e: &mut Emitter<'_>, class: ObjectId) -> Emit<Value> {
        let members: Vec<Value> = self
            .enum_class(e, class)?
            .members
            .iter()
            .map(|member| as_value(e, member))
            .collect::<Emit<_>>()?;
        let all = e.types(&members).into_iter().try_fold(Type::never(), join);
        let Some(all) = all.filter(|ty| ty.members().is_some()) else { return Ok(e.tuple(members)) };
        let members = members.into_iter().map(|member| e.coerce(member, all)).collect::<Emit<_>>()?;
        Ok(e.tuple(members))
    }

    /// `C(value)`.
    pub(crate) fn member_by_value(
        &mut self,
        e: &mut Emitter<'_>,
        object: ObjectId,
        arguments: &[Argument],
    ) -> Emit<Value> {
        let class = self.enum_class(e, object)?;
        let [Argument { keyword: None, value, .. }] = arguments else {
            return e.error(Code::ArgumentCount, format!("{}() takes the value of a member", class.name));
        };
        if e.ty(*value).enum_class() == Some(object) {
            return Ok(*value);
        }
        let literal = e.ty(*value).as_literal_int();
        if let Some(member) = literal.and_then(|value| self.env.enum_member(object, value)) {
            return as_value(e, &member);
        }
        if class.has_missing {
            let message = format!("`{}` says by `_missing_` what its values stand for", class.name);
            let diagnostic = e.diagnostic(Code::UnsupportedFunction, message);
            return Err(diagnostic.note("look the member up outside of compiled code").into());
        }
        let members = match class.flags {
            Some(_) => self.combinations(e, object, &class)?,
            None => class.names.into_iter().map(|(_, member)| member).collect(),
        };
        let mut found = Vec::with_capacity(members.len());
        for member in &members {
            let member = as_value(e, member)?;
            found.push((self.member_value(e, member)?, e.ty(member)));
        }
        let message = format!("{{!r}} is not a valid {}", class.name);
        e.member_by(&Lookup { members: &found, missing: ("ValueError", &message) }, *value)
    }

    /// All combinations of the flags of a class.
    fn combinations(&self, e: &Emitter<'_>, object: ObjectId, class: &EnumClass) -> Emit<Vec<Constant>> {
        let flags = class.flags.unwrap_or_default();
        if flags.count_ones() > MAX_FLAGS {
            let message = format!(
                "`{}` has too many flags to look up one that is not known when compiling",
                class.name
            );
            return e.error(Code::UnsupportedFunction, message);
        }
        // From a set of bits to the next one.
        let next = |value: &i128| Some(value.wrapping_sub(flags) & flags).filter(|next| *next != 0);
        let values = std::iter::successors(Some(0), next);
        Ok(values.filter_map(|value| self.env.enum_member(object, value)).collect())
    }

    /// `C[name]`.
    pub(crate) fn member_by_name(
        &mut self,
        e: &mut Emitter<'_>,
        object: ObjectId,
        name: Value,
    ) -> Emit<Value> {
        let class = self.enum_class(e, object)?;
        if !e.ty(name).is_str() {
            let message =
                format!("the members of {} are found by names, not by {}", class.name, e.ty(name).shown());
            return e.error(Code::IndexType, message);
        }
        let mut found = Vec::with_capacity(class.names.len());
        for (name, member) in &class.names {
            let member = as_value(e, member)?;
            found.push((e.b.unit(Type::literal_str(name)), e.ty(member)));
        }
        e.member_by(&Lookup { members: &found, missing: ("KeyError", "{}") }, name)
    }

    /// `|`, `&` and `^` of flags; `None` for other values.
    pub(crate) fn combine_flags(
        &mut self,
        e: &mut Emitter<'_>,
        op: BinaryOperator,
        lhs: Value,
        rhs: Value,
    ) -> Emit<Option<Value>> {
        let combine: fn(i128, i128) -> i128 = match op {
            BinaryOperator::BitOr => |a, b| a | b,
            BinaryOperator::BitAnd => |a, b| a & b,
            BinaryOperator::BitXor => |a, b| a ^ b,
            _ => return Ok(None),
        };
        let types = [e.ty(lhs), e.ty(rhs)];
        let class = types[0].enum_class().filter(|class| types[1].enum_class() == Some(*class));
        let (Some(class), [Some(a), Some(b)]) = (class.filter(|_| types[0].is_flag()), types.map(bits))
        else {
            return Ok(None);
        };
        let mut values: Vec<i128> = a.iter().flat_map(|a| b.iter().map(|b| combine(*a, *b))).collect();
        values.sort_unstable();
        values.dedup();
        let is_known = values.len() == 1;
        let mut found = Vec::with_capacity(values.len());
        for value in values {
            // What is no member raises when it runs.
            let Some(member) = self.env.enum_member(class, value) else { continue };
            let member = as_value(e, &member)?;
            found.push((e.member_value(member)?, e.ty(member)));
        }
        if let ([(_, member)], true) = (&*found, is_known) {
            return Ok(Some(e.b.unit(*member)));
        }
        let (lhs, rhs) = (e.member_value(lhs)?, e.member_value(rhs)?);
        let value = e.binary(op, lhs, rhs)?;
        e.member_by(&Lookup { members: &found, missing: IMPOSSIBLE }, value).map(Some)
    }

    /// `~flags`; `None` for other values.
    pub(crate) fn invert_flags(&mut self, e: &mut Emitter<'_>, flags: Value) -> Emit<Option<Value>> {
        let ty = e.ty(flags);
        let Some(class) = ty.enum_class().filter(|_| ty.is_flag()) else { return Ok(None) };
        let Some(values) = bits(ty) else { return Ok(None) };
        let mut found = Vec::with_capacity(values.len());
        for value in values {
            let Some(member) = self.env.inverted_member(class, value) else { return Ok(None) };
            let member = as_value(e, &member)?;
            found.push((e.b.unit(Type::literal_int(value)), e.ty(member)));
        }
        let value = e.member_value(flags)?;
        e.member_by(&Lookup { members: &found, missing: IMPOSSIBLE }, value).map(Some)
    }
}

fn as_value(e: &mut Emitter<'_>, member: &Constant) -> Emit<Value> {
    emit_constant(e, member).or_else(|unusable| unsupported_value(e, "a member of this enum", unusable))
}

/// The values of the flags that a value may be.
fn bits(ty: Type) -> Option<Vec<i128>> {
    let bits_of = |member: &Type| match member.kind() {
        TypeKind::EnumMember { value, .. } => value.as_literal_int(),
        _ => None,
    };
    ty.members()?.iter().map(bits_of).collect()
}
