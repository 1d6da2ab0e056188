//! NumPy's ufuncs: one row each, which says what dtypes it computes in and what it does to one element.
//!
//! The rows know nothing of arrays: on arrays the scalar operation is the body of an elementwise operation.
//!
//! Nothing here raises where NumPy does not: divisions by zero give inf, nan or 0.

mod arithmetic;
mod comparison;
mod complex;
mod floats;
mod integers;
pub mod methods;
mod pieces;
mod table;

use super::dtypes::optional_dtype;
use super::promotion::{all_dtypes, can_cast_safely, can_cast_same_kind, effective_dtypes};
use crate::arrays::creation::value_as_array;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter, ErrorModel};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};
use std::sync::LazyLock;

/// What dtypes a ufunc computes in.
#[derive(Clone, Copy, Debug)]
pub enum Inputs {
    /// All operands as the first of these to which each converts safely; NumPy's letters, in its order.
    Alike(&'static str),
    /// As `Alike`, but not where all operands are bools.
    AlikeNotBool(&'static str),
    /// As `Alike`, but integers become float64, however narrow.
    AlikeTrueDivision(&'static str),
    /// Each operand as it is: comparisons, logic.
    Any,
    /// A float and an integer.
    FloatAndInt,
    /// Times only, which are no business of the rows: see `crate::times`.
    Times,
}

/// One ufunc.
pub struct Ufunc {
    /// `numpy.` and its `__name__`.
    pub path: &'static str,
    pub doc: &'static str,
    pub n_inputs: usize,
    pub inputs: Inputs,
    /// The result for operands of the dtypes that `inputs` resolves to; its type is the result's dtype. A
    /// tuple for ufuncs with two results.
    pub scalar: fn(&mut Emitter<'_>, &[Value]) -> Emit,
}

/// What a call of a ufunc says besides its operands.
#[derive(Clone, Copy, std::default::Default)]
struct Options {
    out: Option<Value>,
    /// A bool, or an array of bools: which elements of `out` to write.
    mask: Option<Value>,
    dtype: Option<Type>,
}

/// The type of elements, or of a number.
fn element(ty: Type) -> Type {
    ty.as_array().map_or(ty, |array| array.dtype)
}

const LETTERS: &str = "?bBhHiIlLfdFD";

fn by_letter(letter: char) -> Option<Type> {
    LETTERS.chars().position(|other| other == letter).map(|position| all_dtypes()[position])
}

impl Ufunc {
    /// The dtypes that operands of these dtypes are converted to. `None` where the ufunc is not defined.
    pub fn resolve(&self, operands: &[Type]) -> Option<Vec<Type>> {
        let first_of = |letters: &str, operands: &[Type]| {
            let fits = |ty: &Type| operands.iter().all(|operand| can_cast_safely(*operand, *ty));
            letters.chars().filter_map(by_letter).find(fits)
        };
        let alike = |ty: Type| vec![ty; operands.len()];
        match self.inputs {
            Inputs::Any => Some(operands.to_vec()),
            Inputs::Times => None,
            Inputs::Alike(letters) => first_of(letters, operands).map(alike),
            Inputs::AlikeNotBool(letters) => {
                let bools = operands.iter().all(|ty| ty.is_bool());
                if bools { None } else { first_of(letters, operands).map(alike) }
            }
            Inputs::AlikeTrueDivision(letters) => {
                let integral = operands.iter().all(|ty| ty.is_int() || ty.is_bool());
                if integral { Some(alike(Type::float64())) } else { first_of(letters, operands).map(alike) }
            }
            Inputs::FloatAndInt => {
                let [float, int] = operands else { return None };
                Some(vec![first_of("fd", &[*float])?, first_of("il", &[*int])?])
            }
        }
    }

    /// The ufunc of plain numbers and arrays.
    pub fn apply(&self, e: &mut Emitter<'_>, operands: &[Value]) -> Emit {
        self.apply_with(e, operands, Options::default())
    }

    /// The ufunc of plain numbers and arrays, written into an array. Gives the array.
    pub fn apply_into(&self, e: &mut Emitter<'_>, out: Value, operands: &[Value]) -> Emit {
        self.apply_with(e, operands, Options { out: Some(out), ..Options::default() })
    }

    /// As `apply`; with an array to write results into, and a mask of the elements to write.
    fn apply_with(&self, e: &mut Emitter<'_>, operands: &[Value], options: Options) -> Emit {
        let types = e.types(operands);
        let is_time = |ty: &Type| ty.as_array().map_or(*ty, |array| array.dtype).time_unit().is_some();
        if types.iter().any(is_time) {
            let scalars = operands.iter().map(|value| e.scalar_of(*value));
            let operands: Vec<(Value, Type)> = scalars.zip(types.iter().map(|ty| element(*ty))).collect();
            return self.compute(e, &operands, options, |e, elements| {
                match e.time_operation(self.name(), elements)? {
                    Some(result) => Ok(result),
                    None => {
                        let types: Vec<String> = e.types(elements).iter().map(Type::to_string).collect();
                        let message =
                            format!("np.{}() is not defined for {}", self.name(), types.join(" and "));
                        e.error(Code::ArgumentType, message)
                    }
                }
            });
        }
        let operands = self.convert_operands(e, operands, options.dtype)?;
        let error_model = std::mem::replace(&mut e.error_model, ErrorModel::Numpy);
        let result = self.compute(e, &operands, options, self.scalar);
        e.error_model = error_model;
        result
    }

    /// Numbers converted to the dtypes that the ufunc computes in; arrays as they are, with the dtype to convert their
    /// elements to.
    fn convert_operands(
        &self,
        e: &mut Emitter<'_>,
        operands: &[Value],
        dtype: Option<Type>,
    ) -> Emit<Vec<(Value, Type)>> {
        let types: Vec<Type> = e.types(operands).into_iter().map(Type::widen).collect();
        if let Some(ty) = types.iter().find(|ty| !ty.as_array().map_or(**ty, |array| array.dtype).is_number())
        {
            let message = format!("np.{}() is not defined for {}", self.name(), ty.shown());
            return e.error(Code::ArgumentType, message);
        }
        let effective = effective_dtypes(&types);
        let computed = match (dtype, self.inputs) {
            (None, _) | (_, Inputs::Any) => self.resolve(&effective),
            (Some(dtype), _) => {
                if let Some(from) = effective.iter().find(|from| !can_cast_same_kind(**from, dtype)) {
                    let message = format!(
                        "np.{}() does not convert {from} to {dtype} by casting 'same_kind'",
                        self.name()
                    );
                    return e.error(Code::CannotConvert, message);
                }
                self.resolve(&vec![dtype; operands.len()])
            }
        };
        let Some(computed) = computed else {
            let types: Vec<String> = types.iter().map(Type::to_string).collect();
            let message = format!("np.{}() is not defined for {}", self.name(), types.join(" and "));
            return e.error(Code::ArgumentType, message);
        };
        let has_arrays = types.iter().any(|ty| ty.as_array().is_some());
        let mut converted = Vec::with_capacity(operands.len());
        for (operand, ty) in operands.iter().zip(computed) {
            converted.push((e.operand_as(*operand, ty, has_arrays)?, ty));
        }
        Ok(converted)
    }

    fn compute(
        &self,
        e: &mut Emitter<'_>,
        operands: &[(Value, Type)],
        options: Options,
        of_scalars: impl Fn(&mut Emitter<'_>, &[Value]) -> Emit,
    ) -> Emit {
        let (values, types): (Vec<Value>, Vec<Type>) = operands.iter().copied().unzip();
        let scalar = |e: &mut Emitter<'_>, elements: &[Value]| -> Emit {
            let mut converted = Vec::with_capacity(elements.len());
            for (element, ty) in elements.iter().zip(&types) {
                converted.push(e.coerce(*element, *ty)?);
            }
            let result = of_scalars(e, &converted)?;
            let ty = e.ty(result);
            let has_dtype = |dtype| ty.as_tuple().unwrap_or(&[ty]).iter().all(|result| *result == dtype);
            if let Some(dtype) = options.dtype.filter(|dtype| !has_dtype(*dtype)) {
                return e.error(
                    Code::ArgumentValue,
                    format!("np.{}() has no results of dtype {dtype}", self.name()),
                );
            }
            Ok(result)
        };
        let Some(out) = options.out else {
            let any_arrays = values.iter().any(|value| e.has_axes(*value));
            return if any_arrays { e.map(&values, scalar) } else { scalar(e, &values) };
        };
        e.check_writable(out)?;
        let dtype = e.array_type(out).dtype;
        let name = self.name();
        let fit = |from: &str, to: &str| {
            format!(
                "non-broadcastable output operand with shape {to} doesn't match the broadcast shape {from}"
            )
        };
        let store = |e: &mut Emitter<'_>, value: Value| -> Emit {
            let from = e.ty(value);
            let are_times = from.time_unit().is_some() && from.is_datetime() == dtype.is_datetime();
            if !are_times && !can_cast_same_kind(from, dtype) {
                let message = format!(
                    "the result of np.{name}() is {from}, which is not stored into an array of {dtype}"
                );
                return e.error(Code::CannotConvert, message);
            }
            e.cast_number(value, dtype)
        };
        match options.mask {
            None => e.map_into(out, &values, fit, |e, elements| {
                let value = scalar(e, elements)?;
                store(e, value)
            })?,
            Some(mask) => {
                let operands = [&values[..], &[mask, out]].concat();
                e.map_into(out, &operands, fit, |e, elements| {
                    let (elements, rest) = elements.split_at(elements.len() - 2);
                    let value = scalar(e, elements)?;
                    let value = store(e, value)?;
                    let condition = e.coerce(rest[0], Type::bool())?;
                    Ok(e.b.select(condition, value, rest[1]))
                })?;
            }
        }
        Ok(out)
    }

    pub fn name(&self) -> &'static str {
        self.path.strip_prefix("numpy.").unwrap_or(self.path)
    }
}

/// The row of this path.
pub fn ufunc(path: &str) -> Option<&'static Ufunc> {
    table::UFUNCS.iter().find(|ufunc| ufunc.path == path)
}

/// Every row.
pub fn ufuncs() -> &'static [Ufunc] {
    table::UFUNCS
}

