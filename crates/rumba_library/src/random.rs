//! Python's `random`: the functions of its module, on a stream of the thread.

use crate::arrays::creation::array_like;
use crate::arrays::reshaping::array_argument;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::{RuntimeFunction, Value};
use rumba_source::Code;
use rumba_types::{Layout, Type, TypeKind};

const fn number(name: &'static str, default: f64) -> Param {
    Param::optional(name, Default::Float(default))
}

const ALPHA: Param = Param::required("alpha");
const BETA: Param = Param::required("beta");
const MU: Param = Param::required("mu");
const STANDARD: &[Param] = &[number("mu", 0.0), number("sigma", 1.0)];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "random.seed",
        params: &[Param::optional("a", Default::None)],
        doc: "Seeds the stream of the thread by an int or a float; without, by the operating system. Python's own stream is another.",
        rule: seed,
    },
    Declaration { path: "random.random", params: &[], doc: "A float in [0, 1).", rule: |e, _| Ok(random(e)) },
    Declaration {
        path: "random.uniform",
        params: &[Param::required("a"), Param::required("b")],
        doc: "A float between two numbers.",
        rule: |e, call| {
            let [a, b] = [float(e, call, 0)?, float(e, call, 1)?];
            let width = e.b.sub(b, a);
            let number = random(e);
            let scaled = e.b.mul(width, number);
            Ok(e.b.add(a, scaled))
        },
    },
    Declaration {
        path: "random.gauss",
        params: STANDARD,
        doc: "A normal number.",
        rule: |e, call| {
            let [mu, sigma] = [float(e, call, 0)?, float(e, call, 1)?];
            let number = e.b.call_runtime(&GAUSS, vec![], Type::float64(), None);
            let scaled = e.b.mul(number, sigma);
            Ok(e.b.add(mu, scaled))
        },
    },
    Declaration { path: "random.normalvariate", params: STANDARD, doc: "A normal number.", rule: floats },
    Declaration {
        path: "random.lognormvariate",
        params: &[MU, Param::required("sigma")],
        doc: "A number whose logarithm is normal.",
        rule: floats,
    },
    Declaration {
        path: "random.expovariate",
        params: &[number("lambd", 1.0)],
        doc: "An exponential number of mean 1 / lambd.",
        rule: floats,
    },
    Declaration {
        path: "random.vonmisesvariate",
        params: &[MU, Param::required("kappa")],
        doc: "An angle of the von Mises distribution.",
        rule: floats,
    },
    Declaration { path: "random.gammavariate", params: &[ALPHA, BETA], doc: "A gamma number.", rule: floats },
    Declaration { path: "random.betavariate", params: &[ALPHA, BETA], doc: "A beta number.", rule: floats },
    Declaration {
        path: "random.paretovariate",
        params: &[ALPHA],
        doc: "A number of the Pareto distribution.",
        rule: floats,
    },
    Declaration {
        path: "random.weibullvariate",
        params: &[ALPHA, BETA],
        doc: "A number of the Weibull distribution.",
        rule: floats,
    },
    Declaration {
        path: "random.triangular",
        params: &[number("low", 0.0), number("high", 1.0), Param::optional("mode", Default::None)],
        doc: "A number of the triangular distribution.",
        rule: triangular,
    },
    Declaration {
        path: "random.binomialvariate",
        params: &[Param::optional("n", Default::Int(1)), number("p", 0.5)],
        doc: "The successes among a number of trials.",
        rule: |e, call| {
            let args = vec![int(e, call, 0)?, float(e, call, 1)?];
            Ok(e.call_raising("python_binomialvariate", args, Type::int64()))
        },
    },
    Declaration {
        path: "random.getrandbits",
        params: &[Param::required("k")],
        doc: "An integer of up to 64 random bits: of int64 for a constant below 64, else of uint64.",
        rule: getrandbits,
    },
    Declaration {
        path: "random.randrange",
        params: &[
            Param::required("start"),
            Param::optional("stop", Default::None),
            Param::optional("step", Default::Int(1)),
        ],
        doc: "A number of a range.",
        rule: randrange,
    },
    Declaration {
        path: "random.randint",
        params: &[Param::required("a"), Param::required("b")],
        doc: "An integer between two, both included.",
        rule: |e, call| {
            let args = vec![int(e, call, 0)?, int(e, call, 1)?];
            Ok(e.call_raising("python_randint", args, Type::int64()))
        },
    },
    Declaration {
        path: "random.choice",
        params: &[Param::required("seq")],
        doc: "An element of a list, an array, a range, text, or a tuple of one type.",
        rule: choice,
    },
    Declaration {
        path: "random.choices",
        params: &[
            Param::required("population"),
            Param::optional("weights", Default::None),
            Param::optional("cum_weights", Default::None).keyword_only(),
            Param::optional("k", Default::Int(1)).keyword_only(),
        ],
        doc: "A list of elements, chosen with replacement; weights are an array or a tuple.",
        rule: choices,
    },
    Declaration {
        path: "random.sample",
        params: &[Param::required("population"), Param::required("k")],
        doc: "A list of elements, chosen without replacement.",
        rule: |e, call| {
            let (population, length) = population(e, call)?;
            let args = vec![length, int(e, call, 1)?];
            let positions = e.call_raising("python_sample", args, Type::array(Type::int64(), 1, Layout::C));
            e.list_of_positions(population, positions)
        },
    },
    Declaration {
        path: "random.shuffle",
        params: &[Param::required("x")],
        doc: "Shuffles a list, or an array with one axis, in place.",
        rule: shuffle,
    },
];

