//! What the world around a function says: what its free names refer to, and where its source is.

use rumba_library::ErrorModel;
use rumba_library::recorded::Recorded;
use rumba_source::Diagnostic;
use rumba_syntax::hir::InterpretedBlock;
use rumba_types::{ClassField, ClassRef, ExceptionClass, InstanceClass, NamedTupleClass, ObjectId, Type};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// The value of a name at compile time.
#[derive(Clone, PartialEq, Debug)]
pub enum Constant {
    None,
    Ellipsis,
    Bool(bool),
    /// A Python int; `None` when it fits neither int64 nor uint64.
    Int(Option<i128>),
    Float(f64),
    Complex(f64, f64),
    Str(Arc<str>),
    Bytes(Arc<[u8]>),
    /// A NumPy scalar: its type and value.
    Scalar(Type, NumberBits),
    Tuple(Vec<Constant>),
    NamedTuple(Arc<NamedTupleClass>, Vec<Constant>),
    /// An array that is kept alive, read-only to compiled code: type, data, extents, strides in bytes.
    Array {
        ty: Type,
        data: u64,
        extents: Vec<i64>,
        strides: Vec<i64>,
    },
    /// A NumPy scalar of times: the count of its unit.
    Time {
        ty: Type,
        count: i64,
    },
    /// A record that is kept alive, read-only to compiled code.
    Record {
        ty: Type,
        data: u64,
    },
    /// A random generator or bit generator that is kept alive: type, address of its bits, owner word.
    RandomObject {
        ty: Type,
        bits: u64,
        owner: u64,
    },
    /// A list, deque, set or dict as it is now, kept for ever: its type, and the address of its block.
    Container {
        ty: Type,
        address: u64,
    },
    NotImplemented,
    /// An instance of a shared class that is kept alive: its type, and the address of its block.
    Instance {
        ty: Type,
        address: u64,
    },
    Module {
        object: ObjectId,
        name: Arc<str>,
    },
    /// A function or class that `rumba_library` may declare, by its canonical dotted path:
    /// `builtins.len`, `math.sqrt`, `numpy.zeros`.
    Library(Arc<str>),
    /// A jitted function, or one marked `register_jitable`.
    Jitted {
        object: ObjectId,
        name: Arc<str>,
    },
    /// An object whose calls an extension implements.
    Extended {
        object: ObjectId,
        name: Arc<str>,
    },
    /// A function of C that is kept alive: its type says where it is.
    CFunction(Type),
    DType(Type),
    ExceptionClass(Arc<ExceptionClass>),
    NamedTupleClass(Arc<NamedTupleClass>),
    EnumMember {
        class: ObjectId,
        class_name: Arc<str>,
        member: Arc<str>,
        value: Box<Constant>,
        is_int: bool,
        is_flag: bool,
    },
    EnumClass {
        object: ObjectId,
        name: Arc<str>,
    },
    /// A class that compiled code makes instances of.
    Class {
        object: ObjectId,
        name: Arc<str>,
    },
    /// Anything else; `description` names it in messages: "a dict", "an instance of Foo",
    /// "the Python function `g`, which is not jitted"; `note` says what would work.
    Unsupported {
        description: String,
        note: Option<String>,
    },
}

/// The scalars of a number: one, or two for complex numbers. Ints and bools as their 64-bit value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum NumberBits {
    Int(i64),
    Float(f64),
    Complex(f64, f64),
}

/// A class of an enum.
#[derive(Clone, Debug)]
pub struct EnumClass {
    /// What messages call it.
    pub name: String,
    /// In the order of iteration.
    pub members: Vec<Constant>,
    /// By name, with aliases.
    pub names: Vec<(Arc<str>, Constant)>,
    /// The bits of all members, if these are flags.
    pub flags: Option<i128>,
    /// Whether the class says itself what a value stands for that no member has, or takes unknown bits of flags.
    pub has_missing: bool,
}

