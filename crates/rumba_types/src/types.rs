//! The type of a value in a compiled function.
//!
//! A `Type` is an interned, copyable handle: two types are equal when their handles are. Types that
//! carry all there is to know about their values (literals, functions, modules, `None`) have no
//! representation at run time; the others are a list of machine scalars (see `layout`).

use crate::{GeneratorType, InstanceClass, RecordType, TimeUnit};
use rustc_hash::FxHashSet;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex};

/// An object of the interpreter that a compiled function refers to (a function, class or module).
/// The embedding keeps it alive and never gives its id to another object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ObjectId(pub u32);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct IntKind {
    /// 8, 16, 32 or 64.
    pub bits: u8,
    pub signed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum FloatKind {
    F32,
    F64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Layout {
    /// Row-major, contiguous.
    C,
    /// Column-major, contiguous.
    F,
    /// Any strides.
    A,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ArrayType {
    pub dtype: Type,
    pub ndim: u8,
    pub layout: Layout,
    pub readonly: bool,
    pub aligned: bool,
}

/// A compile-time constant that is its own type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Literal {
    Bool(bool),
    /// Fits int64 or uint64.
    Int(i128),
    Str(Arc<str>),
}

/// The context managers of `contextlib`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ContextKind {
    /// It does nothing; `as` binds what it is made of.
    Null,
    /// It ends exceptions of the classes of a tuple.
    Suppressing,
    /// It closes what it is made of, and `as` binds.
    Closing,
    /// A generator that stops once.
    Generator,
}

/// The classes of dicts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DictKind {
    Plain,
    /// `collections.OrderedDict`.
    Ordered,
    /// `collections.Counter`.
    Counter,
    /// `collections.defaultdict`, with the type of its factory, which has no state: a function, a class, or `None`.
    Default(Type),
}

impl DictKind {
    /// The name of the class.
    pub fn name(self) -> &'static str {
        match self {
            DictKind::Plain => "dict",
            DictKind::Ordered => "OrderedDict",
            DictKind::Counter => "Counter",
            DictKind::Default(_) => "defaultdict",
        }
    }
}

/// Where the embedding finds a class.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ClassRef {
    Object(ObjectId),
    /// A class of a library, by dotted path: `numpy.linalg._linalg.QRResult`.
    Path(Arc<str>),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct NamedTupleClass {
    pub class: ClassRef,
    pub name: Arc<str>,
    pub fields: Vec<Arc<str>>,
}

/// A type of an extension: a value of it consists of fields.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StructType {
    /// The object that stands for the type.
    pub object: ObjectId,
    /// The class of the interpreter's values, if there is one.
    pub class: Option<ObjectId>,
    pub name: Arc<str>,
    pub fields: Vec<Arc<str>>,
    pub types: Vec<Type>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ExceptionClass {
    pub object: ObjectId,
    pub name: Arc<str>,
    /// The class itself and those that it inherits from.
    pub ancestors: Vec<ObjectId>,
}

/// What a callable value refers to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum FunctionRef {
    /// A function, class or method that `rumba_library` declares, by dotted path: `math.sqrt`,
    /// `builtins.len`, `numpy.zeros`, `array.reshape`.
    Library(Arc<str>),
    /// A user's jitted function.
    Jitted { object: ObjectId, name: Arc<str> },
    /// An object of the interpreter whose calls an extension implements.
    Extended { object: ObjectId, name: Arc<str> },
    /// A function of C.
    C(Arc<CFunctionType>),
}

/// A function of C at an address that stays what it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CFunctionType {
    pub name: Arc<str>,
    pub address: u64,
    /// Numbers that are not complex, bool and C pointers; the result may be `none` too.
    pub params: Vec<Type>,
    pub result: Type,
}

