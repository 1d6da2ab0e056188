//! How the entries of dicts and sets lie in memory, and what keys are hashed and compared by.

use crate::{FloatKind, Type, TypeKind};

/// The parts that keys of a type are hashed and compared by, with their distances from the start:
/// `rumba_runtime::containers::table`. `None` for what is no key.
fn parts(ty: Type, slot: &mut u32, parts: &mut Vec<[u32; 2]>) -> Option<()> {
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
            return ty.fields()?.into_iter().try_for_each(|field| self::parts(field, slot, parts));
        }
        _ => return None,
    };
    parts.push([kind, *slot * 8]);
    *slot += ty.scalars().len() as u32;
    Some(())
}

/// Whether values of a type are keys of dicts and items of sets.
pub fn is_key(ty: Type) -> bool {
    parts(ty, &mut 0, &mut Vec::new()).is_some()
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
    let mut key_parts = Vec::new();
    parts(key, &mut 0, &mut key_parts)?;
    let size = entry_size(key, value);
    let (key, value) = (key.slots(), value.storage());
    let mut words = vec![size, (key.owners.len() + value.owners.len()) as u32];
    words.extend(&key.owners);
    words.extend(value.owners.iter().map(|owner| key.size + owner));
    words.extend([key.size, key.owners.len() as u32, key_parts.len() as u32]);
    words.extend(key_parts.into_flattened());
    Some(words)
}
