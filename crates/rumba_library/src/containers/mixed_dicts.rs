//! Dicts of constant texts to values of several types. Such a dict is a value like a tuple: it does not change, and its
//! keys are known when compiling.

use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter, Failure};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};
use std::sync::Arc;

const SELF: Param = Param::required("self").positional_only();

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "mixed_dict.get",
        params: &[
            SELF,
            Param::required("key").positional_only(),
            Param::optional("default", Default::None).positional_only(),
        ],
        doc: "The value of a constant key, or the default if there is none.",
        rule: |e, call| Ok(e.value_of_constant(call.args[0], call.args[1])?.unwrap_or(call.args[2])),
    },
    Declaration {
        path: "mixed_dict.copy",
        params: &[SELF],
        doc: "The dict itself, since it does not change.",
        rule: |_, call| Ok(call.args[0]),
    },
    Declaration {
        path: "mixed_dict.keys",
        params: &[SELF],
        doc: "The keys, as a tuple.",
        rule: |e, call| Ok(e.mixed_keys(call.args[0])),
    },
    Declaration {
        path: "mixed_dict.values",
        params: &[SELF],
        doc: "The values, as a tuple.",
        rule: |e, call| {
            let values = values_of(e, call);
            Ok(e.tuple(values))
        },
    },
    Declaration {
        path: "mixed_dict.items",
        params: &[SELF],
        doc: "The pairs of key and value, as a tuple.",
        rule: |e, call| {
            let keys = e.mixed_keys(call.args[0]);
            let (keys, values) = (e.tuple_elements(keys), values_of(e, call));
            let pairs = keys.into_iter().zip(values).map(|(key, value)| e.tuple(vec![key, value])).collect();
            Ok(e.tuple(pairs))
        },
    },
];

fn values_of(e: &mut Emitter<'_>, call: &Call) -> Vec<Value> {
    let n_values = e.ty(call.args[0]).fields().map_or(0, |fields| fields.len());
    (0..n_values).map(|idx| e.b.field(call.args[0], idx)).collect()
}

impl Emitter<'_> {
    /// A dict of these items, if the keys are different constant texts.
    pub fn mixed_dict(&mut self, keys: &[Value], values: Vec<Value>) -> Option<Value> {
        let texts = keys.iter().map(|key| self.ty(*key).as_literal_str().map(Arc::from));
        let texts: Vec<Arc<str>> = texts.collect::<Option<_>>()?;
        if texts.iter().enumerate().any(|(idx, text)| texts[..idx].contains(text)) {
            return None;
        }
        let ty = TypeKind::MixedDict(texts.into(), self.types(&values)).into();
        Some(self.b.make(ty, values))
    }

    /// The keys, as a tuple.
    pub(crate) fn mixed_keys(&mut self, dict: Value) -> Value {
        let TypeKind::MixedDict(keys, _) = self.ty(dict).kind() else {
            unreachable!("the receiver is such a dict");
        };
        let keys = keys.iter().map(|key| self.b.unit(Type::literal_str(key))).collect();
        self.tuple(keys)
    }

    /// The value of a constant key, if there is one.
    fn value_of_constant(&mut self, dict: Value, key: Value) -> Emit<Option<Value>> {
        let TypeKind::MixedDict(keys, _) = self.ty(dict).kind() else {
            unreachable!("the receiver is such a dict");
        };
        let Some(key) = self.ty(key).as_literal_str() else {
            let message = "the values of this dict have several types: its key must be a constant text";
            let diagnostic = self.diagnostic(Code::IndexType, message);
            return Err(diagnostic.note("the type of the value must be known when compiling").into());
        };
        let position = keys.iter().position(|own| **own == *key);
        Ok(position.map(|position| self.b.field(dict, position)))
    }

    /// `dict[key]`.
    pub(crate) fn mixed_item(&mut self, dict: Value, key: Value) -> Emit {
        match self.value_of_constant(dict, key)? {
            Some(value) => Ok(value),
            None => {
                let (no, key) = (self.b.bool(false), self.materialise(key));
                self.raise_key_error_unless(no, key);
                Err(Failure::NeverReturns)
            }
        }
    }

    /// `what` as in "dict whose values".
    pub(crate) fn refuse_change<T>(&self, what: &str) -> Emit<T> {
        let message = format!("a {what} have several types does not change");
        let diagnostic = self.diagnostic(Code::NotIndexable, message);
        Err(diagnostic.note("make a new one, or convert what it holds to one type").into())
    }
}
