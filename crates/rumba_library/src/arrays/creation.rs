//! New arrays: `zeros`, `full`, `arange`, `linspace`, `eye`, `array` and their kin.

use super::reshaping::{constant_bool, shape_argument};
use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::dtypes::{dtype_argument, optional_dtype};
use crate::numpy::joining::stack_arrays;
use crate::numpy::promotion::{effective_dtypes, promote};
use crate::numpy::reductions::{ALL, Axes};
use crate::numpy::ufuncs::ufunc;
use crate::operators::BinaryOperator;
use crate::{Emit, Emitter, ErrorModel};
use rumba_ir::{Access, UnaryOp, Value};
use rumba_source::{Code, Diagnostic};
use rumba_types::{ArrayType, FloatKind, Layout, RecordLayout, Type, TypeKind};

const DTYPE: Param = Param::optional("dtype", Default::None);
const ORDER: Param = Param::optional("order", Default::Str("C"));
const KEEP_ORDER: Param = Param::optional("order", Default::Str("K"));
const SUBOK: Param = Param::optional("subok", Default::Bool(true));
const SHAPE: Param = Param::optional("shape", Default::None);
const LIKE: &[Param] = &[Param::required("prototype"), DTYPE, KEEP_ORDER, SUBOK, SHAPE];
const LIKE_A: &[Param] = &[Param::required("a"), DTYPE, KEEP_ORDER, SUBOK, SHAPE];

