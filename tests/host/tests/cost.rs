//! What does a request cost? Its instructions are those that the documents name, its calls are pinned, and so is what the module
//! imports and exports.

use std::rc::Rc;

use fake_host::exchange::Exchange;
use fake_host::vm::{Artefact, Vm};
use fake_host::workload::WORKLOADS;

/// Each call costs Envoy as much as some hundred instructions; a map more.
#[test]
fn a_clean_get_looks_once_at_each_map_and_makes_three_calls() {
    let artefact = Artefact::built().unwrap();
    for (configuration, calls) in [
        ("{}", "1 get_current_time_nanoseconds, 2 get_header_map_pairs"),
        // The status, which is in the answer's headers otherwise.
        (r#"{"application": "off"}"#, "1 get_current_time_nanoseconds, 1 get_header_map_pairs, 1 get_property"),
        (r#"{"application": "off", "probing": "off"}"#, "1 get_current_time_nanoseconds, 1 get_header_map_pairs"),
        (r#"{"probing": "off"}"#, "1 get_current_time_nanoseconds, 2 get_header_map_pairs"),
        (r#"{"mode": "off"}"#, "1 get_header_map_pairs, 1 remove_header_map_value"),
    ] {
        let mut vm = Vm::new(&artefact, &Rc::default(), &[], 1).unwrap();
        assert!(vm.start(1, configuration).unwrap(), "{configuration}: {:?}", vm.host().lines);
        for number in 0..3 {
            vm.host().calls.clear();
            Exchange::get("/catalogue/shoes?page=2", "alice").play(&mut vm, 2 + number, 1).unwrap();
        }
        let made: Vec<_> = vm
            .host()
            .calls
            .iter()
            .map(|(name, number)| format!("{number} {}", name.trim_start_matches("proxy_")))
            .collect();
        assert_eq!(made.join(", "), calls, "{configuration}");
    }
}

/// A compiler of another version may take a few more or fewer of them; a value that is looked at in vain takes far more.
#[test]
fn each_kind_of_request_costs_the_instructions_that_the_documents_name() {
    let artefact = Artefact::built().unwrap();
    let documents = include_str!("../../../docs/costs.md");
    for workload in WORKLOADS {
        let cost = workload.cost(&artefact, r#"{"user": {"sources": [{"header": "x-user-id"}]}}"#).unwrap();
        let (name, documented) = (workload.name, workload.documented);
        assert!(
            cost.fuel.abs_diff(documented) < documented / 20,
            "{name}: {} instructions, not {documented}",
            cost.fuel
        );
        let row = format!("| {} |", with_commas(documented));
        assert!(documents.contains(&row), "docs/costs.md does not name what {name} costs: {row}");
    }
}

/// `1,375,000`
fn with_commas(number: u64) -> String {
    match number / 1000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", with_commas(thousands), number % 1000),
    }
}

/// The store is asked on ticks, about suspicious users: a clean request makes the same calls, and costs the same but for where the
/// allocator happens to find room.
#[test]
fn a_clean_request_costs_the_same_with_a_store() {
    let artefact = Artefact::built().unwrap();
    let of = |store: &str, target: &str| {
        let mut vm = Vm::new(&artefact, &Rc::default(), &[("KEY", "0123456789abcdef0123456789abcdef")], 1).unwrap();
        let configuration = format!(r#"{{"key_env": "KEY"{store}}}"#);
        assert!(vm.start(1, &configuration).unwrap(), "{configuration}: {:?}", vm.host().lines);
        for number in 0..20 {
            Exchange::get(target, "alice").play(&mut vm, 2 + number, 1).unwrap();
        }
        vm.take_fuel();
        vm.host().calls.clear();
        Exchange::get(target, "alice").play(&mut vm, 100, 1).unwrap();
        (vm.take_fuel(), vm.host().calls.clone())
    };
    let store = r#", "store": {"redis": {"cluster": "risk_store"}}"#;
    let clean = "/catalogue/shoes?page=2";
    let ((with, calls), (without, same_calls)) = (of(store, clean), of("", clean));
    assert_eq!(calls, same_calls);
    assert!(with.abs_diff(without) < without / 400, "{with} and {without} instructions");
    let attack = "/search?q=1'%20UNION%20SELECT%20password%20FROM%20users--";
    let ((with, _), (without, _)) = (of(store, attack), of("", attack));
    assert!(with > without + without / 200, "where it costs something, it shows: {with} and {without} instructions");
}

#[test]
fn the_module_has_the_callbacks_that_it_needs_and_no_others() {
    let (imports, exports) = Artefact::built().unwrap().surface();
    let expected = [
        "_initialize",
        "memory",
        "proxy_abi_version_0_2_1",
        "proxy_on_configure",
        "proxy_on_context_create",
        "proxy_on_delete",
        "proxy_on_done",
        "proxy_on_http_call_response",
        "proxy_on_log",
        "proxy_on_memory_allocate",
        "proxy_on_request_body",
        "proxy_on_request_headers",
        "proxy_on_request_trailers",
        "proxy_on_response_body",
        "proxy_on_response_headers",
        "proxy_on_tick",
    ];
    let mut exports = exports;
    exports.sort();
    assert_eq!(exports, expected);
    let wasi: Vec<_> = imports.iter().filter(|name| !name.starts_with("env.proxy_")).collect();
    assert!(wasi.iter().all(|name| name.starts_with("wasi_snapshot_preview1.")), "{wasi:?}");
}
