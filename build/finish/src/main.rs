//! The last step of the module's build: finish BUILT.wasm FINISHED.wasm [--report]
//!
//! [`budget`] says why, docs/decisions/0068-nothing-left-to-inline.md what it is worth.

mod budget;
mod module;

use std::process::ExitCode;

use module::Report;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (from, to, reports) = match &arguments[..] {
        [from, to] => (from, to, false),
        [from, to, option] if option == "--report" => (from, to, true),
        _ => {
            eprintln!("usage: finish BUILT.wasm FINISHED.wasm [--report]");
            return ExitCode::from(2);
        }
    };
    match finish(from, to) {
        Ok(report) if reports => println!("{to}: {report}"),
        Ok(_) => {}
        Err(error) => {
            eprintln!("finish: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn finish(from: &str, to: &str) -> Result<Report, String> {
    let built = std::fs::read(from).map_err(|error| format!("{from} can't be read: {error}"))?;
    let (finished, report) = module::without_inlining(&built).map_err(|error| format!("{from}: {error}"))?;
    std::fs::write(to, finished).map_err(|error| format!("{to} can't be written: {error}"))?;
    Ok(report)
}