/// The declarations of calls, one per row.
pub fn declarations() -> &'static [Declaration] {
    const X: Param = Param::required("x").positional_only();
    const X1: Param = Param::required("x1").positional_only();
    const X2: Param = Param::required("x2").positional_only();
    const O: [Param; 6] = OPTIONS;
    const ONE: &[Param] = &[X, O[0], O[1], O[2], O[3], O[4], O[5]];
    const TWO: &[Param] = &[X1, X2, O[0], O[1], O[2], O[3], O[4], O[5]];
    static DECLARATIONS: LazyLock<Vec<Declaration>> = LazyLock::new(|| {
        let declare = |ufunc: &Ufunc| Declaration {
            path: ufunc.path,
            params: if ufunc.n_inputs == 1 { ONE } else { TWO },
            doc: ufunc.doc,
            rule: call_ufunc,
        };
        table::UFUNCS.iter().map(declare).collect()
    });
    &DECLARATIONS
}

/// Parameters of a ufunc behind its operands.
const OPTIONS: [Param; 6] = [
    Param::optional("out", Default::None),
    Param::optional("where", Default::Bool(true)).keyword_only(),
    Param::optional("casting", Default::Str("same_kind")).keyword_only(),
    Param::optional("order", Default::Str("K")).keyword_only(),
    Param::optional("dtype", Default::None).keyword_only(),
    Param::optional("subok", Default::Bool(true)).keyword_only(),
];

