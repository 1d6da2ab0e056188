//! `docs/supported.md` says what the declarations say.
//!
//! The page is `supported/template.md`, in which a line `<!-- group: NAME -->` stands for the table of a group
//! of declarations, and `<!-- prelude -->` for what the files of the prelude register. `UPDATE_EXPECT=1 cargo test -p rumba_library --test supported_page` rewrites the page.

use rumba_library::declaration::{Default, declarations};
use rumba_library::{Declaration, Param, numpy};
use std::fmt::Write as _;
use std::path::PathBuf;

/// The tables of the page, and which declarations each holds.
/// A heading, and which declarations stand under it.
type Group = (&'static str, fn(&Declaration) -> bool);

const GROUPS: &[Group] = &[
    ("builtins", |declaration| owner(declaration) == "builtins"),
    ("sequences", |declaration| {
        matches!(owner(declaration), "range" | "slice" | "tuple" | "namedtuple" | "generator_iterator")
    }),
    ("containers", |declaration| {
        matches!(
            owner(declaration),
            "list" | "mixed_list" | "dict" | "mixed_dict" | "keywords" | "view" | "set" | "frozenset"
        ) || is_of_collections(declaration)
            || matches!(owner(declaration), "rumba") && declaration.path != "rumba.objmode"
    }),
    ("text", |declaration| matches!(owner(declaration), "str" | "bytes")),
    ("numbers", |declaration| owner(declaration) == "number"),
    ("math", |declaration| owner(declaration) == "math"),
    ("cmath", |declaration| owner(declaration) == "cmath"),
    ("contextlib", |declaration| owner(declaration) == "contextlib" || declaration.path == "rumba.objmode"),
    ("operator", |declaration| owner(declaration) == "operator"),
    ("C code", |declaration| matches!(owner(declaration), "pointer" | "ctypes" | "cffi")),
    ("array attributes", |declaration| owner(declaration) == "array" && is_attribute(declaration)),
    ("array methods", |declaration| owner(declaration) == "array" && !is_attribute(declaration)),
    ("records", |declaration| owner(declaration) == "record"),
    ("times", |declaration| owner(declaration) == "time"),
    ("numpy", |declaration| {
        owner(declaration) == "numpy"
            && !is_attribute(declaration)
            && !is_ufunc(declaration)
            && !is_ufunc_method(declaration)
            && !is_random(declaration)
    }),
    ("generator methods", |declaration| owner(declaration) == "generator"),
    ("numpy.random", is_random),
    ("random", |declaration| owner(declaration) == "random"),
    ("ufuncs", is_ufunc),
    ("methods of ufuncs", is_ufunc_method),
    ("dtypes", |declaration| {
        owner(declaration) == "dtype" || owner(declaration) == "numpy" && is_attribute(declaration)
    }),
];

/// `array` of `array.flags:c_contiguous`.
fn owner(declaration: &Declaration) -> &'static str {
    let path = declaration.path;
    path.split(['.', ':']).next().unwrap_or(path)
}

fn is_attribute(declaration: &Declaration) -> bool {
    declaration.path.contains(':')
}

/// What only Python's own library calls by its name.
fn is_private(declaration: &Declaration) -> bool {
    declaration.path.starts_with("contextlib._")
}

fn is_of_collections(declaration: &Declaration) -> bool {
    matches!(owner(declaration), "collections" | "Counter" | "deque" | "OrderedDict" | "defaultdict")
}

fn is_random(declaration: &Declaration) -> bool {
    declaration.path.starts_with("numpy.random.")
}

fn is_ufunc(declaration: &Declaration) -> bool {
    numpy::ufuncs::declarations().iter().any(|ufunc| ufunc.path == declaration.path)
}

fn is_ufunc_method(declaration: &Declaration) -> bool {
    declaration.path.rsplit_once('.').is_some_and(|(path, _)| numpy::ufuncs::ufunc(path).is_some())
}

