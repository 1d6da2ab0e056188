//! Context managers that do nothing when they are entered or left.

use crate::declaration::{Declaration, Default, Param};
use crate::{Call, Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

const fn treatment(name: &'static str) -> Param {
    Param::optional(name, Default::None).keyword_only()
}

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "contextlib.nullcontext",
        params: &[Param::optional("enter_result", Default::None)],
        doc: "A context manager that does nothing; `as` binds its argument.",
        rule: |e, call| Ok(null_context(e, call.args[0])),
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

fn null_context(e: &mut Emitter<'_>, entered: Value) -> Value {
    let ty = TypeKind::NullContext(e.ty(entered)).into();
    e.b.make(ty, vec![entered])
}

fn errstate(e: &mut Emitter<'_>, call: &Call) -> Emit {
    for (idx, arg) in call.args.iter().enumerate() {
        let ty = e.ty(*arg);
        if !ty.is_none() && !matches!(ty.as_literal_str(), Some("ignore" | "warn")) {
            let message = "compiled code does not look for floating-point errors: np.errstate takes 'ignore' and 'warn'";
            return call.argument_error(idx, Code::ArgumentType, message);
        }
    }
    let none = e.b.none();
    Ok(null_context(e, none))
}

impl Emitter<'_> {
    /// `with manager as …`: what is bound.
    pub fn enter_context(&mut self, manager: Value) -> Emit {
        let ty: Type = self.ty(manager);
        if let TypeKind::NullContext(_) = ty.kind() {
            return Ok(self.b.field(manager, 0));
        }
        let message = format!("{} is no context manager that compiled code can enter", ty.shown());
        let diagnostic = self.diagnostic(Code::UnsupportedStatement, message);
        let note = "contextlib.nullcontext() and np.errstate() are supported; put other `with` statements around the call of \
                    the compiled function";
        Err(diagnostic.note(note).into())
    }
}
