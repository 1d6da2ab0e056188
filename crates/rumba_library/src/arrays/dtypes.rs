//! Element types by the names NumPy gives them.

use rumba_types::{TimeUnit, Type};

/// The dtype of a name: `float64`, `f8`, `<i4`, `?`, `double` … `None` for names that are no supported
/// dtype, byte-swapped ones included.
pub fn by_name(name: &str) -> Option<Type> {
    let name = name.strip_prefix(['<', '=', '|']).unwrap_or(name);
    let times: [(&str, fn(TimeUnit) -> Type); 4] = [
        ("datetime64", Type::datetime),
        ("M8", Type::datetime),
        ("timedelta64", Type::timedelta),
        ("m8", Type::timedelta),
    ];
    for (prefix, of) in times {
        if let Some(unit) = name.strip_prefix(prefix) {
            if unit.is_empty() {
                return Some(of(TimeUnit::GENERIC));
            }
            let unit = unit.strip_prefix('[')?.strip_suffix(']')?;
            return TimeUnit::parse(unit).map(of);
        }
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
