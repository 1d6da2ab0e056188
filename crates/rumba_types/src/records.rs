//! Structured dtypes: what the elements of record arrays consist of.
//!
//! Two layouts are one type where NumPy calls their dtypes equal and both have scalars of the same class, whichever
//! dtype object they were read from.

use crate::{ObjectId, Type, TypeKind};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A record that stands in memory: an element of an array, or what a NumPy scalar refers to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RecordType {
    pub layout: Arc<RecordLayout>,
    /// Whether its fields cannot be assigned. Element types are writable: it is the array that is read-only.
    pub readonly: bool,
}

/// A structured dtype.
#[derive(Clone, Debug)]
pub struct RecordLayout {
    pub fields: Vec<RecordField>,
    /// Bytes from one record to the next, padding included.
    pub item_size: u64,
    /// Whether its scalars are `np.record`, and its arrays `np.recarray`.
    pub is_np_record: bool,
    /// A dtype object with these fields.
    pub dtype: ObjectId,
    /// Whether the dtype object may have other fields too, or these in another order.
    pub is_selection: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RecordField {
    pub name: Arc<str>,
    /// A second name of the field.
    pub title: Option<Arc<str>>,
    /// The type of the field, or of the elements of the array in it.
    pub ty: Type,
    /// The shape of the array in the field. Nothing where it has none.
    pub shape: Vec<u64>,
    /// Bytes from the beginning of the record.
    pub offset: u64,
}

impl RecordLayout {
    /// The position of the field that has this name or title.
    pub fn position(&self, name: &str) -> Option<usize> {
        let by_name = self.fields.iter().position(|field| &*field.name == name);
        by_name.or_else(|| self.fields.iter().position(|field| field.title.as_deref() == Some(name)))
    }

    /// Records of the same size with some of the fields, in this order.
    pub fn selection(&self, positions: &[usize]) -> RecordLayout {
        let fields = positions.iter().map(|position| self.fields[*position].clone()).collect();
        RecordLayout { fields, is_selection: true, ..self.clone() }
    }

    /// Whether bytes of a record belong to no field.
    pub fn has_gaps(&self) -> bool {
        let bytes_of = |field: &RecordField| field.ty.item_size() * field.shape.iter().product::<u64>();
        let is_record_with_gaps =
            |field: &RecordField| field.ty.as_record().is_some_and(|inner| inner.layout.has_gaps());
        // Fields may share bytes; then more than these are missing.
        let mut ranges: Vec<(u64, u64)> =
            self.fields.iter().map(|field| (field.offset, field.offset + bytes_of(field))).collect();
        ranges.sort_unstable();
        let covered =
            ranges.into_iter().fold(0, |end, (start, next)| if start > end { end } else { end.max(next) });
        covered < self.item_size || self.fields.iter().any(is_record_with_gaps)
    }

    fn identity(&self) -> (&[RecordField], u64, bool) {
        (&self.fields, self.item_size, self.is_np_record)
    }
}

impl PartialEq for RecordLayout {
    fn eq(&self, other: &RecordLayout) -> bool {
        self.identity() == other.identity()
    }
}
impl Eq for RecordLayout {}
impl Hash for RecordLayout {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl RecordField {
    /// Bytes that the field takes.
    pub fn size(&self) -> u64 {
        self.shape.iter().product::<u64>() * self.ty.item_size()
    }
}

impl Type {
    /// The element type of arrays of records.
    pub fn record(layout: Arc<RecordLayout>) -> Type {
        TypeKind::Record(RecordType { layout, readonly: false }).into()
    }

    pub fn as_record(self) -> Option<&'static RecordType> {
        match self.kind() {
            TypeKind::Record(record) => Some(record),
            _ => None,
        }
    }
}