static RANDOM: RuntimeFunction = RuntimeFunction::effect("rumba_python_random").with_context();
static GAUSS: RuntimeFunction = RuntimeFunction::effect("rumba_python_gauss").with_context();
static SEED: RuntimeFunction = RuntimeFunction::effect("rumba_random_seed_python").with_context();
static SEED_BY_ENTROPY: RuntimeFunction =
    RuntimeFunction::effect("rumba_random_seed_python_by_entropy").with_context();

fn random(e: &mut Emitter<'_>) -> Value {
    e.b.call_runtime(&RANDOM, vec![], Type::float64(), None)
}

fn float(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let value = e.plain(call.args[idx]);
    let ty = e.ty(value);
    if !ty.is_number() || ty.is_complex() {
        return call.argument_error(
            idx,
            Code::ArgumentType,
            format!("expected a real number, not {}", ty.shown()),
        );
    }
    e.coerce(value, Type::float64())
}

fn int(e: &mut Emitter<'_>, call: &Call, idx: usize) -> Emit {
    let value = e.plain(call.args[idx]);
    let ty = e.ty(value);
    if !ty.is_int() && !ty.is_bool() {
        return call.argument_error(
            idx,
            Code::ArgumentType,
            format!("expected an integer, not {}", ty.shown()),
        );
    }
    e.coerce(value, Type::int64())
}

/// A function of the runtime of the same name that takes and gives floats.
fn floats(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = (0..call.args.len()).map(|idx| float(e, call, idx)).collect::<Emit<Vec<Value>>>()?;
    Ok(e.call_raising(&format!("python_{}", call.short_name()), args, Type::float64()))
}

fn triangular(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let has_mode = !e.ty(call.args[2]).is_none();
    let mode = if has_mode { float(e, call, 2)? } else { e.b.zero(Type::float64()) };
    let args = vec![float(e, call, 0)?, float(e, call, 1)?, mode, e.b.bool(has_mode)];
    Ok(e.call_raising("python_triangular", args, Type::float64()))
}

/// By the magnitude of an int, and the hash of a float, as CPython.
fn seed(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let value = e.plain(call.args[0]);
    let ty = e.ty(value);
    if ty.is_none() {
        e.b.call_runtime(&SEED_BY_ENTROPY, vec![], Type::none(), None);
        return Ok(e.b.none());
    }
    let magnitude = if ty == Type::uint64() {
        value
    } else if ty.is_int() || ty.is_bool() {
        let value = e.b.convert(value, Type::int64());
        let zero = e.b.int64(0);
        let negated = e.b.sub(zero, value);
        let is_negative = e.is_negative(value);
        let magnitude = e.b.select(is_negative, negated, value);
        e.b.reinterpret(magnitude, Type::uint64())
    } else if ty.is_float() {
        let hash = e.hash(value)?;
        e.b.reinterpret(hash, Type::uint64())
    } else {
        return call.argument_error(
            0,
            Code::ArgumentType,
            format!("a seed is an int or a float, not {}", ty.shown()),
        );
    };
    e.b.call_runtime(&SEED, vec![magnitude], Type::none(), None);
    Ok(e.b.none())
}

