//! What does each kind of request cost, exactly? Wasmtime's fuel (about one for each instruction) and calls to the host.
//!
//! The numbers are the same on every machine. `./build.sh bench exact` runs it; `benches/README.md` keeps the history.

use fake_host::vm::Artefact;
use fake_host::workload::{WORKLOADS, Workload};
use wasmtime::Result;

fn main() -> Result<()> {
    let artefact = Artefact::built()?;
    println!("| request | fuel | calls to the host | of which |\n|---|---:|---:|---|");
    for workload in WORKLOADS {
        print(&artefact, workload, workload.name, r#"{"user": {"sources": [{"header": "x-user-id"}]}}"#)?;
    }
    // Which of them cost more where proxies share a store: without ticks, so that more and more users wait to be shared.
    for workload in WORKLOADS.iter().filter(|one| one.name.starts_with("GET") || one.name.starts_with("attack")) {
        for (with, store) in [("a key", ""), ("a store", r#", "store": {"redis": {"cluster": "risk_store"}}"#)] {
            let configuration = format!(r#"{{"key_env": "KEY"{store}}}"#);
            print(&artefact, workload, &format!("{}, with {with}", workload.name), &configuration)?;
        }
    }
    Ok(())
}

fn print(artefact: &Artefact, workload: &Workload, name: &str, configuration: &str) -> Result<()> {
    let cost = workload.cost(artefact, configuration)?;
    let each = cost.calls.iter().map(|(name, number)| format!("{number} {}", name.trim_start_matches("proxy_")));
    let (each, all) = (each.collect::<Vec<_>>().join(", "), cost.calls.values().sum::<u64>());
    println!("| {name} | {} | {all} | {each} |", cost.fuel);
    Ok(())
}
