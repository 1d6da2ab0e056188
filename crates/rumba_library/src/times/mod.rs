//! `datetime64` and `timedelta64`: arithmetic, comparison, conversion of units, and what functions of numbers do with
//! them.
//!
//! A value is a count of its unit, an int64 of which the least is NaT. NaT makes every result NaT, nan or False, as nan
//! does; overflow wraps.

pub(crate) mod calendar;
mod functions;
mod making;
mod units;

pub(crate) use functions::{call, sort_keys};
pub use making::DECLARATIONS;

use crate::operators::{BinaryOperator, Comparison, UnaryOperator};
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, CompareOp, UnaryOp, Value};
use rumba_source::Code;
use rumba_types::{NAT, TimeUnit, Type, TypeKind};

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
            ("minimum" | "maximum" | "fmin" | "fmax", [Delta(_), Delta(_) | Int] | [Int, Delta(_)]) => {
                Type::timedelta
            }
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
