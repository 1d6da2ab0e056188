//! Units of `datetime64` and `timedelta64`, and how they convert.
//!
//! A value is a count of a multiple of a unit, such as 25 seconds: of a span of time, or since 1970. The least int64 is
//! no time, NaT.

use crate::{Type, TypeKind};
use std::fmt::{Display, Formatter, Result};

/// What stands for no time.
pub const NAT: i64 = i64::MIN;

/// From the longest to the shortest, in NumPy's order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TimeBase {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    Picosecond,
    Femtosecond,
    Attosecond,
    /// Whatever unit it meets.
    Generic,
}

/// A multiple of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TimeUnit {
    pub base: TimeBase,
    pub multiple: u32,
}

/// Units with NumPy's names and numbers, and how many of the next there are in one.
const BASES: [(TimeBase, &str, i32, u64); 14] = [
    (TimeBase::Year, "Y", 0, 12),
    (TimeBase::Month, "M", 1, 0),
    (TimeBase::Week, "W", 2, 7),
    (TimeBase::Day, "D", 4, 24),
    (TimeBase::Hour, "h", 5, 60),
    (TimeBase::Minute, "m", 6, 60),
    (TimeBase::Second, "s", 7, 1000),
    (TimeBase::Millisecond, "ms", 8, 1000),
    (TimeBase::Microsecond, "us", 9, 1000),
    (TimeBase::Nanosecond, "ns", 10, 1000),
    (TimeBase::Picosecond, "ps", 11, 1000),
    (TimeBase::Femtosecond, "fs", 12, 1000),
    (TimeBase::Attosecond, "as", 13, 0),
    (TimeBase::Generic, "generic", 14, 0),
];

impl TimeBase {
    /// Years and months, which have no fixed length in days.
    pub fn is_of_calendar(self) -> bool {
        matches!(self, TimeBase::Year | TimeBase::Month)
    }

    /// By NumPy's name, such as `ms`.
    pub fn by_name(name: &str) -> Option<TimeBase> {
        let name = if name == "μs" { "us" } else { name };
        BASES.iter().find(|(_, text, ..)| *text == name).map(|(base, ..)| *base)
    }

    fn name(self) -> &'static str {
        BASES[self as usize].1
    }

    /// How many of `shorter` there are in one; `None` where that is not fixed, or too many for an int64.
    pub fn factor(self, shorter: TimeBase) -> Option<i64> {
        if self > shorter || self != shorter && shorter == TimeBase::Generic {
            return None;
        }
        let mut factor: i64 = 1;
        for (_, _, _, next) in &BASES[self as usize..shorter as usize] {
            factor = factor.checked_mul(*next as i64).filter(|factor| *factor != 0)?;
        }
        Some(factor)
    }
}

impl TimeUnit {
    pub const GENERIC: TimeUnit = TimeUnit { base: TimeBase::Generic, multiple: 1 };

    pub fn of(base: TimeBase) -> TimeUnit {
        TimeUnit { base, multiple: 1 }
    }

    /// From NumPy's number of the unit, and the multiple.
    pub fn from_numpy(number: i32, multiple: i32) -> Option<TimeUnit> {
        let (base, ..) = BASES.iter().find(|(_, _, other, _)| *other == number)?;
        Some(TimeUnit {
            base: *base,
            multiple: u32::try_from(multiple).ok().filter(|multiple| *multiple > 0)?,
        })
    }

    /// `s`, `25ms`.
    pub fn parse(text: &str) -> Option<TimeUnit> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let multiple =
            if digits == 0 { 1 } else { text[..digits].parse().ok().filter(|multiple| *multiple > 0)? };
        Some(TimeUnit { base: TimeBase::by_name(&text[digits..])?, multiple })
    }

    /// The largest unit that both are multiples of. `of_calendar` says of each side whether its years and months are
    /// those of a calendar, which have days.
    pub fn common(self, other: TimeUnit, of_calendar: [bool; 2]) -> Option<TimeUnit> {
        match (self.base, other.base) {
            (TimeBase::Generic, _) => return Some(other),
            (_, TimeBase::Generic) => return Some(self),
            _ => {}
        }
        let base = self.base.max(other.base);
        let count = |unit: TimeUnit, has_days: bool| {
            let factor = match unit.base.factor(base) {
                // NumPy takes a year and a month for a week here: multiples of either are ones of days.
                None if unit.base.is_of_calendar() && has_days => TimeBase::Week.factor(base),
                factor => factor,
            };
            factor?.checked_mul(i64::from(unit.multiple))
        };
        let (mut a, mut b) = (count(self, of_calendar[0])?, count(other, of_calendar[1])?);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Some(TimeUnit { base, multiple: u32::try_from(a).ok()? })
    }
}

impl Display for TimeUnit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.multiple != 1 {
            write!(f, "{}", self.multiple)?;
        }
        write!(f, "{}", self.base.name())
    }
}

impl Type {
    pub fn datetime(unit: TimeUnit) -> Type {
        TypeKind::DateTime(unit).into()
    }

    pub fn timedelta(unit: TimeUnit) -> Type {
        TypeKind::TimeDelta(unit).into()
    }

    /// The unit of a point in time, or of a span of time.
    pub fn time_unit(self) -> Option<TimeUnit> {
        match self.kind() {
            TypeKind::DateTime(unit) | TypeKind::TimeDelta(unit) => Some(*unit),
            _ => None,
        }
    }

    pub fn is_datetime(self) -> bool {
        matches!(self.kind(), TypeKind::DateTime(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(a: &str, b: &str, of_calendar: bool) -> Option<String> {
        let unit = |text| TimeUnit::parse(text).expect("the unit is one of NumPy's");
        Some(unit(a).common(unit(b), [of_calendar; 2])?.to_string())
    }

    #[test]
    fn common_units_are_numpys() {
        assert_eq!(common("s", "ms", false).as_deref(), Some("ms"));
        assert_eq!(common("3s", "2m", false).as_deref(), Some("3s"));
        assert_eq!(common("4h", "6h", false).as_deref(), Some("2h"));
        assert_eq!(common("Y", "M", false).as_deref(), Some("M"));
        assert_eq!(common("M", "D", false), None);
        assert_eq!(common("M", "D", true).as_deref(), Some("D"));
        assert_eq!(common("3Y", "6W", true).as_deref(), Some("3W"));
        assert_eq!(common("Y", "25s", true).as_deref(), Some("25s"));
        assert_eq!(common("generic", "W", false).as_deref(), Some("W"));
        assert_eq!(common("W", "as", false), None);
    }
}
