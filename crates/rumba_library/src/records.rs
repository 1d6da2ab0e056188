//! Records: elements of structured arrays, their fields, and the fields of whole arrays.
//!
//! A record is a view of memory, as in NumPy: what is written to a field of `a[i]` is written to `a`. Fields may stand
//! at any address, so that they are read and written without regard to alignment.

use crate::declaration::{Declaration, Param};
use crate::numpy::dtypes::alignment;
use crate::numpy::reductions::{ALL, Axes};
use crate::operators::{BinaryOperator, Comparison};
use crate::{Emit, Emitter};
use rumba_ir::runtime_function::COPY_ELEMENTS;
use rumba_ir::{Access, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::layout::array_field::{DATA, OWNER};
use rumba_types::{ArrayType, Layout, RecordField, RecordLayout, RecordType, Type, TypeKind};

/// Records of at most so many bytes are copied in registers.
const SMALL: u64 = 64;

const SELF: &[Param] = &[Param::required("self")];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "record:dtype",
        params: SELF,
        doc: "The dtype.",
        rule: |e, call| {
            let layout = e.record_layout(call.args[0]);
            Ok(e.b.unit(TypeKind::DType(Type::record(layout.layout.clone())).into()))
        },
    },
    Declaration {
        path: "record:itemsize",
        params: SELF,
        doc: "Bytes of the record.",
        rule: |e, call| {
            let size = e.record_layout(call.args[0]).layout.item_size;
            Ok(e.literal_int(i128::from(size)))
        },
    },
    Declaration {
        path: "record.item",
        params: SELF,
        doc: "The fields as a tuple; those of records in it are tuples, too.",
        rule: |e, call| e.record_as_tuple(call.args[0]),
    },
    Declaration {
        path: "record.tolist",
        params: SELF,
        doc: "The fields as a tuple; those of records in it are tuples, too.",
        rule: |e, call| e.record_as_tuple(call.args[0]),
    },
    Declaration {
        path: "record.copy",
        params: SELF,
        doc: "A record of its own with the same fields.",
        rule: |e, call| {
            let layout = &e.record_layout(call.args[0]).layout;
            let copy = e.allocate_array(Type::record(layout.clone()), &[], Layout::C, false)?;
            e.store_element(copy, &[], call.args[0])?;
            Ok(e.load_element(copy, &[]))
        },
    },
];

/// Whether an index of this type names a field, or several as a list.
pub(crate) fn names_fields(index: Type) -> bool {
    let is_name = |ty: Type| ty.as_literal_str().is_some();
    is_name(index)
        || index.as_tuple().is_some_and(|names| !names.is_empty() && names.iter().all(|name| is_name(*name)))
}