fn call_ufunc(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ufunc = ufunc(call.path).expect("the declarations are made from the rows");
    let mut operands = Vec::with_capacity(ufunc.n_inputs);
    for idx in 0..ufunc.n_inputs {
        operands.push(operand(e, call, ufunc, idx)?);
    }
    with_options(e, call, ufunc, &operands, None)
}

/// An argument that is a number or an array; a list or tuple as an array.
fn operand(e: &mut Emitter<'_>, call: &Call, ufunc: &Ufunc, idx: usize) -> Emit {
    let value = call.args[idx];
    let is_literal = e.ty(value).as_literal_int().is_some();
    let value = if is_literal { value } else { e.plain(value) };
    let ty = e.ty(value).widen();
    if ty.as_list().is_some() || ty.as_tuple().is_some() {
        return value_as_array(e, call, idx, value);
    }
    if !ty.is_number() && ty.time_unit().is_none() && ty.as_array().is_none() {
        let message = format!("np.{}() takes numbers and arrays, not {}", ufunc.name(), ty.shown());
        return call.argument_error(idx, Code::ArgumentType, message);
    }
    Ok(value)
}

/// The ufunc of these operands, with the options that stand behind them in a call; `natural` is the dtype to compute in
/// where the call names none and the operands alone do not say.
fn with_options(
    e: &mut Emitter<'_>,
    call: &Call,
    ufunc: &Ufunc,
    operands: &[Value],
    natural: Option<Type>,
) -> Emit {
    let n_inputs = ufunc.n_inputs;
    for (name, idx) in [("casting", n_inputs + 2), ("order", n_inputs + 3)] {
        if e.ty(call.args[idx]).as_literal_str() != OPTIONS[idx - n_inputs].default_text() {
            let message = format!("`{name}` of ufuncs is not supported");
            return call.argument_error(idx, Code::ArgumentValue, message);
        }
    }
    let dtype = optional_dtype(e, call, n_inputs + 4)?.or(natural);
    let out = array_option(e, call, n_inputs, "out")?;
    let mask = call.args[n_inputs + 1];
    let mask = (e.ty(mask).as_literal_bool() != Some(true)).then_some(mask);
    if mask.is_some() && out.is_none() {
        let message = "`where` needs `out`: other elements would have any value";
        return call.argument_error(n_inputs + 1, Code::ArgumentValue, message);
    }
    ufunc.apply_with(e, operands, Options { out, mask, dtype })
}

/// An argument that is an array or None.
fn array_option(e: &Emitter<'_>, call: &Call, idx: usize, name: &str) -> Emit<Option<Value>> {
    let value = call.args[idx];
    match e.ty(value).kind() {
        TypeKind::None => Ok(None),
        TypeKind::Array(_) => Ok(Some(value)),
        TypeKind::Tuple(parts) if matches!(parts[..], [part] if part.as_array().is_some()) => {
            call.argument_error(idx, Code::ArgumentType, format!("`{name}` is an array here, not a tuple"))
        }
        _ => call.argument_error(
            idx,
            Code::ArgumentType,
            format!("`{name}` is an array or None, not {}", e.ty(value).shown()),
        ),
    }
}
