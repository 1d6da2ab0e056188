//! `value.name`.
//!
//! An attribute of a typed value is a declaration with one parameter whose path ends in the attribute's
//! name behind the sort of the value and a colon (`array:shape`); a method is one whose path has a dot there (`array.reshape`).
//! Attributes that come in groups have the group's path in front (`array.flags:c_contiguous`).

use crate::declaration::{Argument, declarations, lookup};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{FunctionRef, IteratorKind, Type, TypeKind};

/// What the declarations call values of this type.
fn sort(ty: Type) -> Option<&'static str> {
    Some(match ty.widen().kind() {
        TypeKind::Bool | TypeKind::Int(_) | TypeKind::Float(_) | TypeKind::Complex(_) => "number",
        TypeKind::Array(_) => "array",
        TypeKind::Record(_) => "record",
        TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => "time",
        TypeKind::Generator => "generator",
        TypeKind::GeneratorIterator(_) => "generator_iterator",
        TypeKind::CPointer(_) => "pointer",
        TypeKind::Str => "str",
        TypeKind::Bytes => "bytes",
        TypeKind::List(_) => "list",
        TypeKind::Deque(_) => "deque",
        TypeKind::Dict(_, _, kind) => kind.name(),
        TypeKind::MixedList(_) => "mixed_list",
        TypeKind::MixedDict(..) => "mixed_dict",
        TypeKind::Keywords(..) => "keywords",
        TypeKind::Set(_, true) => "frozenset",
        TypeKind::Set(..) => "set",
        TypeKind::Tuple(_) => "tuple",
        TypeKind::NamedTuple(..) => "namedtuple",
        TypeKind::Slice(_) => "slice",
        TypeKind::Iterator(IteratorKind::Keys | IteratorKind::Entries, _) => "view",
        TypeKind::Range(_) => "range",
        TypeKind::DType(_) => "dtype",
        TypeKind::EnumMember { .. } => "enum",
        TypeKind::Exception(..) | TypeKind::CaughtException => "exception",
        _ => return None,
    })
}

