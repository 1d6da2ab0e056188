//! The functions that compiled code may call, by name.

use crate::{context, copying, host, interrupt, memory, powers};

macro_rules! symbols {
    ($($path:path),* $(,)?) => {
        /// Names and addresses, in the order of declaration.
        pub fn symbols() -> &'static [(&'static str, usize)] {
            static TABLE: std::sync::OnceLock<Vec<(&'static str, usize)>> = std::sync::OnceLock::new();
            TABLE.get_or_init(|| vec![$((last_segment(stringify!($path)), $path as *const () as usize)),*])
        }
    };
}

symbols! {
    context::rumba_raise,
    context::rumba_raise_recursion,
    context::rumba_propagate,
    host::rumba_call_host,
    interrupt::rumba_poll,
    memory::rumba_array_allocate,
    memory::rumba_retain,
    memory::rumba_release,
    copying::rumba_copy_elements,
    powers::rumba_ipow_i64,
    powers::rumba_pow_c128,
}

fn last_segment(path: &'static str) -> &'static str {
    path.rsplit("::").next().unwrap_or(path).trim()
}

/// The address of the runtime's function or variable of this name.
pub fn symbol_address(name: &str) -> Option<usize> {
    if name == "rumba_interrupt_flag" {
        return Some(&raw const interrupt::INTERRUPT_FLAG as usize);
    }
    symbols().iter().find(|(symbol, _)| *symbol == name).map(|(_, address)| *address)
}