/// What compiled code makes of a class.
#[derive(Clone, Debug)]
pub enum ClassKind {
    /// Its instances are shared with the interpreter, and have the fields that it declares.
    Shared(&'static InstanceClass),
    /// The same, with a type for each combination of types of its fields, which have these names.
    Struct(Vec<Arc<str>>),
    /// A dataclass, whose fields may have no type before they have values.
    Data(DataClass),
}

#[derive(Clone, Debug)]
pub struct DataClass {
    pub ancestors: Vec<ObjectId>,
    pub fields: Vec<DataField>,
}

/// A field of a dataclass.
#[derive(Clone, Debug)]
pub struct DataField {
    pub name: Arc<str>,
    /// The type of the annotation, where compiled code has one.
    pub declared: Option<Type>,
    pub default: Option<Constant>,
    /// Whether the default is to be called.
    pub is_factory: bool,
    /// Whether it is no field, but a parameter of `__init__` and `__post_init__` alone.
    pub is_parameter: bool,
    /// Whether it is a parameter of `__init__`.
    pub in_init: bool,
    pub keyword_only: bool,
}

/// What a generated method of a dataclass does with fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    Compare,
    Hash,
    Show,
}

/// What a name is in the namespace of a class or of one that it inherits from, other than `object`.
#[derive(Clone, Debug)]
pub enum Member {
    Method {
        function: ObjectId,
        name: Arc<str>,
    },
    Static {
        function: ObjectId,
        name: Arc<str>,
    },
    ClassMethod {
        function: ObjectId,
        name: Arc<str>,
    },
    Property {
        getter: Option<ObjectId>,
        setter: Option<ObjectId>,
    },
    /// A method that `dataclass` has made, of which there is no source.
    Generated,
    Value(Constant),
}

/// What an extension may implement.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Extensible {
    /// A function or class that has a path; operators by the function of `operator` that stands for them.
    Library(Arc<str>),
    /// Another object.
    Object(ObjectId),
    /// A method: the receiver is the first argument.
    Method(Arc<str>),
    /// An attribute: what it is read from is the only argument.
    Attribute(Arc<str>),
}

/// What an extension offers for a call.
#[derive(Clone, PartialEq, Debug)]
pub enum Implementation {
    /// A function, with the types that it takes if it says so.
    Function { object: ObjectId, params: Option<Vec<Type>> },
    /// The arguments are the fields of a value of this type.
    Struct(Type),
    /// What an `intrinsic` has recorded.
    Code(Arc<Recorded>),
}

/// Why an extension refuses the arguments of a call.
#[derive(Clone, PartialEq, Debug)]
pub struct Refusal {
    pub message: String,
    pub note: Option<String>,
}

/// Keyword, or none, and type of an argument.
pub type ArgumentType = (Option<Arc<str>>, Type);

/// Where a function's text is.
#[derive(Clone, Debug)]
pub struct FunctionSource {
    /// `co_filename`, as messages show it.
    pub filename: Arc<str>,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// `co_name`, `co_qualname`, `co_firstlineno`.
    pub name: Arc<str>,
    pub qualname: Arc<str>,
    pub first_line: u32,
    /// `co_varnames` up to and including `*args` and `**kwargs`.
    pub arg_names: Vec<Arc<str>>,
    /// A position inside the body (line, column in UTF-8 bytes, end line, end column).
    pub body_position: Option<(u32, u32, u32, u32)>,
    /// Whether the function is one of Rumba's own, written in Python.
    pub is_prelude: bool,
}

/// The options of the decorator that inference and code generation look at.
#[derive(Clone, PartialEq, Debug)]
pub struct FunctionOptions {
    pub error_model: ErrorModel,
    pub boundscheck: bool,
    /// LLVM's fast-math flags by name: `nnan ninf nsz arcp contract afn reassoc`, or all by `fast`.
    pub fastmath: Vec<String>,
    /// Types of local variables that the user fixed.
    pub locals: Vec<(Arc<str>, Type)>,
}

impl Default for FunctionOptions {
    fn default() -> FunctionOptions {
        FunctionOptions {
            error_model: ErrorModel::Python,
            boundscheck: true,
            fastmath: Vec::new(),
            locals: Vec::new(),
        }
    }
}

/// A block that the interpreter runs: a function of it, and the types of its outputs.
pub type Interpreted = (ObjectId, Vec<Type>);

