//! `datetime64` and `timedelta64`: arithmetic, comparison, conversion of units, and what functions of numbers do with
//! them.
//!
//! A value is a count of its unit, an int64 of which the least is NaT. NaT makes every result NaT, nan or False, as nan
//! does; overflow wraps.

use crate::declaration::{Argument, Call, Declaration, Default, Param, lookup};
use crate::numpy::dtypes::dtype_argument;
use crate::operators::{BinaryOperator, Comparison, UnaryOperator};
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{ArrayType, NAT, TimeBase, TimeUnit, Type, TypeKind};

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

/// What an operand is, for the table of operations.
#[derive(Clone, Copy)]
enum Operand {
    Date(TimeUnit),
    Delta(TimeUnit),
    Int,
    Float,
}

impl Operand {
    fn of(ty: Type) -> Option<Operand> {
        Some(match ty.kind() {
            TypeKind::DateTime(unit) => Operand::Date(*unit),
            TypeKind::TimeDelta(unit) => Operand::Delta(*unit),
            TypeKind::Bool | TypeKind::Int(_) => Operand::Int,
            TypeKind::Float(_) => Operand::Float,
            _ => return None,
        })
    }

    /// Ints count what they meet.
    fn unit(self) -> Option<TimeUnit> {
        match self {
            Operand::Date(unit) | Operand::Delta(unit) => Some(unit),
            Operand::Int => Some(TimeUnit::GENERIC),
            Operand::Float => None,
        }
    }

    fn is_date(self) -> bool {
        matches!(self, Operand::Date(_))
    }
}

