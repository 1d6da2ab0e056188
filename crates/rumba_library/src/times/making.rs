//! Times from text, ints and other times: `np.datetime64`, `np.timedelta64`, and the methods of scalars.

use crate::declaration::{Call, Declaration, Default, Param};
use crate::numpy::dtypes::dtype_argument;
use crate::{Emit, Emitter};
use rumba_source::Code;
use rumba_types::{NAT, TimeBase, TimeUnit, Type, TypeKind};

const SELF: Param = Param::required("self");

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.datetime64",
        params: &[Param::required("value"), Param::optional("unit", Default::Absent)],
        doc: "A point in time from a constant string in ISO 8601, from an int and a unit, or from another.",
        rule: |e, call| make_time(e, call, true),
    },
    Declaration {
        path: "numpy.timedelta64",
        params: &[Param::required("value"), Param::optional("unit", Default::Absent)],
        doc: "A span of time from an int and a unit, or from another.",
        rule: |e, call| make_time(e, call, false),
    },
    Declaration {
        path: "numpy.datetime_data",
        params: &[Param::required("dtype").positional_only()],
        doc: "The unit of a dtype of times, and how many of it make a step.",
        rule: |e, call| {
            let Some(unit) = dtype_argument(e, call, 0)?.time_unit() else {
                return call.argument_error(0, Code::ArgumentType, "the dtype of times is needed");
            };
            let base = e.b.unit(Type::literal_str(&TimeUnit::of(unit.base).to_string()));
            let multiple = e.literal_int(i128::from(unit.multiple));
            Ok(e.tuple(vec![base, multiple]))
        },
    },
    Declaration {
        path: "time:dtype",
        params: &[SELF],
        doc: "The dtype.",
        rule: |e, call| {
            let dtype = e.ty(call.args[0]);
            Ok(e.b.unit(TypeKind::DType(dtype).into()))
        },
    },
    Declaration {
        path: "time.astype",
        params: &[SELF, Param::required("dtype")],
        doc: "The time in another unit, or its count as an int.",
        rule: |e, call| {
            let dtype = dtype_argument(e, call, 1)?;
            e.cast_number(call.args[0], dtype)
        },
    },
    Declaration {
        path: "time.view",
        params: &[SELF, Param::required("dtype")],
        doc: "The count as `np.int64`, or as of another unit.",
        rule: |e, call| {
            let dtype = dtype_argument(e, call, 1)?;
            let count = e.b.field(call.args[0], 0);
            match dtype.time_unit() {
                Some(_) => Ok(e.b.make(dtype, vec![count])),
                None if dtype == Type::int64() => Ok(count),
                None => call.argument_error(1, Code::ArgumentValue, "times are viewed as int64 or as times"),
            }
        },
    },
];