/// What can be called through a pointer to a function.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FunctionSignature {
    pub params: Vec<Type>,
    pub result: Type,
    /// The interpreter's function that makes a tuple of such a pointer of a function.
    pub maker: ObjectId,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IteratorKind {
    /// `[current, stop]`, step 1.
    RangeUp,
    /// `[current, stop]`, step -1.
    RangeDown,
    /// `[current, remaining: uint64, step]`.
    RangeStep,
    /// `[array, position]`.
    Array,
    /// `[text, position]`: its characters.
    Text,
    /// `[list, position]`; of a deque, also the version that it had.
    List,
    /// `[dict or set, number of an entry at or before the next, entries at the start]`.
    Keys,
    /// The same, of a dict: its values.
    Values,
    /// The same, of a dict: pairs of key and value.
    Entries,
    /// `[array, position]`: every element, in C order.
    Flat,
    /// `[extents, positions, remaining]`: positions along each axis, in C order.
    Positions,
    /// `[array, positions iterator]`: positions and the element there.
    Items,
    /// `[array or tuple of arrays, positions iterator]`: views without axes of the elements there.
    Views,
    /// `[tuple, position]`; the elements have one type.
    Tuple,
    /// `[remaining, sequence]`: an array, text or list from the end.
    Reversed,
    /// `[count, iterator]`.
    Enumerate,
    /// One field per iterator.
    Zip,
    /// The same, of iterators that have to end together.
    StrictZip,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TypeKind {
    /// A variable that is not bound.
    Undefined,
    /// A variable that is bound on some paths only.
    MaybeUndefined(Type),
    /// The result of a function that never returns: it has no values.
    Never,
    None,
    Ellipsis,
    Literal(Literal),
    Bool,
    Int(IntKind),
    Float(FloatKind),
    Complex(FloatKind),
    /// A machine address; never a value of the user's.
    Pointer,
    /// The address of values of this type in memory of others, such as an argument that C code passes; of `none`, of
    /// what nobody says (`void *`).
    CPointer(Type),
    /// Text: `str`.
    Str,
    /// `bytes`.
    Bytes,
    /// A list of values of one type; `never` until it is known of which.
    List(Type),
    /// A `collections.deque` of values of one type: a list that may have room in front.
    Deque(Type),
    /// A set of values of one type, and whether it is a `frozenset`.
    Set(Type, bool),
    /// A dict: the types of keys and values, and which class of dicts it is of.
    Dict(Type, Type, DictKind),
    Optional(Type),
    Tuple(Vec<Type>),
    NamedTuple(Arc<NamedTupleClass>, Vec<Type>),
    /// A list of items of several types, which does not change: a tuple that is a list to Python.
    MixedList(Vec<Type>),
    /// A dict of constant texts to values of several types, which does not change.
    MixedDict(Arc<[Arc<str>]>, Vec<Type>),
    Struct(Arc<StructType>),
    /// Start, stop, step: each `None`, a literal, `int64` or an optional of it.
    Slice([Type; 3]),
    /// Start, stop, step: each `int64` or an integer literal.
    Range([Type; 3]),
    Iterator(IteratorKind, Vec<Type>),
    Array(ArrayType),
    /// A count of units since 1970: `datetime64`.
    DateTime(TimeUnit),
    /// A count of units: `timedelta64`.
    TimeDelta(TimeUnit),
    /// Text of a number of characters as an element of arrays, filled up with zeros: `U8`, or `S4` of bytes. Never the
    /// type of a value: elements are read as `str` and `bytes`.
    FixedText {
        length: u32,
        is_bytes: bool,
    },
    /// A record in memory; as an element type, that of a structured dtype.
    Record(RecordType),
    /// What a generator function gives when it is called.
    GeneratorIterator(Arc<GeneratorType>),
    /// A `numpy.random.Generator`.
    Generator,
    /// What a generator draws bits from: `np.random.PCG64`, `MT19937`, `Philox`, `SFC64`.
    BitGenerator,
    /// A NumPy dtype or scalar class as a value: `np.float32`, `a.dtype`.
    DType(Type),
    Function(FunctionRef),
    /// The address of an entry function: some function with this signature, of which nothing else is known.
    FunctionPointer(Arc<FunctionSignature>),
    /// One of several functions without state: which one is known when it is called. In the order of their numbers.
    OneOf(Vec<Type>),
    /// A function bound to its receiver: `array.reshape` of the library or, without a dot, the name of a method that
    /// an extension implements.
    Method(Arc<str>, Type),
    /// An inner function or lambda: the id of its code (see `rumba_infer`) and captured values.
    Closure {
        code: u32,
        name: Arc<str>,
        captures: Vec<Type>,
    },
    /// A variable that a function shares with its inner functions: the id of the function's instance (see
    /// `rumba_infer`), and which variable of it. It is in memory of the function's frame, or in a counted block.
    Cell {
        instance: u32,
        variable: u32,
        is_counted: bool,
    },
    /// Memory of a frame that holds a value of the type and owns what that counts.
    Frame(Type),
    Module {
        object: ObjectId,
        name: Arc<str>,
    },
    ExceptionClass(Arc<ExceptionClass>),
    NamedTupleClass(Arc<NamedTupleClass>),
    /// A class that compiled code makes instances of.
    Class {
        object: ObjectId,
        name: Arc<str>,
    },
    /// An instance of such a class.
    Instance(&'static InstanceClass),
    /// A user's function bound to its first argument: a method of an instance.
    BoundMethod {
        function: ObjectId,
        name: Arc<str>,
        receiver: Type,
    },
    /// `super()` in a method, of its first argument: the attributes of the classes behind the one that the function is of.
    Super {
        function: ObjectId,
        receiver: Type,
    },
    /// An exception made in compiled code, with the types of its arguments.
    Exception(Arc<ExceptionClass>, Vec<Type>),
    /// An exception that compiled code has caught.
    CaughtException,
    /// A list, deque, set or dict that is a constant, such as a global of the user's module: nothing is written to it. Those
    /// that it holds are constants, too.
    Constant(Type),
    /// A dict whose keys are known when compiling, and whose values have types of their own: the `**keywords` of a call.
    Keywords(Vec<Arc<str>>, Vec<Type>),
    /// `NotImplemented`.
    NotImplemented,
    /// A context manager of `contextlib`, and what it is made of.
    ContextManager(ContextKind, Type),
    /// A member of an `enum.Enum` (class id, class name, member name, value). Combinations of flags may have an empty name.
    EnumMember {
        class: ObjectId,
        class_name: Arc<str>,
        member: Arc<str>,
        value: Type,
        /// Whether the member is an int, or text, itself.
        is_int: bool,
        is_flag: bool,
    },
    /// An `enum.Enum` class.
    EnumClass {
        object: ObjectId,
        name: Arc<str>,
    },
}

/// An interned [`TypeKind`].
#[derive(Clone, Copy)]
pub struct Type(&'static TypeKind);

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}
impl Eq for Type {}
impl Hash for Type {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.0, state)
    }
}
impl std::fmt::Debug for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