/// The declaration as Python writes its use: `math.sqrt(x)`, `a.shape`, `a.reshape(*shape, order='C')`.
fn spelling(declaration: &Declaration) -> String {
    let is_general = |one: &Declaration| std::ptr::eq(one, declaration);
    if numpy::ufuncs::methods::declarations().iter().any(is_general) {
        let method = declaration.path.rsplit('.').next().unwrap_or_default();
        return format!("np.….{method}({})", parameters(declaration.params));
    }
    let (receiver, rest) = match declaration.path.split_once(['.', ':']) {
        Some(("builtins", rest)) => ("", rest),
        Some(("numpy", rest)) => ("np.", rest),
        Some(("array", rest)) => ("a.", rest),
        Some(("number", rest)) => ("x.", rest),
        Some(("record", rest)) => ("r.", rest),
        Some(("time", rest)) => ("t.", rest),
        Some(("tuple", rest)) => ("t.", rest),
        Some(("range", rest)) => ("r.", rest),
        Some(("slice", rest)) => ("s.", rest),
        Some(("dtype", rest)) => ("dtype.", rest),
        Some(("list", rest)) => ("items.", rest),
        Some(("namedtuple", rest)) => ("p.", rest),
        Some(("dict", rest)) => ("d.", rest),
        Some(("mixed_list", rest)) => ("[…].", rest),
        Some(("mixed_dict", rest)) => ("{…}.", rest),
        Some(("keywords", rest)) => ("kwargs.", rest),
        Some(("view", rest)) => ("d.keys().", rest),
        Some(("set", rest)) => ("s.", rest),
        Some(("Counter" | "deque" | "frozenset" | "OrderedDict" | "defaultdict", _)) => {
            ("", declaration.path)
        }
        Some(("str", rest)) => ("text.", rest),
        Some(("bytes", rest)) => ("b.", rest),
        Some(("generator", rest)) => ("rng.", rest),
        Some(("pointer", rest)) => ("a.ctypes.", rest),
        _ => ("", declaration.path),
    };
    let is_of_module = matches!(
        owner(declaration),
        "builtins"
            | "collections"
            | "math"
            | "cmath"
            | "operator"
            | "contextlib"
            | "ctypes"
            | "cffi"
            | "numpy"
            | "random"
            | "rumba"
    );
    if is_attribute(declaration) {
        // `np.iinfo(t).bits` is an attribute of what a call gives, `a.flags.owndata` of an attribute.
        let between = if is_of_module { "(…)." } else { "." };
        return format!("{receiver}{}", rest.replace(':', between));
    }
    if let Some(object) = rest.strip_suffix(".__getitem__") {
        return format!("{receiver}{object}[…]");
    }
    let params = if is_of_module { declaration.params } else { &declaration.params[1..] };
    format!("{receiver}{rest}({})", parameters(params))
}

fn parameters(params: &[Param]) -> String {
    let mut parts = Vec::new();
    for (idx, param) in params.iter().enumerate() {
        let before = idx.checked_sub(1).map(|before| &params[before]);
        if param.keyword_only
            && before.is_none_or(|before| !before.keyword_only && before.default != Default::Variadic)
        {
            parts.push("*".to_owned());
        }
        parts.push(match param.default {
            Default::Required => param.name.to_owned(),
            Default::Absent => format!("{}=…", param.name),
            Default::None => format!("{}=None", param.name),
            Default::Bool(value) => format!("{}={}", param.name, if value { "True" } else { "False" }),
            Default::Int(value) => format!("{}={value}", param.name),
            Default::Float(value) => format!("{}={value:?}", param.name),
            Default::Str(text) => format!("{}='{text}'", param.name),
            Default::Variadic => format!("*{}", param.name),
            Default::Keywords => format!("**{}", param.name),
        });
        let is_positional = |param: &Param| param.positional_only && param.default != Default::Keywords;
        let is_last_positional = is_positional(param) && !params.get(idx + 1).is_some_and(is_positional);
        if is_last_positional
            && param.default != Default::Variadic
            && params[..=idx].iter().all(|p| p.positional_only)
        {
            parts.push("/".to_owned());
        }
    }
    parts.join(", ")
}

