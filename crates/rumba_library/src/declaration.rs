//! A supported function, declared once: its name, its parameters as Python and NumPy spell them, one
//! sentence of documentation, and the rule that types and emits a call.

use crate::admitted_elements::check_elements;
use crate::{Emit, Emitter, Failure};
use rumba_ir::Value;
use rumba_source::{Code, Diagnostic, Span};
use rumba_types::Type;
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
    /// `**kwargs`: the rule sees a named tuple of what is given under names that no parameter has.
    Keywords,
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

    pub const fn keywords(name: &'static str) -> Param {
        Param { name, default: Default::Keywords, positional_only: true, keyword_only: false }
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
    /// One per parameter, in order; a variadic one is a tuple, that of keywords a named tuple.
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
        check_elements(self, e, &call)?;
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

    pub(crate) fn short_name(&self) -> &'static str {
        self.path.rsplit(['.', ':']).next().unwrap_or(self.path)
    }

    /// Binds arguments to parameters as Python does.
    pub fn bind(&'static self, e: &mut Emitter<'_>, arguments: &[Argument]) -> Emit<Call> {
        let name = self.short_name();
        let mut bound: Vec<Option<(Value, Span)>> = vec![None; self.params.len()];
        let (mut rest, mut keywords) = (Vec::new(), Vec::new());
        let variadic = self.params.iter().position(|param| param.default == Default::Variadic);
        let takes_keywords = self.params.iter().any(|param| param.default == Default::Keywords);
        let n_positional = variadic.unwrap_or_else(|| {
            let by_name = |param: &Param| param.keyword_only || param.default == Default::Keywords;
            self.params.iter().position(by_name).unwrap_or(self.params.len())
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
                        if takes_keywords {
                            keywords.push((keyword.as_str(), argument.value));
                            continue;
                        }
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
                (None, Default::Keywords) => (e.named_tuple("keywords", &keywords), e.span),
                (None, default) => (default_value(e, default), e.span),
            };
            call.args.push(value);
            call.spans.push(span);
        }
        Ok(call)
    }
}

/// `1 positional argument`, `2 positional arguments`.
pub fn positional_arguments(n: usize) -> String {
    format!("{n} positional argument{}", if n == 1 { "" } else { "s" })
}

fn default_value(e: &mut Emitter<'_>, default: Default) -> Value {
    match default {
        Default::Required | Default::Variadic | Default::Keywords | Default::Absent => {
            e.b.unit(Type::undefined())
        }
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
        crate::tuples::DECLARATIONS,
        crate::generators::DECLARATIONS,
        crate::keywords::DECLARATIONS,
        crate::literals::DECLARATIONS,
        crate::numbers::DECLARATIONS,
        crate::math::DECLARATIONS,
        crate::cmath::DECLARATIONS,
        crate::operator::DECLARATIONS,
        crate::contexts::DECLARATIONS,
        crate::records::DECLARATIONS,
        crate::containers::lists::DECLARATIONS,
        crate::containers::dicts::DECLARATIONS,
        crate::containers::mixed_dicts::DECLARATIONS,
        crate::containers::mixed_lists::DECLARATIONS,
        crate::containers::sets::DECLARATIONS,
        crate::containers::typed::DECLARATIONS,
        crate::containers::collections::DECLARATIONS,
        crate::containers::deques::DECLARATIONS,
        crate::instances::DECLARATIONS,
        crate::times::DECLARATIONS,
        crate::times::calendar::DECLARATIONS,
        crate::random::DECLARATIONS,
        crate::pointers::DECLARATIONS,
    ];
    tables.extend(crate::text::tables());
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
