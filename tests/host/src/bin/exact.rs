//! What does each kind of request cost, exactly? Wasmtime's fuel (about one for each instruction) and calls to the host.
//!
//! The numbers are the same on every machine. `./build.sh bench exact` runs it; `benches/README.md` keeps the history.

use std::rc::Rc;

use fake_host::vm::{Artefact, Vm};
use fake_host::workload::{WORKLOADS, Workload};
use wasmtime::Result;

/// The first exchanges fill tables that later ones find.
const WARM: usize = 600;
const MEASURED: usize = 500;

fn main() -> Result<()> {
    let artefact = Artefact::built()?;
    println!("| request | fuel | calls to the host | of which |\n|---|---:|---:|---|");
    for workload in WORKLOADS {
        measure(&artefact, workload, workload.name, r#"{"user": {"sources": [{"header": "x-user-id"}]}}"#)?;
    }
    // Which of them cost more where proxies share a store: without ticks, so that more and more users wait to be shared.
    for workload in WORKLOADS.iter().filter(|one| one.name.starts_with("GET") || one.name.starts_with("attack")) {
        for (with, store) in [("a key", ""), ("a store", r#", "store": {"redis": {"cluster": "risk_store"}}"#)] {
            let configuration = format!(r#"{{"key_env": "KEY"{store}}}"#);
            measure(&artefact, workload, &format!("{}, with {with}", workload.name), &configuration)?;
        }
    }
    Ok(())
}

fn measure(artefact: &Artefact, workload: &Workload, name: &str, configuration: &str) -> Result<()> {
    let key = [("KEY", "0123456789abcdef0123456789abcdef")];
    let mut vm = Vm::new(artefact, &Rc::default(), &key, 1)?;
    assert!(vm.start(1, configuration)?, "{configuration}: {:?}", vm.host().lines);
    // A long body costs the same each time.
    let rounds = if (workload.exchange)(0).body.len() > 1 { (3, 2) } else { (WARM, MEASURED) };
    let mut play = |number: usize| {
        vm.host().world.borrow_mut().advance(10);
        (workload.exchange)(number).play(&mut vm, 2 + number as u32, 1)?;
        Ok::<_, wasmtime::Error>(vm.take_fuel())
    };
    (0..rounds.0).try_for_each(|number| play(number).map(drop))?;
    let fuel = (rounds.0..rounds.0 + rounds.1).map(&mut play).sum::<Result<u64>>()?;
    vm.host().calls.clear();
    let last = (workload.exchange)(0);
    last.play(&mut vm, 1_000_000, 1)?;
    let calls = &vm.host().calls;
    let each: Vec<_> =
        calls.iter().map(|(name, number)| format!("{number} {}", name.trim_start_matches("proxy_"))).collect();
    println!("| {} | {} | {} | {} |", name, fuel / rounds.1 as u64, vm.host().calls_in_all(), each.join(", "));
    Ok(())
}
