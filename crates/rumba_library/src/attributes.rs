//! `value.name`.
//!
//! An attribute of a typed value is a declaration with one parameter whose path ends in the attribute's
//! name behind the sort of the value and a colon (`array:shape`); a method is one whose path has a dot there (`array.reshape`).
//! Attributes that come in groups have the group's path in front (`array.flags:c_contiguous`).

use crate::declaration::{Argument, lookup};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

/// What the declarations call values of this type.
fn sort(ty: Type) -> Option<&'static str> {
    Some(match ty.widen().kind() {
        TypeKind::Bool | TypeKind::Int(_) | TypeKind::Float(_) | TypeKind::Complex(_) => "number",
        TypeKind::Array(_) => "array",
        TypeKind::Tuple(_) | TypeKind::NamedTuple(..) => "tuple",
        TypeKind::Slice(_) => "slice",
        TypeKind::Range(_) => "range",
        TypeKind::DType(_) => "dtype",
        TypeKind::EnumMember { .. } => "enum",
        TypeKind::Exception(..) => "exception",
        _ => return None,
    })
}

impl Emitter<'_> {
    /// `value.name` of a value with a type of ours; modules are the environment's.
    pub fn attribute(&mut self, value: Value, name: &str) -> Emit {
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Optional(_) => {
                let value = self.plain(value);
                return self.attribute(value, name);
            }
            TypeKind::NamedTuple(class, _) => {
                if let Some(idx) = class.fields.iter().position(|field| &**field == name) {
                    return Ok(self.b.field(value, idx));
                }
            }
            TypeKind::EnumMember { value: literal, member, .. } => match name {
                "value" => return Ok(self.b.unit(*literal)),
                "name" => return Ok(self.b.unit(Type::literal_str(member))),
                _ => {}
            },
            // A group of attributes (`a.flags`, `np.iinfo(t)`) is bound to what they are about.
            TypeKind::Method(group, _) => {
                if let Some(declaration) = lookup(&format!("{group}:{name}")) {
                    let value = self.b.field(value, 0);
                    let receiver = Argument { keyword: None, value, span: self.span };
                    return declaration.call(self, &[receiver]);
                }
            }
            _ => {}
        }
        if let Some(sort) = sort(ty) {
            if let Some(declaration) = lookup(&format!("{sort}:{name}")) {
                let receiver = Argument { keyword: None, value, span: self.span };
                return declaration.call(self, &[receiver]);
            }
            if let Some(declaration) = lookup(&format!("{sort}.{name}")) {
                let value = self.materialise(value);
                let ty = TypeKind::Method(declaration.path.into(), self.ty(value)).into();
                return Ok(self.b.make(ty, vec![value]));
            }
        }
        if ty.as_array().is_some() && crate::arrays::methods::is_numpy_attribute(name) {
            return self.error(Code::UnsupportedFunction, format!("`{name}` of an array is not supported yet"));
        }
        self.error(Code::UnknownAttribute, format!("{} has no attribute `{name}`", ty.shown()))
    }
}
