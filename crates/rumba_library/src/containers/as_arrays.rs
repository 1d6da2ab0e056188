//! Lists where NumPy takes an array.

use crate::declaration::{Argument, lookup};
use crate::{Call, Emit, Emitter, Failure};
use rumba_ir::{BinaryOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, Layout, Type, TypeKind};

/// What numbers a list holds: their type, and how many levels of lists and tuples are around them, from the outermost.
struct Numbers {
    dtype: Type,
    n_lists: usize,
    inner: Inner,
}

/// The innermost levels.
enum Inner {
    /// The lengths of nested tuples.
    Tuples(Vec<usize>),
    Arrays,
}

const INHOMOGENEOUS: &str =
    "setting an array element with a sequence. The requested array has an inhomogeneous shape";

fn numbers_in(mut ty: Type) -> Option<Numbers> {
    let mut n_lists = 0;
    while let Some(element) = ty.as_list() {
        ty = element;
        n_lists += 1;
    }
    if let Some(array) = ty.as_array() {
        return Some(Numbers { dtype: array.dtype, n_lists, inner: Inner::Arrays });
    }
    let mut tuples = Vec::new();
    while let Some(elements) = ty.as_tuple() {
        let first = *elements.first()?;
        if elements.iter().any(|element| *element != first) {
            return None;
        }
        tuples.push(elements.len());
        ty = first;
    }
    // As NumPy: nothing is of float64.
    let dtype = if ty == Type::never() { Type::float64() } else { ty };
    dtype.is_number().then_some(Numbers { dtype, n_lists, inner: Inner::Tuples(tuples) })
}

