//! Element types by the names NumPy gives them.

use rumba_types::{TimeUnit, Type, TypeKind};

/// The dtype of a name: `float64`, `f8`, `<i4`, `?`, `double` … `None` for names that are no supported
/// dtype, byte-swapped ones included.
pub fn by_name(name: &str) -> Option<Type> {
    let name = name.strip_prefix(['<', '=', '|']).unwrap_or(name);
    let behind = |prefix: &str| name.strip_prefix(prefix);
    if let Some(unit) = behind("datetime64").or_else(|| behind("M8")) {
        return bracketed_unit(unit).map(Type::datetime);
    }
    if let Some(unit) = behind("timedelta64").or_else(|| behind("m8")) {
        return bracketed_unit(unit).map(Type::timedelta);
    }
    if let Some(length) = behind("U").or_else(|| behind("S"))
        && let Ok(length @ 1..) = length.parse()
    {
        return Some(TypeKind::FixedText { length, is_bytes: name.starts_with('S') }.into());
    }
    Some(match name {
        "bool" | "bool_" | "?" | "b1" => Type::bool(),
        "int8" | "i1" | "b" | "byte" => Type::int8(),
        "int16" | "i2" | "h" | "short" => Type::int16(),
        "int32" | "i4" | "i" | "intc" => Type::int32(),
        "int64" | "i8" | "int" | "int_" | "intp" | "l" | "q" | "p" | "n" | "long" | "longlong" => {
            Type::int64()
        }
        "uint8" | "u1" | "B" | "ubyte" => Type::uint8(),
        "uint16" | "u2" | "H" | "ushort" => Type::uint16(),
        "uint32" | "u4" | "I" | "uintc" => Type::uint32(),
        "uint64" | "u8" | "uint" | "uintp" | "L" | "Q" | "P" | "N" | "ulong" | "ulonglong" => Type::uint64(),
        "float32" | "f4" | "f" | "single" => Type::float32(),
        "float64" | "f8" | "d" | "float" | "double" => Type::float64(),
        "complex64" | "c8" | "F" | "csingle" => Type::complex64(),
        "complex128" | "c16" | "D" | "complex" | "cdouble" => Type::complex128(),
        _ => return None,
    })
}

/// `[25ms]`; nothing is any unit.
fn bracketed_unit(text: &str) -> Option<TimeUnit> {
    match text {
        "" => Some(TimeUnit::GENERIC),
        _ => TimeUnit::parse(text.strip_prefix('[')?.strip_suffix(']')?),
    }
}
