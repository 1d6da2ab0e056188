//! NumPy's ufuncs: one row each, which says what dtypes it computes in and what it does to one element.
//!
//! Here they are called on numbers. The rows know nothing of that: a family that maps them over arrays
//! resolves and applies them in the same way, element by element.
//!
//! Nothing here raises where NumPy does not: divisions by zero give inf, nan or 0.

mod arithmetic;
mod comparison;
mod complex;
mod floats;
mod integers;
mod pieces;
mod table;

use super::promotion::{all_dtypes, can_cast_safely};
use crate::declaration::{Call, Declaration, Param};
use crate::{Emit, Emitter, ErrorModel};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::Type;
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

    /// The ufunc of plain numbers.
    pub fn apply(&self, e: &mut Emitter<'_>, operands: &[Value]) -> Emit {
        let types = e.types(operands);
        let Some(computed) = self.resolve(&types) else {
            let types: Vec<String> = types.iter().map(Type::to_string).collect();
            let message = format!("np.{}() is not defined for {}", self.name(), types.join(" and "));
            return e.error(Code::ArgumentType, message);
        };
        let error_model = std::mem::replace(&mut e.error_model, ErrorModel::Numpy);
        let result = self.apply_resolved(e, operands, &computed);
        e.error_model = error_model;
        result
    }

    fn apply_resolved(&self, e: &mut Emitter<'_>, operands: &[Value], computed: &[Type]) -> Emit {
        let mut converted = Vec::with_capacity(operands.len());
        for (operand, ty) in operands.iter().zip(computed) {
            converted.push(e.coerce(*operand, *ty)?);
        }
        (self.scalar)(e, &converted)
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
    const ONE: &[Param] = &[Param::required("x").positional_only()];
    const TWO: &[Param] = &[Param::required("x1").positional_only(), Param::required("x2").positional_only()];
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

fn call_ufunc(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let ufunc = ufunc(call.path).expect("the declarations are made from the rows");
    let mut operands = Vec::with_capacity(call.args.len());
    for idx in 0..call.args.len() {
        let value = e.scalar_of(call.args[idx]);
        let value = e.plain(value);
        let ty = e.ty(value);
        if ty.as_array().is_some() {
            let message = format!("np.{}() of an array is not supported yet", ufunc.name());
            let diagnostic = rumba_source::Diagnostic::new(Code::ArgumentType, call.spans[idx], message);
            return Err(diagnostic
                .note("whole-array expressions are not supported yet: write the loop")
                .into());
        }
        if !ty.is_number() {
            let message = format!("np.{}() takes numbers, not {}", ufunc.name(), ty.shown());
            return call.argument_error(idx, Code::ArgumentType, message);
        }
        operands.push(value);
    }
    ufunc.apply(e, &operands)
}
