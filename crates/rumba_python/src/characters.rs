//! What the interpreter says of characters: see `rumba_runtime::characters`.

use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use rumba_runtime::characters::{BLOCK, Character, Mapping, property};
use rumba_runtime::host::Coded;
use std::ffi::c_void;

/// Fills in the characters from `first` on.
pub fn describe(first: u32, characters: &mut [Character; BLOCK]) {
    Python::attach(|py| {
        for (code, character) in (first..).zip(characters) {
            // Methods of `str` fail only for want of memory; then the character has no properties.
            *character = ask(py, code).unwrap_or_default();
        }
    });
}

fn ask(py: Python<'_>, code: u32) -> PyResult<Character> {
    let text = text_of(py, &[code])?;
    let mut character = Character::default();
    let tests = [
        ("isalpha", property::ALPHA),
        ("isdecimal", property::DECIMAL),
        ("isdigit", property::DIGIT),
        ("isnumeric", property::NUMERIC),
        ("isprintable", property::PRINTABLE),
        ("isspace", property::SPACE),
        ("islower", property::LOWER),
        ("isupper", property::UPPER),
        ("isidentifier", property::IDENTIFIER_START),
    ];
    for (method, property) in tests {
        if text.call_method0(method)?.is_truthy()? {
            character.properties |= property;
        }
    }
    let is_letter_case = property::LOWER | property::UPPER;
    // Of a single character, `istitle` tells upper and title case.
    if text.call_method0("istitle")?.is_truthy()? && character.properties & is_letter_case == 0 {
        character.properties |= property::TITLE;
    }
    if text_of(py, &['a'.into(), code])?.call_method0("isidentifier")?.is_truthy()? {
        character.properties |= property::IDENTIFIER;
    }
    if character.has(property::DECIMAL) {
        character.decimal = py.get_type::<pyo3::types::PyInt>().call1((&text,))?.extract()?;
    }
    character.lower = mapping(&text, "lower")?;
    character.upper = mapping(&text, "upper")?;
    character.title = mapping(&text, "title")?;
    character.folded = mapping(&text, "casefold")?;

    // A letter behind a cased character keeps its case in a title.
    if last_of(&text_of(py, &[code, 'a'.into()])?, "title")? == u32::from('a') {
        character.properties |= property::CASED;
    }
    // Behind "A" and an ignorable character, a sigma is at the end of a word; behind the character alone it is not.
    const CAPITAL_SIGMA: u32 = 0x3a3;
    const FINAL_SIGMA: u32 = 0x3c2;
    let behind_letter = text_of(py, &['A'.into(), code, CAPITAL_SIGMA])?;
    let alone = text_of(py, &[code, CAPITAL_SIGMA])?;
    if last_of(&behind_letter, "lower")? == FINAL_SIGMA && last_of(&alone, "lower")? != FINAL_SIGMA {
        character.properties |= property::CASE_IGNORABLE;
    }
    Ok(character)
}

fn text_of<'py>(py: Python<'py>, codes: &[u32]) -> PyResult<Bound<'py, PyAny>> {
    const BYTES_PER_CODE: i32 = 4;
    // SAFETY: attached; that many codes are at the address, none of which is beyond Unicode.
    unsafe {
        let data = codes.as_ptr().cast::<c_void>();
        let text = ffi::PyUnicode_FromKindAndData(BYTES_PER_CODE, data, codes.len() as isize);
        Bound::from_owned_ptr_or_err(py, text)
    }
}

fn codes(text: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    let text = text.cast::<PyString>()?;
    // SAFETY: attached, and a text; positions are within it.
    unsafe {
        let length = ffi::PyUnicode_GET_LENGTH(text.as_ptr());
        Ok((0..length).map(|idx| ffi::PyUnicode_ReadChar(text.as_ptr(), idx)).collect())
    }
}

fn mapping(text: &Bound<'_, PyAny>, method: &str) -> PyResult<Mapping> {
    let mut mapping = Mapping::default();
    let mapped = codes(&text.call_method0(method)?)?;
    for (place, code) in mapping.iter_mut().zip(mapped) {
        *place = code;
    }
    Ok(mapping)
}

fn last_of(text: &Bound<'_, PyAny>, method: &str) -> PyResult<u32> {
    Ok(codes(&text.call_method0(method)?)?.last().copied().unwrap_or(0))
}

/// The raw hash of bytes, of which there is one at least: `PyHash_FuncDef::hash`.
pub fn hash_bytes(bytes: &[u8]) -> i64 {
    // SAFETY: the definition lives as long as the interpreter; its function reads the bytes and nothing else of the
    // interpreter than its secret, which never changes.
    unsafe {
        match (*ffi::PyHash_GetFuncDef()).hash {
            Some(hash) => hash(bytes.as_ptr().cast(), bytes.len() as isize) as i64,
            None => 0,
        }
    }
}

/// Encodes or decodes, which fails, and leaves the exception with the interpreter until compiled code has returned.
pub fn raise_codec_error(coded: Coded<'_>, encoding: &'static str) {
    Python::attach(|py| {
        let outcome = match coded {
            Coded::Text(codes) => {
                text_of(py, codes).and_then(|text| text.call_method1("encode", (encoding,)))
            }
            Coded::Bytes(bytes) => PyBytes::new(py, bytes).call_method1("decode", (encoding,)),
        };
        let error = match outcome {
            Err(error) => error,
            Ok(_) => PyValueError::new_err(format!("the interpreter knows another {encoding}")),
        };
        error.restore(py);
    });
}
