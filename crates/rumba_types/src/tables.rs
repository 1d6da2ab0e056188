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
        TypeKind::None | TypeKind::Never => return Some(()),
        TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => 8,
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

/// The types of keys and values; of a set, the values are None.
pub fn entry_types(table: Type) -> Option<(Type, Type)> {
    match table.kind() {
        TypeKind::Dict(key, value) => Some((*key, *value)),
        TypeKind::Set(key) => Some((*key, Type::none())),
        _ => None,
    }
}

/// What the runtime knows of the entries of a dict or set (`rumba_runtime::containers::TableLayout`): size and owner words of
/// an entry, size and number of owner words of its key, and the parts of the key. `None` if the keys are none.
pub fn table_layout(table: Type) -> Option<Vec<u32>> {
    let (key, value) = entry_types(table)?;
    let mut key_parts = Vec::new();
    parts(key, &mut 0, &mut key_parts)?;
    let (key, value) = (key.slots(), value.storage());
    let mut words = vec![key.size + value.size, (key.owners.len() + value.owners.len()) as u32];
    words.extend(&key.owners);
    words.extend(value.owners.iter().map(|owner| key.size + owner));
    words.extend([key.size, key.owners.len() as u32, key_parts.len() as u32]);
    words.extend(key_parts.into_flattened());
    Some(words)
}