static INTERNER: Mutex<Option<FxHashSet<&'static TypeKind>>> = Mutex::new(None);

impl Type {
    /// The type of this kind, if there is one already.
    pub fn existing(kind: &TypeKind) -> Option<Type> {
        let guard = INTERNER.lock().expect("no panic happens while interning");
        guard.as_ref()?.get(kind).map(|existing| Type(existing))
    }
}

impl From<TypeKind> for Type {
    /// Interns `kind`. Interned types live as long as the process: there are as many as distinct
    /// types were ever seen.
    fn from(kind: TypeKind) -> Type {
        let mut guard = INTERNER.lock().expect("no panic happens while interning");
        let table = guard.get_or_insert_default();
        if let Some(existing) = table.get(&kind) {
            return Type(existing);
        }
        let leaked: &'static TypeKind = Box::leak(Box::new(kind));
        table.insert(leaked);
        Type(leaked)
    }
}

macro_rules! well_known {
    ($($name:ident = $kind:expr;)*) => {
        impl Type {
            $(pub fn $name() -> Type {
                static CELL: std::sync::OnceLock<Type> = std::sync::OnceLock::new();
                *CELL.get_or_init(|| Type::from($kind))
            })*
        }
    };
}

well_known! {
    undefined = TypeKind::Undefined;
    none = TypeKind::None;
    never = TypeKind::Never;
    ellipsis = TypeKind::Ellipsis;
    bool = TypeKind::Bool;
    int8 = TypeKind::Int(IntKind { bits: 8, signed: true });
    int16 = TypeKind::Int(IntKind { bits: 16, signed: true });
    int32 = TypeKind::Int(IntKind { bits: 32, signed: true });
    int64 = TypeKind::Int(IntKind { bits: 64, signed: true });
    uint8 = TypeKind::Int(IntKind { bits: 8, signed: false });
    uint16 = TypeKind::Int(IntKind { bits: 16, signed: false });
    uint32 = TypeKind::Int(IntKind { bits: 32, signed: false });
    uint64 = TypeKind::Int(IntKind { bits: 64, signed: false });
    float32 = TypeKind::Float(FloatKind::F32);
    float64 = TypeKind::Float(FloatKind::F64);
    complex64 = TypeKind::Complex(FloatKind::F32);
    complex128 = TypeKind::Complex(FloatKind::F64);
    pointer = TypeKind::Pointer;
    str = TypeKind::Str;
    bytes = TypeKind::Bytes;
    generator = TypeKind::Generator;
    bit_generator = TypeKind::BitGenerator;
    caught_exception = TypeKind::CaughtException;
}