/// Why it cannot, with the position of the output that it is about, if it is about one.
pub type NotInterpreted = (Option<usize>, String);

/// Implemented by the embedding. Answers do not change during one compilation.
pub trait Environment {
    /// What `name`, free in `function`, refers to: closure cell, global, or builtin. `None`: unbound.
    fn resolve_name(&self, function: ObjectId, name: &str) -> Option<Constant>;

    /// The builtin `name`, whatever the user's module calls by it.
    fn resolve_builtin(&self, name: &str) -> Option<Constant>;

    /// Attribute `name` of a module or class.
    fn resolve_attribute(&self, object: ObjectId, name: &str) -> Option<Constant>;

    fn source(&self, function: ObjectId) -> Result<FunctionSource, Diagnostic>;

    /// Default values of a function's parameters, or of the fields of a class of named tuples, that have one.
    fn defaults(&self, callee: ObjectId) -> Vec<(Arc<str>, Constant)>;

    fn options(&self, function: ObjectId) -> FunctionOptions;

    /// Makes a function of the interpreter of a block.
    fn interpreted(
        &self,
        _function: ObjectId,
        _block: &InterpretedBlock,
    ) -> Result<Interpreted, NotInterpreted> {
        Err((None, "there is no interpreter".into()))
    }

    /// A function of `rumba.interpreted`.
    fn interpreter_function(&self, _name: &str) -> Option<ObjectId> {
        None
    }

    /// What compiled code makes of a class; `None` if it cannot make instances.
    fn class(&self, _class: ObjectId) -> Option<ClassKind> {
        None
    }

    /// The class of a [`ClassKind::Struct`] whose fields have these types.
    fn struct_class(&self, _class: ObjectId, _fields: &[ClassField]) -> Option<&'static InstanceClass> {
        None
    }

    /// Whether a class inherits from another one, or is it; `None` if one of them is no class.
    fn is_subclass(&self, _class: &ClassRef, _of: &ClassRef) -> Option<bool> {
        None
    }

    /// What a name is in a class.
    fn member(&self, _class: ObjectId, _name: &str) -> Option<Member> {
        None
    }

    /// What a name is in the classes that stand behind the class of a method in the order of inheritance of `class`.
    fn super_member(&self, _function: ObjectId, _class: ObjectId, _name: &str) -> Option<Member> {
        None
    }

    /// Gives a class its fields, if their types are known by now.
    fn define(&self, _class: &'static InstanceClass) {}

    /// Whether the fields of instances cannot be assigned.
    fn is_frozen(&self, _class: ObjectId) -> bool {
        false
    }

    /// The fields of a dataclass that its generated methods look at.
    fn data_fields(&self, _class: ObjectId, _purpose: Purpose) -> Vec<Arc<str>> {
        Vec::new()
    }

    fn enum_class(&self, _class: ObjectId) -> Option<EnumClass> {
        None
    }

    /// What a member of an enum has under a name.
    fn member_attribute(&self, _class: ObjectId, _member: &str, _name: &str) -> Option<Constant> {
        None
    }

    /// The member, or combination of flags, of this value.
    fn enum_member(&self, _class: ObjectId, _value: i128) -> Option<Constant> {
        None
    }

    /// `~` of the combination of flags of this value.
    fn inverted_member(&self, _class: ObjectId, _value: i128) -> Option<Constant> {
        None
    }

    /// What extensions implement, the prelude excepted.
    fn extended(&self) -> Arc<FxHashSet<Extensible>> {
        Arc::default()
    }

    /// Whether the prelude has a file for the module of the function or class at this path.
    fn is_prelude(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// Whether there is an implementation for some arguments. Known after the first question for it.
    fn is_implemented(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// Whether values of this type have a method that extensions implement.
    fn has_method(&self, receiver: Type, name: &Arc<str>) -> bool {
        let _ = (receiver, name);
        false
    }

    /// The function that does what is called with arguments of these types; `None` if no extension knows them.
    fn implementation(
        &self,
        what: &Extensible,
        args: &[ArgumentType],
    ) -> Result<Option<Implementation>, Refusal> {
        let _ = (what, args);
        Ok(None)
    }
}