const RECARRAY: &[Param] = &[
    Param::required("shape"),
    Param::required("dtype"),
    Param::optional("order", Default::Str("C")).keyword_only(),
];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.empty",
        params: &[Param::required("shape"), DTYPE, ORDER],
        doc: "A new array whose elements have any value.",
        rule: |e, call| filled(e, call, Fill::None),
    },
    Declaration {
        path: "numpy.zeros",
        params: &[Param::required("shape"), DTYPE, ORDER],
        doc: "A new array of zeros.",
        rule: |e, call| filled(e, call, Fill::Zero),
    },
    Declaration {
        path: "numpy.ones",
        params: &[Param::required("shape"), DTYPE, ORDER],
        doc: "A new array of ones.",
        rule: |e, call| filled(e, call, Fill::One),
    },
    Declaration {
        path: "numpy.full",
        params: &[Param::required("shape"), Param::required("fill_value"), DTYPE, ORDER],
        doc: "A new array of one number.",
        rule: full,
    },
    Declaration {
        path: "numpy.empty_like",
        params: LIKE,
        doc: "A new array of the shape and dtype of another, whose elements have any value.",
        rule: |e, call| filled_like(e, call, 1, Fill::None),
    },
    Declaration {
        path: "numpy.zeros_like",
        params: LIKE_A,
        doc: "A new array of zeros of the shape and dtype of another.",
        rule: |e, call| filled_like(e, call, 1, Fill::Zero),
    },
    Declaration {
        path: "numpy.ones_like",
        params: LIKE_A,
        doc: "A new array of ones of the shape and dtype of another.",
        rule: |e, call| filled_like(e, call, 1, Fill::One),
    },
    Declaration {
        path: "numpy.full_like",
        params: &[Param::required("a"), Param::required("fill_value"), DTYPE, KEEP_ORDER, SUBOK, SHAPE],
        doc: "A new array of one number of the shape and dtype of another.",
        rule: |e, call| {
            let value = number_argument(e, call, 1)?;
            filled_like(e, call, 2, Fill::Value(value))
        },
    },
    Declaration {
        path: "numpy.rec.recarray",
        params: RECARRAY,
        doc: "A new array of records whose elements have any value, and which is a record array outside.",
        rule: recarray,
    },
    Declaration { path: "numpy.recarray", params: RECARRAY, doc: "As `np.rec.recarray`.", rule: recarray },
    Declaration {
        path: "numpy.arange",
        params: &[
            Param::optional("start", Default::None),
            Param::optional("stop", Default::None),
            Param::optional("step", Default::None),
            DTYPE,
        ],
        doc: "Evenly spaced numbers from start to stop by step; the first alone is the stop. Not of complex numbers.",
        rule: arange,
    },
    Declaration {
        path: "numpy.linspace",
        params: &[
            Param::required("start"),
            Param::required("stop"),
            Param::optional("num", Default::Int(50)),
            Param::optional("endpoint", Default::Bool(true)),
            Param::optional("retstep", Default::Bool(false)),
            DTYPE,
            Param::optional("axis", Default::Int(0)),
        ],
        doc: "A number of evenly spaced numbers from start to stop, which are numbers or arrays, and the step if a constant asks for it.",
        rule: linspace,
    },
    Declaration {
        path: "numpy.eye",
        params: &[
            Param::required("N"),
            Param::optional("M", Default::None),
            Param::optional("k", Default::Int(0)),
            DTYPE,
            ORDER,
        ],
        doc: "A matrix with ones on one diagonal.",
        rule: |e, call| {
            let dtype = optional_dtype(e, call, 3)?.unwrap_or(Type::float64());
            let layout = new_layout(e, call, 4)?;
            let n_rows = e.as_index(call.args[0], "N")?;
            let n_columns =
                if e.ty(call.args[1]).is_none() { n_rows } else { e.as_index(call.args[1], "M")? };
            let diagonal = e.as_index(call.args[2], "k")?;
            e.eye([n_rows, n_columns], diagonal, dtype, layout)
        },
    },
    Declaration {
        path: "numpy.identity",
        params: &[Param::required("n"), DTYPE],
        doc: "A square matrix with ones on its diagonal.",
        rule: |e, call| {
            let dtype = optional_dtype(e, call, 1)?.unwrap_or(Type::float64());
            let n = e.as_index(call.args[0], "n")?;
            let zero = e.b.int64(0);
            e.eye([n, n], zero, dtype, Layout::C)
        },
    },
    Declaration {
        path: "numpy.array",
        params: &[
            Param::required("object"),
            DTYPE,
            Param::optional("copy", Default::Bool(true)).keyword_only(),
            Param::optional("order", Default::Str("K")).keyword_only(),
        ],
        doc: "A new array of a number or a text, of nested tuples of these or of arrays, of a list, or of the elements of an array.",
        rule: array,
    },
    Declaration {
        path: "numpy.asarray",
        params: &[Param::required("a"), DTYPE, KEEP_ORDER],
        doc: "The array itself where dtype and order fit, else a new one, as `np.array` makes it.",
        rule: |e, call| as_array(e, call, None),
    },
    Declaration {
        path: "numpy.asanyarray",
        params: &[Param::required("a"), DTYPE, KEEP_ORDER],
        doc: "The array itself where dtype and order fit, else a new one, as `np.array` makes it.",
        rule: |e, call| as_array(e, call, None),
    },
    Declaration {
        path: "numpy.asarray_chkfinite",
        params: &[Param::required("a"), DTYPE, KEEP_ORDER],
        doc: "As `np.asarray`; ValueError if there is an infinity or nan.",
        rule: |e, call| {
            let array = as_array(e, call, None)?;
            let is_finite = ufunc("numpy.isfinite").expect("it is a ufunc").apply(e, &[array])?;
            let all = match e.ty(is_finite).as_array() {
                Some(ty) => e.fold(&ALL, is_finite, &Axes::all(ty.ndim.into()), false, None)?,
                None => is_finite,
            };
            e.raise_unless(all, "ValueError", "array must not contain infs or NaNs", &[]);
            Ok(array)
        },
    },
    Declaration {
        path: "numpy.require",
        params: &[Param::required("a"), DTYPE, Param::optional("requirements", Default::None)],
        doc: "The array itself where it fits, else a copy; requirements are a constant letter or name, or a tuple of them.",
        rule: require,
    },
    Declaration {
        path: "numpy.ascontiguousarray",
        params: &[Param::required("a"), DTYPE],
        doc: "The array in C order, with at least one axis; a copy where it is not contiguous.",
        rule: |e, call| as_array(e, call, Some(Layout::C)),
    },
    Declaration {
        path: "numpy.asfortranarray",
        params: &[Param::required("a"), DTYPE],
        doc: "The array in Fortran order, with at least one axis; a copy where it is not contiguous.",
        rule: |e, call| as_array(e, call, Some(Layout::F)),
    },
    Declaration {
        path: "numpy.copy",
        params: &[Param::required("a"), KEEP_ORDER, Param::optional("subok", Default::Bool(false))],
        doc: "A copy. Order 'K' keeps order C or F and makes any other order C.",
        rule: |e, call| {
            let order = order_argument(e, call, 1)?;
            let value = e.plain(call.args[0]);
            if !e.is_array(value) {
                return e.new_array_of(call, 0, call.args[0], None, order.layout(None));
            }
            let layout = order.layout(Some(e.array_type(value)));
            e.copy_array(value, layout)
        },
    },
];

