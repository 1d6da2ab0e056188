//! Seeding the thread's streams, and making NumPy's generators.

use crate::context::ExecutionContext;
use crate::host::{NewRandom, RandomObject, Seed, host};
use crate::kernels::{Argument, Raise, Result, View, run};
use crate::memory::{Counted, object_of};
use crate::random::MersenneTwister;

/// `np.random.seed(seed)`: `(seed as a view, whether it is an array)`, or a null view for the operating system's.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn seed_numpy(
    ctx: *mut ExecutionContext,
    seed: *const i64,
    is_array: bool,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        run(ctx, out, || {
            let twister = match Option::<View<'_, i64>>::from_raw(seed) {
                None => MersenneTwister::from_entropy(),
                Some(seed) => numpy_twister(&seed.to_vec(), is_array)?,
            };
            (*ctx).random.seed_numpy(twister);
            Ok(())
        })
    }
}

fn numpy_twister(seed: &[i64], is_array: bool) -> Result<MersenneTwister> {
    if seed.is_empty() {
        return Err(Raise::value_error("Seed must be non-empty"));
    }
    let words = seed.iter().map(|word| u32::try_from(*word)).collect::<std::result::Result<Vec<_>, _>>();
    let words = words.map_err(|_| Raise::value_error("Seed must be between 0 and 2**32 - 1"))?;
    Ok(if is_array { MersenneTwister::from_words(&words) } else { MersenneTwister::from_seed(words[0]) })
}

/// `random.seed(n)`, by the magnitude of an int.
///
/// # Safety
/// `ctx` is the thread's context.
unsafe extern "C" fn seed_python(ctx: *mut ExecutionContext, magnitude: u64) {
    let words = [magnitude as u32, (magnitude >> 32) as u32];
    let n_words = if words[1] == 0 { 1 } else { 2 };
    // SAFETY: promised by the caller.
    unsafe { (*ctx).random.seed_python(MersenneTwister::from_words(&words[..n_words])) }
}

/// `random.seed()`.
///
/// # Safety
/// `ctx` is the thread's context.
unsafe extern "C" fn seed_python_by_entropy(ctx: *mut ExecutionContext) {
    // SAFETY: promised by the caller.
    unsafe { (*ctx).random.seed_python(MersenneTwister::from_entropy()) }
}

/// What a generator is made of, in the order in which `rumba_library` numbers them.
const CLASSES: [&str; 6] = ["default_rng", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"];

/// A generator or bit generator: `(class, seed, whether that is unsigned, seeds as a view or null, whether there is a seed)`.
/// Gives the bit generator and an owner.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn new_seeded(
    ctx: *mut ExecutionContext,
    class: i64,
    has_seed: bool,
    seed: i64,
    is_unsigned: bool,
    seeds: *const i64,
    out: *mut u64,
) -> i32 {
    // SAFETY: promised by the caller.
    unsafe {
        let seeds = Option::<View<'_, i64>>::from_raw(seeds).map(|seeds| seeds.to_vec());
        let seed = match &seeds {
            Some(seeds) => Seed::Ints(seeds),
            None if has_seed && is_unsigned => Seed::Int(i128::from(seed as u64)),
            None if has_seed => Seed::Int(i128::from(seed)),
            None => Seed::None,
        };
        new_random(ctx, NewRandom::Seeded { class: CLASSES[class as usize], seed }, out)
    }
}

/// `np.random.Generator(bit_generator)`: `(owner of the bit generator)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn new_of(ctx: *mut ExecutionContext, owner: u64, out: *mut u64) -> i32 {
    // SAFETY: promised by the caller.
    unsafe { new_random(ctx, NewRandom::Of { bit_generator: object_of(owner) }, out) }
}

/// `generator.bit_generator`: `(owner of the generator)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn bits_of(ctx: *mut ExecutionContext, owner: u64, out: *mut u64) -> i32 {
    // SAFETY: promised by the caller.
    unsafe { new_random(ctx, NewRandom::BitsOf { generator: object_of(owner) }, out) }
}

/// One of `generator.spawn(n)`: `(owner of the generator)`.
///
/// # Safety
/// As compiled code calls kernels.
unsafe extern "C" fn spawn(ctx: *mut ExecutionContext, owner: u64, out: *mut u64) -> i32 {
    // SAFETY: promised by the caller.
    unsafe { new_random(ctx, NewRandom::Spawned { generator: object_of(owner) }, out) }
}

/// # Safety
/// `ctx` is the thread's context; `out` has room for two slots.
unsafe fn new_random(ctx: *mut ExecutionContext, what: NewRandom<'_>, out: *mut u64) -> i32 {
    // SAFETY: promised by the caller; the reference to the context ends with the call.
    let made = host().and_then(|host| unsafe { (host.new_random)(&mut *ctx, what) });
    let Some(RandomObject { bits, object }) = made else {
        // SAFETY: as above.
        let ctx = unsafe { &mut *ctx };
        if ctx.pending.is_none() {
            ctx.raise("RuntimeError", "there is no interpreter to make a random generator");
        }
        return 1;
    };
    match Counted::of_object(object) {
        Ok(counted) => {
            // SAFETY: promised by the caller.
            unsafe {
                *out = bits as u64;
                *out.add(1) = counted.into_owner_and_data().0;
            }
            0
        }
        Err((class, message)) => {
            // SAFETY: promised by the caller.
            unsafe { (*ctx).raise(class, message) };
            1
        }
    }
}

pub(super) fn symbols(table: &mut Vec<(&'static str, usize)>) {
    table.push(("rumba_random_seed_numpy", seed_numpy as *const () as usize));
    table.push(("rumba_random_seed_python", seed_python as *const () as usize));
    table.push(("rumba_random_seed_python_by_entropy", seed_python_by_entropy as *const () as usize));
    table.push(("rumba_random_new_seeded", new_seeded as *const () as usize));
    table.push(("rumba_random_new_of", new_of as *const () as usize));
    table.push(("rumba_random_bits_of", bits_of as *const () as usize));
    table.push(("rumba_random_spawn", spawn as *const () as usize));
}
