//! Work of the library that threads share.
//!
//! How work is divided depends on its size alone, so that results do not depend on the number of threads.

use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

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
    let next = AtomicUsize::new(0);
    // Each thread takes the next part as long as there is one.
    let take = || {
        let parts = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        parts.take_while(|part| *part < n_parts).map(|part| (part, work(part))).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        // Where no thread can be made, the others do its parts.
        let helpers: Vec<_> = (1..most_threads().min(n_parts))
            .map_while(|_| thread::Builder::new().spawn_scoped(scope, take).ok())
            .collect();
        let mut done = take();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(part, _)| *part);
    done.into_iter().map(|(_, result)| result).collect()
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
    fn a_panic_reaches_the_caller() {
        let outcome = std::panic::catch_unwind(|| map_parts(100, |part| assert_ne!(part, 77)));
        assert!(outcome.is_err());
    }
}
