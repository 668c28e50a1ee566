//! The same work on many things at once, on threads of its own: nobody's work waits behind another's.

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// Fewer are done one after the other.
const FEW: usize = 4;

/// More threads than this wait for one another in the file system.
const MOST_THREADS: usize = 8;

/// Does `work` for each of `items`, and gives what came of them in their order.
///
/// Errors: one of the failures; with one, the rest is not begun.
pub(crate) fn try_each<Item: Sync, Done: Send, Failure: Send>(
    items: &[Item],
    work: impl Fn(&Item) -> Result<Done, Failure> + Sync + Send,
) -> Result<Vec<Done>, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(MOST_THREADS);
    if threads == 1 || items.len() < FEW {
        return items.iter().map(work).collect();
    }
    match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| items.par_iter().map(&work).collect()),
        // A machine that allows no more threads.
        Err(_) => items.iter().map(work).collect(),
    }
}

/// The same for work that cannot fail, or whose failures all count.
pub(crate) fn each<Item: Sync, Done: Send>(
    items: &[Item],
    work: impl Fn(&Item) -> Done + Sync + Send,
) -> Vec<Done> {
    match try_each(items, |item| Ok::<_, std::convert::Infallible>(work(item))) {
        Ok(done) => done,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_and_in_order() {
        for count in [0, 1, FEW, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(each(&items, |item| item * 2), doubled);
        }
    }

    #[test]
    fn a_failure_ends_it() {
        let items: Vec<usize> = (0..10_000).collect();
        let done = try_each(&items, |item| match item {
            70 => Err("seventy"),
            _ => Ok(*item),
        });
        assert_eq!(done, Err("seventy"));
    }
}
