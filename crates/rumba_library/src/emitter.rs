//! The state of a rule at work: where to append code, where in the source we are, which options hold.

use rumba_ir::{
    BinaryOp, Block, Builder, CompareOp, Edge, ExceptionRef, Function, MessagePart, Payload, Site, SiteId,
    SiteKind, Value,
};
use rumba_source::{Code, Diagnostic, Span};
use rumba_types::{InstanceClass, Type};
use std::sync::Arc;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ErrorModel {
    /// Division by zero raises.
    #[default]
    Python,
    /// Division by zero gives inf, nan, or 0 for integers.
    Numpy,
}

/// Why a rule did not apply.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A type that it needs is not known yet (the result of a recursive call, what a container holds): ask again later.
    Pending,
    /// What was emitted never returns: nothing comes after it.
    NeverReturns,
    /// The container has to be of a wider type. Where it is made is for inference to find.
    Widen {
        container: Value,
        to: Type,
    },
    Error(Box<Diagnostic>),
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Failure {
        Failure::Error(Box::new(diagnostic))
    }
}

pub type Emit<T = Value> = Result<T, Failure>;

/// What one way through a rule gives; `None` if nothing comes after it.
pub(crate) fn returning<T>(way: Emit<T>) -> Emit<Option<T>> {
    match way {
        Ok(value) => Ok(Some(value)),
        Err(Failure::NeverReturns) => Ok(None),
        Err(other) => Err(other),
    }
}

pub struct Emitter<'f> {
    pub b: Builder<'f>,
    /// The expression that is being emitted.
    pub span: Span,
    pub function_name: Arc<str>,
    pub error_model: ErrorModel,
    pub boundscheck: bool,
    /// The classes whose fields are being looked at, so that one that refers to itself is found.
    pub(crate) within: Vec<&'static InstanceClass>,
    /// A container of nothing may turn out to hold something: what depends on that is pending.
    pub containers_are_open: bool,
}

impl<'f> Emitter<'f> {
    pub fn new(function: &'f mut Function, block: Block, function_name: Arc<str>) -> Emitter<'f> {
        Emitter {
            b: Builder::new(function, block),
            span: Span::default(),
            function_name,
            error_model: ErrorModel::Python,
            boundscheck: true,
            within: Vec::new(),
            containers_are_open: false,
        }
    }

    pub fn ty(&self, value: Value) -> Type {
        self.b.ty(value)
    }

    pub fn types(&self, values: &[Value]) -> Vec<Type> {
        values.iter().map(|value| self.ty(*value)).collect()
    }

    /// A diagnostic at the current expression.
    pub fn diagnostic(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.span, message)
    }

    /// A failure at the current expression.
    pub fn error<T>(&self, code: Code, message: impl Into<String>) -> Emit<T> {
        Err(self.diagnostic(code, message).into())
    }

    // Exceptions at run time.

    fn site(&mut self, kind: SiteKind, operand_types: Vec<Type>) -> SiteId {
        let site = Site {
            span: self.span,
            function_name: self.function_name.clone(),
            kind,
            operand_types,
            caller: None,
        };
        self.b.function.add_site(site)
    }

    /// The site of something that raises by itself: a call.
    pub fn call_site(&mut self) -> SiteId {
        self.site(SiteKind::Call, Vec::new())
    }

    pub fn host_site(&mut self, kind: SiteKind, operands: &[Value]) -> SiteId {
        let types = self.types(operands);
        self.site(kind, types)
    }

    /// A site that raises a built-in exception whose message has `{}` for each of `args`, in order; `{!r}` in the message
    /// is the `repr` of the first.
    pub fn raise_site(&mut self, class: &'static str, message: &str, args: &[Value]) -> SiteId {
        let mut parts = Vec::new();
        for (idx, text) in message.split("{}").enumerate() {
            if idx > 0 {
                parts.push(MessagePart::Argument(idx as u32 - 1));
            }
            for (idx, text) in text.split("{!r}").enumerate() {
                if idx > 0 {
                    parts.push(MessagePart::Repr(0));
                }
                if !text.is_empty() {
                    parts.push(MessagePart::Text(text.into()));
                }
            }
        }
        let types = self.types(args);
        let kind =
            SiteKind::Raise { exception: ExceptionRef::Builtin(class), payload: Payload::Message(parts) };
        self.site(kind, types)
    }

    /// The same of a message that is taken as it is.
    pub(crate) fn raise_site_of_text(&mut self, class: &'static str, message: &str) -> SiteId {
        let payload = Payload::Message(vec![MessagePart::Text(message.into())]);
        self.site(SiteKind::Raise { exception: ExceptionRef::Builtin(class), payload }, Vec::new())
    }

