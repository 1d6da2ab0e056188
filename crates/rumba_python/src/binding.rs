//! Folds positional, keyword, default, `*args` and `**keywords` arguments to the order of the parameters, with
//! CPython's words when a call does not fit.

use pyo3::exceptions::PyTypeError;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

/// The parameters of a function, in the order of the source: positional ones, `*args`, keyword-only ones,
/// `**keywords`.
pub struct Parameters {
    /// As error messages call the function.
    qualname: String,
    names: Vec<Py<PyString>>,
    texts: Vec<String>,
    defaults: Vec<Option<Py<PyAny>>>,
    n_positional_only: usize,
    n_positional: usize,
    has_var_positional: bool,
    has_var_keyword: bool,
}

const CO_VARARGS: u32 = 0x04;
const CO_VARKEYWORDS: u32 = 0x08;

impl Parameters {
    pub fn of(function: &Bound<'_, PyAny>) -> PyResult<Parameters> {
        let code = function.getattr("__code__")?;
        let count = |name: &str| -> PyResult<usize> { code.getattr(name)?.extract() };
        let n_positional = count("co_argcount")?;
        let n_keyword_only = count("co_kwonlyargcount")?;
        let flags: u32 = code.getattr("co_flags")?.extract()?;
        let has_var_positional = flags & CO_VARARGS != 0;
        let has_var_keyword = flags & CO_VARKEYWORDS != 0;
        // co_varnames puts `*args` behind the keyword-only parameters.
        let mut names: Vec<Py<PyString>> = code.getattr("co_varnames")?.extract()?;
        names.truncate(
            n_positional + n_keyword_only + usize::from(has_var_positional) + usize::from(has_var_keyword),
        );
        let var_keyword = if has_var_keyword { names.pop() } else { None };
        if has_var_positional && let Some(name) = names.pop() {
            names.insert(n_positional, name);
        }
        names.extend(var_keyword);
        let mut defaults: Vec<Option<Py<PyAny>>> = names.iter().map(|_| None).collect();
        let py = function.py();
        if let Ok(values) = function.getattr("__defaults__")?.cast::<PyTuple>() {
            for (value, default) in values.iter().rev().zip(defaults[..n_positional].iter_mut().rev()) {
                *default = Some(value.unbind());
            }
        }
        if let Ok(values) = function.getattr("__kwdefaults__")?.cast::<PyDict>() {
            for (name, default) in names.iter().zip(defaults.iter_mut()).skip(n_positional) {
                *default = values.get_item(name)?.map(Bound::unbind);
            }
        }
        Ok(Parameters {
            qualname: function.getattr("__qualname__")?.extract()?,
            texts: names.iter().map(|name| name.bind(py).to_string_lossy().into_owned()).collect(),
            names,
            defaults,
            n_positional_only: count("co_posonlyargcount")?,
            n_positional,
            has_var_positional,
            has_var_keyword,
        })
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is a `*args`.
    pub fn is_variadic(&self) -> bool {
        self.has_var_positional
    }

    pub fn name(&self, idx: usize) -> &str {
        &self.texts[idx]
    }

    /// The position of `**keywords`.
    pub fn var_keyword(&self) -> Option<usize> {
        self.has_var_keyword.then(|| self.len() - 1)
    }

    /// The number of arguments with which a purely positional call needs no folding, if there is one.
    pub fn n_plain(&self) -> Option<usize> {
        (!self.has_var_positional && !self.has_var_keyword && self.n_positional == self.len())
            .then_some(self.n_positional)
    }

    /// The default objects, for the garbage collector.
    pub fn defaults(&self) -> impl Iterator<Item = &Py<PyAny>> {
        self.defaults.iter().flatten()
    }

    /// One object per parameter.
    ///
    /// # Safety
    /// `args` holds `n_args` objects and, behind them, as many as `kwnames` (null or a tuple of strings).
    pub unsafe fn bind<'py>(
        &self,
        py: Python<'py>,
        args: *const *mut PyObject,
        n_args: usize,
        kwnames: *mut PyObject,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        // SAFETY: promised by the caller.
        let argument = |idx: usize| unsafe { Bound::from_borrowed_ptr(py, *args.add(idx)) };
        let mut values: Vec<Option<Bound<'py, PyAny>>> = vec![None; self.len()];
        for (idx, value) in values.iter_mut().enumerate().take(n_args.min(self.n_positional)) {
            *value = Some(argument(idx));
        }
        if self.has_var_positional {
            let rest = (self.n_positional..n_args).map(argument).collect::<Vec<_>>();
            values[self.n_positional] = Some(PyTuple::new(py, rest)?.into_any());
        }
        let keywords = if self.has_var_keyword { Some(PyDict::new(py)) } else { None };
        if !kwnames.is_null() {
            // SAFETY: promised by the caller.
            let kwnames = unsafe { Bound::from_borrowed_ptr(py, kwnames).cast_into_unchecked::<PyTuple>() };
            for (position, name) in kwnames.iter().enumerate() {
                let idx = match (self.position_of(&name, &kwnames), &keywords) {
                    (Ok(idx), _) => idx,
                    (Err(_), Some(keywords)) => {
                        keywords.set_item(name, argument(n_args + position))?;
                        continue;
                    }
                    (Err(error), None) => return Err(error),
                };
                if values[idx].replace(argument(n_args + position)).is_some() {
                    return Err(self.error(format!("got multiple values for argument '{}'", self.texts[idx])));
                }
            }
        }
        if n_args > self.n_positional && !self.has_var_positional {
            return Err(self.too_many(n_args, &values));
        }
        if let Some(keywords) = keywords {
            values[self.len() - 1] = Some(keywords.into_any());
        }
        let mut missing: [Vec<&str>; 2] = Default::default();
        for (idx, value) in values.iter_mut().enumerate() {
            if value.is_none() {
                match &self.defaults[idx] {
                    Some(default) => *value = Some(default.bind(py).clone()),
                    None => missing[usize::from(idx >= self.n_positional)].push(&self.texts[idx]),
                }
            }
        }
        for (names, kind) in missing.iter().zip(["positional", "keyword-only"]) {
            if !names.is_empty() {
                let plural = if names.len() == 1 { "" } else { "s" };
                let list = list_names(names);
                return Err(
                    self.error(format!("missing {} required {kind} argument{plural}: {list}", names.len()))
                );
            }
        }
        Ok(values.into_iter().flatten().collect())
    }

