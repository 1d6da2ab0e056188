//! Work of the library that threads share.
//!
//! How work is divided depends on its size alone, so that results do not depend on the number of threads.

use std::any::Any;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::{hint, process, thread};

/// The most threads that one call uses: `RUMBA_NUM_THREADS`, or the cores that the process may run on.
fn most_threads() -> usize {
    static MOST: OnceLock<usize> = OnceLock::new();
    *MOST.get_or_init(|| {
        let wanted = std::env::var("RUMBA_NUM_THREADS").ok().and_then(|number| number.parse().ok());
        wanted.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get)
    })
}

/// The results of `work` for each of the parts, which other threads help with.
pub fn map_parts<R: Send>(n_parts: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    if n_parts <= 1 || most_threads() == 1 {
        return (0..n_parts).map(work).collect();
    }
    let results: Vec<Mutex<Option<R>>> = (0..n_parts).map(|_| Mutex::new(None)).collect();
    share(n_parts, &|part| {
        let result = work(part);
        *lock(&results[part]) = Some(result);
    });
    let done = |result: Mutex<Option<R>>| result.into_inner().ok().flatten().expect("each part was done");
    results.into_iter().map(done).collect()
}

/// Work that is under way, which workers may join.
struct Region {
    /// Borrowed from whoever opened the region, and waits for those inside.
    work: &'static (dyn Fn(usize) + Sync),
    n_parts: usize,
    next: AtomicUsize,
    /// Workers that have joined.
    n_inside: AtomicUsize,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Region {
    /// Takes the next part as long as there is one.
    fn do_parts(&self) {
        let next = || Some(self.next.fetch_add(1, Ordering::Relaxed)).filter(|part| *part < self.n_parts);
        std::iter::from_fn(next).for_each(self.work);
    }

    fn has_parts(&self) -> bool {
        self.next.load(Ordering::Relaxed) < self.n_parts
    }
}

/// Threads that stay, and what they may join.
///
/// Nobody waits for a worker that has not joined: whoever opens a region works, too, and then closes it. So it takes
/// its time alone, and no more, where workers are late, are busy, could not be made, or were left behind by a fork.
struct Pool {
    state: Mutex<State>,
    /// Told of new regions.
    opened: Condvar,
    /// Told when the last worker leaves a region.
    left: Condvar,
    /// The number of regions that were ever opened.
    n_opened: AtomicUsize,
}

struct State {
    regions: Vec<Arc<Region>>,
    /// The process whose workers these are.
    process: u32,
    n_workers: usize,
}

static POOL: Pool = Pool {
    state: Mutex::new(State { regions: Vec::new(), process: 0, n_workers: 0 }),
    opened: Condvar::new(),
    left: Condvar::new(),
    n_opened: AtomicUsize::new(0),
};

/// How often a worker without work, or who waits for the last worker, looks again before it sleeps.
const TURNS_AWAKE: usize = 500;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait_awake(is_over: impl Fn() -> bool) {
    (0..TURNS_AWAKE).take_while(|_| !is_over()).for_each(|_| hint::spin_loop());
}

/// Calls `work` for each of the parts, in several threads.
fn share(n_parts: usize, work: &(dyn Fn(usize) + Sync)) {
    // SAFETY: `Opened` waits for all who use it before this function ends.
    let work =
        unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(work) };
    let region = Arc::new(Region {
        work,
        n_parts,
        next: AtomicUsize::new(0),
        n_inside: AtomicUsize::new(0),
        panic: Mutex::new(None),
    });
    let opened = Opened::new(&region);
    region.do_parts();
    drop(opened);
    if let Some(panic) = lock(&region.panic).take() {
        resume_unwind(panic);
    }
}

/// A region as long as workers may be inside.
struct Opened<'r> {
    region: &'r Arc<Region>,
}

impl<'r> Opened<'r> {
    /// Nothing where another thread is at the pool: it may have been when the process forked, and is no more.
    fn new(region: &'r Arc<Region>) -> Option<Opened<'r>> {
        let mut state = POOL.state.try_lock().ok()?;
        let process = process::id();
        if state.process != process {
            *state = State { regions: Vec::new(), process, n_workers: 0 };
        }
        while state.n_workers + 1 < most_threads()
            && thread::Builder::new().name("rumba worker".into()).spawn(work_forever).is_ok()
        {
            state.n_workers += 1;
        }
        state.regions.push(region.clone());
        POOL.n_opened.fetch_add(1, Ordering::Relaxed);
        drop(state);
        POOL.opened.notify_all();
        Some(Opened { region })
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        lock(&POOL.state).regions.retain(|region| !Arc::ptr_eq(region, self.region));
        let is_left = || self.region.n_inside.load(Ordering::Acquire) == 0;
        wait_awake(is_left);
        let mut state = lock(&POOL.state);
        while !is_left() {
            state = POOL.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work_forever() {
    loop {
        let region = join();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| region.do_parts())) {
            *lock(&region.panic) = Some(panic);
        }
        if region.n_inside.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Whoever waits holds the lock but while asleep, and so misses nothing.
            drop(lock(&POOL.state));
            POOL.left.notify_all();
        }
    }
}

/// A region with parts to do, entered.
fn join() -> Arc<Region> {
    let n_opened = POOL.n_opened.load(Ordering::Relaxed);
    let mut is_first_look = true;
    let mut state = lock(&POOL.state);
    loop {
        if let Some(region) = state.regions.iter().find(|region| region.has_parts()) {
            region.n_inside.fetch_add(1, Ordering::Relaxed);
            return region.clone();
        }
        if std::mem::take(&mut is_first_look) {
            drop(state);
            wait_awake(|| POOL.n_opened.load(Ordering::Relaxed) != n_opened);
            state = lock(&POOL.state);
        } else {
            state = POOL.opened.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order() {
        assert_eq!(map_parts(0, |part| part), [0; 0]);
        assert_eq!(
            map_parts(1000, |part| part * part),
            (0..1000).map(|part| part * part).collect::<Vec<_>>()
        );
    }

    #[test]
    fn regions_open_at_once_and_within_each_other() {
        let sum = |n: usize| map_parts(n, |part| map_parts(part, |inner| inner).into_iter().sum::<usize>());
        let expected: Vec<usize> = (0..60).map(|part| (0..part).sum()).collect();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..50).for_each(|_| assert_eq!(sum(60), expected)));
            }
        });
    }

    #[test]
    fn a_panic_reaches_the_caller() {
        let outcome = std::panic::catch_unwind(|| map_parts(100, |part| assert_ne!(part, 77)));
        assert!(outcome.is_err());
    }
}
