//! The last step of the module's build: finish BUILT.wasm FINISHED.wasm
//!
//! [`budget`] says why, docs/decisions/0068-nothing-left-to-inline.md what it is worth.

mod budget;
mod module;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = &arguments[..] else {
        eprintln!("usage: finish BUILT.wasm FINISHED.wasm");
        return ExitCode::from(2);
    };
    match finish(from, to) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("finish: {error}");
            ExitCode::FAILURE
        }
    }
}

fn finish(from: &str, to: &str) -> Result<(), String> {
    let built = std::fs::read(from).map_err(|error| format!("{from} can't be read: {error}"))?;
    let (finished, report) = module::without_inlining(&built).map_err(|error| format!("{from}: {error}"))?;
    std::fs::write(to, finished).map_err(|error| format!("{to} can't be written: {error}"))?;
    let kb = |bytes: usize| bytes / 1_000;
    println!(
        "{to}: {} functions of {} kB; V8 inlines up to {} kB instead of {} kB",
        report.functions,
        kb(report.bytes),
        kb(report.after),
        kb(report.before)
    );
    Ok(())
}
