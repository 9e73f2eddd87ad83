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
    let minute = |minutes: u64| Timestamp::from_millis(1000 + minutes * 60_000);
    site.pass(minute(0));
    site.answered(b"/a");
    assert!(site.answers(b"/a") && !site.answers(b"/b"));
    for (minutes, known) in [(29, true), (31, true), (62, false)] {
        site.pass(minute(minutes));
        assert_eq!(site.answers(b"/a"), known, "{minutes}");
    }
    (0..100_000).for_each(|number| site.answered(format!("/{number}").as_bytes()));
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
            for answer in 0..64 {
                let is_refused = user < refused_users && answer < 32;
                if is_refused || site.is_sampled() {
                    site.count(user, is_refused, now);
                }
            }
        }
        (0..scanner).for_each(|_| site.count(63, true, now));
        assert_eq!(site.is_broken(), expected, "{what}");
        site.count(1, true, Timestamp::from_millis(600_000));
        assert!(!site.is_broken(), "ten minutes later");
    }
}

#[test]
fn who_asks_for_objects_of_one_kind_guesses_one_path() {
    let one = |paths: [&str; 3], status| {
        let [first, second, third] = paths.map(|path| shape(path.as_bytes(), status));
        first == second && second == third
    };
    let rows = [
        (["/items/1", "/items/22", "/items/333"], true),
        (["/img/a1.png", "/img/a2.png", "/img/a10.png"], true),
        (
            [
                "/v2/app/blobs/sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b",
                "/v2/app/blobs/sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4",
                "/v2/app/blobs/sha256:0123",
            ],
            false,
        ),
        (
            [
                "/o/0e4d1f6a-8a3b-4a55-9c4e-5b0f7c1d2e3f/x",
                "/o/11d1f6a0-8a3b-4a55-9c4e-5b0f7c1d2e3f/x",
                "/o/a94a8fe5ccb19ba61c4c0873d391e987982fbbd3/x",
            ],
            true,
        ),
        (["/phpmyadmin/", "/adminer/", "/pma/"], false),
        (["/wp-content/debug.log", "/wp-content/error.log", "/wp-content/x.log"], false),
    ];
    for (paths, expected) in rows {
        assert_eq!(one(paths, 404), expected, "{paths:?}");
        assert!(!one(paths, 403), "who is not allowed to see each of them: {paths:?}");
    }
}
