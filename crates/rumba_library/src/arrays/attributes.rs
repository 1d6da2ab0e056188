//! Attributes of arrays: `a.shape`, `a.T`, `a.real`.

use super::reshaping::transposed_layout;
use crate::declaration::{Call, Declaration, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ArrayType, FloatKind, IteratorKind, Layout, Type, TypeKind};

const SELF: &[Param] = &[Param::required("self")];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "array:shape",
        params: SELF,
        doc: "The extents of the axes.",
        rule: |e, call| {
            let extents = e.extents(call.args[0]);
            Ok(e.tuple(extents))
        },
    },
    Declaration {
        path: "array:strides",
        params: SELF,
        doc: "Bytes from one element to the next along each axis; 0 for an empty array in layout C or F.",
        rule: |e, call| {
            let mut strides = e.strides(call.args[0]);
            if e.array_type(call.args[0]).layout != Layout::A {
                let size = e.array_size(call.args[0]);
                let empty = e.is_zero(size);
                let zero = e.b.int64(0);
                strides.iter_mut().for_each(|stride| *stride = e.b.select(empty, zero, *stride));
            }
            Ok(e.tuple(strides))
        },
    },
    Declaration {
        path: "array:ndim",
        params: SELF,
        doc: "The number of axes.",
        rule: |e, call| {
            let ndim = e.array_type(call.args[0]).ndim;
            Ok(e.literal_int(i128::from(ndim)))
        },
    },
    Declaration {
        path: "array:size",
        params: SELF,
        doc: "The number of elements.",
        rule: |e, call| Ok(e.array_size(call.args[0])),
    },
    Declaration {
        path: "array:itemsize",
        params: SELF,
        doc: "Bytes of one element.",
        rule: |e, call| {
            let size = e.array_type(call.args[0]).dtype.item_size();
            Ok(e.literal_int(i128::from(size)))
        },
    },
    Declaration {
        path: "array:nbytes",
        params: SELF,
        doc: "Bytes of all elements.",
        rule: |e, call| {
            let item_size = e.array_type(call.args[0]).dtype.item_size();
            let size = e.array_size(call.args[0]);
            let item_size = e.b.int64(item_size as i64);
            Ok(e.b.mul(size, item_size))
        },
    },
    Declaration {
        path: "array:dtype",
        params: SELF,
        doc: "The type of the elements.",
        rule: |e, call| {
            let dtype = e.array_type(call.args[0]).dtype;
            Ok(e.b.unit(TypeKind::DType(dtype).into()))
        },
    },
    Declaration {
        path: "array:T",
        params: SELF,
        doc: "A view with the axes in reverse order.",
        rule: |e, call| Ok(e.transposed(call.args[0])),
    },
    Declaration {
        path: "array:real",
        params: SELF,
        doc: "A view of the real parts; the array itself if its elements are real.",
        rule: |e, call| e.real_part(call.args[0]),
    },
    Declaration {
        path: "array:imag",
        params: SELF,
        doc: "A view of the imaginary parts; a new array of zeros if the elements are real.",
        rule: |e, call| e.imaginary_part(call.args[0]),
    },
    Declaration {
        path: "array:flat",
        params: SELF,
        doc: "The elements in C order; of an array in layout C a one-dimensional view.",
        rule: flat,
    },
    // Those of a memoryview, which is an array here.
    Declaration {
        path: "array:readonly",
        params: SELF,
        doc: "Of a memoryview: whether elements cannot be assigned.",
        rule: |e, call| {
            let readonly = e.array_type(call.args[0]).readonly;
            Ok(e.literal_bool(readonly))
        },
    },
    Declaration {
        path: "array:c_contiguous",
        params: SELF,
        doc: "Of a memoryview: whether the elements lie one after the other in C order.",
        rule: |e, call| contiguity(e, call, &[Layout::C]),
    },
    Declaration {
        path: "array:f_contiguous",
        params: SELF,
        doc: "Of a memoryview: whether the elements lie one after the other in Fortran order.",
        rule: |e, call| contiguity(e, call, &[Layout::F]),
    },
    Declaration {
        path: "array:contiguous",
        params: SELF,
        doc: "Of a memoryview: whether the elements lie one after the other in C or Fortran order.",
        rule: |e, call| contiguity(e, call, &[Layout::C, Layout::F]),
    },
    Declaration {
        path: "array:format",
        params: SELF,
        doc: "Of a memoryview: the code of the type of elements in the `struct` module.",
        rule: |e, call| {
            let dtype = e.array_type(call.args[0]).dtype;
            match struct_code(dtype) {
                Some(code) => Ok(e.b.unit(Type::literal_str(code))),
                None => e.error(Code::UnknownAttribute, format!("an array of {dtype} has no `format`")),
            }
        },
    },
    Declaration {
        path: "array:flags",
        params: SELF,
        doc: "How the memory is laid out, by the attributes of the flags.",
        rule: |e, call| {
            let ty = TypeKind::Method("array.flags".into(), e.ty(call.args[0]));
            Ok(e.b.make(ty.into(), vec![call.args[0]]))
        },
    },
    Declaration {
        path: "array.flags:c_contiguous",
        params: SELF,
        doc: "Whether the elements lie one after the other in C order.",
        rule: |e, call| contiguity(e, call, &[Layout::C]),
    },
    Declaration {
        path: "array.flags:f_contiguous",
        params: SELF,
        doc: "Whether the elements lie one after the other in Fortran order.",
        rule: |e, call| contiguity(e, call, &[Layout::F]),
    },
    Declaration {
        path: "array.flags:contiguous",
        params: SELF,
        doc: "Whether the elements lie one after the other in C order.",
        rule: |e, call| contiguity(e, call, &[Layout::C]),
    },
    Declaration {
        path: "array.flags:forc",
        params: SELF,
        doc: "Whether the elements lie one after the other in C or Fortran order.",
        rule: |e, call| contiguity(e, call, &[Layout::C, Layout::F]),
    },
    Declaration {
        path: "array.flags:writeable",
        params: SELF,
        doc: "Whether elements can be assigned.",
        rule: |e, call| {
            let readonly = e.array_type(call.args[0]).readonly;
            Ok(e.literal_bool(!readonly))
        },
    },
    Declaration {
        path: "array.flags:aligned",
        params: SELF,
        doc: "Whether addresses of elements are multiples of their alignment, as far as the type tells.",
        rule: |e, call| {
            let aligned = e.array_type(call.args[0]).aligned;
            Ok(e.literal_bool(aligned))
        },
    },
];

