//! The code of functions: found, parsed and lowered once, however many instances it has.

use crate::{Environment, FunctionOptions};
use rumba_source::{Diagnostic, SourceMap};
use rumba_syntax::{BodyPosition, FunctionRequest, ParsedFile, find_function, hir, lower};
use rumba_types::ObjectId;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// One function's code, outermost or inner.
pub struct Code {
    pub id: u32,
    pub hir: Arc<hir::Function>,
    /// The outermost function: whose world free names are looked up in.
    pub object: ObjectId,
    pub options: Arc<FunctionOptions>,
    /// Whether the function is one of Rumba's own, written in Python.
    pub is_prelude: bool,
}

/// All code seen so far in the process. Ids are never reused.
#[derive(Default)]
pub struct CodeTable {
    codes: Vec<Arc<Code>>,
    outermost: FxHashMap<ObjectId, u32>,
    inner: FxHashMap<(u32, u32), u32>,
}

impl CodeTable {
    pub(crate) fn get(&self, id: u32) -> Arc<Code> {
        self.codes[id as usize].clone()
    }

    /// The options of the function that a piece of code belongs to.
    pub fn options(&self, id: u32) -> &FunctionOptions {
        &self.codes[id as usize].options
    }

    fn add(
        &mut self,
        hir: Arc<hir::Function>,
        object: ObjectId,
        options: Arc<FunctionOptions>,
        is_prelude: bool,
    ) -> u32 {
        let id = self.codes.len() as u32;
        self.codes.push(Arc::new(Code { id, hir, object, options, is_prelude }));
        id
    }

    /// The code of a user's function.
    pub(crate) fn load(&mut self, env: &dyn Environment, object: ObjectId) -> Result<u32, Vec<Diagnostic>> {
        if let Some(id) = self.outermost.get(&object) {
            return Ok(*id);
        }
        let source = env.source(object).map_err(|diagnostic| vec![diagnostic])?;
        let file = SourceMap::add(&source.filename, source.text.clone());
        let parsed = ParsedFile::get(file).map_err(|diagnostic| vec![diagnostic])?;
        let request =
            FunctionRequest {
                name: source.name.to_string(),
                qualname: source.qualname.to_string(),
                first_line: source.first_line,
                arg_names: source.arg_names.iter().map(|name| name.to_string()).collect(),
                body_position: source.body_position.map(|(line, column, end_line, end_column)| {
                    BodyPosition { line, column, end_line, end_column }
                }),
            };
        let found = find_function(&parsed, &request).map_err(|diagnostic| vec![diagnostic])?;
        let hir = lower(&parsed, &found)?;
        let options = Arc::new(env.options(object));
        let id = self.add(hir, object, options, source.is_prelude);
        self.outermost.insert(object, id);
        Ok(id)
    }

    /// The code of the inner function at `position` in the code `parent`.
    pub(crate) fn inner(&mut self, parent: u32, position: u32) -> u32 {
        if let Some(id) = self.inner.get(&(parent, position)) {
            return *id;
        }
        let outer = self.get(parent);
        let hir = outer.hir.functions[position as usize].clone();
        let id = self.add(hir, outer.object, outer.options.clone(), outer.is_prelude);
        self.inner.insert((parent, position), id);
        id
    }
}
