//! Does what somebody does under invented names count for the address, once, and without noise?

use super::*;

const COOKIES: &str = r#"{"user": {"sources": [{"header": "x-user-id"}, {"cookie": "sid"}]}}"#;
const NOBODY: (&str, &str) = ("x-nobody", "");

#[test]
fn what_an_invented_user_does_counts_for_the_address_until_the_user_is_over_the_threshold() {
    // What users named by cookies do, each attack with the cookie; and the points that the address lacks to thirty.
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], bool);
    let rows: [Row<'_>; 4] = [
        ("nothing", &[], false),
        ("one act of one", &[("sid=a", UNION)], true),
        ("what lifts a user over the threshold is told of the user", &[("sid=a", COMMAND), ("sid=a", UNION)], false),
        ("of two", &[("sid=a", COMMAND), ("sid=b", UNION)], true),
    ];
    for (what, acts, expected) in rows {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, COOKIES);
        for (cookie, attack) in acts {
            assert_eq!(proxy.get_with(0, ("cookie", cookie), attack), 8, "{what}");
        }
        let opened = proxy.count(Counter::Opened);
        assert_eq!(
            (proxy.count(Counter::Events), proxy.lines.len() as u64 - opened),
            (acts.len() as u64, acts.len() as u64),
            "{what}"
        );
        // Three critical acts are 24.
        for attack in [COMMAND, JNDI, SCRIPT] {
            proxy.now += 61_000;
            proxy.get_with(0, NOBODY, attack);
        }
        assert_eq!(proxy.count(Counter::Opened) - opened == 1, expected, "{what}: {:?}", proxy.lines);
    }
}

#[test]
fn what_opens_an_incident_of_the_user_opens_none_of_the_address() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, COOKIES);
    for _ in 0..2 {
        assert_eq!(proxy.get_with(0, ("cookie", "sid=a"), TEST), 8);
    }
    assert_eq!(proxy.count(Counter::Opened), 1);
    let users: Vec<_> =
        proxy.lines.iter().filter(|line| line["event"] == "incident_opened").map(|line| &line["source"]).collect();
    assert_eq!(users, ["cookie:sid"]);
}