/// The order of elements that an argument asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    C,
    F,
    /// That of the array which is copied: F if it is F, else C.
    Keep,
}

impl Order {
    /// The layout of a new array, made after `like`.
    pub(crate) fn layout(self, like: Option<ArrayType>) -> Layout {
        match (self, like) {
            (Order::F, _) => Layout::F,
            (Order::Keep, Some(ArrayType { layout: Layout::F, .. })) => Layout::F,
            _ => Layout::C,
        }
    }
}

/// `'C'`, `'F'`, `'A'`, `'K'` or `None`.
pub(crate) fn order_argument(e: &Emitter<'_>, call: &Call, idx: usize) -> Emit<Order> {
    let ty = e.ty(call.args[idx]);
    if ty.is_none() {
        return Ok(Order::Keep);
    }
    match ty.as_literal_str() {
        Some("C") => Ok(Order::C),
        Some("F") => Ok(Order::F),
        Some("A" | "K") => Ok(Order::Keep),
        _ => {
            call.argument_error(idx, Code::ArgumentValue, "`order` must be a constant: 'C', 'F', 'A' or 'K'")
        }
    }
}

/// The order of an array that is made after no other: 'C' or 'F'.
fn new_layout(e: &Emitter<'_>, call: &Call, idx: usize) -> Emit<Layout> {
    if matches!(e.ty(call.args[idx]).as_literal_str(), Some("A" | "K")) {
        return call.argument_error(idx, Code::ArgumentValue, "only 'C' or 'F' order is permitted");
    }
    Ok(order_argument(e, call, idx)?.layout(None))
}

/// An argument that must be a number.
pub(crate) fn number_argument(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let value = e.scalar_of(call.args[idx]);
    let value = e.plain(value);
    let ty = e.ty(value);
    if ty.is_number() || ty.time_unit().is_some() && call.short_name().starts_with("full") {
        return Ok(value);
    }
    call.argument_error(idx, Code::ArgumentType, format!("expected a number, not {}", ty.shown()))
}

/// What a new array's elements are.
#[derive(Clone, Copy)]
enum Fill {
    None,
    Zero,
    One,
    Value(Value),
}