impl Emitter<'_> {
    /// `np.array(value)`; of nothing, integers: how an index is written.
    pub fn array_of(&mut self, value: Value) -> Emit {
        if self.ty(value).as_tuple().is_some_and(<[Type]>::is_empty) {
            return self.array_of_numbers(&[], &[0], Type::int64());
        }
        let argument = Argument { keyword: None, value, span: self.span };
        lookup("numpy.array").expect("np.array is declared").call(self, &[argument])
    }

    /// An index of an array, with arrays for the lists in it.
    pub(crate) fn index_of_arrays(&mut self, index: Value) -> Emit {
        match self.ty(index).kind() {
            TypeKind::List(_) => self.array_of(index),
            TypeKind::Tuple(parts) if parts.iter().any(|part| part.as_list().is_some()) => {
                let parts = self.tuple_elements(index);
                let parts =
                    parts.into_iter().map(|part| self.index_of_arrays(part)).collect::<Emit<Vec<_>>>()?;
                Ok(self.tuple(parts))
            }
            _ => Ok(index),
        }
    }

    /// A new array of the numbers in a list of numbers, of tuples of numbers, of arrays, or of lists of these.
    pub(crate) fn array_of_list(&mut self, call: &Call, idx: usize, list: Value) -> Emit {
        let Some(Numbers { dtype, n_lists, inner }) = numbers_in(self.ty(list)) else {
            let message = format!("cannot make an array of {}", self.ty(list).shown());
            return call.argument_error(idx, Code::ArgumentType, message);
        };
        if self.containers_are_open && self.holds_nothing(list) {
            return Err(Failure::Pending);
        }
        // The first of each level says how long the others are.
        let mut extents = vec![self.list_length(list)];
        let mut first = list;
        for _ in 1..n_lists {
            let inner = self.first_or_nothing(first)?;
            extents.push(self.list_length(inner));
            first = inner;
        }
        match inner {
            Inner::Tuples(lengths) => {
                extents.extend(lengths.iter().map(|length| self.b.int64(*length as i64)))
            }
            Inner::Arrays => {
                let array = self.first_or_nothing(first)?;
                extents.extend(self.extents(array));
            }
        }
        let array = self.allocate_array(dtype, &extents, Layout::C, false)?;
        let start = self.b.int64(0);
        self.copy_list(array, list, &extents, n_lists, start)?;
        Ok(array)
    }

    /// Whether the type of a list, or of lists in it, knows of no items.
    fn holds_nothing(&self, list: Value) -> bool {
        let mut ty = self.ty(list);
        while let Some(element) = ty.as_list() {
            ty = element;
        }
        ty == Type::never()
    }

    /// The first item of a list of lists or of arrays, or one that has nothing in it.
    fn first_or_nothing(&mut self, list: Value) -> Emit {
        let (zero, length) = (self.b.int64(0), self.list_length(list));
        let inner = self.ty(list).as_list().expect("an outer level is a list");
        let some = self.less(zero, length);
        self.if_else(
            some,
            |e| e.list_item_unchecked(list, zero),
            |e| match inner.as_array() {
                Some(ty) => {
                    let (data, owner) = (e.b.zero(Type::pointer()), e.b.zero(Type::pointer()));
                    let zeros = vec![zero; usize::from(ty.ndim)];
                    Ok(e.make_array(ty, data, owner, &zeros, &zeros))
                }
                None => e.list(inner.as_list().expect("an inner level is a list"), &[]),
            },
        )
    }

    /// Copies the numbers of a list to the elements of `array` from element `start` on.
    fn copy_list(
        &mut self,
        array: Value,
        list: Value,
        extents: &[Value],
        n_lists: usize,
        start: Value,
    ) -> Emit<()> {
        let length = self.list_length(list);
        let fits = self.equal(length, extents[0]);
        self.raise_unless(fits, "ValueError", INHOMOGENEOUS, &[]);
        let inner = self.product(&extents[1..]);
        let holds_arrays = self.ty(list).as_list().is_some_and(|item| item.as_array().is_some());
        if n_lists > 1 || holds_arrays {
            self.counted_loop(length, &[], |e, position, _| {
                let item = e.list_item_unchecked(list, position)?;
                let distance = e.b.mul(position, inner);
                let start = e.b.binary(BinaryOp::Add, start, distance);
                if holds_arrays {
                    e.copy_array_item(array, item, &extents[1..], start);
                } else {
                    e.copy_list(array, item, &extents[1..], n_lists - 1, start)?;
                }
                Ok(vec![])
            })?;
            return Ok(());
        }
        let ty = self.array_type(array);
        if self.ty(list).as_list() == Some(Type::never()) {
            return Ok(());
        }
        // The numbers of a list stand one behind the other, as those of an array do.
        let count = self.b.mul(length, inner);
        let line = ArrayType { ndim: 1, layout: Layout::C, ..ty };
        let (from, owner) = (self.list_data(list), self.b.field(list, 0));
        let source = self.make_array(line, from, owner, &[count], &[]);
        let item_size = self.b.int64(ty.dtype.item_size() as i64);
        let target = self.elements_from(array, start, &[count]);
        self.copy_elements(target, source, &[item_size]);
        Ok(())
    }

    /// Copies an array of a list, which has to have `extents`, to where `array` has it.
    fn copy_array_item(&mut self, array: Value, item: Value, extents: &[Value], start: Value) {
        for (own, expected) in self.extents(item).into_iter().zip(extents) {
            let fits = self.equal(own, *expected);
            self.raise_unless(fits, "ValueError", INHOMOGENEOUS, &[]);
        }
        let target = self.elements_from(array, start, extents);
        let strides = self.strides(item);
        self.copy_elements(target, item, &strides);
    }

    /// A view of the elements of an array in C order from element `start` on.
    fn elements_from(&mut self, array: Value, start: Value, extents: &[Value]) -> Value {
        let ty = self.array_type(array);
        let item_size = self.b.int64(ty.dtype.item_size() as i64);
        let bytes = self.b.mul(start, item_size);
        let (data, owner) = (self.array_data(array), self.array_owner(array));
        let data = self.b.offset(data, bytes);
        self.make_array(ArrayType { ndim: extents.len() as u8, ..ty }, data, owner, extents, &[])
    }
}