impl Emitter<'_> {
    fn count_of(&mut self, value: Value) -> Value {
        match self.ty(value).time_unit() {
            Some(_) => self.b.field(value, 0),
            None => self.b.convert(value, Type::int64()),
        }
    }

    fn is_nat(&mut self, count: Value) -> Value {
        let nat = self.b.int64(NAT);
        self.equal(count, nat)
    }

    fn nat_if(&mut self, condition: Value, count: Value) -> Value {
        let nat = self.b.int64(NAT);
        self.b.select(condition, nat, count)
    }

    /// `function` of numbers, on times; the name is that of the ufunc. `None` where it is not defined.
    pub(crate) fn time_operation(&mut self, function: &str, operands: &[Value]) -> Emit<Option<Value>> {
        let operands: Vec<Value> = operands.iter().map(|operand| self.plain(*operand)).collect();
        let Some(kinds) =
            operands.iter().map(|value| Operand::of(self.ty(*value))).collect::<Option<Vec<_>>>()
        else {
            return Ok(None);
        };
        match (&operands[..], &kinds[..]) {
            ([value], [kind]) => Ok(self.unary_time(function, *value, *kind)),
            ([lhs, rhs], [a, b]) => self.binary_time(function, [*lhs, *rhs], [*a, *b]),
            _ => Ok(None),
        }
    }

    fn unary_time(&mut self, function: &str, value: Value, kind: Operand) -> Option<Value> {
        let ty = self.ty(value);
        let count = self.count_of(value);
        let is_delta = matches!(kind, Operand::Delta(_));
        let result = match function {
            "isnat" | "isnan" => return Some(self.is_nat(count)),
            "isfinite" => {
                let is_nat = self.is_nat(count);
                return Some(self.b.not(is_nat));
            }
            "isinf" => return Some(self.b.bool(false)),
            "positive" if is_delta => count,
            // The negative of NaT is NaT.
            "negative" if is_delta => self.b.unary(UnaryOp::Neg, count),
            "absolute" if is_delta => {
                let negative = self.is_negative(count);
                let positive = self.b.unary(UnaryOp::Neg, count);
                self.b.select(negative, positive, count)
            }
            "sign" if is_delta => {
                let (zero, one, minus_one) = (self.b.int64(0), self.b.int64(1), self.b.int64(-1));
                let (is_negative, is_zero) = (self.is_negative(count), self.is_zero(count));
                // As in NumPy, the sign of NaT is -1.
                let sign = self.b.select(is_negative, minus_one, one);
                self.b.select(is_zero, zero, sign)
            }
            _ => return None,
        };
        Some(self.b.make(ty, vec![result]))
    }

    fn binary_time(
        &mut self,
        function: &str,
        operands: [Value; 2],
        kinds: [Operand; 2],
    ) -> Emit<Option<Value>> {
        use Operand::{Date, Delta, Float, Int};
        let result: fn(TimeUnit) -> Type = match (function, kinds) {
            ("add", [Date(_), Delta(_) | Int] | [Delta(_) | Int, Date(_)]) => Type::datetime,
            ("add", [Delta(_), Delta(_) | Int] | [Int, Delta(_)]) => Type::timedelta,
            ("subtract", [Date(_), Delta(_) | Int]) => Type::datetime,
            ("subtract", [Date(_), Date(_)] | [Delta(_), Delta(_) | Int] | [Int, Delta(_)]) => {
                Type::timedelta
            }
            ("minimum" | "maximum" | "fmin" | "fmax", [Date(_), Date(_)]) => Type::datetime,
            ("minimum" | "maximum" | "fmin" | "fmax", [Delta(_), Delta(_)]) => Type::timedelta,
            ("divide" | "floor_divide" | "remainder" | "divmod", [Delta(_), Delta(_)]) => Type::timedelta,
            (
                "equal" | "not_equal" | "less" | "less_equal" | "greater" | "greater_equal",
                [Date(_), Date(_)] | [Delta(_), Delta(_) | Int] | [Int, Delta(_)],
            ) => Type::timedelta,
            ("multiply", [Delta(_), Int | Float] | [Int | Float, Delta(_)])
            | ("divide" | "floor_divide", [Delta(_), Int | Float]) => {
                return Ok(Some(self.scaled_time(function, operands, kinds)));
            }
            _ => return Ok(None),
        };
        let units = kinds.map(Operand::unit);
        let [Some(a), Some(b)] = units else { return Ok(None) };
        let Some(unit) = a.common(b, kinds.map(Operand::is_date)) else {
            let message = format!("units of time {a} and {b} have no common one");
            let diagnostic = self.diagnostic(Code::OperandTypes, message);
            return Err(diagnostic.note("months and years have no fixed number of days").into());
        };
        let mut counts = operands;
        for (idx, operand) in operands.iter().enumerate() {
            let count = self.count_of(*operand);
            let from = units[idx].expect("both have a unit");
            let is_date = kinds[idx].is_date();
            counts[idx] = self.convert_count(count, from, unit, is_date)?;
        }
        let ty = result(unit);
        Ok(Some(match function {
            "add" | "subtract" | "minimum" | "maximum" | "fmin" | "fmax" | "remainder" => {
                let count = self.combine_counts(function, counts);
                self.b.make(ty, vec![count])
            }
            "floor_divide" => self.combine_counts(function, counts),
            "divmod" => {
                let quotient = self.combine_counts("floor_divide", counts);
                let remainder = self.combine_counts("remainder", counts);
                let remainder = self.b.make(ty, vec![remainder]);
                self.tuple(vec![quotient, remainder])
            }
            "divide" => {
                let [a, b] = counts.map(|count| self.b.convert(count, Type::float64()));
                let quotient = self.b.binary(BinaryOp::Div, a, b);
                let any = self.any_nat(counts);
                let nan = self.b.float(f64::NAN, Type::float64());
                self.b.select(any, nan, quotient)
            }
            _ => self.compare_counts(function, counts),
        }))
    }

    fn any_nat(&mut self, [a, b]: [Value; 2]) -> Value {
        let [a, b] = [self.is_nat(a), self.is_nat(b)];
        self.b.or(a, b)
    }

    /// Counts of one unit.
    fn combine_counts(&mut self, function: &str, counts: [Value; 2]) -> Value {
        let [a, b] = counts;
        let any = self.any_nat(counts);
        match function {
            "add" | "subtract" => {
                let op = if function == "add" { BinaryOp::Add } else { BinaryOp::Sub };
                let result = self.b.binary(op, a, b);
                self.nat_if(any, result)
            }
            "minimum" | "maximum" | "fmin" | "fmax" => {
                let is_minimum = function.ends_with("min") || function == "minimum";
                let best = if is_minimum { self.min(a, b) } else { self.max(a, b) };
                if function.starts_with('m') {
                    return self.nat_if(any, best);
                }
                let [a_is_nat, b_is_nat] = [self.is_nat(a), self.is_nat(b)];
                let best = self.b.select(b_is_nat, a, best);
                self.b.select(a_is_nat, b, best)
            }
            _ => {
                let by_zero = self.is_zero(b);
                let undefined = self.b.or(any, by_zero);
                let one = self.b.int64(1);
                let divisor = self.b.select(undefined, one, b);
                if function == "floor_divide" {
                    let quotient = self.b.binary(BinaryOp::FloorDiv, a, divisor);
                    let zero = self.b.int64(0);
                    return self.b.select(undefined, zero, quotient);
                }
                let remainder = self.b.binary(BinaryOp::FloorMod, a, divisor);
                self.nat_if(undefined, remainder)
            }
        }
    }

    fn compare_counts(&mut self, function: &str, counts: [Value; 2]) -> Value {
        let op = match function {
            "equal" => CompareOp::Eq,
            "not_equal" => CompareOp::Ne,
            "less" => CompareOp::Lt,
            "less_equal" => CompareOp::Le,
            "greater" => CompareOp::Gt,
            _ => CompareOp::Ge,
        };
        let any = self.any_nat(counts);
        let compared = self.b.compare(op, counts[0], counts[1]);
        if op == CompareOp::Ne {
            return self.b.or(compared, any);
        }
        let none = self.b.not(any);
        self.b.and(compared, none)
    }

    /// A span of time multiplied or divided by a number.
    fn scaled_time(&mut self, function: &str, operands: [Value; 2], kinds: [Operand; 2]) -> Value {
        let [delta, number] = match kinds[0] {
            Operand::Delta(_) => operands,
            _ => [operands[1], operands[0]],
        };
        let ty = self.ty(delta);
        let count = self.count_of(delta);
        let is_nat = self.is_nat(count);
        let result = if self.ty(number).is_float() {
            let number = self.b.convert(number, Type::float64());
            let exact = self.b.convert(count, Type::float64());
            let op = if function == "multiply" { BinaryOp::Mul } else { BinaryOp::Div };
            let scaled = self.b.binary(op, exact, number);
            // What no int64 holds becomes NaT, as the conversion of the processor makes it.
            let magnitude = self.b.unary(UnaryOp::Abs, scaled);
            let limit = self.b.float(9_223_372_036_854_775_808.0, Type::float64());
            let fits = self.less(magnitude, limit);
            let zero = self.b.float(0.0, Type::float64());
            let scaled = self.b.select(fits, scaled, zero);
            let result = self.b.convert(scaled, Type::int64());
            let lost = self.b.not(fits);
            self.nat_if(lost, result)
        } else {
            let number = self.b.convert(number, Type::int64());
            match function {
                "multiply" => self.b.mul(count, number),
                _ => {
                    let by_zero = self.is_zero(number);
                    let one = self.b.int64(1);
                    let divisor = self.b.select(by_zero, one, number);
                    // NumPy rounds to zero here, also for `//`.
                    let quotient = self.b.binary(BinaryOp::TruncDiv, count, divisor);
                    self.nat_if(by_zero, quotient)
                }
            }
        };
        let result = self.nat_if(is_nat, result);
        self.b.make(ty, vec![result])
    }

    /// A count of one unit as a count of another; rounded down where that is longer.
    fn convert_count(&mut self, count: Value, from: TimeUnit, to: TimeUnit, is_date: bool) -> Emit {
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

    /// `lhs op rhs` where one side is a time.
    pub(crate) fn binary_of_times(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        use BinaryOperator as B;
        let function = match op {
            B::Add => "add",
            B::Sub => "subtract",
            B::Mul => "multiply",
            B::Div => "divide",
            B::FloorDiv => "floor_divide",
            B::Mod => "remainder",
            _ => "",
        };
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        match self.time_operation(function, &[lhs, rhs])? {
            Some(result) => Ok(result),
            None => self.unsupported_operands(op.symbol(), lhs_type, rhs_type),
        }
    }

    pub(crate) fn unary_of_time(&mut self, op: UnaryOperator, value: Value) -> Emit<Option<Value>> {
        self.time_operation(
            match op {
                UnaryOperator::Neg => "negative",
                UnaryOperator::Pos => "positive",
                _ => "",
            },
            &[value],
        )
    }

    pub(crate) fn compare_times(&mut self, op: Comparison, lhs: Value, rhs: Value) -> Emit {
        let function = match op {
            Comparison::Eq => "equal",
            Comparison::Ne => "not_equal",
            Comparison::Lt => "less",
            Comparison::Le => "less_equal",
            Comparison::Gt => "greater",
            Comparison::Ge => "greater_equal",
            _ => "",
        };
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        match self.time_operation(function, &[lhs, rhs])? {
            Some(result) => Ok(result),
            None => self.unsupported_operands(op.symbol(), lhs_type, rhs_type),
        }
    }
}