impl Emitter<'_> {
    /// The type of a value that is known to be a record.
    fn record_layout(&self, record: Value) -> &'static RecordType {
        self.ty(record).as_record().expect("the caller checked that the value is a record")
    }

    /// What stands at an address in memory that `owner` keeps alive: a number is loaded, a record is referred to.
    pub(crate) fn value_at(
        &mut self,
        address: Value,
        owner: Value,
        ty: Type,
        readonly: bool,
        access: Access,
    ) -> Value {
        match ty.as_record() {
            Some(record) => {
                let ty = TypeKind::Record(RecordType { layout: record.layout.clone(), readonly });
                self.b.make(ty.into(), vec![address, owner])
            }
            None if ty.as_fixed_text().is_some() => self.fixed_text_at(address, ty),
            None => self.b.load(address, ty, access),
        }
    }

    /// Stores a value as an element of this type, converted as NumPy assigns.
    pub(crate) fn store_at(&mut self, address: Value, ty: Type, value: Value, access: Access) -> Emit<()> {
        let value = self.scalar_of(value);
        match ty.as_record() {
            Some(record) => self.store_record(address, &record.layout, value),
            None if ty.as_fixed_text().is_some() => self.store_fixed_text(address, ty, value),
            None => {
                let value = self.plain(value);
                let value = match ty.time_unit() {
                    Some(_) => self.cast_number(value, ty)?,
                    None => self.coerce(value, ty)?,
                };
                self.b.store(address, value, access);
                Ok(())
            }
        }
    }

    /// Assigns a record, a tuple with a value per field, or a number for every field.
    fn store_record(&mut self, address: Value, layout: &RecordLayout, value: Value) -> Emit<()> {
        let value = self.plain(value);
        let ty = self.ty(value);
        if let Some(record) = ty.as_record()
            && *record.layout == *layout
            && !layout.has_gaps()
        {
            let source = self.b.field(value, DATA);
            self.copy_record(address, source, layout.item_size);
            return Ok(());
        }
        for (field, value) in layout.fields.iter().zip(self.values_of_fields(layout, value)?) {
            let offset = self.b.int64(field.offset as i64);
            let address = self.b.offset(address, offset);
            self.store_field(address, field, value)?;
        }
        Ok(())
    }

    /// What each field is assigned where records of this layout are assigned `value`.
    fn values_of_fields(&mut self, layout: &RecordLayout, value: Value) -> Emit<Vec<Value>> {
        let ty = self.ty(value);
        let n_fields = layout.fields.len();
        let shown = Type::record(layout.clone().into());
        let n_values = match ty.kind() {
            // Other fields are assigned by their position.
            TypeKind::Record(record) => record.layout.fields.len(),
            TypeKind::Array(array) if array.dtype.as_record().is_some() => {
                array.dtype.as_record().map_or(0, |record| record.layout.fields.len())
            }
            TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) => elements.len(),
            _ if ty.widen().is_number() || ty.time_unit().is_some() => return Ok(vec![value; n_fields]),
            _ => {
                let message = format!("{} cannot be stored as {shown}", ty.shown());
                let diagnostic = self.diagnostic(Code::CannotConvert, message);
                return Err(diagnostic
                    .note("a record is assigned a record, a tuple with a value for each field, or a number for all")
                    .into());
            }
        };
        if n_values != n_fields {
            let message = format!("{n_values} values cannot be stored in the {n_fields} fields of {shown}");
            return self.error(Code::CannotConvert, message);
        }
        (0..n_fields)
            .map(|idx| match ty.as_tuple() {
                Some(_) => Ok(self.b.field(value, idx)),
                None => Ok(self.field_at(value, idx)),
            })
            .collect()
    }

    fn store_field(&mut self, address: Value, field: &RecordField, value: Value) -> Emit<()> {
        if field.shape.is_empty() {
            if field.ty.as_record().is_none() {
                let value = self.scalar_of(value);
                self.check_storable(field.ty, value, &format!("field `{}`, {}", field.name, field.ty))?;
            }
            return self.store_at(address, field.ty, value, Access::aligned(false));
        }
        // Whoever gave the address keeps the memory alive.
        let nobody = self.b.address(0);
        let view = self.array_in_field(address, nobody, field, false);
        self.assign_array(view, value)
    }

    /// All bytes, padding included; the memory may be the same.
    fn copy_record(&mut self, target: Value, source: Value, item_size: u64) {
        if item_size > SMALL {
            let geometry = self.b.pack(vec![]);
            let ndim = self.b.int64(0);
            let item_size = self.b.int64(item_size as i64);
            let args = vec![target, source, geometry, ndim, item_size];
            self.b.call_runtime(&COPY_ELEMENTS, args, Type::none(), None);
            return;
        }
        let mut pieces = Vec::new();
        let mut offset = 0;
        for bits in [64, 32, 16, 8] {
            let size = u64::from(bits) / 8;
            while item_size - offset >= size {
                let distance = self.b.int64(offset as i64);
                let address = self.b.offset(source, distance);
                let piece = self.b.load(address, Type::int(bits, false), Access::aligned(false));
                pieces.push((distance, piece));
                offset += size;
            }
        }
        for (distance, piece) in pieces {
            let address = self.b.offset(target, distance);
            self.b.store(address, piece, Access::aligned(false));
        }
    }

    /// The array in a field that stands at an address.
    fn array_in_field(&mut self, address: Value, owner: Value, field: &RecordField, readonly: bool) -> Value {
        let extents: Vec<Value> = field.shape.iter().map(|extent| self.b.int64(*extent as i64)).collect();
        let ty = ArrayType {
            dtype: field.ty,
            ndim: extents.len() as u8,
            layout: Layout::C,
            readonly,
            aligned: alignment(field.ty) == 1,
        };
        self.make_array(ty, address, owner, &extents, &[])
    }

    /// A field of a record, or of all records of an array as a view.
    pub(crate) fn field_at(&mut self, value: Value, idx: usize) -> Value {
        let Some(array) = self.ty(value).as_array() else {
            let record = self.record_layout(value);
            let field = &record.layout.fields[idx];
            let (address, owner) = (self.b.field(value, DATA), self.b.field(value, OWNER));
            let offset = self.b.int64(field.offset as i64);
            let address = self.b.offset(address, offset);
            return match field.shape.is_empty() {
                true => self.value_at(address, owner, field.ty, record.readonly, Access::aligned(false)),
                false => self.array_in_field(address, owner, field, record.readonly),
            };
        };
        let record = array.dtype.as_record().expect("the caller checked that the elements are records");
        let field = &record.layout.fields[idx];
        let (mut extents, mut strides) = (self.extents(value), self.strides(value));
        // Nothing moves the address of what is empty.
        let size = self.product(&extents);
        let is_empty = self.is_zero(size);
        let zero = self.b.int64(0);
        let offset = self.b.int64(field.offset as i64);
        let offset = self.b.select(is_empty, zero, offset);
        let (address, owner) = (self.array_data(value), self.array_owner(value));
        let address = self.b.offset(address, offset);
        let inner: Vec<Value> = field.shape.iter().map(|extent| self.b.int64(*extent as i64)).collect();
        strides.extend(self.contiguous_strides(&inner, field.ty, Layout::C));
        extents.extend(inner);
        let view = ArrayType {
            dtype: field.ty,
            ndim: extents.len() as u8,
            layout: if array.ndim == 0 { Layout::C } else { Layout::A },
            readonly: array.readonly,
            aligned: alignment(field.ty) == 1,
        };
        self.make_array(view, address, owner, &extents, &strides)
    }

    /// The fields that records of this type have; `None` for what has none.
    pub(crate) fn fields_of(&self, ty: Type) -> Option<&'static RecordLayout> {
        let record = ty.as_array().map_or(ty, |array| array.dtype).as_record()?;
        Some(&record.layout)
    }

    /// The fields of a record in order.
    pub(crate) fn fields_of_record(&mut self, record: Value) -> Vec<Value> {
        let n_fields = self.record_layout(record).layout.fields.len();
        (0..n_fields).map(|idx| self.field_at(record, idx)).collect()
    }

    /// A record as a tuple of its own: what is written to the record later does not change it.
    pub(crate) fn record_as_tuple(&mut self, record: Value) -> Emit {
        let mut parts = Vec::new();
        for field in self.fields_of_record(record) {
            parts.push(match self.ty(field).kind() {
                TypeKind::Record(_) => self.record_as_tuple(field)?,
                TypeKind::Array(_) => self.copy_array(field, Layout::C)?,
                _ => field,
            });
        }
        Ok(self.tuple(parts))
    }

    /// The arrays of numbers by which arrays of records are sorted, the first of which decides: those of the fields that are
    /// named, and of all others in their order.
    pub(crate) fn sort_keys_of_records(&mut self, array: Value, named: &[&str]) -> Emit<Vec<Value>> {
        let ty = self.ty(array);
        let layout = self.fields_of(ty).expect("the caller checked that the elements are records");
        let mut positions = Vec::with_capacity(layout.fields.len());
        for name in named {
            let Some(position) = layout.position(name) else {
                return Err(self.no_field(ty, layout, name).into());
            };
            if positions.contains(&position) {
                return self.error(Code::ArgumentValue, format!("duplicate field name: {name}"));
            }
            positions.push(position);
        }
        let others: Vec<usize> =
            (0..layout.fields.len()).filter(|position| !positions.contains(position)).collect();
        positions.extend(others);
        let mut keys = Vec::new();
        for position in positions {
            let field = &layout.fields[position];
            if !field.shape.is_empty() {
                let message =
                    format!("records are not sorted by `{}`, which is an array in each", field.name);
                return self.error(Code::ArgumentType, message);
            }
            let values = self.field_at(array, position);
            match field.ty.as_record() {
                Some(_) => keys.extend(self.sort_keys_of_records(values, &[])?),
                None => keys.push(values),
            }
        }
        Ok(keys)
    }

    /// The position of the field that a constant names, or numbers in a record.
    fn field_position(&self, value: Value, key: Value) -> Emit<usize> {
        let (ty, key_type) = (self.ty(value), self.ty(key));
        let layout = self.fields_of(ty).expect("the caller checked that there are fields");
        if let Some(name) = key_type.as_literal_str() {
            return layout.position(name).ok_or_else(|| self.no_field(ty, layout, name).into());
        }
        let n_fields = layout.fields.len();
        if let Some(literal) = key_type.as_literal_int() {
            let position = if literal < 0 { literal + n_fields as i128 } else { literal };
            return match usize::try_from(position) {
                Ok(position) if position < n_fields => Ok(position),
                _ => self.error(
                    Code::IndexConstant,
                    format!("index {literal} is out of range for a record of {n_fields} fields"),
                ),
            };
        }
        let message =
            format!("a field of {} is named by a constant, not by {}", ty.shown(), key_type.shown());
        let diagnostic = self.diagnostic(Code::IndexType, message);
        Err(diagnostic
            .note("fields have types of their own: which one it is must be known when compiling")
            .into())
    }

    fn no_field(&self, ty: Type, layout: &RecordLayout, name: &str) -> Diagnostic {
        let names: Vec<&str> = layout.fields.iter().map(|field| &*field.name).collect();
        let message = format!("{} has no field `{name}`", ty.shown());
        let diagnostic = self.diagnostic(Code::UnknownAttribute, message);
        diagnostic.note(format!("its fields are {}", names.join(", ")))
    }

    /// Records with some of the fields, in the same memory; `None` where the key is no list of names.
    fn selected_fields(&mut self, value: Value, key: Value) -> Emit<Option<Value>> {
        let Some(names) = self.ty(key).as_tuple().filter(|_| names_fields(self.ty(key))) else {
            return Ok(None);
        };
        let ty = self.ty(value);
        let layout = self.fields_of(ty).expect("the caller checked that there are fields");
        let mut positions = Vec::with_capacity(names.len());
        for name in names.iter().filter_map(|name| name.as_literal_str()) {
            let position = layout.position(name).ok_or_else(|| self.no_field(ty, layout, name))?;
            if positions.contains(&position) {
                return self.error(Code::IndexConstant, format!("duplicate field of name `{name}`"));
            }
            positions.push(position);
        }
        let selected = layout.selection(&positions);
        if let Some(array) = ty.as_array() {
            let view = ArrayType { dtype: Type::record(selected.into()), ..array };
            let (extents, strides) = (self.extents(value), self.strides(value));
            return Ok(Some(self.view_as(value, view, &extents, &strides)));
        }
        let record = RecordType { layout: selected.into(), readonly: self.record_layout(value).readonly };
        let (address, owner) = (self.b.field(value, DATA), self.b.field(value, OWNER));
        Ok(Some(self.b.make(TypeKind::Record(record).into(), vec![address, owner])))
    }

    /// `value[key]` of a record, or of an array of records by a name or several.
    pub(crate) fn field_item(&mut self, value: Value, key: Value) -> Emit {
        if let Some(records) = self.selected_fields(value, key)? {
            return Ok(records);
        }
        let position = self.field_position(value, key)?;
        Ok(self.field_at(value, position))
    }

    /// `value[key] = new` of a record by a name, or of an array of records by a name or several.
    pub(crate) fn set_field_item(&mut self, value: Value, key: Value, new: Value) -> Emit<()> {
        if self.is_array(value)
            && let Some(target) = self.selected_fields(value, key)?
        {
            self.check_writable(target)?;
            return self.assign_array(target, new);
        }
        let position = self.field_position(value, key)?;
        self.set_field(value, position, new)
    }

    /// `value.name = new`.
    pub fn store_attribute(&mut self, value: Value, name: &str, new: Value) -> Emit<()> {
        let ty = self.ty(value);
        if let TypeKind::Optional(_) = ty.kind() {
            let value = self.plain(value);
            return self.store_attribute(value, name, new);
        }
        let is_complex = ty.as_array().is_some_and(|array| array.dtype.is_complex());
        if name == "real" && ty.as_array().is_some_and(|array| array.dtype.is_number())
            || name == "imag" && is_complex
        {
            self.check_writable(value)?;
            let part = if name == "real" { self.real_part(value)? } else { self.imaginary_part(value)? };
            return self.assign_array(part, new);
        }
        match self.fields_of(ty) {
            Some(layout) => match layout.position(name) {
                Some(position) => self.set_field(value, position, new),
                None => Err(self.no_field(ty, layout, name).into()),
            },
            None => self.error(
                Code::UnsupportedStatement,
                format!("attributes of {} cannot be assigned", ty.shown()),
            ),
        }
    }

    fn set_field(&mut self, value: Value, position: usize, new: Value) -> Emit<()> {
        if self.is_array(value) {
            self.check_writable(value)?;
            let view = self.field_at(value, position);
            return self.assign_array(view, new);
        }
        let record = self.record_layout(value);
        if record.readonly {
            let diagnostic = self.diagnostic(Code::ReadOnly, "the record is read-only");
            return Err(diagnostic.note("it is part of an array, or of a record, that is").into());
        }
        let field = &record.layout.fields[position];
        let address = self.b.field(value, DATA);
        let offset = self.b.int64(field.offset as i64);
        let address = self.b.offset(address, offset);
        self.store_field(address, field, new)
    }

    /// Assigns records, tuples or numbers to every element of an array of records.
    pub(crate) fn assign_records(&mut self, target: Value, layout: &RecordLayout, value: Value) -> Emit<()> {
        let value = self.scalar_of(value);
        let value = if self.is_array(value) { value } else { self.plain(value) };
        let source = match self.fields_of(self.ty(value)) {
            // What belongs to no field here may be a field of records that these are part of.
            Some(other) if *other == *layout && !layout.has_gaps() => self.as_array_of_records(value),
            _ => {
                // Other fields of the same records may be assigned: all are read before any is written.
                let is_other =
                    self.fields_of(self.ty(value)).is_some_and(|other| other.fields != layout.fields);
                let value = match self.is_array(value) && is_other {
                    true => self.copy_array(value, Layout::C)?,
                    false => value,
                };
                for (idx, value) in self.values_of_fields(layout, value)?.into_iter().enumerate() {
                    let view = self.field_at(target, idx);
                    self.assign_array(view, value)?;
                }
                return Ok(());
            }
        };
        let (source_ndim, ndim) = (self.array_type(source).ndim, self.array_type(target).ndim);
        let [from, into] =
            [source_ndim, ndim].map(|ndim| crate::arrays::assign::shape_placeholders(usize::from(ndim)));
        let message = format!("could not broadcast input array from shape {from} into shape {into}");
        let extents = self.extents(target);
        let strides = self.strides_for(source, &extents, &message)?;
        self.copy_elements(target, source, &strides);
        Ok(())
    }

    /// A record as an array without axes; arrays as they are.
    pub(crate) fn as_array_of_records(&mut self, value: Value) -> Value {
        let Some(record) = self.ty(value).as_record() else { return value };
        let ty = ArrayType {
            dtype: Type::record(record.layout.clone()),
            ndim: 0,
            layout: Layout::C,
            readonly: record.readonly,
            aligned: true,
        };
        let (data, owner) = (self.b.field(value, DATA), self.b.field(value, OWNER));
        self.make_array(ty, data, owner, &[], &[])
    }

    /// `lhs == rhs` or `!=` of records, or of arrays of them element by element: all fields are equal. `None` where the
    /// fields differ.
    pub(crate) fn compare_records(&mut self, op: Comparison, lhs: Value, rhs: Value) -> Emit<Option<Value>> {
        let (Some(layout), Some(other)) = (self.fields_of(self.ty(lhs)), self.fields_of(self.ty(rhs))) else {
            return Ok(None);
        };
        if layout.fields != other.fields || !matches!(op, Comparison::Eq | Comparison::Ne) {
            return Ok(None);
        }
        let rank = |e: &Self, value: Value| e.ty(value).as_array().map_or(0, |array| array.ndim);
        let ndim = usize::from(rank(self, lhs).max(rank(self, rhs)));
        let mut equal = self.b.bool(true);
        for (idx, field) in layout.fields.iter().enumerate() {
            let (mut a, mut b) = (self.field_at(lhs, idx), self.field_at(rhs, idx));
            // Arrays in fields stand behind the axes that broadcast.
            for (side, value) in [(&mut a, lhs), (&mut b, rhs)] {
                let own = usize::from(rank(self, value));
                if self.is_array(*side) && own < ndim {
                    *side = self.with_leading_axes(*side, ndim - own);
                }
            }
            let mut here = match field.ty.as_record() {
                Some(_) => self.compare_records(Comparison::Eq, a, b)?.expect("the fields are the same"),
                None => self.comparison(Comparison::Eq, a, b)?,
            };
            if !field.shape.is_empty() {
                let mut reduced = vec![false; ndim];
                reduced.resize(ndim + field.shape.len(), true);
                here = self.fold(&ALL, here, &Axes::Known(reduced), false, None)?;
            }
            equal = match self.is_array(here) || self.is_array(equal) {
                true => self.binary(BinaryOperator::BitAnd, equal, here)?,
                false => {
                    let here = self.coerce(here, Type::bool())?;
                    self.b.and(equal, here)
                }
            };
        }
        match op {
            Comparison::Eq => Ok(Some(equal)),
            _ if self.is_array(equal) => self.unary(crate::operators::UnaryOperator::Invert, equal).map(Some),
            _ => Ok(Some(self.b.not(equal))),
        }
    }

    fn with_leading_axes(&mut self, array: Value, n_axes: usize) -> Value {
        let ty = self.array_type(array);
        let (zero, one) = (self.b.int64(0), self.b.int64(1));
        let extents = [vec![one; n_axes], self.extents(array)].concat();
        let strides = [vec![zero; n_axes], self.strides(array)].concat();
        let view = ArrayType { ndim: extents.len() as u8, layout: Layout::A, ..ty };
        self.view_as(array, view, &extents, &strides)
    }
}
