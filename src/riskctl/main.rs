//! Which commands does riskctl have? One file or folder for each.

mod check;
mod completions;
mod console;
mod doctor;
mod explain;
mod hash;
mod init;
mod input;
mod log;
mod manifest;
mod notify_test;
mod play;
mod replay;
mod request;
mod rules;
mod scan;
mod schema;
mod simulate;
mod source;
mod store;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// The command line of user-risk-filter, the Envoy filter that scores attacks per user.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, after_help = "riskctl COMMAND --help says more, with examples.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Replay(replay::Arguments),
    Scan(scan::Arguments),
    Simulate(simulate::Arguments),
    NotifyTest(notify_test::Arguments),
    Explain(explain::Arguments),
    Hash(hash::Arguments),
    Doctor(doctor::Arguments),
    #[command(flatten)]
    Console(console::Command),
    Init(init::Arguments),
    Rules(rules::Arguments),
    Schema(schema::Arguments),
    Store(store::Arguments),
    Completions(completions::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command()),
        Command::Console(command) => console::run(&command),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Hash(arguments) => hash::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::NotifyTest(arguments) => notify_test::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Scan(arguments) => scan::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Store(arguments) => store::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
    }
}