impl Emitter<'_> {
    fn new_filled(&mut self, dtype: Type, extents: &[Value], layout: Layout, fill: Fill) -> Emit {
        let layout = if extents.len() < 2 { Layout::C } else { layout };
        let array = self.allocate_array(dtype, extents, layout, matches!(fill, Fill::Zero))?;
        match fill {
            Fill::None | Fill::Zero => {}
            Fill::One => {
                let one = self.b.int64(1);
                self.fill_array(array, one)?;
            }
            Fill::Value(value) => self.fill_array(array, value)?,
        }
        Ok(array)
    }

    /// Zeros with ones on a diagonal: 0 the main one, positive above it.
    fn eye(&mut self, extents: [Value; 2], diagonal: Value, dtype: Type, layout: Layout) -> Emit {
        let matrix = self.new_filled(dtype, &extents, layout, Fill::Zero)?;
        let zero = self.b.int64(0);
        // Diagonals further down are as empty as the one that starts behind the last row.
        let lowest = self.b.sub(zero, extents[0]);
        let diagonal = self.max(diagonal, lowest);
        let below = self.b.sub(zero, diagonal);
        let row = self.max(below, zero);
        let column = self.max(diagonal, zero);
        let n_rows = self.b.sub(extents[0], row);
        let n_columns = self.b.sub(extents[1], column);
        let count = self.min(n_rows, n_columns);
        let count = self.max(count, zero);
        // A diagonal outside the matrix must not move the address there.
        let outside = self.equal(count, zero);
        let [row, column] = [row, column].map(|position| self.b.select(outside, zero, position));
        let data = self.element_address(matrix, &[row, column]);
        let strides = self.strides(matrix);
        let stride = self.b.add(strides[0], strides[1]);
        let owner = self.array_owner(matrix);
        let view = ArrayType { ndim: 1, layout: Layout::A, ..self.array_type(matrix) };
        let view = self.make_array(view, data, owner, &[count], &[stride]);
        let one = self.b.int64(1);
        self.fill_array(view, one)?;
        Ok(matrix)
    }

    /// A new array in layout C of `numbers` in C order, converted to `dtype`.
    pub(crate) fn array_of_numbers(&mut self, numbers: &[Value], extents: &[usize], dtype: Type) -> Emit {
        let extents: Vec<Value> = extents.iter().map(|extent| self.b.int64(*extent as i64)).collect();
        let array = self.allocate_array(dtype, &extents, Layout::C, false)?;
        let data = self.array_data(array);
        for (idx, number) in numbers.iter().enumerate() {
            let number = self.cast_number(*number, dtype)?;
            let offset = self.b.int64(idx as i64 * dtype.item_size() as i64);
            let address = self.b.offset(data, offset);
            self.b.store(address, number, Access::aligned(true));
        }
        Ok(array)
    }

    /// A new array of a number or a text, of nested tuples of these, or of a list.
    fn new_array_of(
        &mut self,
        call: &Call,
        idx: usize,
        value: Value,
        dtype: Option<Type>,
        layout: Layout,
    ) -> Emit {
        if let Some(array) = self.array_of_texts(call, idx, value, dtype)? {
            return if layout == Layout::F { self.copy_array(array, layout) } else { Ok(array) };
        }
        let value = self.plain(value);
        if self.ty(value).as_list().is_some() {
            let array = self.array_of_list(call, idx, value)?;
            let own = self.array_type(array);
            return match dtype {
                Some(dtype) if dtype != own.dtype || layout != own.layout => {
                    self.cast_array(array, dtype, layout)
                }
                None if layout != own.layout => self.cast_array(array, own.dtype, layout),
                _ => Ok(array),
            };
        }
        let Some(extents) = nested_extents(self.ty(value)) else {
            let parts = self.tuple_elements(value);
            if parts.iter().any(|part| holds_arrays(self.ty(*part))) {
                let mut arrays = Vec::with_capacity(parts.len());
                for part in parts {
                    arrays.push(value_as_array(self, call, idx, part)?);
                }
                let array = stack_arrays(self, call, &arrays)?;
                let fits =
                    dtype.is_none_or(|dtype| dtype == self.array_type(array).dtype) && layout == Layout::C;
                let dtype = dtype.unwrap_or(self.array_type(array).dtype);
                return if fits { Ok(array) } else { self.cast_array(array, dtype, layout) };
            }
            let message = format!("cannot make an array of {}", self.ty(value).shown());
            let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[idx], message);
            return Err(diagnostic
                .note("nested tuples must hold numbers or text, as many at each place")
                .into());
        };
        let mut numbers = Vec::new();
        self.collect_numbers(value, &mut numbers);
        let natural = self.types(&numbers).into_iter().reduce(|a, b| promote(a, b).unwrap_or(a));
        let dtype = dtype.or(natural).unwrap_or(Type::float64());
        let array = self.array_of_numbers(&numbers, &extents, dtype)?;
        if layout == Layout::F && extents.len() > 1 { self.copy_array(array, layout) } else { Ok(array) }
    }

    pub(crate) fn collect_numbers(&mut self, value: Value, numbers: &mut Vec<Value>) {
        if self.ty(value).as_tuple().is_none() {
            let number = self.plain(value);
            return numbers.push(number);
        }
        for element in self.tuple_elements(value) {
            self.collect_numbers(element, numbers);
        }
    }
}

/// Whether a value is an array or a list, or nested tuples have one in them.
fn holds_arrays(ty: Type) -> bool {
    ty.as_array().is_some()
        || ty.as_list().is_some()
        || ty.as_tuple().is_some_and(|parts| parts.iter().any(|part| holds_arrays(*part)))
}

