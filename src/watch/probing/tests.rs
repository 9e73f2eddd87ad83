//! Is a scanner noticed, and a broken site not blamed on its users?

use super::*;
use crate::config;
use crate::keyed_hash::Key;

#[test]
fn many_paths_are_told_once_in_the_window() {
    use Signal::{ProbingPaths, ProbingScan, ProbingSweep};
    type Row<'a> = (&'a str, u32, u32, u64, &'a [(u32, Signal)]);
    let rows: [Row<'_>; 6] = [
        ("a few", 4, 100, 1, &[]),
        ("a list of paths", 55, 100, 1, &[(5, ProbingPaths), (15, ProbingScan), (50, ProbingSweep)]),
        ("a few dead links, for ever", 200, 14, 1, &[(5, ProbingPaths), (75, ProbingPaths), (145, ProbingPaths)]),
        ("the same few, again and again", 50, 4, 1, &[]),
        ("a scanner", 40, 100, 1, &[(5, ProbingPaths), (15, ProbingScan)]),
        ("slowly", 14, 100, 20, &[]),
    ];
    for (what, number, paths, seconds, expected) in rows {
        let probing: Probing = config::from_json(r#"{"paths": 5, "window": "1m"}"#).unwrap();
        let mut history = History::new(Key::from_passphrase("k").digest("user", &[]));
        let mut found = Vec::new();
        for refusal in 1..=number {
            let now = Timestamp::from_millis(1_000_000 + u64::from(refusal) * seconds * 1000);
            let (_, signal) = probing.on_refusal(&mut history, refusal % paths, now);
            found.extend(signal.map(|signal| (refusal, signal)));
        }
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn a_path_that_answers_is_known_for_a_while() {
    let mut site = Site::default();
    site.answered(b"/a", Timestamp::from_millis(1000));
    assert!(site.answers(b"/a") && !site.answers(b"/b"));
    for (minutes, known) in [(31, true), (62, false)] {
        site.answered(b"/c", Timestamp::from_millis(1000 + minutes * 60_000));
        assert_eq!(site.answers(b"/a"), known, "{minutes}");
    }
    (0..100_000).for_each(|number| site.answered(format!("/{number}").as_bytes(), Timestamp::from_millis(4_000_000)));
    let strangers = (0..1000).filter(|number| site.answers(format!("/other/{number}").as_bytes())).count();
    assert!(strangers < 150, "{strangers}");
}

#[test]
fn a_site_is_broken_for_its_users_not_by_a_scanner() {
    for (what, users, refused_users, scanner, expected) in [
        ("quiet", 1, 0, 0, false),
        ("a scanner among few", 10, 0, 500, false),
        ("a scanner alone", 0, 0, 500, false),
        ("a broken release", 20, 12, 0, true),
        ("some dead links", 20, 4, 0, false),
    ] {
        let (mut site, now) = (Site::default(), Timestamp::from_millis(60_000));
        for user in 0..users {
            (0..4).for_each(|answer| site.count(user, user < refused_users && answer < 2, now));
        }
        (0..scanner).for_each(|_| site.count(63, true, now));
        assert_eq!(site.is_broken(), expected, "{what}");
        site.count(1, false, Timestamp::from_millis(600_000));
        assert!(!site.is_broken(), "ten minutes later");
    }
}
