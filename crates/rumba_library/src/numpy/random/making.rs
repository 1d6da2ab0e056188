//! Generators: `np.random.default_rng` and its kin, and seeding the thread's stream.

use super::SELF;
use crate::arrays::creation::array_like;
use crate::declaration::{Call, Declaration, Default, Param};
use crate::{Emit, Emitter};
use rumba_ir::Value;
use rumba_source::Code;
use rumba_types::{Type, TypeKind};

const SEED: &[Param] = &[Param::optional("seed", Default::None)];

/// Numbers of the classes, as `rumba_runtime::kernels::random::seeding` has them.
const CLASSES: [&str; 6] = ["default_rng", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"];

pub const DECLARATIONS: &[Declaration] = &[
    Declaration {
        path: "numpy.random.default_rng",
        params: SEED,
        doc: "A generator with bits of PCG64, seeded by an int or ints; of a bit generator; or the generator that is given.",
        rule: |e, call| match e.ty(call.args[0]).kind() {
            TypeKind::Generator => Ok(call.args[0]),
            TypeKind::BitGenerator => generator(e, call),
            _ => seeded(e, call, Type::generator()),
        },
    },
    Declaration {
        path: "numpy.random.Generator",
        params: &[Param::required("bit_generator")],
        doc: "A generator that draws from a bit generator.",
        rule: generator,
    },
    Declaration {
        path: "generator:bit_generator",
        params: &[SELF],
        doc: "The bit generator that it draws from.",
        rule: |e, call| {
            let owner = e.b.field(call.args[0], 1);
            Ok(e.call_raising("random_bits_of", vec![owner], Type::bit_generator()))
        },
    },
    Declaration {
        path: "generator.spawn",
        params: &[SELF, Param::required("n_children")],
        doc: "A list of so many generators with streams of their own.",
        rule: spawn,
    },
    Declaration {
        path: "numpy.random.MT19937",
        params: SEED,
        doc: "The bit generator, seeded by an int or ints.",
        rule: bit_generator,
    },
    Declaration {
        path: "numpy.random.PCG64",
        params: SEED,
        doc: "The bit generator, seeded by an int or ints.",
        rule: bit_generator,
    },
    Declaration {
        path: "numpy.random.PCG64DXSM",
        params: SEED,
        doc: "The bit generator, seeded by an int or ints.",
        rule: bit_generator,
    },
    Declaration {
        path: "numpy.random.Philox",
        params: SEED,
        doc: "The bit generator, seeded by an int or ints.",
        rule: bit_generator,
    },
    Declaration {
        path: "numpy.random.SFC64",
        params: SEED,
        doc: "The bit generator, seeded by an int or ints.",
        rule: bit_generator,
    },
    Declaration {
        path: "numpy.random.seed",
        params: SEED,
        doc: "Seeds the stream of the thread by an int or ints; without, by the operating system. NumPy's own stream is another.",
        rule: seed_stream,
    },
];

fn bit_generator(e: &mut Emitter<'_>, call: &Call) -> Emit {
    seeded(e, call, Type::bit_generator())
}

fn generator(e: &mut Emitter<'_>, call: &Call) -> Emit {
    if e.ty(call.args[0]) != Type::bit_generator() {
        let message = format!("expected a bit generator, not {}", e.ty(call.args[0]).shown());
        return call.argument_error(0, Code::ArgumentType, message);
    }
    let owner = e.b.field(call.args[0], 1);
    Ok(e.call_raising("random_new_of", vec![owner], Type::generator()))
}

fn spawn(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let n_children = e.as_index(call.args[1], "n_children")?;
    let negative = e.is_negative(n_children);
    e.raise_if(negative, "OverflowError", "can't convert negative value to uint32_t", &[]);
    let owner = e.b.field(call.args[0], 1);
    let children = e.new_list(Type::generator(), n_children);
    e.counted_loop(n_children, &[], |e, _, _| {
        let child = e.call_raising("random_spawn", vec![owner], Type::generator());
        e.list_append(children, child)?;
        Ok(vec![])
    })?;
    Ok(children)
}

/// What a seed is.
enum Seed {
    None,
    /// Its 64 bits, and whether they are unsigned.
    Int(Value, bool),
    Ints(Value),
}

fn seed_argument(e: &mut Emitter<'_>, call: &Call) -> Emit<Seed> {
    let seed = e.plain(call.args[0]);
    let seed = e.scalar_of(seed);
    let ty = e.ty(seed);
    if ty.is_none() {
        return Ok(Seed::None);
    }
    if ty == Type::uint64() {
        return Ok(Seed::Int(e.b.reinterpret(seed, Type::int64()), true));
    }
    if ty.is_int() || ty.is_bool() {
        return Ok(Seed::Int(e.coerce(seed, Type::int64())?, false));
    }
    if !ty.is_number() {
        let array = array_like(e, call, 0)?;
        let ty = e.array_type(array);
        if ty.ndim == 1 && ty.dtype.is_int() {
            return Ok(Seed::Ints(array));
        }
    }
    call.argument_error(
        0,
        Code::ArgumentType,
        format!("a seed is an int, or ints along one axis, not {}", ty.shown()),
    )
}

fn seeded(e: &mut Emitter<'_>, call: &Call, result: Type) -> Emit {
    let class = CLASSES.iter().position(|class| *class == call.short_name());
    let class = e.b.int64(class.expect("the classes are declared") as i64);
    let seed = seed_argument(e, call)?;
    let (none, zero) = (e.b.address(0), e.b.int64(0));
    let (has_seed, seed, is_unsigned, seeds) = match seed {
        Seed::None => (false, zero, false, none),
        Seed::Int(seed, is_unsigned) => (true, seed, is_unsigned, none),
        Seed::Ints(seeds) => (true, zero, false, e.elements_argument(seeds, Type::int64())?),
    };
    let args = vec![class, e.b.bool(has_seed), seed, e.b.bool(is_unsigned), seeds];
    Ok(e.call_raising("random_new_seeded", args, result))
}

fn seed_stream(e: &mut Emitter<'_>, call: &Call) -> Emit {
    let is_tuple = e.ty(call.args[0]).as_tuple().is_some();
    let (seed, is_array) = match seed_argument(e, call)? {
        Seed::None => (e.b.address(0), e.b.bool(false)),
        Seed::Int(seed, _) => (e.elements_argument(seed, Type::int64())?, e.b.bool(false)),
        Seed::Ints(seeds) => {
            // NumPy takes an array of one element for its element.
            let (size, one) = (e.array_size(seeds), e.b.int64(1));
            let is_array = if is_tuple { e.b.bool(true) } else { e.not_equal(size, one) };
            (e.elements_argument(seeds, Type::int64())?, is_array)
        }
    };
    e.call_raising("random_seed_numpy", vec![seed, is_array], Type::none());
    Ok(e.b.none())
}