/// Ints of 64 bits are `long`.
fn struct_code(dtype: Type) -> Option<&'static str> {
    Some(match dtype.kind() {
        TypeKind::Bool => "?",
        TypeKind::Int(kind) => match (kind.bits, kind.signed) {
            (8, true) => "b",
            (8, false) => "B",
            (16, true) => "h",
            (16, false) => "H",
            (32, true) => "i",
            (32, false) => "I",
            (_, true) => "l",
            (_, false) => "L",
        },
        TypeKind::Float(FloatKind::F32) => "f",
        TypeKind::Float(FloatKind::F64) => "d",
        TypeKind::Complex(FloatKind::F32) => "Zf",
        TypeKind::Complex(FloatKind::F64) => "Zd",
        _ => return None,
    })
}

fn contiguity(e: &mut Emitter<'_>, call: &Call, layouts: &[Layout]) -> Emit {
    let ty = e.array_type(call.args[0]);
    if layouts.contains(&ty.layout) {
        return Ok(e.literal_bool(true));
    }
    let mut result = e.b.bool(false);
    for layout in layouts {
        let fits = e.is_contiguous(call.args[0], *layout);
        result = e.b.or(result, fits);
    }
    Ok(result)
}

impl Emitter<'_> {
    /// The array with its axes reversed.
    pub fn transposed(&mut self, array: Value) -> Value {
        let ty = self.array_type(array);
        if ty.ndim < 2 {
            return array;
        }
        let mut extents = self.extents(array);
        let mut strides = self.strides(array);
        extents.reverse();
        strides.reverse();
        let data = self.array_data(array);
        let owner = self.array_owner(array);
        let view = ArrayType { layout: transposed_layout(ty.layout), ..ty };
        self.make_array(view, data, owner, &extents, &strides)
    }

    pub(crate) fn real_part(&mut self, array: Value) -> Emit {
        match self.array_type(array).dtype.kind() {
            TypeKind::Complex(kind) => Ok(self.part(array, *kind, 0)),
            _ => Ok(array),
        }
    }

    pub(crate) fn imaginary_part(&mut self, array: Value) -> Emit {
        let ty = self.array_type(array);
        if let TypeKind::Complex(kind) = ty.dtype.kind() {
            let offset = Type::float(*kind).item_size();
            return Ok(self.part(array, *kind, offset));
        }
        let extents = self.extents(array);
        let layout = if ty.layout == Layout::F { Layout::F } else { Layout::C };
        let zeros = self.allocate_array(ty.dtype, &extents, layout, true)?;
        let readonly = TypeKind::Array(ArrayType { readonly: true, ..self.array_type(zeros) });
        self.coerce(zeros, readonly.into())
    }

    /// A view of one part of complex elements.
    fn part(&mut self, array: Value, kind: FloatKind, offset: u64) -> Value {
        let ty = self.array_type(array);
        let extents = self.extents(array);
        let strides = self.strides(array);
        let offset = self.b.int64(offset as i64);
        let size = self.product(&extents);
        let empty = self.is_zero(size);
        let zero = self.b.int64(0);
        let offset = self.b.select(empty, zero, offset);
        let data = self.array_data(array);
        let data = self.b.offset(data, offset);
        let owner = self.array_owner(array);
        let view = ArrayType { dtype: Type::float(kind), layout: Layout::A, ..ty };
        self.make_array(view, data, owner, &extents, &strides)
    }
}

fn flat(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let array = call.args[0];
    let ty = e.array_type(array);
    if ty.layout == Layout::C || ty.ndim == 1 {
        let size = e.array_size(array);
        let strides = if ty.ndim == 1 { e.strides(array) } else { Vec::new() };
        let data = e.array_data(array);
        let owner = e.array_owner(array);
        let view = ArrayType { ndim: 1, ..ty };
        return Ok(e.make_array(view, data, owner, &[size], &strides));
    }
    let start = e.b.int64(0);
    Ok(e.iterator(IteratorKind::Flat, vec![array, start]))
}