// Functions.

/// How a function of numbers is computed on times.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// The counts: NaT is the least.
    Counts,
    /// Unsigned integers in the same order, with NaT behind all others.
    Keys,
}

/// Functions that compare and move elements: results of the dtype that is computed in are elements, others are positions
/// or truth.
fn computed_by(path: &str) -> Option<By> {
    const COUNTS: &[&str] = &["min", "amin", "argmin"];
    const KEYS: &[&str] = &[
        "max",
        "amax",
        "argmax",
        "sort",
        "argsort",
        "partition",
        "argpartition",
        "searchsorted",
        "unique",
        "union1d",
        "intersect1d",
        "setdiff1d",
        "setxor1d",
        "isin",
    ];
    let name = path.strip_prefix("numpy.").or_else(|| path.strip_prefix("array."))?;
    if COUNTS.contains(&name) {
        return Some(By::Counts);
    }
    KEYS.contains(&name).then_some(By::Keys)
}

/// A call of a function of numbers with times among its arguments; `None` where it takes times as they are, or not at
/// all.
pub(crate) fn call(
    e: &mut Emitter<'_>,
    declaration: &'static Declaration,
    call: &Call,
) -> Emit<Option<Value>> {
    let Some(ty) = common_time(e, call)? else { return Ok(None) };
    if let Some(by) = computed_by(declaration.path) {
        return computed(e, declaration, call, ty, by).map(Some);
    }
    match declaration.path {
        "numpy.arange" => arange(e, declaration, call).map(Some),
        "numpy.sum" | "array.sum" if !ty.is_datetime() => sum(e, declaration, call, ty).map(Some),
        "numpy.mean" | "array.mean" if !ty.is_datetime() => mean(e, call, ty).map(Some),
        _ => Ok(None),
    }
}

