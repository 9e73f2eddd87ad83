//! Do the metrics say what happens, under names that no client can multiply and that docs/metrics.md explains?

use user_risk_filter::detect::category::{Category, Severity};
use user_risk_filter::engine::Input;
use user_risk_filter::engine::stream::{Mark, Part, Stream};
use user_risk_filter::exchange::head::Head;
use user_risk_filter::state::memory::Memory;
use user_risk_filter::worker::metric::{Counter, Gauge, Labelled};

use crate::{COMMAND, PLAIN, Proxy, UNION, known, with};

#[test]
fn no_client_and_no_application_adds_a_series() {
    let cells = Memory::default();
    let mut proxy =
        Proxy::new(&cells, &with(r#""mode": "protect", "respond": [{"at": "warning", "block_attacks": {}}]"#));
    let mut round = |numbers: std::ops::Range<u32>| {
        for number in numbers {
            proxy.now += 500;
            let user = format!("user-{number}");
            for target in [UNION, COMMAND, "/a?f=../../../../etc/passwd", "/x?t=%3Cscript%3Ealert(1)%3C/script%3E"] {
                let (path, query) = target.split_once('?').unwrap();
                proxy.get(0, &user, &format!("{path}{number}?p{number}{query}"));
            }
            let event = format!("application{number}.event{number}; severity=high");
            let told = known().answering(200, [("x-user-risk-event", event.as_str())].into_iter().collect());
            let mut stream = Stream::default();
            let head = [(":method", "GET"), (":path", "/"), ("x-user-id", user.as_str())];
            proxy.on(0, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
            proxy.on(0, Input::Stream(&mut stream, Part::Mark(Mark::Answered, &told)));
            proxy.on(0, Input::Stream(&mut stream, Part::Mark(Mark::End, &told)));
        }
        proxy.labelled.keys().cloned().collect::<Vec<_>>()
    };
    let first = round(0..20);
    assert_eq!(round(20..120), first);
    let expected = [
        Labelled::Detections(Category::Sqli, Severity::Critical).name(),
        Labelled::Events("sqli.union-select".to_owned()).name(),
        Labelled::SourceEvents("header:x-user-id".to_owned()).name(),
        "user_risk_filter_band_incidents_opened_total.band.warning".to_owned(),
        "user_risk_filter_action_responses_total.action.block_attacks".to_owned(),
    ];
    assert!(expected.iter().all(|name| first.contains(name)), "{first:?}");
}

#[test]
fn gauges_show_who_is_risky_now() {
    let cells = Memory::default();
    let options = r#""mode": "protect", "respond": [{"block": {}}], "memory": {"users": 8}, "risk": {"window": "60s"}"#;
    let mut proxy = Proxy::new(&cells, &with(options));
    crate::respond::get(&mut proxy, 0, "mallory", UNION);
    crate::respond::get(&mut proxy, 0, "mallory", COMMAND);
    let shown = |proxy: &Proxy<'_>, gauge: Gauge| proxy.gauges.get(gauge.name()).copied();
    let later = |proxy: &mut Proxy<'_>, seconds: u64| {
        proxy.now += seconds * 1000;
        proxy.deliver(200);
        proxy.deliver(200);
    };
    later(&mut proxy, 6);
    let all = [Gauge::OpenIncidents, Gauge::BlockedUsers, Gauge::MutedUsers, Gauge::Records];
    assert_eq!(all.map(|gauge| shown(&proxy, gauge)), [Some(1), Some(1), Some(0), Some(1)]);
    later(&mut proxy, 120);
    later(&mut proxy, 6);
    assert_eq!(all.map(|gauge| shown(&proxy, gauge)), [Some(0), Some(1), Some(0), Some(1)]);
}

#[test]
fn it_is_said_when_nobody_is_named() {
    for (header, said) in [("x-other", true), ("x-user-id", false)] {
        let cells = Memory::default();
        let mut proxy = Proxy::new(&cells, "{}");
        for _ in 0..16_000 {
            let mut stream = Stream::default();
            let head = [(":method", "GET"), (":path", PLAIN), (header, "alice")];
            proxy.on(0, Input::Stream(&mut stream, Part::Head(Head::new(head.into_iter().collect()))));
            if proxy.workers[0].wants_mark(&stream, Mark::Arrived) {
                proxy.on(0, Input::Stream(&mut stream, Part::Mark(Mark::Arrived, &known())));
            }
        }
        proxy.deliver(200);
        let lines = proxy.lines.iter().filter(|line| line["what"].to_string().contains("none named its user"));
        assert_eq!((lines.count(), proxy.gauges.get(Gauge::NobodyNamed.name())), (said.into(), said.then_some(&1)));
        let (named, unnamed) = (proxy.count(Counter::UsersNamed), proxy.count(Counter::UsersUnnamed));
        assert_eq!((named, unnamed), if said { (0, 1000) } else { (1000, 0) });
    }
}

#[test]
fn each_metric_is_explained() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).unwrap();
    let counters = Counter::ALL.iter().map(|counter| counter.name().to_owned());
    let of_channels = Counter::OF_CHANNELS.iter().map(|counter| counter.name_for("x").replace(".channel.x", ""));
    let gauges = Gauge::ALL.iter().map(|gauge| gauge.name().to_owned());
    let labelled = ["category_detections", "rule_events", "source_events", "band_incidents_opened", "action_responses"];
    let labelled = labelled.iter().map(|name| format!("user_risk_filter_{name}_total"));
    for name in counters.chain(of_channels).chain(gauges).chain(labelled) {
        assert!(page.contains(&format!("`{name}`")), "{name} is not in docs/metrics.md");
    }
}

#[test]
fn all_records_of_a_default_table_are_counted_every_100_seconds() {
    let cells = Memory::default();
    let mut proxy = Proxy::new(&cells, "{}");
    proxy.get(0, "mallory", UNION);
    let mut ticks_until_counted = || {
        proxy.gauges.remove(Gauge::Records.name());
        let counted = |proxy: &mut Proxy<'_>| {
            proxy.on(0, Input::Tick);
            proxy.gauges.get(Gauge::Records.name()) == Some(&1)
        };
        (1..1_000).find(|_| counted(&mut proxy))
    };
    ticks_until_counted();
    // 8,192 buckets, twenty of them each tick, of which there are four a second.
    let ticks = ticks_until_counted();
    assert!(matches!(ticks, Some(409 | 410)), "{ticks:?}");
}