/// The shape of nested tuples of numbers; `None` for anything else and where lengths differ.
pub(crate) fn nested_extents(ty: Type) -> Option<Vec<usize>> {
    extents_of_nested(ty, |ty| ty.widen().is_number() || ty.time_unit().is_some())
}

/// The shape of nested tuples of what is within them.
pub(crate) fn extents_of_nested(ty: Type, is_within: fn(Type) -> bool) -> Option<Vec<usize>> {
    let ty = match ty.kind() {
        TypeKind::Optional(inner) => *inner,
        _ => ty,
    };
    let Some(elements) = ty.as_tuple() else { return is_within(ty).then(Vec::new) };
    let mut extents = vec![elements.len()];
    let mut shapes = elements.iter().map(|element| extents_of_nested(*element, is_within));
    if let Some(first) = shapes.next() {
        let first = first?;
        for shape in shapes {
            if shape? != first {
                return None;
            }
        }
        extents.extend(first);
    }
    Some(extents)
}

/// `empty`, `zeros`, `ones`: shape, dtype, order.
fn filled(e: &mut Emitter<'_>, call: &Call, fill: Fill) -> Emit {
    let extents = shape_argument(e, call, 0, call.args[0])?;
    let dtype = optional_dtype(e, call, 1)?.unwrap_or(Type::float64());
    let layout = new_layout(e, call, 2)?;
    e.new_filled(dtype, &extents, layout, fill)
}

fn recarray(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let extents = shape_argument(e, call, 0, call.args[0])?;
    let dtype = dtype_argument(e, call, 1)?;
    let Some(dtype) = as_np_record(dtype) else {
        let message = format!("a record array has a structured dtype, not {dtype}");
        return call.argument_error(1, Code::ArgumentType, message);
    };
    let layout = order_argument(e, call, 2)?.layout(None);
    e.new_filled(dtype, &extents, layout, Fill::None)
}

/// The same records as elements of `np.recarray`.
pub(crate) fn as_np_record(dtype: Type) -> Option<Type> {
    let layout = RecordLayout { is_np_record: true, ..(*dtype.as_record()?.layout).clone() };
    Some(Type::record(layout.into()))
}

fn full(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let extents = shape_argument(e, call, 0, call.args[0])?;
    let value = number_argument(e, call, 1)?;
    let dtype = optional_dtype(e, call, 2)?.unwrap_or(e.ty(value));
    let layout = new_layout(e, call, 3)?;
    e.new_filled(dtype, &extents, layout, Fill::Value(value))
}

/// `…_like`: from the parameter at `first` on dtype, order, subok, shape.
fn filled_like(e: &mut Emitter<'_>, call: &Call, first: usize, fill: Fill) -> Emit {
    let dtype = optional_dtype(e, call, first)?;
    let order = order_argument(e, call, first + 1)?;
    let value = array_like(e, call, 0)?;
    let like = e.array_type(value);
    let mut extents = e.extents(value);
    let shape = call.args[first + 3];
    if !e.ty(shape).is_none() {
        extents = shape_argument(e, call, first + 3, shape)?;
    }
    e.new_filled(dtype.unwrap_or(like.dtype), &extents, order.layout(Some(like)), fill)
}

fn array(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let dtype = optional_dtype(e, call, 1)?;
    let copy = constant_bool(e, call, 2, "copy")?;
    let order = order_argument(e, call, 3)?;
    let value = e.plain(call.args[0]);
    if !e.is_array(value) {
        return e.new_array_of(call, 0, call.args[0], dtype, order.layout(None));
    }
    let ty = e.array_type(value);
    let layout = order.layout(Some(ty));
    let dtype = dtype.unwrap_or(ty.dtype);
    if !copy {
        if ty.dtype == dtype && (order == Order::Keep || ty.layout == layout) {
            return Ok(value);
        }
        return call.argument_error(2, Code::ArgumentValue, "the array cannot be had without a copy");
    }
    e.cast_array(value, dtype, layout)
}

