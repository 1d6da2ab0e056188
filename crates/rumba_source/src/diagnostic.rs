//! A diagnostic is data: stages create it, one renderer prints it.

use crate::Span;

macro_rules! codes {
    ($($name:ident = $text:literal, $class:ident $(, $remedy:literal)?;)*) => {
        /// Every kind of mistake that Rumba reports before anything runs. The first letter of the
        /// printed code names the stage: `S` source, `U` unsupported construct, `T` types.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Code { $($name),* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The code as printed, such as `T0201`.
            pub fn text(self) -> &'static str {
                match self { $(Code::$name => $text),* }
            }

            /// The Python exception class (in `rumba.errors`) that carries it.
            pub fn exception_class(self) -> &'static str {
                match self { $(Code::$name => stringify!($class)),* }
            }

            /// What would work, where the stage that reports the mistake has nothing better to say.
            pub fn remedy(self) -> Option<&'static str> {
                match self { $(Code::$name => None$(.or(Some($remedy)))?),* }
            }
        }
    };
}

codes! {
    // Source: the text of the function cannot be had, or is not what runs.
    SourceMissing = "S0001", SourceError;
    SourceChanged = "S0002", SourceError;
    SourceAmbiguous = "S0003", SourceError;
    SyntaxError = "S0004", SourceError,
        "this is not the text that Python compiled: reload the module, or restart Python";
    // Constructs that are not supported.
    UnsupportedStatement = "U0001", UnsupportedError;
    UnsupportedExpression = "U0002", UnsupportedError;
    UnsupportedParameter = "U0003", UnsupportedError;
    CapturedReassigned = "U0004", UnsupportedError;
    UnsupportedFunction = "U0005", UnsupportedError,
        "call it outside of compiled code, and pass its result as an argument";
    // Types.
    UnknownName = "T0101", TypingError,
        "define or import it before the function is called for the first time";
    UnsupportedValue = "T0102", TypingError,
        "pass it as an argument, or keep what the function needs of it in numbers, tuples or arrays";
    UnknownAttribute = "T0103", TypingError;
    OperandTypes = "T0201", TypingError,
        "convert one side, so that the operation is one between numbers";
    CannotUnify = "T0202", TypingError;
    CannotConvert = "T0203", TypingError,
        "convert the value first, or change the type of what it is stored into";
    NotCallable = "T0301", TypingError,
        "compiled code calls jitted functions, inner functions, and the supported functions of Python and NumPy";
    ArgumentCount = "T0302", TypingError;
    ArgumentType = "T0303", TypingError;
    ArgumentValue = "T0304", TypingError;
    NoImplementation = "T0305", TypingError,
        "convert the arguments before the call, or register a `rumba.extending.overload` that takes them";
    NotIterable = "T0401", TypingError,
        "loops run over ranges, arrays, and tuples whose elements have one type";
    NotIndexable = "T0402", TypingError,
        "arrays, tuples and ranges have items";
    IndexType = "T0403", TypingError,
        "`int(x)` makes an integer of a float, and `//` gives an integer for integers";
    IndexConstant = "T0404", TypingError;
    TooManyIndices = "T0405", TypingError;
    ReadOnly = "T0406", TypingError,
        "work on a copy: `a.copy()`";
    Unpack = "T0407", TypingError;
    NotAnException = "T0501", TypingError,
        "raise an exception class or an instance of one: `raise ValueError(\"message\")`";
    RecursionWithoutExit = "T0601", TypingError;
    RecursionUnbounded = "T0602", TypingError;
    AlwaysUndefined = "T0701", TypingError,
        "assign it on the way here";
}

/// A place in the source with a short text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One mistake: what (`message`), where (`primary`), the other side of a conflict (`secondary`),
/// and what would work (`notes`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub code: Code,
    pub message: String,
    pub primary: Label,
    pub secondary: Vec<Label>,
    pub notes: Vec<String>,
}

impl Diagnostic {
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            primary: Label { span, text: String::new() },
            secondary: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The text under the caret.
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.primary.text = text.into();
        self
    }

    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }
}
