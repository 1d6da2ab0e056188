//! Context managers of `contextlib`, and those that do nothing.
//!
//! What entering and leaving them calls is in the prelude, and so up to `rumba_infer`.

use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{ContextKind, TypeKind};

const fn treatment(name: &'static str) -> Param {
    Param::optional(name, Default::None).keyword_only()
}

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "contextlib.nullcontext",
        params: &[Param::optional("enter_result", Default::None)],
        doc: "A context manager that does nothing; `as` binds its argument.",
        rule: |e, call| Ok(e.context_manager(ContextKind::Null, call.args[0])),
    },
    Declaration {
        path: "contextlib.suppress",
        params: &[Param::variadic("exceptions")],
        doc: "A context manager that ends exceptions of these classes, which are constants.",
        rule: |e, call| Ok(e.context_manager(ContextKind::Suppressing, call.args[0])),
    },
    Declaration {
        path: "contextlib.closing",
        params: &[Param::required("thing")],
        doc: "A context manager that `as` binds its argument to, and that calls its `close()` at the end.",
        rule: |e, call| Ok(e.context_manager(ContextKind::Closing, call.args[0])),
    },
    Declaration {
        path: "contextlib._GeneratorContextManager",
        params: &[Param::required("func"), Param::required("args"), Param::required("kwds")],
        doc: "What a call of a function with the decorator `contextlib.contextmanager` gives, for `with`.",
        rule: |e, call| {
            let message = "a context manager is made by a call";
            call.argument_error(
                0,
                Code::ArgumentType,
                format!("{message}, not of {}", e.ty(call.args[0]).shown()),
            )
        },
    },
    Declaration {
        path: "numpy.errstate",
        params: &[
            treatment("all"),
            treatment("divide"),
            treatment("over"),
            treatment("under"),
            treatment("invalid"),
        ],
        doc: "A context manager that does nothing: compiled code warns of no floating-point error. 'raise' and others that would \
              do something are refused.",
        rule: errstate,
    },
    Declaration {
        path: "rumba.objmode",
        params: &[],
        doc: "`with objmode(y=\"float64[:]\"):` has the interpreter run a block, which gives `y`.",
        rule: |e, _| {
            e.error(
                Code::UnsupportedExpression,
                "`objmode(…)` stands in a `with` statement, and nowhere else",
            )
        },
    },
];

fn errstate(e: &mut Emitter<'_>, call: &Call) -> Emit {
    for (idx, arg) in call.args.iter().enumerate() {
        let ty = e.ty(*arg);
        if !ty.is_none() && !matches!(ty.as_literal_str(), Some("ignore" | "warn")) {
            let message = "compiled code does not look for floating-point errors: np.errstate takes 'ignore' and 'warn'";
            return call.argument_error(idx, Code::ArgumentType, message);
        }
    }
    let none = e.b.none();
    Ok(e.context_manager(ContextKind::Null, none))
}

impl Emitter<'_> {
    pub fn context_manager(&mut self, kind: ContextKind, of: Value) -> Value {
        let ty = TypeKind::ContextManager(kind, self.ty(of)).into();
        self.b.make(ty, vec![of])
    }

    /// What `with` cannot enter.
    pub fn no_context_manager(&self, manager: Value) -> Emit {
        let message =
            format!("{} is no context manager that compiled code can enter", self.ty(manager).shown());
        let diagnostic = self.diagnostic(Code::UnsupportedStatement, message);
        let note = "those of contextlib, np.errstate(), and instances with `__enter__` and `__exit__` are supported; put other \
                    `with` statements around the call of the compiled function";
        Err(diagnostic.note(note).into())
    }
}
