//! Type inference: untyped SSA in, typed SSA out.
//!
//! Invariant: knows neither LLVM nor Python; what a name in the user's function refers to comes through
//! [`Environment`].
//!
//! Inference is sparse conditional propagation (Wegman and Zadeck, TOPLAS 13(2), 1991) with types as
//! the lattice: only blocks that the types admit are looked at, so `if x is None` prunes. All instances
//! that a request needs are inferred together to a fixed point, so recursion needs no special case:
//! a call whose result is not known yet waits for the instance it calls.

mod analysis;
mod calls;
mod cells;
mod class_relations;
mod classes;
mod code;
mod constant_containers;
mod constants;
mod containers;
mod contexts;
mod defined_members;
mod emission;
mod enums;
mod environment;
mod evaluate;
mod exceptions;
mod extensions;
mod functionals;
mod generators;
mod inference;
mod interpreted;
mod keywords;
mod starred;

pub use classes::field_type;
pub use code::CodeTable;
pub use environment::{
    ArgumentType, ClassKind, Constant, DataClass, DataField, EnumClass, Environment, Extensible,
    FunctionOptions, FunctionSource, Implementation, Interpreted, Member, NotInterpreted, NumberBits,
    Purpose, Refusal,
};
pub use inference::{Inferred, InstanceKey, KnownInstance, infer};
pub use rumba_library::ErrorModel;
pub use rumba_library::recorded::{Recorded, Step};
pub use rumba_syntax::hir::InterpretedBlock;