fn element(ty: Type) -> Type {
    ty.as_array().map_or(ty, |array| array.dtype)
}

/// The type that holds all times among the arguments.
fn common_time(e: &Emitter<'_>, call: &Call) -> Emit<Option<Type>> {
    let mut common: Option<Type> = None;
    for arg in &call.args {
        let ty = element(e.ty(*arg));
        if ty.time_unit().is_none() {
            continue;
        }
        common = Some(match common {
            None => ty,
            // Dates and spans of time meet in `arange` only.
            Some(other) => rumba_types::join(other, ty).unwrap_or(other),
        });
    }
    Ok(common)
}

/// Parameters that are elements, in functions that are computed by counts or keys.
const ELEMENTS: &[&str] = &["a", "self", "ar", "ar1", "ar2", "element", "test_elements", "v", "x"];

const LEAST: i64 = NAT + 1;

fn to_numbers(e: &mut Emitter<'_>, value: Value, ty: Type, by: By) -> Emit {
    let convert = |e: &mut Emitter<'_>, elements: &[Value]| {
        let value = e.cast_number(elements[0], ty)?;
        let count = e.count_of(value);
        Ok(match by {
            By::Counts => count,
            By::Keys => {
                let key = e.b.convert(count, Type::uint64());
                let least = e.b.int(LEAST, Type::uint64());
                e.b.sub(key, least)
            }
        })
    };
    if e.is_array(value) { e.map(&[value], convert) } else { convert(e, &[value]) }
}