fn getrandbits(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let fits_int64 = e.ty(call.args[0]).as_literal_int().is_some_and(|n_bits| n_bits < 64);
    let args = vec![int(e, call, 0)?];
    let bits = e.call_raising("python_getrandbits", args, Type::uint64());
    Ok(if fits_int64 { e.b.reinterpret(bits, Type::int64()) } else { bits })
}

fn randrange(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let args = if e.ty(call.args[1]).is_none() {
        vec![e.b.int64(0), int(e, call, 0)?, int(e, call, 2)?]
    } else {
        vec![int(e, call, 0)?, int(e, call, 1)?, int(e, call, 2)?]
    };
    Ok(e.call_raising("python_randrange", args, Type::int64()))
}

fn choice(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let sequence = e.plain(call.args[0]);
    let length = e.length(sequence)?;
    let length = e.coerce(length, Type::int64())?;
    let zero = e.b.int64(0);
    let is_empty = e.equal(length, zero);
    e.raise_if(is_empty, "IndexError", "Cannot choose from an empty sequence", &[]);
    let one = e.b.int64(1);
    let position = e.call_raising("python_randrange", vec![zero, length, one], Type::int64());
    e.subscript(sequence, position)
}

/// What elements are chosen from, and how many there are.
fn population(e: &mut Emitter<'_>, call: &Call) -> Emit<(Value, Value)> {
    let population = e.plain(call.args[0]);
    let length = e.length(population)?;
    Ok((population, e.coerce(length, Type::int64())?))
}

fn choices(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let (population, length) = population(e, call)?;
    let given: Vec<usize> = [1, 2].into_iter().filter(|idx| !e.ty(call.args[*idx]).is_none()).collect();
    let weights = match given[..] {
        [] => e.b.address(0),
        [idx] => {
            let weights = array_like(e, call, idx)?;
            let ty = e.array_type(weights);
            if ty.ndim != 1 || ty.dtype.is_complex() {
                return call.argument_error(
                    idx,
                    Code::ArgumentType,
                    "weights are real numbers along one axis",
                );
            }
            e.elements_argument(weights, Type::float64())?
        }
        _ => {
            let message = "Cannot specify both weights and cumulative weights";
            return call.argument_error(2, Code::ArgumentCount, message);
        }
    };
    let args = vec![length, int(e, call, 3)?, weights, e.b.bool(given == [2])];
    let positions = e.call_raising("python_choices", args, Type::array(Type::int64(), 1, Layout::C));
    e.list_of_positions(population, positions)
}

impl Emitter<'_> {
    /// A list of the elements of a sequence at positions, an array.
    fn list_of_positions(&mut self, sequence: Value, positions: Value) -> Emit {
        let iterator = self.iter(sequence)?;
        let element = self.item_type(self.ty(iterator))?;
        let n = self.array_size(positions);
        let list = self.new_list(element, n);
        self.counted_loop(n, &[], |e, place, _| {
            let position = e.load_element(positions, &[place]);
            let item = e.subscript(sequence, position)?;
            e.list_append(list, item)?;
            Ok(vec![])
        })?;
        Ok(list)
    }
}

/// CPython's: from the last item to the second one, each is exchanged with one before it or itself.
fn shuffle_list(e: &mut Emitter<'_>, list: Value) -> Emit {
    let length = e.length(list)?;
    let one = e.b.int64(1);
    let n_exchanges = e.b.sub(length, one);
    e.counted_loop(n_exchanges, &[], |e, turn, _| {
        let last = e.b.sub(n_exchanges, turn);
        let (zero, one) = (e.b.int64(0), e.b.int64(1));
        let end = e.b.add(last, one);
        let other = e.call_raising("python_randrange", vec![zero, end, one], Type::int64());
        let (item, other_item) = (e.subscript(list, last)?, e.subscript(list, other)?);
        e.store_subscript(list, last, other_item)?;
        e.store_subscript(list, other, item)?;
        Ok(vec![])
    })?;
    Ok(e.b.none())
}

fn shuffle(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if matches!(e.ty(call.args[0]).kind(), TypeKind::List(_) | TypeKind::Deque(_)) {
        return shuffle_list(e, call.args[0]);
    }
    let array = array_argument(e, call, 0)?;
    let ty = e.array_type(array);
    if ty.ndim != 1 {
        return call.argument_error(0, Code::ArgumentType, "an array with one axis is shuffled");
    }
    e.check_writable(array)?;
    let args = vec![e.view_argument(array)];
    e.call_kernel_by_size("python_shuffle", ty.dtype, args, Type::none());
    Ok(e.b.none())
}
