//! Comparisons, logic, extremes.

use crate::operators::BinaryOperator;
use crate::{Emit, Emitter};
use rumba_ir::{CompareOp, Value};
use rumba_source::Code;
use rumba_types::Type;

impl Emitter<'_> {
    /// Numbers of any types by value; complex numbers by real, then imaginary part.
    pub(super) fn ufunc_compare(&mut self, op: CompareOp, lhs: Value, rhs: Value) -> Emit {
        if let Some(result) = self.compare_numbers(op, lhs, rhs) {
            return Ok(result);
        }
        let (lhs_type, rhs_type) = (self.ty(lhs), self.ty(rhs));
        let Some(common) = crate::numpy::promotion::promote(lhs_type, rhs_type) else {
            return self.error(
                Code::OperandTypes,
                format!("{} and {} cannot be compared", lhs_type.shown(), rhs_type.shown()),
            );
        };
        let lhs = self.coerce(lhs, common)?;
        let rhs = self.coerce(rhs, common)?;
        Ok(self.order_complex(op, lhs, rhs))
    }

    /// `<`, `<=`, `>` or `>=` of complex numbers of one type: false where a part that decides is nan.
    fn order_complex(&mut self, op: CompareOp, lhs: Value, rhs: Value) -> Value {
        let strict = match op {
            CompareOp::Lt | CompareOp::Le => CompareOp::Lt,
            _ => CompareOp::Gt,
        };
        let (a, b) = self.complex_parts(lhs);
        let (c, d) = self.complex_parts(rhs);
        let real_decides = self.b.compare(strict, a, c);
        let [b_number, d_number] = [b, d].map(|part| self.equal(part, part));
        let numbers = self.b.and(b_number, d_number);
        let by_real = self.b.and(real_decides, numbers);
        let real_equal = self.equal(a, c);
        let imag = self.b.compare(op, b, d);
        let by_imag = self.b.and(real_equal, imag);
        self.b.or(by_real, by_imag)
    }

    fn is_nan_number(&mut self, value: Value) -> Value {
        let ty = self.ty(value);
        if ty.is_complex() {
            let (real, imag) = self.complex_parts(value);
            let [real, imag] = [real, imag].map(|part| self.is_nan(part));
            return self.b.or(real, imag);
        }
        if ty.is_float() { self.is_nan(value) } else { self.b.bool(false) }
    }

    /// `maximum` and `minimum` (a nan wins), `fmax` and `fmin` (a nan loses).
    pub(super) fn extreme(&mut self, op: CompareOp, lhs: Value, rhs: Value, nan_wins: bool) -> Emit {
        let first = self.ufunc_compare(op, lhs, rhs)?;
        let nan = self.is_nan_number(if nan_wins { lhs } else { rhs });
        let first = self.b.or(first, nan);
        Ok(self.b.select(first, lhs, rhs))
    }

    /// `logical_and` and its kin, of numbers of any types.
    pub(super) fn logical(&mut self, op: BinaryOperator, lhs: Value, rhs: Value) -> Emit {
        let lhs = self.truth(lhs)?;
        let rhs = self.truth(rhs)?;
        self.bitwise(op, lhs, rhs)
    }

    pub(super) fn logical_not(&mut self, value: Value) -> Emit {
        let truth = self.truth(value)?;
        Ok(self.b.not(truth))
    }

    /// `isnan`, `isinf`, `isfinite`: `test` of a float, `any` part of a complex number or all of them.
    pub(super) fn classify(
        &mut self,
        value: Value,
        test: fn(&mut Self, Value) -> Value,
        any: bool,
        of_integers: bool,
    ) -> Value {
        let ty: Type = self.ty(value);
        if ty.is_complex() {
            let (real, imag) = self.complex_parts(value);
            let [real, imag] = [real, imag].map(|part| test(self, part));
            return if any { self.b.or(real, imag) } else { self.b.and(real, imag) };
        }
        if ty.is_float() { test(self, value) } else { self.b.bool(of_integers) }
    }
}