fn from_number(e: &mut Emitter<'_>, number: Value, ty: Type, by: By) -> Value {
    let count = match by {
        By::Counts => number,
        By::Keys => {
            let least = e.b.int(LEAST, Type::uint64());
            let count = e.b.add(number, least);
            e.b.convert(count, Type::int64())
        }
    };
    e.b.make(ty, vec![count])
}

/// Numbers of the type that was computed in, as times; also in arrays and tuples.
fn from_numbers(e: &mut Emitter<'_>, value: Value, ty: Type, by: By) -> Emit {
    let numbers = if by == By::Keys { Type::uint64() } else { Type::int64() };
    if e.ty(value).as_tuple().is_some() {
        let parts = e.tuple_elements(value);
        let parts = parts.into_iter().map(|part| from_numbers(e, part, ty, by)).collect::<Emit<Vec<_>>>()?;
        return Ok(e.tuple(parts));
    }
    match e.ty(value).as_array() {
        Some(array) if array.dtype == numbers => {
            e.map(&[value], |e, elements| Ok(from_number(e, elements[0], ty, by)))
        }
        None if e.ty(value) == numbers => Ok(from_number(e, value, ty, by)),
        _ => Ok(value),
    }
}

fn computed(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type, by: By) -> Emit {
    for name in ["out", "initial"] {
        let given =
            |idx: &usize| !e.ty(call.args[*idx]).is_none() && e.ty(call.args[*idx]) != Type::undefined();
        if let Some(idx) = call.position(name).filter(given) {
            return call.argument_error(
                idx,
                Code::ArgumentValue,
                format!("`{name}` of times is not supported"),
            );
        }
    }
    let mut args = call.args.clone();
    for (idx, arg) in args.iter_mut().enumerate() {
        let arg_type = e.ty(*arg);
        if ELEMENTS.contains(&declaration.params[idx].name) {
            if element(arg_type.widen()).time_unit().is_none() && !element(arg_type.widen()).is_int() {
                let message = format!("{} is not compared with {ty}", arg_type.shown());
                return call.argument_error(idx, Code::ArgumentType, message);
            }
            *arg = to_numbers(e, *arg, ty, by)?;
        } else if element(arg_type).time_unit().is_some() {
            let message = format!("`{}` is no time", declaration.params[idx].name);
            return call.argument_error(idx, Code::ArgumentType, message);
        }
    }
    let is_in_place = matches!(declaration.path, "array.sort" | "array.partition");
    if is_in_place {
        e.check_writable(call.args[0])?;
    }
    let numbers = args[0];
    let result = (declaration.rule)(e, &Call { path: call.path, args, spans: call.spans.clone() })?;
    if is_in_place {
        let sorted = from_numbers(e, numbers, ty, by)?;
        e.assign_array(call.args[0], sorted)?;
        return Ok(result);
    }
    // Positions of the least are of the dtype of counts.
    if call.short_name().starts_with("arg") { Ok(result) } else { from_numbers(e, result, ty, by) }
}

/// `np.arange` of times: of their counts.
fn arange(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call) -> Emit {
    let mut unit = TimeUnit::GENERIC;
    let mut is_date = false;
    for arg in &call.args[..3] {
        let value = e.scalar_of(*arg);
        if let Some(other) = e.ty(value).time_unit() {
            let of_date = e.ty(value).is_datetime();
            let Some(common) = unit.common(other, [is_date, of_date]) else {
                return e.error(
                    Code::ArgumentType,
                    format!("units of time {unit} and {other} have no common one"),
                );
            };
            unit = common;
            is_date |= of_date;
        }
    }
    let ty = if is_date { Type::datetime(unit) } else { Type::timedelta(unit) };
    let mut args = call.args.clone();
    for (idx, arg) in args[..3].iter_mut().enumerate() {
        let value = e.scalar_of(*arg);
        if e.ty(value).is_none() || e.ty(value) == Type::undefined() {
            continue;
        }
        let value = e.plain(value);
        let from = e.ty(value);
        *arg = match from.time_unit() {
            Some(own) => {
                let count = e.count_of(value);
                e.convert_count(count, own, unit, from.is_datetime())?
            }
            None if from.is_int() => e.b.convert(value, Type::int64()),
            None => return call.argument_error(idx, Code::ArgumentType, "a time or an int is needed"),
        };
    }
    // A stop that is a span of time, or an int, is counted from the start.
    let stop = e.scalar_of(call.args[1]);
    if is_date && !e.ty(stop).is_none() && !e.ty(stop).is_datetime() {
        args[1] = e.b.add(args[0], args[1]);
    }
    args[3] = e.b.none();
    let counts = (declaration.rule)(e, &Call { path: call.path, args, spans: call.spans.clone() })?;
    let (extents, strides) = (e.extents(counts), e.strides(counts));
    let view = ArrayType { dtype: ty, ..e.array_type(counts) };
    let times = e.view_as(counts, view, &extents, &strides);
    match e.ty(call.args[3]).is_none() {
        true => Ok(times),
        false => {
            let dtype = dtype_argument(e, call, 3)?;
            e.as_dtype(times, dtype)
        }
    }
}

