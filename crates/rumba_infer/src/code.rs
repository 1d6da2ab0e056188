//! The code of functions: found, parsed and lowered once, however many instances it has.

use crate::exceptions::Raised;
use crate::{Environment, FunctionOptions, InstanceKey};
use rumba_source::{Diagnostic, SourceMap, Span};
use rumba_syntax::{BodyPosition, FunctionRequest, ParsedFile, Unrolled, find_function, hir, lower_unrolled};
use rumba_types::ObjectId;
use rustc_hash::{FxHashMap, FxHashSet};
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
    /// The loops that were unrolled in the outermost function.
    unrolled: Unrolled,
    /// Positions of inner functions, from the outermost one to this.
    path: Vec<u32>,
}

/// All code seen so far in the process. Ids are never reused.
#[derive(Default)]
pub struct CodeTable {
    codes: Vec<Arc<Code>>,
    outermost: FxHashMap<ObjectId, u32>,
    inner: FxHashMap<(u32, u32), u32>,
    unrolled: FxHashMap<(u32, Span, u32), u32>,
    /// Parameters, by code, whose values `literally` has to know: the function is compiled for each.
    pub(crate) literal_params: FxHashSet<(u32, usize)>,
    /// What instances raise that are compiled already.
    pub(crate) raised: FxHashMap<InstanceKey, Vec<Raised>>,
}

/// Copies of a body that loops inside of each other may come to; all loops of a function count as such.
const MAX_COPIES: u32 = 1 << 16;

/// The code of a user's function, and whether it is of the prelude.
fn lowered(
    env: &dyn Environment,
    object: ObjectId,
    unrolled: &Unrolled,
) -> Result<(Arc<hir::Function>, bool), Vec<Diagnostic>> {
    let source = env.source(object).map_err(|diagnostic| vec![diagnostic])?;
    let file = SourceMap::add(&source.filename, source.text.clone());
    let parsed = ParsedFile::get(file).map_err(|diagnostic| vec![diagnostic])?;
    let request = FunctionRequest {
        name: source.name.to_string(),
        qualname: source.qualname.to_string(),
        first_line: source.first_line,
        arg_names: source.arg_names.iter().map(|name| name.to_string()).collect(),
        body_position: source.body_position.map(|(line, column, end_line, end_column)| BodyPosition {
            line,
            column,
            end_line,
            end_column,
        }),
    };
    let found = find_function(&parsed, &request).map_err(|diagnostic| vec![diagnostic])?;
    Ok((lower_unrolled(&parsed, &found, unrolled)?, source.is_prelude))
}

impl CodeTable {
    pub(crate) fn get(&self, id: u32) -> Arc<Code> {
        self.codes[id as usize].clone()
    }

    /// The positions of the parameters of a user's function whose values are to be constants.
    pub fn literal_params(&self, object: ObjectId) -> Vec<usize> {
        let code = self.outermost.get(&object);
        self.literal_params.iter().filter(|(of, _)| Some(of) == code).map(|(_, param)| *param).collect()
    }

    /// The options of the function that a piece of code belongs to.
    pub fn options(&self, id: u32) -> &FunctionOptions {
        &self.codes[id as usize].options
    }

    fn add(&mut self, code: impl FnOnce(u32) -> Code) -> u32 {
        let id = self.codes.len() as u32;
        self.codes.push(Arc::new(code(id)));
        id
    }

    /// The code of a user's function.
    pub(crate) fn load(&mut self, env: &dyn Environment, object: ObjectId) -> Result<u32, Vec<Diagnostic>> {
        if let Some(id) = self.outermost.get(&object) {
            return Ok(*id);
        }
        let unrolled = Unrolled::default();
        let (hir, is_prelude) = lowered(env, object, &unrolled)?;
        let options = Arc::new(env.options(object));
        let id = self.add(|id| Code { id, hir, object, options, is_prelude, unrolled, path: Vec::new() });
        self.outermost.insert(object, id);
        Ok(id)
    }

    /// The code of the inner function at `position` in the code `parent`.
    pub(crate) fn inner(&mut self, parent: u32, position: u32) -> u32 {
        if let Some(id) = self.inner.get(&(parent, position)) {
            return *id;
        }
        let outer = self.get(parent);
        let id = self.add(|id| Code {
            id,
            hir: outer.hir.functions[position as usize].clone(),
            object: outer.object,
            options: outer.options.clone(),
            is_prelude: outer.is_prelude,
            unrolled: outer.unrolled.clone(),
            path: outer.path.iter().copied().chain([position]).collect(),
        });
        self.inner.insert((parent, position), id);
        id
    }

    /// The same code with one more loop unrolled, the one over what stands at `span`; `None` if it is unrolled already, so
    /// that it is none of `for`, or if the function would grow too large.
    pub(crate) fn with_unrolled(
        &mut self,
        env: &dyn Environment,
        id: u32,
        span: Span,
        n_elements: u32,
    ) -> Option<u32> {
        if let Some(id) = self.unrolled.get(&(id, span, n_elements)) {
            return Some(*id);
        }
        let code = self.get(id);
        let mut unrolled = code.unrolled.clone();
        let lengths = unrolled.entry(span).or_default();
        if lengths.contains(&n_elements) {
            return None;
        }
        lengths.push(n_elements);
        let n_copies = unrolled
            .values()
            .try_fold(1, |product: u32, lengths| product.checked_mul(1 + lengths.iter().sum::<u32>()));
        if n_copies.is_none_or(|n_copies| n_copies > MAX_COPIES) {
            return None;
        }
        let (outermost, _) = lowered(env, code.object, &unrolled).ok()?;
        // The loop is in this very function, so that those around it have the same inner functions.
        let hir = code.path.iter().fold(outermost, |hir, position| hir.functions[*position as usize].clone());
        let new = self.add(|id| Code {
            id,
            hir,
            object: code.object,
            options: code.options.clone(),
            is_prelude: code.is_prelude,
            unrolled,
            path: code.path.clone(),
        });
        self.unrolled.insert((id, span, n_elements), new);
        Some(new)
    }
}
