//! The extension module `rumba._core`: the border between the interpreter and the compiler.
//!
//! Decisions are made here or behind; the Python package on top spells them as Numba does. Calls of jitted
//! functions enter at [`dispatcher`], compilation leaves through [`gate`], and what the compiler wants to know
//! about Python objects is answered by [`environment`].
//!
//! Invariant: the only crate that links Python; it never sees LLVM.

mod binding;
mod box_value;
mod buffers;
mod c_functions;
mod characters;
mod classes;
mod containers;
mod dataclasses;
mod dispatcher;
mod dispatcher_functions;
mod element_types;
mod entry_points;
mod environment;
mod errors;
mod extensions;
mod function_pointers;
mod gate;
mod generators;
mod guard;
mod holds;
mod host_calls;
mod int_object;
mod library_path;
mod numpy;
mod object_mode;
mod objects;
mod overloads;
mod raise;
mod random;
mod source;
mod text;
mod thread;
mod type_objects;
mod type_of;
mod typed;
mod unbox;
mod warm_up;

/// Everything that the package takes from here.
#[pyo3::pymodule(gil_used = true)]
mod _core {
    use pyo3::prelude::*;
    use pyo3::types::PyDict;

    #[pymodule_export]
    use crate::c_functions::{CFunction, c_pointer_type};
    #[pymodule_export]
    use crate::classes::{
        Field, Instance, declare_class, declare_dataclass, define_class, define_type, instance_type,
        new_struct, register_proxy, register_struct, structref_type,
    };
    #[pymodule_export]
    use crate::dispatcher_functions::{
        argument_types_of, clear, compile, compiled, dispatcher_id, inspect, make_dispatcher, py_func,
        register_jitable, run_loop, set_can_compile,
    };
    #[pymodule_export]
    use crate::type_objects::{
        SignatureObject, TypeObject, array_type, container_type, from_dtype, literal_type, named_tuple_type,
        named_type, optional_type, struct_type, tuple_type, typeof_,
    };

    #[pymodule_export]
    use crate::errors::error_codes;
    #[pymodule_export]
    use crate::extensions::{adopt, extend, register_class};
    #[pymodule_export]
    use crate::function_pointers::function_pointer_type;
    #[pymodule_export]
    use crate::gate::{after_fork, after_fork_in_child, before_fork};
    #[pymodule_export]
    use crate::generators::GeneratorObject;
    #[pymodule_export]
    use crate::typed::{TypedList, TypedTable};
    #[pymodule_export]
    use crate::warm_up::join_warm_up;

    /// The number of blocks of array memory that compiled code has allocated and not freed.
    #[pyfunction]
    fn live_allocations() -> usize {
        rumba_runtime::memory::live_allocations()
    }

    #[pymodule_init]
    fn initialise(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        crate::numpy::initialise(py)?;
        crate::host_calls::install_host();
        crate::warm_up::start(py);
        py.import("atexit")?.call_method1("register", (module.getattr("join_warm_up")?,))?;
        let hooks = PyDict::new(py);
        hooks.set_item("before", module.getattr("before_fork")?)?;
        hooks.set_item("after_in_parent", module.getattr("after_fork")?)?;
        hooks.set_item("after_in_child", module.getattr("after_fork_in_child")?)?;
        py.import("os")?.call_method("register_at_fork", (), Some(&hooks))?;
        module.add("Dispatcher", crate::dispatcher::create_type(py)?)?;
        module.add("compile_listeners", crate::gate::listeners(py))?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