fn table(name: &str, accepts: fn(&Declaration) -> bool) -> String {
    let mut rows: Vec<(String, &str)> = declarations()
        .filter(|one| accepts(one) && !is_private(one))
        .map(|one| (spelling(one), one.doc))
        .collect();
    assert!(!rows.is_empty(), "the group `{name}` has no declarations");
    rows.sort_by_key(|(spelling, _)| spelling.to_lowercase());
    // Methods of all ufuncs are one row.
    rows.dedup();
    let mut text = String::from("| | |\n|---|---|\n");
    for (spelling, doc) in rows {
        writeln!(text, "| `{spelling}` | {} |", doc.replace('|', "\\|")).expect("a String takes everything");
    }
    text
}

/// A row per file of the prelude: the functions that it decorates implementations of, as `@implements(heapq.merge)`.
fn prelude() -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../python/rumba/prelude");
    let files = std::fs::read_dir(folder).expect("the prelude is a folder");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("the folder can be read").path()).collect();
    files.sort();
    let mut text = String::from("| module | functions |\n|---|---|\n");
    for file in files {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let Some(module) = stem.strip_suffix('_').filter(|module| !module.starts_with('_')) else { continue };
        // A path that is written as text counts, too.
        let source = std::fs::read_to_string(&file).expect("the file can be read").replace('"', "");
        let decorators =
            source.lines().filter_map(|line| line.strip_prefix('@')?.split_once(&format!("({module}.")));
        let names = decorators.map(|(_, rest)| rest.split([')', ',']).next().unwrap_or(rest));
        // What a method of the library becomes for instances is no function of its own.
        let names = names.filter(|name| !name.ends_with("_by_comparison") && !name.starts_with('_'));
        let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        writeln!(text, "| `{module}` | {} |", names.join(", ")).expect("a String takes everything");
    }
    text
}

fn page() -> String {
    let mut page = String::new();
    let mut shown = Vec::new();
    for line in include_str!("supported/template.md").lines() {
        match line.strip_prefix("<!-- group: ").and_then(|rest| rest.strip_suffix(" -->")) {
            Some(name) => {
                let (_, accepts) = GROUPS
                    .iter()
                    .find(|(group, _)| *group == name)
                    .unwrap_or_else(|| panic!("no group `{name}`"));
                page.push_str(&table(name, *accepts));
                shown.push(name);
            }
            None if line == "<!-- prelude -->" => page.push_str(&prelude()),
            None => {
                page.push_str(line);
                page.push('\n');
            }
        }
    }
    let all: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
    assert_eq!(shown, all, "the template shows every group, in order");
    page
}

#[test]
fn every_declaration_is_in_one_group() {
    for declaration in declarations() {
        let groups: Vec<_> =
            GROUPS.iter().filter(|(_, accepts)| accepts(declaration)).map(|(name, _)| *name).collect();
        assert_eq!(groups.len(), 1, "{} is in the groups {groups:?}", declaration.path);
    }
}

/// A sentence, so that the page reads well: it begins with a capital letter, a digit or code, and ends in a full stop.
#[test]
fn every_declaration_is_documented_by_a_sentence() {
    let is_sentence = |doc: &str| {
        let begins_well =
            doc.starts_with(|first: char| first.is_uppercase() || first.is_ascii_digit() || first == '`');
        begins_well && doc.ends_with('.')
    };
    let poor: Vec<_> =
        declarations().filter(|one| !is_sentence(one.doc)).map(|one| (one.path, one.doc)).collect();
    assert!(poor.is_empty(), "not sentences: {poor:#?}");
}

#[test]
fn the_page_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/supported.md");
    let page = page();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &page).expect("docs/supported.md can be written");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/supported.md is not what the declarations say; \
         run `UPDATE_EXPECT=1 cargo test -p rumba_library --test supported_page` and read the difference"
    );
}