/// Calls a reduction for another one with the same axes.
fn reduce(e: &mut Emitter<'_>, path: &str, call: &Call, array: Value) -> Emit {
    let declaration = lookup(path).expect("the reductions are declared");
    let mut arguments = vec![Argument { keyword: None, value: array, span: call.spans[0] }];
    for name in ["axis", "keepdims"] {
        if let Some(idx) = call.position(name) {
            arguments.push(Argument {
                keyword: Some(name.into()),
                value: call.args[idx],
                span: call.spans[idx],
            });
        }
    }
    declaration.call(e, &arguments)
}

fn is_nat_each(e: &mut Emitter<'_>, array: Value) -> Emit {
    e.map(&[array], |e, elements| {
        let count = e.count_of(elements[0]);
        Ok(e.is_nat(count))
    })
}

/// The sum of spans of time: NaT if one is.
fn sum(e: &mut Emitter<'_>, declaration: &Declaration, call: &Call, ty: Type) -> Emit {
    for name in ["dtype", "out", "initial", "where"] {
        let Some(idx) = call.position(name) else { continue };
        let given = e.ty(call.args[idx]);
        if !given.is_none() && given != Type::undefined() && given.as_literal_bool() != Some(true) {
            return call.argument_error(
                idx,
                Code::ArgumentValue,
                format!("`{name}` of times is not supported"),
            );
        }
    }
    let array = e.as_array_of_times(call.args[0], call)?;
    let counts = to_numbers(e, array, ty, By::Counts)?;
    let mut args = call.args.clone();
    args[0] = counts;
    let total = (declaration.rule)(e, &Call { path: call.path, args, spans: call.spans.clone() })?;
    let is_nat = is_nat_each(e, array)?;
    let any = reduce(e, "numpy.any", call, is_nat)?;
    let combine = |e: &mut Emitter<'_>, elements: &[Value]| {
        let count = e.nat_if(elements[1], elements[0]);
        Ok(e.b.make(ty, vec![count]))
    };
    if e.is_array(total) { e.map(&[total, any], combine) } else { combine(e, &[total, any]) }
}

fn mean(e: &mut Emitter<'_>, call: &Call, ty: Type) -> Emit {
    let array = e.as_array_of_times(call.args[0], call)?;
    let total = reduce(e, "numpy.sum", call, array)?;
    let n_elements = e.array_size(array);
    let n_each = match e.is_array(total) {
        false => n_elements,
        true => {
            let n_results = e.array_size(total);
            let one = e.b.int64(1);
            let n_results = e.max(n_results, one);
            e.b.binary(BinaryOp::TruncDiv, n_elements, n_results)
        }
    };
    debug_assert!(!ty.is_datetime());
    e.binary(BinaryOperator::Div, total, n_each)
}

impl Emitter<'_> {
    fn as_array_of_times(&mut self, value: Value, call: &Call) -> Emit {
        match self.is_array(value) {
            true => Ok(value),
            false => call.argument_error(0, Code::ArgumentType, "an array of times is needed"),
        }
    }
}

// Making times.

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
fn parse_date(text: &str) -> Option<(i64, TimeUnit)> {
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