/// An argument that is an array, or as an array what is a number or nested tuples of numbers.
pub(crate) fn array_like(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    value_as_array(e, call, idx, call.args[idx])
}

/// As [`array_like`], of a part of an argument.
pub(crate) fn value_as_array(e: &mut Emitter<'_>, call: &Call, idx: usize, value: Value) -> Emit {
    let plain = e.plain(value);
    let plain = e.as_array_of_records(plain);
    if e.is_array(plain) { Ok(plain) } else { e.new_array_of(call, idx, value, None, Layout::C) }
}

fn require(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let dtype = optional_dtype(e, call, 1)?;
    let array = array_like(e, call, 0)?;
    let given = call.args[2];
    let parts = match e.ty(given) {
        ty if ty.is_none() => Vec::new(),
        ty if ty.as_tuple().is_some() => e.tuple_elements(given),
        _ => vec![given],
    };
    let (mut layout, mut writable, mut own) = (None, false, false);
    for part in parts {
        match e.ty(part).as_literal_str().map(str::to_uppercase).as_deref() {
            Some("C" | "C_CONTIGUOUS" | "CONTIGUOUS") if layout != Some(Layout::F) => {
                layout = Some(Layout::C)
            }
            Some("F" | "F_CONTIGUOUS" | "FORTRAN") if layout != Some(Layout::C) => layout = Some(Layout::F),
            Some("W" | "WRITEABLE") => writable = true,
            Some("O" | "OWNDATA") => own = true,
            Some("A" | "ALIGNED" | "E" | "ENSUREARRAY") => {}
            _ => {
                let message = "requirements are 'C' or 'F', 'A', 'W', 'O' and 'E', or a tuple of them";
                return call.argument_error(2, Code::ArgumentValue, message);
            }
        }
    }
    let ty = e.array_type(array);
    let dtype = dtype.unwrap_or(ty.dtype);
    let kept = if ty.layout == Layout::F { Layout::F } else { Layout::C };
    let layout = if ty.ndim < 2 { layout.map(|_| Layout::C) } else { layout };
    // Who owns memory is not known when compiling: it is copied.
    if dtype != ty.dtype || own || writable && ty.readonly || !ty.aligned {
        return e.cast_array(array, dtype, layout.unwrap_or(kept));
    }
    match layout {
        Some(layout) => e.contiguous(array, layout),
        None => Ok(array),
    }
}

/// `asarray` and its kin; `layout` where one is demanded, and then at least one axis.
fn as_array(e: &mut Emitter<'_>, call: &Call, layout: Option<Layout>) -> Emit {
    let dtype = optional_dtype(e, call, 1)?;
    let order = match layout {
        Some(Layout::F) => Order::F,
        Some(_) => Order::C,
        None => order_argument(e, call, 2)?,
    };
    let value = e.plain(call.args[0]);
    let value = if e.is_array(value) {
        let ty = e.array_type(value);
        let wanted = order.layout(Some(ty));
        match dtype {
            Some(dtype) if dtype != ty.dtype => e.cast_array(value, dtype, wanted)?,
            _ if order == Order::Keep => value,
            // One axis has one order only.
            _ if ty.ndim < 2 => e.contiguous(value, Layout::C)?,
            _ => e.contiguous(value, wanted)?,
        }
    } else {
        e.new_array_of(call, 0, call.args[0], dtype, order.layout(None))?
    };
    if layout.is_some() { e.at_least_1d(value) } else { Ok(value) }
}

