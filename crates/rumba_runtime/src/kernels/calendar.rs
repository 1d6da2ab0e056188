//! Business days. Dates are days from 1970, NaT the least; a mask has a bit for each weekday, Monday first.

use super::reductions::out_slice;
use super::{Bool, Element, Raise, Result, View, kernels};
use crate::reductions::NAT;

kernels! {
    busday_count<T: index>(first: View<'_, T>, last: View<'_, T>, mask: i64, holidays: Option<View<'_, T>>, out: View<'_, T>) -> ();
    busday_offset<T: index>(dates: View<'_, T>, offsets: View<'_, T>, mask: i64, holidays: Option<View<'_, T>>, roll: i64, out: View<'_, T>) -> ();
    is_busday<T: index>(dates: View<'_, T>, mask: i64, holidays: Option<View<'_, T>>, out: View<'_, Bool>) -> ();
}

/// A count of days.
trait Day: Element + Into<i64> + From<i64> {}

impl Day for i64 {}

/// How a date that is no business day becomes one, in the order in which `rumba_library::times::calendar` names them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Roll {
    Raise,
    Nat,
    Following,
    Preceding,
    ModifiedFollowing,
    ModifiedPreceding,
}

const ROLLS: [Roll; 6] = [
    Roll::Raise,
    Roll::Nat,
    Roll::Following,
    Roll::Preceding,
    Roll::ModifiedFollowing,
    Roll::ModifiedPreceding,
];

struct Calendar {
    mask: i64,
    /// Business days of a week.
    per_week: i64,
    /// Those that would be business days, in ascending order.
    holidays: Vec<i64>,
}

impl Calendar {
    fn new<T: Day>(mask: i64, holidays: Option<View<'_, T>>) -> Calendar {
        let mut calendar = Calendar { mask, per_week: i64::from(mask.count_ones()), holidays: Vec::new() };
        let mut holidays: Vec<i64> = holidays.iter().flat_map(View::iter).map(Into::into).collect();
        holidays.retain(|day| *day != NAT && calendar.is_workday(*day));
        holidays.sort_unstable();
        holidays.dedup();
        calendar.holidays = holidays;
        calendar
    }

    fn is_workday(&self, day: i64) -> bool {
        // The 5th of January 1970 was a Monday.
        self.mask >> day.wrapping_sub(4).rem_euclid(7) & 1 == 1
    }

    fn is_business_day(&self, day: i64) -> bool {
        day != NAT && self.is_workday(day) && self.holidays.binary_search(&day).is_err()
    }

    /// How many holidays are before a day.
    fn holidays_before(&self, day: i64) -> i64 {
        self.holidays.partition_point(|holiday| *holiday < day) as i64
    }

    /// From the first day to before the last.
    fn count(&self, first: i64, last: i64) -> i64 {
        if first == last {
            return 0;
        }
        // Backwards the first one counts instead of the last.
        let (sign, from, to) =
            if first < last { (1, first, last) } else { (-1, last.wrapping_add(1), first.wrapping_add(1)) };
        let n_days = to.wrapping_sub(from);
        let weeks = n_days / 7;
        let rest = (to.wrapping_sub(n_days % 7)..to).filter(|day| self.is_workday(*day)).count() as i64;
        let holidays = self.holidays_before(to) - self.holidays_before(from);
        let count = weeks.wrapping_mul(self.per_week).wrapping_add(rest).wrapping_sub(holidays);
        count.wrapping_mul(sign)
    }

    /// The next business day in a direction.
    fn nearest(&self, mut day: i64, step: i64) -> i64 {
        while !self.is_business_day(day) {
            day = day.wrapping_add(step);
        }
        day
    }

