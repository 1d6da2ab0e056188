//! Extensions that installed distributions declare: the entry point `init` of the group `rumba_extensions`.
//!
//! They are looked for on the warm-up thread, in the files that Python's packaging puts beside packages, because
//! `importlib.metadata` takes longer to import than Rumba; and called before anything is compiled.

use pyo3::prelude::*;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

const GROUP: &str = "rumba_extensions";

/// What the warm-up thread has found.
static FOUND: Mutex<Option<Vec<String>>> = Mutex::new(None);
static ARE_LOADED: AtomicBool = AtomicBool::new(false);

/// The folders that Python imports from.
pub fn folders(py: Python<'_>) -> Vec<String> {
    let path = py.import("sys").and_then(|sys| sys.getattr("path"));
    let folders = path.and_then(|path| path.try_iter()?.collect::<PyResult<Vec<_>>>());
    folders.unwrap_or_default().iter().filter_map(|folder| folder.extract().ok()).collect()
}

/// Looks for entry points now, so that nobody waits for it later.
pub fn search(folders: &[String]) {
    let found = declared(folders);
    *FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
}

/// Calls the extensions' functions, once. One that fails is a warning.
pub fn load(py: Python<'_>) -> PyResult<()> {
    if ARE_LOADED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner).take();
    for entry_point in found.unwrap_or_else(|| declared(&folders(py))) {
        py.import("rumba.extending")?.call_method1("_load_extension", (entry_point,))?;
    }
    Ok(())
}

/// `module:function` of each entry point of the group.
fn declared(folders: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        let folder = if folder.is_empty() { "." } else { folder };
        let Ok(entries) = Path::new(folder).read_dir() else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_distribution =
                name.to_str().is_some_and(|name| name.ends_with(".dist-info") || name.ends_with(".egg-info"));
            if !is_distribution {
                continue;
            }
            if let Ok(text) = std::fs::read_to_string(entry.path().join("entry_points.txt")) {
                found.extend(of_group(&text).map(str::to_owned));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn of_group(text: &str) -> impl Iterator<Item = &str> {
    let mut is_group = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_group = section.trim() == GROUP;
        }
        let (name, value) = line.split_once('=')?;
        (is_group && name.trim() == "init").then(|| value.split('[').next().unwrap_or(value).trim())
    })
}

#[cfg(test)]
mod tests {
    use super::of_group;

    #[test]
    fn only_init_of_the_group_counts() {
        let text = "[console_scripts]\ninit = a:b\n[rumba_extensions]\nother = c:d\ninit = dual.support:init [extra]\n\n[x]\ninit=e:f";
        assert_eq!(of_group(text).collect::<Vec<_>>(), ["dual.support:init"]);
    }
}
