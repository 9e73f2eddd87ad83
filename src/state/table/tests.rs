//! Is no change lost, and another format treated as absent?

use std::sync::Arc;
use std::thread;

use super::*;
use crate::state::memory::Memory;

impl Stored for u64 {
    const FORMAT: u8 = 1;
}

impl Stored for String {
    const FORMAT: u8 = 2;
}

#[test]
fn no_change_is_lost_between_two_workers() {
    let cells = Arc::new(Memory::default());
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let cells = Arc::clone(&cells);
            thread::spawn(move || {
                let table = Table::<u64>::new("t");
                for _ in 0..1000 {
                    while table
                        .update(&*cells, "n", |n| {
                            *n += 1;
                            Change::Made(())
                        })
                        .is_err()
                    {}
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    assert_eq!(Table::<u64>::new("t").read(&*cells, "n"), Ok(2000));
}

fn set<T>(contents: &mut T, new: T) -> Change<()> {
    *contents = new;
    Change::Made(())
}

#[test]
fn contents_of_another_format_count_as_absent() {
    let cells = Memory::default();
    let numbers = Table::<u64>::new("t");
    numbers.update(&cells, "n", |n| set(n, 7)).unwrap();
    let texts = Table::<String>::new("t");
    assert_eq!(texts.read(&cells, "n"), Ok(String::new()));
    texts.update(&cells, "n", |text| set(text, format!("{text}x"))).unwrap();
    assert_eq!(texts.read(&cells, "n"), Ok("x".to_owned()));
    assert_eq!(numbers.read(&cells, "n"), Ok(0));
}