    fn position_of(&self, name: &Bound<'_, PyAny>, kwnames: &Bound<'_, PyTuple>) -> PyResult<usize> {
        let is_keyword = |idx: usize| {
            idx >= self.n_positional_only
                && !(self.has_var_positional && idx == self.n_positional)
                && self.var_keyword() != Some(idx)
        };
        // Keywords and parameter names are interned: nearly always the very same object.
        if let Some(idx) = self.names.iter().position(|known| known.as_ptr() == name.as_ptr())
            && is_keyword(idx)
        {
            return Ok(idx);
        }
        let text = name.cast::<PyString>()?.to_string_lossy();
        match self.texts.iter().position(|known| *known == text) {
            Some(idx) if is_keyword(idx) => Ok(idx),
            Some(idx) if idx < self.n_positional_only => {
                let given: Vec<&str> = self.texts[..self.n_positional_only]
                    .iter()
                    .filter(|known| kwnames.iter().any(|name| name.eq(known.as_str()).unwrap_or(false)))
                    .map(String::as_str)
                    .collect();
                let list = given.join(", ");
                Err(self.error(format!(
                    "got some positional-only arguments passed as keyword arguments: '{list}'"
                )))
            }
            _ => Err(self.error(format!("got an unexpected keyword argument '{text}'"))),
        }
    }

    fn too_many(&self, n_args: usize, values: &[Option<Bound<'_, PyAny>>]) -> PyErr {
        let n_defaults = self.defaults[..self.n_positional].iter().flatten().count();
        let takes = if n_defaults > 0 {
            format!("from {} to {}", self.n_positional - n_defaults, self.n_positional)
        } else {
            self.n_positional.to_string()
        };
        let n_keyword_only = values[self.n_positional..].iter().flatten().count();
        let given = if n_keyword_only > 0 {
            format!(
                "{n_args} positional argument{} (and {n_keyword_only} keyword-only argument{}) were",
                plural_of(n_args),
                plural_of(n_keyword_only)
            )
        } else {
            format!("{n_args} {}", if n_args == 1 { "was" } else { "were" })
        };
        let plural = plural_of(if n_defaults > 0 { 2 } else { self.n_positional });
        self.error(format!("takes {takes} positional argument{plural} but {given} given"))
    }

    fn error(&self, text: String) -> PyErr {
        PyTypeError::new_err(format!("{}() {text}", self.qualname))
    }
}

fn plural_of(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`.
fn list_names(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    }
}

/// Whether CPython's vectorcall convention set its flag; the number of arguments without it.
pub fn n_arguments(nargsf: usize) -> usize {
    nargsf & !ffi::PY_VECTORCALL_ARGUMENTS_OFFSET
}