impl Type {
    /// The kind, to match on.
    pub fn kind(self) -> &'static TypeKind {
        self.0
    }

    pub fn int(bits: u8, signed: bool) -> Type {
        TypeKind::Int(IntKind { bits, signed }).into()
    }

    pub fn float(kind: FloatKind) -> Type {
        TypeKind::Float(kind).into()
    }

    pub fn complex(kind: FloatKind) -> Type {
        TypeKind::Complex(kind).into()
    }

    pub fn literal_int(value: i128) -> Type {
        TypeKind::Literal(Literal::Int(value)).into()
    }

    pub fn literal_bool(value: bool) -> Type {
        TypeKind::Literal(Literal::Bool(value)).into()
    }

    pub fn literal_str(value: &str) -> Type {
        TypeKind::Literal(Literal::Str(value.into())).into()
    }

    pub fn tuple(elements: Vec<Type>) -> Type {
        TypeKind::Tuple(elements).into()
    }

    pub fn list(element: Type) -> Type {
        TypeKind::List(element).into()
    }

    pub fn deque(element: Type) -> Type {
        TypeKind::Deque(element).into()
    }

    /// The same sort of sequence, a list or a deque, with other elements.
    pub fn with_element(self, element: Type) -> Type {
        match self.kind() {
            TypeKind::Deque(_) => Type::deque(element),
            _ => Type::list(element),
        }
    }

    pub fn set(element: Type) -> Type {
        TypeKind::Set(element, false).into()
    }

    pub fn frozenset(element: Type) -> Type {
        TypeKind::Set(element, true).into()
    }

    pub fn is_frozenset(self) -> bool {
        matches!(self.kind(), TypeKind::Set(_, true))
    }

    pub fn dict(key: Type, value: Type) -> Type {
        TypeKind::Dict(key, value, DictKind::Plain).into()
    }

    /// The same class of dicts with other keys and values.
    pub fn with_entries(self, key: Type, value: Type) -> Type {
        TypeKind::Dict(key, value, self.dict_kind().unwrap_or(DictKind::Plain)).into()
    }

    /// The type of a constant: that of the same memory, where containers cannot be written to.
    pub fn as_constant(self) -> Type {
        match self.kind() {
            TypeKind::List(element) | TypeKind::Deque(element) => {
                TypeKind::Constant(self.with_element(element.as_constant())).into()
            }
            TypeKind::Set(_, false) => TypeKind::Constant(self).into(),
            TypeKind::Dict(key, value, _) => {
                TypeKind::Constant(self.with_entries(*key, value.as_constant())).into()
            }
            _ => self.with_parts(Type::as_constant),
        }
    }

    /// The type of the same memory without saying that containers are constants.
    pub fn without_constants(self) -> Type {
        match self.kind() {
            TypeKind::Constant(inner) => inner.without_constants(),
            TypeKind::List(element) | TypeKind::Deque(element) => {
                self.with_element(element.without_constants())
            }
            TypeKind::Dict(key, value, _) => self.with_entries(*key, value.without_constants()),
            _ => self.with_parts(Type::without_constants),
        }
    }

    /// The same type of tuples or optional values, of parts that are changed like this.
    fn with_parts(self, change: impl Fn(Type) -> Type) -> Type {
        let all = |parts: &[Type]| parts.iter().map(|part| change(*part)).collect();
        match self.kind() {
            TypeKind::Tuple(parts) => Type::tuple(all(parts)),
            TypeKind::NamedTuple(class, parts) => TypeKind::NamedTuple(class.clone(), all(parts)).into(),
            TypeKind::MixedList(parts) => TypeKind::MixedList(all(parts)).into(),
            TypeKind::Optional(inner) => Type::optional(change(*inner)),
            _ => self,
        }
    }

    pub fn dict_kind(self) -> Option<DictKind> {
        match self.kind() {
            TypeKind::Dict(.., kind) => Some(*kind),
            _ => None,
        }
    }

    pub fn optional(inner: Type) -> Type {
        match inner.kind() {
            TypeKind::Optional(_) | TypeKind::None => inner,
            _ => TypeKind::Optional(inner).into(),
        }
    }

    /// An aligned, writable array.
    pub fn array(dtype: Type, ndim: u8, layout: Layout) -> Type {
        TypeKind::Array(ArrayType { dtype, ndim, layout, readonly: false, aligned: true }).into()
    }

    pub fn library_function(path: &str) -> Type {
        TypeKind::Function(FunctionRef::Library(path.into())).into()
    }

    pub fn as_array(self) -> Option<ArrayType> {
        match self.kind() {
            TypeKind::Array(array) => Some(*array),
            _ => None,
        }
    }

    pub fn as_literal_int(self) -> Option<i128> {
        match self.kind() {
            TypeKind::Literal(Literal::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub fn as_literal_bool(self) -> Option<bool> {
        match self.kind() {
            TypeKind::Literal(Literal::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    pub fn as_literal_str(self) -> Option<&'static str> {
        match self.kind() {
            TypeKind::Literal(Literal::Str(value)) => Some(value),
            _ => None,
        }
    }

    /// Element types of a tuple or named tuple.
    pub fn as_tuple(self) -> Option<&'static [Type]> {
        match self.kind() {
            TypeKind::Tuple(elements) | TypeKind::NamedTuple(_, elements) | TypeKind::MixedList(elements) => {
                Some(elements)
            }
            _ => None,
        }
    }

    /// The element type of a list or deque.
    pub fn as_list(self) -> Option<Type> {
        match self.kind() {
            TypeKind::List(element) | TypeKind::Deque(element) => Some(*element),
            _ => None,
        }
    }

    /// Text that is known when compiling, or not.
    pub fn is_str(self) -> bool {
        matches!(self.kind(), TypeKind::Str | TypeKind::Literal(Literal::Str(_)))
    }

    /// The number of characters of an element of text, and the type that it is read as.
    pub fn as_fixed_text(self) -> Option<(u32, Type)> {
        match self.kind() {
            TypeKind::FixedText { length, is_bytes } => {
                Some((*length, if *is_bytes { Type::bytes() } else { Type::str() }))
            }
            _ => None,
        }
    }

    /// An iterator whose items are gone once they have been taken, unlike those of the views of a dict and of `a.flat`.
    pub fn is_spent_iterator(self) -> bool {
        use IteratorKind as K;
        matches!(self.kind(), TypeKind::Iterator(kind, _)
            if !matches!(kind, K::Keys | K::Values | K::Entries | K::Flat))
    }

    /// Text or bytes.
    pub fn is_text(self) -> bool {
        self.is_str() || self == Type::bytes()
    }

    pub fn is_none(self) -> bool {
        self == Type::none()
    }

    pub fn is_bool(self) -> bool {
        self == Type::bool()
    }

    pub fn is_int(self) -> bool {
        matches!(self.kind(), TypeKind::Int(_))
    }

    pub fn is_float(self) -> bool {
        matches!(self.kind(), TypeKind::Float(_))
    }

    pub fn is_complex(self) -> bool {
        matches!(self.kind(), TypeKind::Complex(_))
    }

    /// Bool, int, float or complex; not a literal.
    pub fn is_number(self) -> bool {
        matches!(self.kind(), TypeKind::Bool | TypeKind::Int(_) | TypeKind::Float(_) | TypeKind::Complex(_))
    }

    /// Whether arrays of this type exist.
    pub fn is_element(self) -> bool {
        self.is_number()
            || self.time_unit().is_some()
            || self.as_fixed_text().is_some()
            || matches!(self.kind(), TypeKind::Record(record) if !record.readonly)
    }

    pub fn is_signed_int(self) -> bool {
        matches!(self.kind(), TypeKind::Int(kind) if kind.signed)
    }

    /// Without the knowledge of the value: `Literal[3]` becomes `int64`. Also inside tuples.
    pub fn widen(self) -> Type {
        match self.kind() {
            TypeKind::Literal(Literal::Bool(_)) => Type::bool(),
            TypeKind::Literal(Literal::Int(value)) => {
                if i64::try_from(*value).is_ok() {
                    Type::int64()
                } else {
                    Type::uint64()
                }
            }
            TypeKind::Literal(Literal::Str(_)) => Type::str(),
            TypeKind::Tuple(elements) => Type::tuple(elements.iter().map(|ty| ty.widen()).collect()),
            TypeKind::NamedTuple(class, elements) => {
                TypeKind::NamedTuple(class.clone(), elements.iter().map(|ty| ty.widen()).collect()).into()
            }
            TypeKind::MixedList(items) => {
                TypeKind::MixedList(items.iter().map(|ty| ty.widen()).collect()).into()
            }
            TypeKind::MixedDict(keys, values) => {
                TypeKind::MixedDict(keys.clone(), values.iter().map(|ty| ty.widen()).collect()).into()
            }
            TypeKind::Keywords(names, types) => {
                TypeKind::Keywords(names.clone(), types.iter().map(|ty| ty.widen()).collect()).into()
            }
            TypeKind::Slice(parts) => TypeKind::Slice(parts.map(Type::widen)).into(),
            TypeKind::EnumMember { value, is_int: true, .. } => value.widen(),
            _ => self,
        }
    }

    pub fn is_mixed_list(self) -> bool {
        matches!(self.kind(), TypeKind::MixedList(_))
    }

    /// Size in bytes of an array element of this type.
    ///
    /// # Panics
    /// If arrays of this type do not exist.
    pub fn item_size(self) -> u64 {
        match self.kind() {
            TypeKind::Bool => 1,
            TypeKind::Int(kind) => u64::from(kind.bits / 8),
            TypeKind::Float(FloatKind::F32) => 4,
            TypeKind::Float(FloatKind::F64) => 8,
            TypeKind::Complex(FloatKind::F32) => 8,
            TypeKind::Complex(FloatKind::F64) => 16,
            TypeKind::DateTime(_) | TypeKind::TimeDelta(_) => 8,
            TypeKind::FixedText { length, is_bytes: true } => u64::from(*length),
            TypeKind::FixedText { length, .. } => 4 * u64::from(*length),
            TypeKind::Record(record) => record.layout.item_size,
            _ => panic!("{self} is not an element type of arrays"),
        }
    }
}

impl IntKind {
    pub fn min(self) -> i128 {
        if self.signed { -(1i128 << (self.bits - 1)) } else { 0 }
    }

    pub fn max(self) -> i128 {
        if self.signed { (1i128 << (self.bits - 1)) - 1 } else { (1i128 << self.bits) - 1 }
    }
}

impl FloatKind {
    pub fn bits(self) -> u8 {
        match self {
            FloatKind::F32 => 32,
            FloatKind::F64 => 64,
        }
    }
}
