//! Counts of one unit of time as counts of another, and conversions from and to ints and text.

use super::making::parse_date;
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, Value};
use rumba_source::Code;
use rumba_types::{TimeBase, TimeUnit, Type, TypeKind};

impl Emitter<'_> {
    /// A count of one unit as a count of another; rounded down where that is longer.
    pub(super) fn convert_count(
        &mut self,
        count: Value,
        from: TimeUnit,
        to: TimeUnit,
        is_date: bool,
    ) -> Emit {
        if from == to || from.base == TimeBase::Generic {
            return Ok(count);
        }
        let converted = match (from.base.is_of_calendar(), to.base.is_of_calendar()) {
            (a, b) if a == b => self.scale_count(count, from, to),
            _ if !is_date || to.base == TimeBase::Generic => None,
            (true, _) => {
                let months = self.scale_count(count, from, TimeUnit::of(TimeBase::Month));
                months.and_then(|months| {
                    let days = self.days_of_months(months);
                    self.scale_count(days, TimeUnit::of(TimeBase::Day), to)
                })
            }
            (false, _) => {
                let days = self.scale_count(count, from, TimeUnit::of(TimeBase::Day));
                days.and_then(|days| {
                    let months = self.months_of_days(days);
                    self.scale_count(months, TimeUnit::of(TimeBase::Month), to)
                })
            }
        };
        let Some(converted) = converted else {
            return self
                .error(Code::CannotConvert, format!("a time in {from} does not convert to one in {to}"));
        };
        let is_nat = self.is_nat(count);
        Ok(self.nat_if(is_nat, converted))
    }

    fn scale_count(&mut self, count: Value, from: TimeUnit, to: TimeUnit) -> Option<Value> {
        let (shortest, of_from, of_to) = match from.base <= to.base {
            true => (to.base, from.base.factor(to.base)?, 1),
            false => (from.base, 1, to.base.factor(from.base)?),
        };
        debug_assert!(shortest >= from.base && shortest >= to.base);
        let mut numerator = of_from.checked_mul(i64::from(from.multiple))?;
        let mut denominator = of_to.checked_mul(i64::from(to.multiple))?;
        let (mut a, mut b) = (numerator, denominator);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        numerator /= a;
        denominator /= a;
        let numerator = self.b.int64(numerator);
        let scaled = self.b.mul(count, numerator);
        if denominator == 1 {
            return Some(scaled);
        }
        let denominator = self.b.int64(denominator);
        Some(self.b.binary(BinaryOp::FloorDiv, scaled, denominator))
    }

    /// `count op constant`.
    fn by(&mut self, op: BinaryOp, count: Value, constant: i64) -> Value {
        let constant = self.b.int64(constant);
        self.b.binary(op, count, constant)
    }

    /// Days from 1970 to the first day of a month that is counted from there, in the Gregorian calendar.
    fn days_of_months(&mut self, months: Value) -> Value {
        use BinaryOp::{Add, FloorDiv, FloorMod, Mul, Sub};
        // Years that begin in March end with the day that some have and others have not.
        let from_march = self.by(Add, months, 1970 * 12 - 2);
        let year = self.by(FloorDiv, from_march, 12);
        let month = self.by(FloorMod, from_march, 12);
        let era = self.by(FloorDiv, year, 400);
        let year = self.by(FloorMod, year, 400);
        let day = self.by(Mul, month, 153);
        let day = self.by(Add, day, 2);
        let day = self.by(FloorDiv, day, 5);
        let mut days = self.by(Mul, year, 365);
        for (op, every) in [(Add, 4), (Sub, 100)] {
            let leap_days = self.by(FloorDiv, year, every);
            days = self.b.binary(op, days, leap_days);
        }
        let days = self.b.add(days, day);
        let of_eras = self.by(Mul, era, 146_097);
        let days = self.b.add(days, of_eras);
        self.by(Sub, days, 719_468)
    }

    /// Months from 1970 to the one that a day is in.
    fn months_of_days(&mut self, days: Value) -> Value {
        use BinaryOp::{Add, FloorDiv, FloorMod, Mul, Sub};
        let days = self.by(Add, days, 719_468);
        let era = self.by(FloorDiv, days, 146_097);
        let day = self.by(FloorMod, days, 146_097);
        // The year, counted without the leap days that are behind.
        let mut counted = day;
        for (op, every) in [(Sub, 1460), (Add, 36_524), (Sub, 146_096)] {
            let leap_days = self.by(FloorDiv, day, every);
            counted = self.b.binary(op, counted, leap_days);
        }
        let year = self.by(FloorDiv, counted, 365);
        let mut before = self.by(Mul, year, 365);
        for (op, every) in [(Add, 4), (Sub, 100)] {
            let leap_days = self.by(FloorDiv, year, every);
            before = self.b.binary(op, before, leap_days);
        }
        let day = self.b.sub(day, before);
        let month = self.by(Mul, day, 5);
        let month = self.by(Add, month, 2);
        let month = self.by(FloorDiv, month, 153);
        let years = self.by(Mul, era, 400);
        let years = self.b.add(years, year);
        let months = self.by(Mul, years, 12);
        let months = self.b.add(months, month);
        self.by(Sub, months, 1970 * 12 - 2)
    }

    /// Conversions from and to times, as `astype` does them; `None` between numbers.
    pub(crate) fn cast_time(&mut self, value: Value, to: Type) -> Emit<Option<Value>> {
        let from = self.ty(value);
        if let (Some(text), TypeKind::DateTime(unit)) = (from.as_literal_str(), to.kind()) {
            let Some((count, own)) = parse_date(text) else {
                return self.error(Code::ArgumentValue, format!("'{text}' is no date in ISO 8601"));
            };
            let count = self.b.int64(count);
            let count = self.convert_count(count, own, *unit, true)?;
            return Ok(Some(self.b.make(to, vec![count])));
        }
        let refuse =
            |e: &Self| e.error(Code::CannotConvert, format!("{} does not convert to {to}", from.shown()));
        match (from.kind(), to.kind()) {
            (TypeKind::DateTime(unit), TypeKind::DateTime(wanted))
            | (TypeKind::TimeDelta(unit), TypeKind::TimeDelta(wanted)) => {
                let count = self.count_of(value);
                let count = self.convert_count(count, *unit, *wanted, from.is_datetime())?;
                Ok(Some(self.b.make(to, vec![count])))
            }
            (TypeKind::DateTime(_) | TypeKind::TimeDelta(_), TypeKind::Int(_)) => {
                let count = self.count_of(value);
                Ok(Some(self.b.convert(count, to)))
            }
            (TypeKind::Bool | TypeKind::Int(_), TypeKind::DateTime(_) | TypeKind::TimeDelta(_)) => {
                let count = self.b.convert(value, Type::int64());
                Ok(Some(self.b.make(to, vec![count])))
            }
            _ if from.time_unit().is_some() || to.time_unit().is_some() => refuse(self),
            _ => Ok(None),
        }
    }
}
