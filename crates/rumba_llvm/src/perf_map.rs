//! Tells `perf` the names of compiled functions, when `RUMBA_PERF` is set: one line per function in
//! `/tmp/perf-PID.map`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{LazyLock, Mutex};

/// Notes that the code at `address` belongs to `name`. Profiling must not break what it watches: failures are
/// ignored.
pub fn record(name: &str, address: usize, size: usize) {
    static MAP: LazyLock<Option<Mutex<File>>> = LazyLock::new(|| {
        std::env::var_os("RUMBA_PERF")?;
        let path = format!("/tmp/perf-{}.map", std::process::id());
        OpenOptions::new().create(true).append(true).open(path).ok().map(Mutex::new)
    });
    if let Some(map) = &*MAP
        && let Ok(mut file) = map.lock()
    {
        let _ = writeln!(file, "{address:x} {size:x} {name}");
    }
}