    fn rolled(&self, day: i64, roll: Roll) -> Result<i64> {
        if day == NAT && roll == Roll::Raise {
            return Err(Raise::value_error("NaT input in busday_offset"));
        }
        if day == NAT || self.is_business_day(day) {
            return Ok(day);
        }
        let (first, second) = match roll {
            Roll::Raise => return Err(Raise::value_error("Non-business day date in busday_offset")),
            Roll::Nat => return Ok(NAT),
            Roll::Following | Roll::ModifiedFollowing => (1, -1),
            Roll::Preceding | Roll::ModifiedPreceding => (-1, 1),
        };
        let rolled = self.nearest(day, first);
        let is_modified = matches!(roll, Roll::ModifiedFollowing | Roll::ModifiedPreceding);
        let leaves_month = is_modified && month_of(rolled) != month_of(day);
        Ok(if leaves_month { self.nearest(day, second) } else { rolled })
    }

    fn offset(&self, day: i64, offset: i64, roll: Roll) -> Result<i64> {
        let day = self.rolled(day, roll)?;
        if day == NAT || offset == 0 {
            return Ok(day);
        }
        // Whole weeks first, then day by day over as many more as there were holidays in them.
        let step = offset.signum();
        let mut target = day.wrapping_add((offset / self.per_week).wrapping_mul(7));
        let (from, to) = if step > 0 { (day, target) } else { (target, day) };
        let passed = self.holidays_before(to.wrapping_add(1)) - self.holidays_before(from);
        let mut left = (offset % self.per_week).abs() + passed;
        while left > 0 {
            target = target.wrapping_add(step);
            left -= i64::from(self.is_business_day(target));
        }
        Ok(target)
    }
}

/// The number of the month that a day is in, from year 0 in the Gregorian calendar, whose years begin in March here.
fn month_of(day: i64) -> i64 {
    let day = i128::from(day) + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (year * 365 + year / 4 - year / 100);
    ((era * 400 + year) * 12 + (day * 5 + 2) / 153) as i64
}

fn busday_count<T: Day>(
    first: View<'_, T>,
    last: View<'_, T>,
    mask: i64,
    holidays: Option<View<'_, T>>,
    out: View<'_, T>,
) -> Result<()> {
    let calendar = Calendar::new(mask, holidays);
    for ((result, first), last) in out_slice(out).iter_mut().zip(first.iter()).zip(last.iter()) {
        let (first, last) = (first.into(), last.into());
        if first == NAT || last == NAT {
            let message = "Cannot compute a business day count with a NaT (not-a-time) date";
            return Err(Raise::value_error(message));
        }
        *result = T::from(calendar.count(first, last));
    }
    Ok(())
}

fn busday_offset<T: Day>(
    dates: View<'_, T>,
    offsets: View<'_, T>,
    mask: i64,
    holidays: Option<View<'_, T>>,
    roll: i64,
    out: View<'_, T>,
) -> Result<()> {
    let (calendar, roll) = (Calendar::new(mask, holidays), ROLLS[roll as usize]);
    for ((result, date), offset) in out_slice(out).iter_mut().zip(dates.iter()).zip(offsets.iter()) {
        *result = T::from(calendar.offset(date.into(), offset.into(), roll)?);
    }
    Ok(())
}

fn is_busday<T: Day>(
    dates: View<'_, T>,
    mask: i64,
    holidays: Option<View<'_, T>>,
    out: View<'_, Bool>,
) -> Result<()> {
    let calendar = Calendar::new(mask, holidays);
    for (result, date) in out_slice(out).iter_mut().zip(dates.iter()) {
        *result = calendar.is_business_day(date.into()).into();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_change_with_the_calendar() {
        // The last days of February and December, and the days behind them.
        assert_eq!(month_of(11_016) + 1, month_of(11_017));
        assert_eq!(month_of(-1) + 1, month_of(0));
        assert_eq!(month_of(0), month_of(30));
    }

    #[test]
    fn far_dates_do_not_overflow() {
        let calendar = Calendar { mask: 0b1_1111, per_week: 5, holidays: vec![3] };
        for day in [i64::MIN + 1, i64::MAX] {
            calendar.count(day, 0);
            assert!(calendar.offset(day, i64::MAX, Roll::Following).is_ok());
            assert!(calendar.rolled(day, Roll::ModifiedPreceding).is_ok());
        }
    }
}
