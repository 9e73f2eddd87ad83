//! In which order? A stable sort for the few dozen things of a request or a record.

use std::cmp::Ordering;

/// The items in the order that `compare` says, equal ones as they came: an insertion sort, in time quadratic to their
/// number, which is bounded wherever this is called. The library's sorts would each bring 10 to 60 kB into the module.
pub(crate) fn ordered<T>(items: impl IntoIterator<Item = T>, compare: &dyn Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut ordered = Vec::new();
    for item in items {
        let at = ordered.partition_point(|before| compare(before, &item) != Ordering::Greater);
        ordered.insert(at, item);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_the_library_does() {
        for seed in 0..50_u32 {
            let items: Vec<(u32, u32)> = (0..seed).map(|at| ((at * 7919 + seed) % 5, at)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            assert_eq!(ordered(items, &|a, b| a.0.cmp(&b.0)), expected);
        }
    }
}
