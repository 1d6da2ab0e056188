//! `hash`, equal to CPython's.

use crate::builtins::Step;
use crate::{Emit, Emitter};
use rumba_ir::{BinaryOp, RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

static HASH_SIGNED: RuntimeFunction = RuntimeFunction::pure("rumba_hash_i64");
static HASH_UNSIGNED: RuntimeFunction = RuntimeFunction::pure("rumba_hash_u64");
static HASH_FLOAT: RuntimeFunction = RuntimeFunction::pure("rumba_hash_f64");

/// The constants of xxHash, by which CPython hashes tuples.
const PRIME_1: u64 = 11400714785074694791;
const PRIME_2: u64 = 14029467366897019727;
const PRIME_5: u64 = 2870177450012600261;

impl Emitter<'_> {
    /// An int64.
    pub(crate) fn hash(&mut self, value: Value) -> Emit {
        let value = self.plain_value(value);
        let ty = self.ty(value);
        match ty.kind() {
            TypeKind::Bool => Ok(self.b.convert(value, Type::int64())),
            TypeKind::Int(kind) => {
                let wide = self.b.convert(value, Type::int(64, kind.signed));
                let function = if kind.signed { &HASH_SIGNED } else { &HASH_UNSIGNED };
                Ok(self.b.call_runtime(function, vec![wide], Type::int64(), None))
            }
            TypeKind::Float(_) => self.hash_float(value),
            TypeKind::Complex(_) => {
                const IMAGINARY_FACTOR: i64 = 1000003;
                let (real, imag) = self.complex_parts(value);
                let real = self.hash_float(real)?;
                let imag = self.hash_float(imag)?;
                let factor = self.b.int64(IMAGINARY_FACTOR);
                let scaled = self.b.mul(imag, factor);
                let sum = self.b.add(real, scaled);
                Ok(self.replace_minus_one(sum, -2))
            }
            TypeKind::Tuple(_) | TypeKind::NamedTuple(..) => self.hash_tuple(value),
            TypeKind::Set(_, true) => self.hash_frozenset(value),
            TypeKind::Str | TypeKind::Bytes => {
                let text = self.text_argument(value);
                Ok(self.call_text_kernel("str_hash", vec![text], Type::int64()))
            }
            TypeKind::Instance(class) if let Some(hash) = self.hash_of_instance(value, class)? => Ok(hash),
            _ => {
                let diagnostic =
                    self.diagnostic(Code::ArgumentType, format!("hash() of {} is not supported", ty.shown()));
                Err(diagnostic
                    .note("it takes numbers, text, bytes, and tuples and frozensets of these")
                    .into())
            }
        }
    }

    fn hash_float(&mut self, value: Value) -> Emit {
        let wide = self.coerce(value, Type::float64())?;
        Ok(self.b.call_runtime(&HASH_FLOAT, vec![wide], Type::int64(), None))
    }

    /// As CPython mixes the hashes of the items, in any order.
    fn hash_frozenset(&mut self, set: Value) -> Emit {
        let word = |e: &mut Self, value: u64| e.b.int(value as i64, Type::uint64());
        let start = word(self, 0);
        let iterator = self.iter(set)?;
        let state = self.for_each_item(iterator, &[start], |e, item, state| {
            let hash = e.hash(item)?;
            let hash = e.b.convert(hash, Type::uint64());
            let (flip, sixteen, factor) = (word(e, 89869747), word(e, 16), word(e, 3644798167));
            let shifted = e.b.binary(BinaryOp::Shl, hash, sixteen);
            let flipped = e.b.binary(BinaryOp::Xor, hash, flip);
            let shuffled = e.b.binary(BinaryOp::Xor, flipped, shifted);
            let shuffled = e.b.mul(shuffled, factor);
            Ok(Step { state: vec![e.b.binary(BinaryOp::Xor, state[0], shuffled)], stop: None })
        })?;
        let length = self.length(set)?;
        let length = self.b.convert(length, Type::uint64());
        let (one, factor) = (word(self, 1), word(self, 1927868237));
        let length = self.b.add(length, one);
        let length = self.b.mul(length, factor);
        let hash = self.b.binary(BinaryOp::Xor, state[0], length);
        let (eleven, twenty_five) = (word(self, 11), word(self, 25));
        let (a, b) =
            (self.b.binary(BinaryOp::Shr, hash, eleven), self.b.binary(BinaryOp::Shr, hash, twenty_five));
        let both = self.b.binary(BinaryOp::Xor, a, b);
        let hash = self.b.binary(BinaryOp::Xor, hash, both);
        let (factor, summand) = (word(self, 69069), word(self, 907133923));
        let hash = self.b.mul(hash, factor);
        let hash = self.b.add(hash, summand);
        let hash = self.b.convert(hash, Type::int64());
        Ok(self.replace_minus_one(hash, 590923713))
    }

    fn hash_tuple(&mut self, tuple: Value) -> Emit {
        let word = |e: &mut Self, value: u64| e.b.int(value as i64, Type::uint64());
        let elements = self.tuple_elements(tuple);
        let mut acc = word(self, PRIME_5);
        for element in &elements {
            let hash = self.hash(*element)?;
            let lane = self.b.convert(hash, Type::uint64());
            let prime_1 = word(self, PRIME_1);
            let prime_2 = word(self, PRIME_2);
            let scaled = self.b.mul(lane, prime_2);
            acc = self.b.add(acc, scaled);
            let left = word(self, 31);
            let right = word(self, 33);
            let high = self.b.binary(BinaryOp::Shl, acc, left);
            let low = self.b.binary(BinaryOp::Shr, acc, right);
            acc = self.b.or(high, low);
            acc = self.b.mul(acc, prime_1);
        }
        let length = word(self, elements.len() as u64 ^ PRIME_5 ^ 3527539);
        acc = self.b.add(acc, length);
        let acc = self.b.convert(acc, Type::int64());
        Ok(self.replace_minus_one(acc, 1546275796))
    }

    /// CPython's hashes are never -1, which means an error there.
    fn replace_minus_one(&mut self, hash: Value, replacement: i64) -> Value {
        let minus_one = self.b.int64(-1);
        let is_error = self.equal(hash, minus_one);
        let replacement = self.b.int64(replacement);
        self.b.select(is_error, replacement, hash)
    }
}
