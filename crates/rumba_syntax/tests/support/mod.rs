//! Finds functions for tests, as a code object would describe them.

// Each test program uses some of it.
#![allow(dead_code)]

use rumba_source::{Diagnostic, SourceMap};
use rumba_syntax::hir::Function;
use rumba_syntax::{FunctionRequest, ParsedFile, find_function, lower};
use std::sync::Arc;

pub fn parse(text: &str) -> Arc<ParsedFile> {
    ParsedFile::get(SourceMap::add("test.py", text.into())).expect("the test's text parses")
}

/// The requests for all functions that begin a line, in order. Their headers must be on one line, with
/// no comma in a default.
pub fn requests(text: &str) -> Vec<FunctionRequest> {
    let lines = text.lines().enumerate();
    lines.filter_map(|(idx, line)| request(idx as u32 + 1, line)).collect()
}

fn request(first_line: u32, line: &str) -> Option<FunctionRequest> {
    let header = line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ")?;
    let (name, rest) = header.split_once('(')?;
    let (params, _) = rest.split_once("):")?;
    let params = params.split(',').map(|param| param.split('=').next().unwrap_or("").trim());
    let params: Vec<&str> = params.filter(|param| !["", "/", "*"].contains(param)).collect();
    let (variadic, named): (Vec<&str>, Vec<&str>) =
        params.into_iter().partition(|param| param.starts_with('*'));
    let arg_names = named.into_iter().chain(variadic).map(|param| param.trim_start_matches('*').to_string());
    Some(FunctionRequest {
        name: name.to_string(),
        first_line,
        arg_names: arg_names.collect(),
        ..Default::default()
    })
}

pub fn lower_request(file: &ParsedFile, request: &FunctionRequest) -> Result<Arc<Function>, Vec<Diagnostic>> {
    let found = find_function(file, request).map_err(|diagnostic| vec![diagnostic])?;
    lower(file, &found)
}
