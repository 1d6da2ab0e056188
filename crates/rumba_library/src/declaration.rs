//! A supported function, declared once: its name, its parameters as Python and NumPy spell them, one
//! sentence of documentation, and the rule that types and emits a call.

use crate::{Emit, Emitter, Failure};
use rumba_ir::Value;
use rumba_source::{Code, Diagnostic, Span};
use rumba_types::{Type, TypeKind};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// What a parameter is when no argument is given for it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Default {
    /// An argument must be given.
    Required,
    /// The rule sees `Type::undefined()`: no argument was given.
    Absent,
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'static str),
    /// `*args`: the rule sees a tuple.
    Variadic,
}

#[derive(Clone, Copy, Debug)]
pub struct Param {
    pub name: &'static str,
    pub default: Default,
    pub positional_only: bool,
    pub keyword_only: bool,
}

impl Param {
    /// A parameter that needs an argument.
    pub const fn required(name: &'static str) -> Param {
        Param { name, default: Default::Required, positional_only: false, keyword_only: false }
    }

    pub const fn optional(name: &'static str, default: Default) -> Param {
        Param { name, default, positional_only: false, keyword_only: false }
    }

    /// The string that stands for a missing argument.
    pub fn default_text(&self) -> Option<&'static str> {
        match self.default {
            Default::Str(text) => Some(text),
            _ => None,
        }
    }

    pub const fn variadic(name: &'static str) -> Param {
        Param { name, default: Default::Variadic, positional_only: true, keyword_only: false }
    }

    pub const fn positional_only(self) -> Param {
        Param { positional_only: true, ..self }
    }

    pub const fn keyword_only(self) -> Param {
        Param { keyword_only: true, ..self }
    }
}

/// One supported function or method.
pub struct Declaration {
    /// `math.sqrt`, `builtins.len`, `numpy.zeros`; methods and attributes of values: `array.reshape`,
    /// `number.real`.
    pub path: &'static str,
    pub params: &'static [Param],
    /// One sentence for the page of supported functions; deviations from NumPy or CPython belong here.
    pub doc: &'static str,
    pub rule: fn(&mut Emitter<'_>, &Call) -> Emit,
}

/// A call with its arguments bound to the declaration's parameters.
pub struct Call {
    pub path: &'static str,
    /// One per parameter, in order; a variadic one is a tuple.
    pub args: Vec<Value>,
    /// Where each argument stands; the whole call for defaults.
    pub spans: Vec<Span>,
}

impl Call {
    /// `sqrt` of `math.sqrt`.
    pub fn short_name(&self) -> &'static str {
        self.path.rsplit(['.', ':']).next().unwrap_or(self.path)
    }

    /// The position of a parameter of the function that is called, if it has one of this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        lookup(self.path)?.params.iter().position(|param| param.name == name)
    }

    /// A diagnostic at the argument of this position.
    pub fn argument_error<T>(&self, idx: usize, code: Code, message: impl Into<String>) -> Emit<T> {
        Err(Diagnostic::new(code, self.spans[idx], message).into())
    }
}

/// An argument as it stands in the call.
pub struct Argument {
    /// `None` for positional ones.
    pub keyword: Option<String>,
    pub value: Value,
    pub span: Span,
}

impl Declaration {
    /// Binds arguments to parameters as Python does and runs the rule.
    pub fn call(&'static self, e: &mut Emitter<'_>, arguments: &[Argument]) -> Emit {
        let call = self.bind(e, arguments)?;
        if let Some(result) = crate::times::call(e, self, &call)? {
            return Ok(result);
        }
        self.check_elements(e, &call)?;
        let result = (self.rule)(e, &call);
        match (result, arguments) {
            // A mistake of type in a call with one argument is the argument's.
            (Err(Failure::Error(mut diagnostic)), [argument])
                if diagnostic.code == Code::ArgumentType && diagnostic.primary.span == e.span =>
            {
                diagnostic.primary.span = argument.span;
                Err(Failure::Error(diagnostic))
            }
            (result, _) => result,
        }
    }

    /// Refuses arrays of elements that are no numbers, unless the function takes any elements.
    fn check_elements(&self, e: &Emitter<'_>, call: &Call) -> Emit<()> {
        for (idx, arg) in call.args.iter().enumerate() {
            let Some(element) = unusual_element(e.ty(*arg)) else { continue };
            if takes_any_elements(self.path) || element.time_unit().is_some() && takes_times(self.path) {
                return Ok(());
            }
            let message = format!("{}() is not defined for elements of {element}", self.short_name());
            let diagnostic = Diagnostic::new(Code::ArgumentType, call.spans[idx], message);
            return Err(match element.as_record() {
                Some(record) => {
                    let field = &record.layout.fields[0].name;
                    diagnostic.note(format!("it takes the fields, such as `a[\"{field}\"]`")).into()
                }
                None => diagnostic.into(),
            });
        }
        Ok(())
    }