fn make_time(e: &mut Emitter<'_>, call: &Call, is_date: bool) -> Emit {
    let given = match e.ty(call.args[1]) {
        ty if ty == Type::undefined() => None,
        ty => match ty.as_literal_str().and_then(TimeUnit::parse) {
            Some(unit) => Some(unit),
            None => {
                let message = "the unit is a constant string such as 'D', 's', 'ns' or '25s'";
                return call.argument_error(1, Code::ArgumentValue, message);
            }
        },
    };
    let of = |unit: TimeUnit| if is_date { Type::datetime(unit) } else { Type::timedelta(unit) };
    if let Some(text) = e.ty(call.args[0]).as_literal_str() {
        let parsed = match text {
            _ if is_date => parse_date(text),
            "NaT" => Some((NAT, TimeUnit::GENERIC)),
            _ => None,
        };
        let Some((count, unit)) = parsed else {
            let message =
                format!("'{text}' is no {}", if is_date { "date in ISO 8601" } else { "span of time" });
            return call.argument_error(0, Code::ArgumentValue, message);
        };
        let count = e.b.int64(count);
        let time = e.b.make(of(unit), vec![count]);
        return e.cast_number(time, of(given.unwrap_or(unit)));
    }
    let value = e.scalar_of(call.args[0]);
    let value = e.plain(value);
    let ty = e.ty(value);
    let fits = ty.is_int() || ty.is_bool() || ty.time_unit().is_some() && ty.is_datetime() == is_date;
    if !fits {
        let message = format!("{} does not convert to a time", ty.shown());
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let unit = match (given, ty.time_unit()) {
        (Some(unit), _) => unit,
        (None, Some(unit)) => unit,
        (None, None) if is_date => {
            let message = "an int becomes a date by a unit: `np.datetime64(n, 's')`";
            return call.argument_error(0, Code::ArgumentValue, message);
        }
        (None, None) => TimeUnit::GENERIC,
    };
    e.cast_number(value, of(unit))
}

/// `2020`, `2020-02`, `2020-02-29`, `2020-02-29T12`, `…:30`, `…:15`, `….123`: the count and the unit that the text goes
/// down to.
pub(super) fn parse_date(text: &str) -> Option<(i64, TimeUnit)> {
    if text == "NaT" {
        return Some((NAT, TimeUnit::GENERIC));
    }
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let (is_negative, date) = match date.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, date),
    };
    let number = |text: &str, n_digits: usize| -> Option<i64> {
        (text.len() == n_digits && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    let mut parts = date.split('-');
    let year = parts.next()?;
    let year = number(year, year.len().clamp(4, 9))? * if is_negative { -1 } else { 1 };
    let Some(month) = parts.next() else {
        return time.is_none().then_some((year - 1970, TimeUnit::of(TimeBase::Year)));
    };
    let month = number(month, 2).filter(|month| (1..=12).contains(month))?;
    let months = (year - 1970) * 12 + month - 1;
    let Some(day) = parts.next() else {
        return time.is_none().then_some((months, TimeUnit::of(TimeBase::Month)));
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let n_days = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day = number(day, 2).filter(|day| (1..=n_days).contains(day))?;
    if parts.next().is_some() {
        return None;
    }
    let days = days_before(year, month) + day - 1;
    let Some(time) = time else { return Some((days, TimeUnit::of(TimeBase::Day))) };
    let mut count = days;
    let mut base = TimeBase::Day;
    let (whole, fraction) = match time.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (time, None),
    };
    let units = [(TimeBase::Hour, 24), (TimeBase::Minute, 60), (TimeBase::Second, 60)];
    let mut fields = whole.split(':');
    for (unit, limit) in units {
        let Some(field) = fields.next() else { break };
        let field = number(field, 2).filter(|field| *field < limit)?;
        count = count.checked_mul(limit)?.checked_add(field)?;
        base = unit;
    }
    if fields.next().is_some() {
        return None;
    }
    let Some(fraction) = fraction else { return Some((count, TimeUnit::of(base))) };
    if base != TimeBase::Second || fraction.is_empty() || fraction.len() > 18 {
        return None;
    }
    let n_digits = fraction.len().div_ceil(3) * 3;
    let digits = number(&format!("{fraction:0<n_digits$}"), n_digits)?;
    let bases = [
        TimeBase::Millisecond,
        TimeBase::Microsecond,
        TimeBase::Nanosecond,
        TimeBase::Picosecond,
        TimeBase::Femtosecond,
        TimeBase::Attosecond,
    ];
    let count = count.checked_mul(10_i64.checked_pow(n_digits as u32)?)?.checked_add(digits)?;
    Some((count, TimeUnit::of(bases[n_digits / 3 - 1])))
}

/// Days from 1970 to the first day of a month, which is counted from 1.
fn days_before(year: i64, month: i64) -> i64 {
    let from_march = (year * 12 + month - 1) - 2;
    let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + year * 365 + year / 4 - year / 100 + (month * 153 + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_iso_8601() {
        let parsed = |text| parse_date(text).map(|(count, unit)| (count, unit.to_string()));
        assert_eq!(parsed("1970"), Some((0, "Y".into())));
        assert_eq!(parsed("2000-03"), Some((362, "M".into())));
        assert_eq!(parsed("2000-02-29"), Some((11_016, "D".into())));
        assert_eq!(parsed("1969-12-31T23"), Some((-1, "h".into())));
        assert_eq!(parsed("1970-01-01T00:01:01.5"), Some((61_500, "ms".into())));
        assert_eq!(parsed("1970-01-01 00:00:00.000001"), Some((1, "us".into())));
        assert_eq!(parsed("2001-02-29"), None);
        assert_eq!(parsed("today"), None);
        assert_eq!(parsed("2001-13"), None);
    }
}
