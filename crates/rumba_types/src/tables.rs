//! How the entries of dicts and sets lie in memory, and what keys are hashed and compared by.

use crate::{Equality, FloatKind, InstanceClass, Type, TypeKind};

/// Of an instance that is hashed and compared by its fields, with the number of their parts, which follow.
const FIELDS: u32 = 64;

/// The parts that keys of a type are hashed and compared by, with their distances from the start:
/// `rumba_runtime::containers::table`. `None` for what is no key.
fn parts(ty: Type) -> Option<Vec<[u32; 2]>> {
    let mut parts = Vec::new();
    add_parts(ty, &mut (0..).step_by(8), &mut Vec::new(), &mut parts)?;
    Some(parts)
}

/// Adds the parts of a value whose scalars are at these offsets, within instances of these classes.
fn add_parts(
    ty: Type,
    offsets: &mut dyn Iterator<Item = u32>,
    within: &mut Vec<&'static InstanceClass>,
    parts: &mut Vec<[u32; 2]>,
) -> Option<()> {
    let kind = match ty.kind() {
        TypeKind::Bool => 1,
        TypeKind::Int(kind) => u32::from(kind.bits / 8),
        TypeKind::Float(FloatKind::F32) => 14,
        TypeKind::Float(FloatKind::F64) => 18,
        TypeKind::Str => 32,
        TypeKind::Bytes => 24,
        // A frozenset is hashed and compared by its table, which knows what its items are.
        TypeKind::Set(_, true) => 40,
        TypeKind::None | TypeKind::Never | TypeKind::EnumMember { is_int: false, .. } => return Some(()),
        TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => 8,
        // The number of the member.
        TypeKind::OneOf(_) if ty.members().is_some() => 8,
        TypeKind::Complex(_) | TypeKind::Tuple(_) | TypeKind::NamedTuple(..) => {
            return ty.fields()?.into_iter().try_for_each(|field| add_parts(field, offsets, within, parts));
        }
        TypeKind::Instance(class) => match class.equality()? {
            Equality::Identity => 48,
            // An instance in one of its own class could only refer to itself.
            Equality::Fields { compared, hashed: Some(_) } if !within.contains(class) => {
                let place = offsets.next()?;
                let first = parts.len();
                parts.push([FIELDS, place]);
                within.push(class);
                for (position, field) in class.fields()?.iter().enumerate() {
                    if compared.contains(&field.name) {
                        add_parts(field.ty, &mut class.offsets(position).into_iter(), within, parts)?;
                    }
                }
                within.pop();
                parts[first][0] += (parts.len() - first - 1) as u32;
                return Some(());
            }
            Equality::Fields { .. } => return None,
        },
        _ => return None,
    };
    parts.push([kind, offsets.next()?]);
    // The other scalars of a text.
    offsets.take(ty.scalars().len() - 1).for_each(|_| {});
    Some(())
}

/// Whether values of a type are keys of dicts and items of sets.
pub fn is_key(ty: Type) -> bool {
    parts(ty).is_some()
}

/// What values of a type are ordered by, in the memory of a list (`rumba_runtime::containers::sorting`): the number of parts, and
/// for each what it is and where. `None` for what has no order.
pub fn order(ty: Type) -> Option<Vec<u32>> {
    fn add(ty: Type, offsets: &mut impl Iterator<Item = u32>, parts: &mut Vec<u32>) -> Option<()> {
        let kind = match ty.kind() {
            TypeKind::Bool => 1,
            TypeKind::Int(kind) => u32::from(kind.bits / 8) + if kind.signed { 100 } else { 0 },
            TypeKind::Float(FloatKind::F32) => 14,
            TypeKind::Float(FloatKind::F64) => 18,
            TypeKind::Str => 32,
            TypeKind::Bytes => 24,
            TypeKind::Never => return Some(()),
            TypeKind::Tuple(_) | TypeKind::NamedTuple(..) => {
                return ty.fields()?.into_iter().try_for_each(|field| add(field, offsets, parts));
            }
            _ => return None,
        };
        parts.extend([kind, offsets.next()?]);
        // The other scalars of a text.
        offsets.by_ref().take(ty.scalars().len() - 1).for_each(|_| {});
        Some(())
    }
    let mut parts = Vec::new();
    add(ty, &mut ty.storage().offsets.into_iter(), &mut parts)?;
    parts.insert(0, parts.len() as u32 / 2);
    Some(parts)
}

/// The types of keys and values; of a set, the values are None.
pub fn entry_types(table: Type) -> Option<(Type, Type)> {
    match table.kind() {
        TypeKind::Dict(key, value, _) => Some((*key, *value)),
        TypeKind::Set(key, _) => Some((*key, Type::none())),
        _ => None,
    }
}

/// The bytes of a key with its value.
pub fn entry_size(key: Type, value: Type) -> u32 {
    (key.slots().size + value.storage().size).next_multiple_of(8)
}

/// What the runtime knows of the entries of a dict or set (`rumba_runtime::containers::TableLayout`): size and owner words of
/// an entry, size and number of owner words of its key, and the parts of the key. `None` if the keys are none.
pub fn table_layout(table: Type) -> Option<Vec<u32>> {
    let (key, value) = entry_types(table)?;
    let key_parts = parts(key)?;
    let size = entry_size(key, value);
    let (key, value) = (key.slots(), value.storage());
    let mut words = vec![size, (key.owners.len() + value.owners.len()) as u32];
    words.extend(&key.owners);
    words.extend(value.owners.iter().map(|owner| key.size + owner));
    words.extend([key.size, key.owners.len() as u32, key_parts.len() as u32]);
    words.extend(key_parts.into_flattened());
    Some(words)
}