    fn short_name(&self) -> &'static str {
        self.path.rsplit(['.', ':']).next().unwrap_or(self.path)
    }

    fn bind(&'static self, e: &mut Emitter<'_>, arguments: &[Argument]) -> Emit<Call> {
        let name = self.short_name();
        let mut bound: Vec<Option<(Value, Span)>> = vec![None; self.params.len()];
        let mut rest = Vec::new();
        let variadic = self.params.iter().position(|param| param.default == Default::Variadic);
        let n_positional = variadic.unwrap_or_else(|| {
            self.params.iter().position(|param| param.keyword_only).unwrap_or(self.params.len())
        });
        let mut n_given = 0;
        for argument in arguments {
            match &argument.keyword {
                None if n_given < n_positional => {
                    bound[n_given] = Some((argument.value, argument.span));
                    n_given += 1;
                }
                None if variadic.is_some() => rest.push(argument),
                None => {
                    let message = format!("{name}() takes at most {}", positional_arguments(n_positional));
                    return Err(Diagnostic::new(Code::ArgumentCount, argument.span, message).into());
                }
                Some(keyword) => {
                    let position =
                        self.params.iter().position(|param| param.name == keyword && !param.positional_only);
                    let Some(position) = position else {
                        let message = format!("{name}() has no parameter `{keyword}`");
                        let mut diagnostic = Diagnostic::new(Code::ArgumentCount, argument.span, message);
                        let names: Vec<_> =
                            self.params.iter().filter(|p| !p.positional_only).map(|p| p.name).collect();
                        if !names.is_empty() {
                            diagnostic = diagnostic.note(format!("its parameters are {}", names.join(", ")));
                        }
                        return Err(diagnostic.into());
                    };
                    if bound[position].is_some() {
                        let message = format!("{name}() got several values for `{keyword}`");
                        return Err(Diagnostic::new(Code::ArgumentCount, argument.span, message).into());
                    }
                    bound[position] = Some((argument.value, argument.span));
                }
            }
        }
        let mut call = Call { path: self.path, args: Vec::new(), spans: Vec::new() };
        for (idx, param) in self.params.iter().enumerate() {
            let (value, span) = match (bound[idx], param.default) {
                (Some(given), _) => given,
                (None, Default::Required) => {
                    return e.error(
                        Code::ArgumentCount,
                        format!("{name}() needs an argument for `{}`", param.name),
                    );
                }
                (None, Default::Variadic) => {
                    let values = rest.iter().map(|argument| argument.value).collect();
                    let span = rest.first().map_or(e.span, |argument| argument.span);
                    (e.tuple(values), span)
                }
                (None, default) => (default_value(e, default), e.span),
            };
            call.args.push(value);
            call.spans.push(span);
        }
        Ok(call)
    }
}

/// The element type of arrays in a value, if it is no number; also of a record, and what a dtype names.
fn unusual_element(ty: Type) -> Option<Type> {
    match ty.kind() {
        TypeKind::Array(array) => unusual_element(array.dtype),
        TypeKind::Record(record) => Some(Type::record(record.layout.clone())),
        TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => Some(ty),
        TypeKind::DType(dtype) => unusual_element(*dtype),
        TypeKind::Optional(inner) => unusual_element(*inner),
        TypeKind::Tuple(parts) | TypeKind::NamedTuple(_, parts) => {
            parts.iter().find_map(|part| unusual_element(*part))
        }
        _ => None,
    }
}