/// With those whose declarations are this one's as well.
fn sorts(ty: Type) -> impl Iterator<Item = &'static str> {
    let more = match ty.kind() {
        TypeKind::NamedTuple(..) | TypeKind::MixedList(_) => Some("tuple"),
        _ => ty.dict_kind().map(|_| "dict"),
    };
    let own = sort(ty);
    own.into_iter().chain(more.filter(move |more| Some(*more) != own))
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
            TypeKind::CaughtException => {
                let message = format!("`{name}` of a caught exception is not known in compiled code");
                let diagnostic = self.diagnostic(Code::UnknownAttribute, message);
                let note = "it can be raised again, be the cause of another one, be printed and returned; what it was \
                            given has to be kept in variables";
                return Err(diagnostic.note(note).into());
            }
            TypeKind::Exception(_, types) if name == "args" => {
                let args = (0..types.len()).map(|idx| self.b.field(value, idx)).collect();
                return Ok(self.tuple(args));
            }
            TypeKind::NamedTupleClass(class) if name == "_fields" => return Ok(self.field_names(class)),
            TypeKind::NamedTupleClass(_) if name == "_make" => {
                let ty = TypeKind::Method("namedtuple._make".into(), ty).into();
                return Ok(self.b.make(ty, vec![value]));
            }
            TypeKind::NamedTuple(class, _) => {
                if let Some(idx) = class.fields.iter().position(|field| &**field == name) {
                    return Ok(self.b.field(value, idx));
                }
            }
            TypeKind::Struct(ty) => {
                if let Some(idx) = ty.fields.iter().position(|field| &**field == name) {
                    return Ok(self.b.field(value, idx));
                }
            }
            TypeKind::Record(record) => {
                if let Some(position) = record.layout.position(name) {
                    return Ok(self.field_at(value, position));
                }
            }
            _ if ty.members().is_some() && name == "value" => return self.member_value(value),
            _ if ty.members().is_some() && name == "name" => return self.member_name(value),
            // A method of a function (`np.add.reduce`) is a function with a path of its own.
            TypeKind::Function(FunctionRef::Library(path)) => {
                if let Some(declaration) = lookup(&format!("{path}.{name}")) {
                    let function = FunctionRef::Library(declaration.path.into());
                    return Ok(self.b.unit(TypeKind::Function(function).into()));
                }
            }
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
        for sort in sorts(ty) {
            if let Some(declaration) = lookup(&format!("{sort}:{name}")) {
                let receiver = Argument { keyword: None, value, span: self.span };
                return declaration.call(self, &[receiver]);
            }
            if let Some(declaration) = lookup(&format!("{sort}.{name}")) {
                // Templates are read when compiling.
                let value = if ty.is_str() { value } else { self.materialise(value) };
                let ty = TypeKind::Method(declaration.path.into(), self.ty(value)).into();
                return Ok(self.b.make(ty, vec![value]));
            }
        }
        if let Some(position) = self.fields_of(ty).and_then(|layout| layout.position(name)) {
            return Ok(self.field_at(value, position));
        }
        let of_whom = match ty.kind() {
            TypeKind::Array(_) if crate::arrays::methods::is_numpy_attribute(name) => Some("an array"),
            _ => None,
        };
        if let Some(of_whom) = of_whom {
            return self
                .error(Code::UnsupportedFunction, format!("`{name}` of {of_whom} is not supported yet"));
        }
        let diagnostic =
            self.diagnostic(Code::UnknownAttribute, format!("{} has no attribute `{name}`", ty.shown()));
        Err(match (closest_attribute(ty, name), ty.kind()) {
            (Some(known), _) => diagnostic.note(format!("did you mean `{known}`?")).into(),
            (None, TypeKind::NamedTuple(class, _)) => {
                diagnostic.note(format!("its fields are {}", class.fields.join(", "))).into()
            }
            (None, TypeKind::Struct(ty)) => {
                diagnostic.note(format!("its fields are {}", ty.fields.join(", "))).into()
            }
            (None, _) => match self.fields_of(ty) {
                Some(layout) => {
                    let names: Vec<&str> = layout.fields.iter().map(|field| &*field.name).collect();
                    diagnostic.note(format!("its fields are {}", names.join(", "))).into()
                }
                None => diagnostic.into(),
            },
        })
    }
}

/// The attribute of this type that `name` is probably a misspelling of.
fn closest_attribute(ty: Type, name: &str) -> Option<String> {
    let element = ty.as_array().map_or(ty, |array| array.dtype);
    let fields = match element.kind() {
        TypeKind::NamedTuple(class, _) => class.fields.iter().map(|field| field.to_string()).collect(),
        TypeKind::Record(record) => record.layout.fields.iter().map(|field| field.name.to_string()).collect(),
        _ => Vec::new(),
    };
    closest(name, sorts(ty).flat_map(declared_under).map(str::to_string).chain(fields))
}

/// The supported function of this module that `name` is probably a misspelling of.
pub fn closest_in_module(module: &str, name: &str) -> Option<String> {
    closest(name, declared_under(module).map(str::to_string))
}

/// `sqrt` for `math`, `reshape` and `shape` for `array`.
fn declared_under(prefix: &str) -> impl Iterator<Item = &'static str> {
    declarations()
        .filter_map(move |declaration| declaration.path.strip_prefix(prefix)?.strip_prefix(['.', ':']))
}

/// The candidate that `name` is probably a misspelling of.
pub fn closest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let (distance, closest) =
        candidates.map(|candidate| (edit_distance(&candidate, name), candidate)).min()?;
    (distance <= name.chars().count() / 3).then_some(closest)
}

/// The number of characters to insert, remove, replace, or swap with their neighbours.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // Rows for the prefixes of `a`: the one before last, the last, the current.
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_attribute_is_named() {
        assert_eq!(closest_attribute(Type::int64(), "bit_lenght").as_deref(), Some("bit_length"));
        assert_eq!(closest_attribute(Type::int64(), "reel").as_deref(), Some("real"));
        assert_eq!(closest_attribute(Type::int64(), "no_such"), None);
        assert_eq!(closest_in_module("math", "sqr").as_deref(), Some("sqrt"));
    }

    #[test]
    fn edit_distances() {
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
        assert_eq!(edit_distance("shpae", "shape"), 1);
    }
}
