//! The keywords of a call, `def f(**keywords)`: a dict whose keys are known when compiling. Each value has a type of its own,
//! and nothing is looked up when the code runs. What needs a dict of one type makes one.

use crate::declaration::{Argument, Declaration, Default, Param};
use crate::operators::Comparison;
use crate::{Call, Emit, Emitter, Failure, lookup};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind, join};
use std::sync::Arc;

const SELF: Param = Param::required("self").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "keywords.items",
        params: &[SELF],
        doc: "The pairs of name and value, as a tuple.",
        rule: |e, call| {
            let names = keyword_names(e, call.args[0]);
            let mut pairs = Vec::with_capacity(names.len());
            for (position, name) in names.iter().enumerate() {
                let pair = vec![e.b.unit(Type::literal_str(name)), e.b.field(call.args[0], position)];
                pairs.push(e.tuple(pair));
            }
            Ok(e.tuple(pairs))
        },
    },
    Declaration {
        path: "keywords.keys",
        params: &[SELF],
        doc: "The names, as a tuple.",
        rule: |e, call| Ok(e.keyword_names(call.args[0])),
    },
    Declaration {
        path: "keywords.values",
        params: &[SELF],
        doc: "The values, as a tuple.",
        rule: |e, call| {
            let n_values = keyword_names(e, call.args[0]).len();
            let values = (0..n_values).map(|position| e.b.field(call.args[0], position)).collect();
            Ok(e.tuple(values))
        },
    },
    Declaration {
        path: "keywords.get",
        params: &[
            SELF,
            Param::required("key").positional_only(),
            Param::optional("default", Default::None).positional_only(),
        ],
        doc: "The value of a name, or the default. A name that is known when compiling finds a value of any type.",
        rule: get,
    },
    Declaration {
        path: "keywords.copy",
        params: &[SELF],
        doc: "A dict of the keywords, whose values have one type.",
        rule: |e, call| e.dict_of_keywords(call.args[0]),
    },
];

/// The names of a value that holds keywords.
fn keyword_names(e: &Emitter<'_>, keywords: Value) -> &'static [Arc<str>] {
    match e.ty(keywords).kind() {
        TypeKind::Keywords(names, _) => names,
        ty => unreachable!("{ty:?} holds no keywords"),
    }
}

fn get(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let [keywords, key, default] = [0, 1, 2].map(|idx| call.args[idx]);
    if e.ty(key).as_literal_str().is_some() {
        return Ok(e.keyword_value(keywords, key).unwrap_or(default));
    }
    let dict = e.dict_of_keywords(keywords)?;
    let values = [dict, key, default].into_iter().zip(&call.spans);
    let args: Vec<_> = values.map(|(value, span)| Argument { keyword: None, value, span: *span }).collect();
    lookup("dict.get").expect("dicts have `get`").call(e, &args)
}

impl Emitter<'_> {
    /// The value of a name that is known when compiling, if the keywords have it.
    fn keyword_value(&mut self, keywords: Value, key: Value) -> Option<Value> {
        let name = self.ty(key).as_literal_str()?;
        let position = keyword_names(self, keywords).iter().position(|own| **own == *name)?;
        Some(self.b.field(keywords, position))
    }

    /// `keywords[key]`.
    pub fn keyword_item(&mut self, keywords: Value, key: Value) -> Emit {
        if let Some(value) = self.keyword_value(keywords, key) {
            return Ok(value);
        }
        if self.ty(key).as_literal_str().is_some() || keyword_names(self, keywords).is_empty() {
            let key = self.materialise(key);
            let never = self.b.bool(false);
            self.raise_key_error_unless(never, key);
            return Err(Failure::NeverReturns);
        }
        let dict = self.dict_of_keywords(keywords)?;
        self.subscript(dict, key)
    }

    /// Whether the keywords have a name: known when compiling if the name is.
    pub fn has_keyword(&mut self, keywords: Value, key: Value) -> Emit {
        if self.ty(key).as_literal_str().is_some() {
            let found = self.keyword_value(keywords, key).is_some();
            return Ok(self.literal_bool(found));
        }
        let names = self.keyword_names(keywords);
        self.comparison(Comparison::In, key, names)
    }

    /// The names, which an iteration gives.
    pub fn keyword_names(&mut self, keywords: Value) -> Value {
        let names = keyword_names(self, keywords);
        let names = names.iter().map(|name| self.b.unit(Type::literal_str(name))).collect();
        self.tuple(names)
    }

    /// The names and values.
    pub fn keyword_parts(&mut self, keywords: Value) -> Vec<(Arc<str>, Value)> {
        let names = keyword_names(self, keywords).iter().enumerate();
        names.map(|(position, name)| (name.clone(), self.b.field(keywords, position))).collect()
    }

    /// A new dict of the keywords.
    pub fn dict_of_keywords(&mut self, keywords: Value) -> Emit {
        let mut common = Type::never();
        let parts = self.keyword_parts(keywords);
        for (name, value) in &parts {
            let ty = self.ty(*value).widen();
            common = join(common, ty).ok_or_else(|| {
                let message =
                    format!("the keyword `{name}` is {}, and those before it are {}", ty.shown(), common.shown());
                let note = "a dict has values of one type; a keyword whose name is written in the code is found \
                            whatever its type";
                self.diagnostic(Code::CannotUnify, message).note(note)
            })?;
        }
        let ty = if parts.is_empty() { Type::never() } else { Type::str() };
        let mut items = Vec::with_capacity(parts.len());
        for (name, value) in parts {
            items.push((self.b.unit(Type::literal_str(&name)), value));
        }
        self.dict(Type::dict(ty, common), &items)
    }
}