/// Whether a function only moves elements, or asks about what has nothing to do with them.
fn takes_any_elements(path: &str) -> bool {
    const GROUPS: &[&str] = &["builtins.", "record", "dtype", "tuple", "array.flags"];
    const FUNCTIONS: &[&str] = &[
        "array:T",
        "array:mT",
        "array:dtype",
        "array:flat",
        "array:itemsize",
        "array:nbytes",
        "array:ndim",
        "array:shape",
        "array:size",
        "array:strides",
        "array.compress",
        "array.copy",
        "array.astype",
        "array.diagonal",
        "array.fill",
        "array.flatten",
        "array.item",
        "array.put",
        "array.ravel",
        "array.repeat",
        "array.reshape",
        "array.squeeze",
        "array.swapaxes",
        "array.take",
        "array.transpose",
        "array.view",
        "numpy.append",
        "numpy.array",
        "numpy.array_split",
        "numpy.asarray",
        "numpy.ascontiguousarray",
        "numpy.asfortranarray",
        "numpy.atleast_1d",
        "numpy.atleast_2d",
        "numpy.atleast_3d",
        "numpy.broadcast_arrays",
        "numpy.broadcast_to",
        "numpy.column_stack",
        "numpy.block",
        "numpy.compress",
        "numpy.concat",
        "numpy.concatenate",
        "numpy.copy",
        "numpy.copyto",
        "numpy.delete",
        "numpy.diag",
        "numpy.diagonal",
        "numpy.dsplit",
        "numpy.dstack",
        "numpy.dtype",
        "numpy.empty",
        "numpy.empty_like",
        "numpy.expand_dims",
        "numpy.extract",
        "numpy.fill_diagonal",
        "numpy.flip",
        "numpy.lib.stride_tricks.sliding_window_view",
        "numpy.linalg.matrix_transpose",
        "numpy.fliplr",
        "numpy.flipud",
        "numpy.hsplit",
        "numpy.hstack",
        "numpy.insert",
        "numpy.matrix_transpose",
        "numpy.moveaxis",
        "numpy.ndenumerate",
        "numpy.ndim",
        "numpy.place",
        "numpy.put",
        "numpy.put_along_axis",
        "numpy.putmask",
        "numpy.ravel",
        "numpy.rec.recarray",
        "numpy.recarray",
        "numpy.repeat",
        "numpy.reshape",
        "numpy.resize",
        "numpy.roll",
        "numpy.rollaxis",
        "numpy.rot90",
        "numpy.shape",
        "numpy.size",
        "numpy.split",
        "numpy.squeeze",
        "numpy.stack",
        "numpy.swapaxes",
        "numpy.take",
        "numpy.take_along_axis",
        "numpy.tile",
        "numpy.tril",
        "numpy.triu",
        "numpy.transpose",
        "numpy.vsplit",
        "numpy.vstack",
        "numpy.zeros",
        "numpy.zeros_like",
    ];
    GROUPS.iter().any(|group| path.starts_with(group)) || FUNCTIONS.contains(&path)
}

/// Whether a function computes with times as it does with numbers.
fn takes_times(path: &str) -> bool {
    const FUNCTIONS: &[&str] = &[
        "numpy.datetime64",
        "numpy.diff",
        "numpy.full",
        "numpy.full_like",
        "numpy.timedelta64",
        "numpy.where",
    ];
    path.starts_with("time") || FUNCTIONS.contains(&path) || crate::numpy::ufuncs::ufunc(path).is_some()
}

/// `1 positional argument`, `2 positional arguments`.
pub fn positional_arguments(n: usize) -> String {
    format!("{n} positional argument{}", if n == 1 { "" } else { "s" })
}

fn default_value(e: &mut Emitter<'_>, default: Default) -> Value {
    match default {
        Default::Required | Default::Variadic | Default::Absent => e.b.unit(Type::undefined()),
        Default::None => e.b.none(),
        Default::Bool(value) => e.literal_bool(value),
        Default::Int(value) => e.literal_int(i128::from(value)),
        Default::Float(value) => e.b.float(value, Type::float64()),
        Default::Str(text) => e.b.unit(Type::literal_str(text)),
    }
}

/// Every table of declarations.
fn tables() -> Vec<&'static [Declaration]> {
    let mut tables = vec![
        crate::builtins::DECLARATIONS,
        crate::numbers::DECLARATIONS,
        crate::math::DECLARATIONS,
        crate::cmath::DECLARATIONS,
        crate::operator::DECLARATIONS,
        crate::records::DECLARATIONS,
        crate::times::DECLARATIONS,
    ];
    tables.extend(crate::numpy::tables());
    tables
}

/// All declarations, in the order of the tables.
pub fn declarations() -> impl Iterator<Item = &'static Declaration> {
    tables().into_iter().flatten()
}

/// The declaration of this path.
pub fn lookup(path: &str) -> Option<&'static Declaration> {
    static BY_PATH: OnceLock<FxHashMap<&'static str, &'static Declaration>> = OnceLock::new();
    BY_PATH
        .get_or_init(|| declarations().map(|declaration| (declaration.path, declaration)).collect())
        .get(path)
        .copied()
}
