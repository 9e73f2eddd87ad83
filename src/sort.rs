//! Sorting as the library does, but with one copy of its sort in the module, whatever is sorted.
//!
//! Each type that `slice::sort` is used with brings some 6 kB of code: with thirty of them it was a tenth of the module, and of
//! what V8 needs to compile it at each start. Here numbers are sorted, and the items put in their order. What is sorted is short.

use std::cmp::Ordering;

/// Sorts items by their own order. Equal ones keep their places, as in all of these.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts items by a key.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts items as `compare` says. Allocates a number for each.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = order(items.len(), &|a, b| match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    for start in 0..items.len() {
        // Along a cycle of the permutation: each place gets its item from the next one, and is then in order.
        let mut at = start;
        while let Some(from) = order.get_mut(at).map(|next| std::mem::replace(next, at)).filter(|from| *from != start) {
            items.swap(at, from);
            at = from;
        }
    }
}

/// For each place the number of the item that belongs there.
#[inline(never)]
fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<_> = (0..length).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::cmp::Reverse;

    proptest! {
        #[test]
        fn sorts_as_the_library_does(items in prop::collection::vec((0_u8..20, any::<u16>()), 0..60)) {
            let (mut own, mut expected) = (items.clone(), items);
            super::sort_by_key(&mut own, |item| Reverse(item.0));
            expected.sort_by_key(|item| Reverse(item.0));
            prop_assert_eq!(&own, &expected);
            super::sort(&mut own);
            expected.sort();
            prop_assert_eq!(own, expected);
        }
    }
}
