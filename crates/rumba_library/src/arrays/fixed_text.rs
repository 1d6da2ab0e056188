//! Elements of a fixed number of characters, `U8` and `S4`: read as `str` and `bytes` without the zeros at their end, and
//! written as NumPy does, cut to what fits.

use super::creation::extents_of_nested;
use crate::admitted_elements::takes_any_elements;
use crate::{Call, Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, Layout, Type, TypeKind};

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

    /// An array of text as kernels take it: a view, and the number of characters.
    pub(crate) fn elements_of_text(&mut self, array: Value) -> Vec<Value> {
        let (length, _) = self.array_type(array).dtype.as_fixed_text().expect("elements of text");
        vec![self.view_argument(array), self.b.int64(i64::from(length))]
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
        let is_array = [lhs, rhs].map(|side| self.is_array(side));
        let Some(kind) = kind(self, lhs).filter(|own| kind(self, rhs) == Some(*own)) else { return Ok(None) };
        let extents = self.broadcast_extents(&[lhs, rhs])?;
        let result = Type::array(Type::bool(), extents.len() as u8, Layout::C);
        let result = match is_array {
            [false, false] => return Ok(None),
            [true, true] => {
                let mut args = Vec::new();
                for side in [lhs, rhs] {
                    let strides = self.strides_for(side, &extents, "the shapes were compared already")?;
                    let side = self.stretched(side, &extents, &strides);
                    args.extend(self.elements_of_text(side));
                }
                args.push(self.b.int64(op as i64));
                self.call_kernel("compare_elements", kind, args, result)
            }
            _ => {
                let (array, text, op) = if is_array[0] { (lhs, rhs, op) } else { (rhs, lhs, mirrored(op)) };
                let mut args = self.elements_of_text(array);
                args.push(self.text_argument(text));
                args.push(self.b.int64(op as i64));
                self.call_kernel("compare_with_text", kind, args, result)
            }
        };
        Ok(Some(self.scalar_of(result)))
    }

    /// A new array of a text, of nested tuples of texts, or of a list of texts. `None` if the value is none of these.
    pub(crate) fn array_of_texts(
        &mut self,
        call: &Call,
        idx: usize,
        value: Value,
        dtype: Option<Type>,
    ) -> Emit<Option<Value>> {
        if !takes_any_elements(call.path) {
            return Ok(None);
        }
        let ty = self.ty(value);
        if let Some(element) = ty.as_list().filter(|element| element.is_text()) {
            let dtype = text_dtype(call, idx, &[element], dtype)?;
            let extent = self.list_length(value);
            let array = self.allocate_array(dtype, &[extent], Layout::C, false)?;
            self.counted_loop(extent, &[], |e, position, _| {
                let text = e.list_item_unchecked(value, position)?;
                e.store_element(array, &[position], text)?;
                Ok(vec![])
            })?;
            return Ok(Some(array));
        }
        let Some(extents) = extents_of_nested(ty, Type::is_text).filter(|extents| !extents.contains(&0))
        else {
            return Ok(None);
        };
        let mut texts = vec![value];
        for _ in &extents {
            texts = texts.into_iter().flat_map(|part| self.tuple_elements(part)).collect();
        }
        let dtype = text_dtype(call, idx, &self.types(&texts), dtype)?;
        let shape: Vec<Value> = extents.iter().map(|extent| self.b.int64(*extent as i64)).collect();
        let array = self.allocate_array(dtype, &shape, Layout::C, false)?;
        let address = self.array_data(array);
        for (idx, text) in texts.into_iter().enumerate() {
            let offset = self.b.int64(idx as i64 * dtype.item_size() as i64);
            let address = self.b.offset(address, offset);
            self.store_fixed_text(address, dtype, text)?;
        }
        Ok(Some(array))
    }
}

/// The comparison with the sides exchanged.
fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq | CompareOp::Ne => op,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
    }
}

/// The dtype of an array of texts of these types: the one that is asked for, or as wide as the longest.
fn text_dtype(call: &Call, idx: usize, texts: &[Type], dtype: Option<Type>) -> Emit<Type> {
    if let Some(dtype) = dtype {
        let kind = dtype.as_fixed_text().map(|(_, kind)| kind);
        if texts.iter().all(|text| Some(text.widen()) == kind) {
            return Ok(dtype);
        }
        let message = format!("text does not convert to {dtype}");
        return call.argument_error(idx, Code::CannotConvert, message);
    }
    let lengths = texts.iter().map(|text| text.as_literal_str().map(|text| text.chars().count()));
    if let Some(lengths) = lengths.collect::<Option<Vec<usize>>>() {
        // NumPy knows no elements without characters.
        let longest = lengths.into_iter().max().unwrap_or(0).max(1);
        return Ok(TypeKind::FixedText { length: longest as u32, is_bytes: false }.into());
    }
    let message = "how many characters the elements have is not known when compiling";
    let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[idx], message);
    Err(diagnostic.note("`np.array` takes it as a `dtype`, such as \"U8\" or \"S8\"").into())
}