    pub fn raise_unless(&mut self, condition: Value, class: &'static str, message: &str, args: &[Value]) {
        if self.b.as_const_bool(condition) == Some(true) {
            return;
        }
        let site = self.raise_site(class, message, args);
        self.b.raise_unless(condition, args.to_vec(), site);
    }

    pub fn raise_if(&mut self, condition: Value, class: &'static str, message: &str, args: &[Value]) {
        let fine = self.b.not(condition);
        self.raise_unless(fine, class, message, args);
    }

    // Control flow.

    /// Runs `body` for `i = 0 … n - 1` (int64), carrying `state` along; gives its last values.
    pub fn counted_loop(
        &mut self,
        n: Value,
        state: &[Value],
        body: impl FnOnce(&mut Emitter<'f>, Value, &[Value]) -> Emit<Vec<Value>>,
    ) -> Emit<Vec<Value>> {
        let zero = self.b.int64(0);
        let header = self.b.function.add_block();
        let inside = self.b.function.add_block();
        let after = self.b.function.add_block();
        let position = self.b.function.add_param(header, Type::int64());
        let types = self.types(state);
        let carried: Vec<Value> = types.iter().map(|ty| self.b.function.add_param(header, *ty)).collect();
        let results: Vec<Value> = types.iter().map(|ty| self.b.function.add_param(after, *ty)).collect();

        let mut args = vec![zero];
        args.extend_from_slice(state);
        self.b.jump(header, args);

        self.b.switch_to(header);
        let more = self.b.compare(CompareOp::Lt, position, n);
        let leave = Edge { block: after, args: carried.clone() };
        self.b.branch(more, Edge { block: inside, args: vec![] }, leave);

        self.b.switch_to(inside);
        if let Some(new_state) = returning(body(self, position, &carried))? {
            let one = self.b.int64(1);
            let next = self.b.binary(BinaryOp::AddNoWrap, position, one);
            let mut args = vec![next];
            args.extend(new_state);
            self.b.jump(header, args);
        }

        self.b.switch_to(after);
        Ok(results)
    }

    /// `then` where `condition` holds, `otherwise` elsewhere; both give one value of the same type.
    pub fn if_else(
        &mut self,
        condition: Value,
        then: impl FnOnce(&mut Emitter<'f>) -> Emit,
        otherwise: impl FnOnce(&mut Emitter<'f>) -> Emit,
    ) -> Emit {
        match self.b.as_const_bool(condition) {
            Some(true) => return then(self),
            Some(false) => return otherwise(self),
            None => {}
        }
        let then_block = self.b.function.add_block();
        let else_block = self.b.function.add_block();
        let after = self.b.function.add_block();
        let edge = |block| Edge { block, args: vec![] };
        self.b.branch(condition, edge(then_block), edge(else_block));

        self.b.switch_to(then_block);
        let mut ty = None;
        if let Some(value) = returning(then(self))? {
            ty = Some(self.ty(value));
            self.b.jump(after, vec![value]);
        }
        self.b.switch_to(else_block);
        if let Some(value) = returning(otherwise(self))? {
            ty = Some(self.ty(value));
            self.b.jump(after, vec![value]);
        }
        let ty = ty.ok_or(Failure::NeverReturns)?;
        let result = self.b.function.add_param(after, ty);
        self.b.switch_to(after);
        Ok(result)
    }

    // Comparisons that rules need all the time.

    pub fn less(&mut self, lhs: Value, rhs: Value) -> Value {
        self.b.compare(CompareOp::Lt, lhs, rhs)
    }

    pub fn equal(&mut self, lhs: Value, rhs: Value) -> Value {
        self.b.compare(CompareOp::Eq, lhs, rhs)
    }

    pub fn not_equal(&mut self, lhs: Value, rhs: Value) -> Value {
        self.b.compare(CompareOp::Ne, lhs, rhs)
    }

    pub fn is_negative(&mut self, value: Value) -> Value {
        let zero = self.b.zero(self.ty(value));
        self.less(value, zero)
    }

    pub fn is_zero(&mut self, value: Value) -> Value {
        let zero = self.b.zero(self.ty(value));
        self.equal(value, zero)
    }

    /// The smaller of two ints of one type.
    pub fn min(&mut self, lhs: Value, rhs: Value) -> Value {
        let less = self.less(lhs, rhs);
        self.b.select(less, lhs, rhs)
    }

    /// The larger of two ints of one type.
    pub fn max(&mut self, lhs: Value, rhs: Value) -> Value {
        let less = self.less(lhs, rhs);
        self.b.select(less, rhs, lhs)
    }
}