fn arange(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let mut parts = [None; 3];
    for (idx, part) in parts.iter_mut().enumerate() {
        if !e.ty(call.args[idx]).is_none() {
            let value = number_argument(e, call, idx)?;
            if e.ty(value).is_complex() {
                return call.argument_error(
                    idx,
                    Code::ArgumentType,
                    "arange() of complex numbers is not supported",
                );
            }
            *part = Some(value);
        }
    }
    let (start, stop) = match parts {
        [Some(stop), None, _] => (e.b.int64(0), stop),
        [Some(start), Some(stop), _] => (start, stop),
        [None, Some(stop), _] => (e.b.int64(0), stop),
        [None, None, _] => return call.argument_error(0, Code::ArgumentType, "arange() needs `stop`"),
    };
    let step = parts[2].unwrap_or_else(|| e.b.int64(1));
    // NumPy starts from int64, so narrower types do not make narrower arrays.
    let natural =
        e.types(&[start, stop, step]).into_iter().fold(Type::int64(), |a, b| promote(a, b).unwrap_or(a));
    let dtype = optional_dtype(e, call, 3)?.unwrap_or(natural);
    if dtype.is_bool() {
        return call.argument_error(3, Code::ArgumentValue, "arange() of dtype bool is not supported");
    }
    let length = arange_length(e, [start, stop, step])?;
    let array = e.allocate_array(dtype, &[length], Layout::C, false)?;
    let second = e.binary(BinaryOperator::Add, start, step)?;
    let first = e.cast_number(start, dtype)?;
    let second = e.cast_number(second, dtype)?;
    e.fill_progression(array, first, second);
    Ok(array)
}

/// `ceil((stop - start) / step)`, at least 0.
fn arange_length(e: &mut Emitter<'_>, parts: [Value; 3]) -> Emit {
    let zero = e.b.int64(0);
    let exact = e.types(&parts).iter().all(|ty| ty.is_bool() || ty.is_int() && *ty != Type::uint64());
    let [start, stop, step] = parts;
    let zero_step = e.b.zero(e.ty(step));
    let fine = e.not_equal(step, zero_step);
    let message = if exact { "division by zero" } else { "float division by zero" };
    e.raise_unless(fine, "ZeroDivisionError", message, &[]);
    if exact {
        let [start, stop, step] = [start, stop, step].map(|part| e.b.convert(part, Type::int64()));
        let range = e.range([start, stop, step])?;
        let length = e.range_length(range)?;
        let negative = e.less(length, zero);
        e.raise_if(negative, "ValueError", "Maximum allowed size exceeded", &[]);
        return Ok(length);
    }
    let error_model = std::mem::replace(&mut e.error_model, ErrorModel::Numpy);
    let steps = e
        .binary(BinaryOperator::Sub, stop, start)
        .and_then(|distance| e.binary(BinaryOperator::Div, distance, step));
    e.error_model = error_model;
    let steps = e.coerce(steps?, Type::float64())?;
    let steps = e.b.unary(UnaryOp::Ceil, steps);
    let is_number = e.equal(steps, steps);
    e.raise_unless(is_number, "ValueError", "arange: cannot compute length", &[]);
    let limit = e.b.float(9.2e18, Type::float64());
    let below = e.less(steps, limit);
    e.raise_unless(below, "ValueError", "Maximum allowed size exceeded", &[]);
    let none = e.b.float(0.0, Type::float64());
    let some = e.less(none, steps);
    let steps = e.b.select(some, steps, none);
    Ok(e.b.convert(steps, Type::int64()))
}

