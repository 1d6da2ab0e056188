//! Types, dtypes, conversion and promotion rules.
//!
//! Invariant: knows neither the IR nor Python; objects of the interpreter appear as opaque ids.

mod classes;
mod convert;
mod functions;
mod generators;
mod join;
pub mod layout;
mod print;
mod promote;
mod records;
mod tables;
mod times;
mod types;

pub use classes::{ClassField, Equality, InstanceClass, set_equality};
pub use convert::{Conversion, conversion};
pub use generators::{GeneratorType, Place, Places};
pub use join::{is_empty_of, join};
pub use print::Shown;
pub use promote::{arithmetic_result, true_division_result};
pub use records::{RecordField, RecordLayout, RecordType};
pub use tables::{entry_size, entry_types, is_key, order, table_layout};
pub use times::{NAT, TimeBase, TimeUnit};
pub use types::{
    ArrayType, CFunctionType, ClassRef, ContextKind, DictKind, ExceptionClass, FloatKind, FunctionRef,
    FunctionSignature, IntKind, IteratorKind, Layout, Literal, NamedTupleClass, ObjectId, StructType, Type,
    TypeKind,
};
