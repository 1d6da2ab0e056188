//! Elements of a fixed number of characters, `U8` and `S4`: read as `str` and `bytes` without the zeros at their end, and
//! written as NumPy does, cut to what fits.

use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type};

impl Emitter<'_> {
    /// A copy of the element at an address: the memory may change while the text is in use.
    pub(crate) fn fixed_text_at(&mut self, address: Value, ty: Type) -> Value {
        let (length, kind) = ty.as_fixed_text().expect("an element of text");
        let length = self.b.int64(i64::from(length));
        self.call_kernel("read_element", kind, vec![address, length], kind)
    }

    pub(crate) fn store_fixed_text(&mut self, address: Value, ty: Type, value: Value) -> Emit<()> {
        let (length, kind) = ty.as_fixed_text().expect("an element of text");
        self.check_fixed_text(kind, self.ty(value), &format!("an element of {ty}"))?;
        let text = self.plain_value(value);
        let text = self.text_argument(text);
        let length = self.b.int64(i64::from(length));
        self.call_kernel("write_element", kind, vec![address, length, text], Type::none());
        Ok(())
    }

    /// Refuses what is not of this kind: `str` or `bytes`.
    pub(crate) fn check_fixed_text(&self, kind: Type, from: Type, place: &str) -> Emit<()> {
        let inner = match from.kind() {
            rumba_types::TypeKind::Optional(inner) => *inner,
            _ => from.widen(),
        };
        if inner == kind {
            return Ok(());
        }
        self.error(Code::CannotConvert, format!("{} cannot be stored as {place}", from.shown()))
    }

    /// `target[...] = value`, where value is a text or an array of texts, which broadcast.
    pub(crate) fn assign_fixed_text(&mut self, target: Value, value: Value) -> Emit<()> {
        let ty = self.array_type(target);
        let (_, kind) = ty.dtype.as_fixed_text().expect("elements of text");
        let value = self.scalar_of(value);
        let extents = self.extents(target);
        let Some(source_type) = self.ty(value).as_array() else {
            self.check_fixed_text(
                kind,
                self.ty(value),
                &format!("an element of {}", self.ty(target).shown()),
            )?;
            let text = self.plain_value(value);
            self.for_each_position(&extents, &[], |e, positions, _| {
                e.store_element(target, positions, text)?;
                Ok(vec![])
            })?;
            return Ok(());
        };
        if source_type.dtype.as_fixed_text().map(|(_, kind)| kind) != Some(kind) {
            let (from, into) = (self.ty(value).shown(), self.ty(target).shown());
            return self.error(Code::CannotConvert, format!("{from} cannot be stored into {into}"));
        }
        let [from, into] =
            [source_type.ndim, ty.ndim].map(|ndim| super::assign::shape_placeholders(usize::from(ndim)));
        let message = format!("could not broadcast input array from shape {from} into shape {into}");
        let strides = self.strides_for(value, &extents, &message)?;
        if source_type.dtype == ty.dtype {
            self.copy_elements(target, value, &strides);
            return Ok(());
        }
        // Of another width: the memories are not the same, or nothing of them changes.
        let source = self.stretched(value, &extents, &strides);
        self.for_each_position(&extents, &[], |e, positions, _| {
            let text = e.load_element(source, positions);
            e.store_element(target, positions, text)?;
            Ok(vec![])
        })?;
        Ok(())
    }

    /// The array with these extents, to which it broadcasts by the strides.
    fn stretched(&mut self, array: Value, extents: &[Value], strides: &[Value]) -> Value {
        let ty = self.array_type(array);
        let view = ArrayType { ndim: extents.len() as u8, layout: Layout::A, ..ty };
        self.view_as(array, view, extents, strides)
    }

    /// `lhs op rhs` of arrays of text, or of one and a text, element by element. `None` where neither is one, or where the
    /// other side is something else.
    pub(crate) fn compare_fixed_text(
        &mut self,
        op: CompareOp,
        lhs: Value,
        rhs: Value,
    ) -> Emit<Option<Value>> {
        let kind = |e: &Self, value: Value| match e.ty(value).as_array() {
            Some(array) => array.dtype.as_fixed_text().map(|(_, kind)| kind),
            None => Some(e.ty(value).widen()).filter(|ty| ty.is_text()),
        };
        let is_array = self.is_array(lhs) || self.is_array(rhs);
        if !is_array || kind(self, lhs).is_none() || kind(self, lhs) != kind(self, rhs) {
            return Ok(None);
        }
        let extents = self.broadcast_extents(&[lhs, rhs])?;
        let mut sides = Vec::new();
        for side in [lhs, rhs] {
            sides.push(match self.is_array(side) {
                true => {
                    let strides = self.strides_for(side, &extents, "the shapes were compared already")?;
                    self.stretched(side, &extents, &strides)
                }
                false => self.materialise(side),
            });
        }
        let result = self.allocate_array(Type::bool(), &extents, Layout::C, false)?;
        self.for_each_position(&extents, &[], |e, positions, _| {
            let texts: Vec<Value> = sides
                .iter()
                .map(|side| if e.is_array(*side) { e.load_element(*side, positions) } else { *side })
                .collect();
            let compared = e.compare_texts(op, texts[0], texts[1]);
            e.store_element(result, positions, compared)?;
            Ok(vec![])
        })?;
        Ok(Some(match extents.is_empty() {
            true => self.load_element(result, &[]),
            false => result,
        }))
    }
}