/// Numbers between the elements of arrays, or numbers, by the kernel of this name, along a new axis. Start, stop, `n` and
/// `endpoint` are arguments of a call whose last one is the axis.
pub(crate) fn spaced_arrays(e: &mut Emitter<'_>, call: &Call, kernel: &str) -> Emit {
    let ends = inexact_ends(e, call)?;
    let dtype = e.array_type(ends[0]).dtype;
    if dtype.is_complex() && kernel != "spaced" {
        let message = format!("{}() of complex numbers is not supported", call.short_name());
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let (n, endpoint) = number_of_samples(e, call)?;
    let extents = e.broadcast_extents(&ends)?;
    let mut args = Vec::with_capacity(4);
    for end in ends {
        let strides = e.strides_for(end, &extents, "the shapes of start and stop do not fit")?;
        let data = e.array_data(end);
        args.push(e.view_slots(data, dtype, &extents, &strides));
    }
    args.extend([n, endpoint]);
    let ndim = extents.len() + 1;
    let result = e.call_kernel(kernel, dtype, args, Type::array(dtype, ndim as u8, Layout::C));
    let axis = call.args.len() - 1;
    let axis = super::reshaping::constant_axis(e, call, axis, call.args[axis], ndim)?;
    Ok(e.with_axis_moved(result, 0, axis))
}

/// Start and stop, the first two arguments, as arrays of the dtype that is computed in.
fn inexact_ends(e: &mut Emitter<'_>, call: &Call) -> Emit<[Value; 2]> {
    let [start, stop] = [array_like(e, call, 0)?, array_like(e, call, 1)?];
    let mut types = [0, 1].map(|idx| e.ty(call.args[idx]).widen());
    if call.short_name() == "geomspace" {
        // Numbers count as arrays there.
        types = [start, stop].map(|end| e.array_type(end).dtype);
    } else {
        effective_dtypes(&types).into_iter().zip(&mut types).for_each(|(effective, ty)| *ty = effective);
    }
    let dtype = match types.into_iter().reduce(|a, b| promote(a, b).unwrap_or(a)) {
        Some(dtype) if dtype.is_float() || dtype.is_complex() => dtype,
        _ => Type::float64(),
    };
    Ok([e.as_dtype(start, dtype)?, e.as_dtype(stop, dtype)?])
}

/// `num` and `endpoint`, the third and fourth argument.
pub(crate) fn number_of_samples(e: &mut Emitter<'_>, call: &Call) -> Emit<(Value, Value)> {
    let n = e.as_index(call.args[2], "num")?;
    let negative = e.is_negative(n);
    e.raise_if(negative, "ValueError", "Number of samples, {}, must be non-negative.", &[n]);
    let endpoint = e.truth(call.args[3])?;
    Ok((n, e.coerce(endpoint, Type::bool())?))
}

fn linspace(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let samples = linspace_samples(e, call)?;
    if !constant_bool(e, call, 4, "retstep")? {
        return Ok(samples);
    }
    let (n, endpoint) = number_of_samples(e, call)?;
    let (zero, one) = (e.b.int64(0), e.b.int64(1));
    let less = e.b.sub(n, one);
    let n_steps = e.b.select(endpoint, less, n);
    let some = e.less(zero, n_steps);
    let n_steps = e.b.convert(n_steps, Type::float64());
    let nan = e.b.float(f64::NAN, Type::float64());
    let n_steps = e.b.select(some, n_steps, nan);
    let [subtract, divide] =
        ["numpy.subtract", "numpy.divide"].map(|name| ufunc(name).expect("both are ufuncs"));
    let [start, stop] = inexact_ends(e, call)?.map(|end| e.scalar_of(end));
    let distance = subtract.apply(e, &[stop, start])?;
    let step = divide.apply(e, &[distance, n_steps])?;
    Ok(e.tuple(vec![samples, step]))
}

fn linspace_samples(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let needs_kernel = |end: &Value| e.has_axes(*end) || e.ty(*end).widen().is_complex();
    if call.args[..2].iter().any(needs_kernel) {
        let array = spaced_arrays(e, call, "spaced")?;
        return match optional_dtype(e, call, 5)? {
            None => Ok(array),
            Some(dtype) if dtype.is_int() => {
                let floor = ufunc("numpy.floor").expect("it is a ufunc");
                let whole = floor.apply(e, &[array])?;
                e.cast_array(whole, dtype, Layout::C)
            }
            Some(dtype) => e.as_dtype(array, dtype),
        };
    }
    if !matches!(e.ty(call.args[6]).as_literal_int(), Some(0 | -1)) {
        return call.argument_error(6, Code::ArgumentValue, "between numbers there is axis 0 only");
    }
    let mut ends = Vec::with_capacity(2);
    for idx in 0..2 {
        ends.push(number_argument(e, call, idx)?);
    }
    let (n, endpoint) = number_of_samples(e, call)?;
    let single = e.types(&ends).iter().all(|ty| *ty == Type::float32());
    let computed = Type::float(if single { FloatKind::F32 } else { FloatKind::F64 });
    let dtype = optional_dtype(e, call, 5)?.unwrap_or(computed);
    let array = e.allocate_array(computed, &[n], Layout::C, false)?;
    let start = e.coerce(ends[0], computed)?;
    let stop = e.coerce(ends[1], computed)?;
    e.fill_linspace(array, [start, stop], endpoint, dtype.is_int());
    if dtype == computed { Ok(array) } else { e.cast_array(array, dtype, Layout::C) }
}
