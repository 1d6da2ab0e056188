//! Sets `cfg(Py_3_12)` and its siblings: the layout of `int` objects differs between versions of CPython.

fn main() {
    pyo3_build_config::use_pyo3_cfgs();
}
