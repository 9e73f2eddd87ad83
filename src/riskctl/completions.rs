//! `riskctl completions`: the script that lets a shell complete riskctl's commands and options.

use std::io;
use std::process::ExitCode;

use clap::Command;
use clap_complete::{Shell, generate};

/// Prints the script that lets a shell complete commands and options
#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl completions bash > /etc/bash_completion.d/riskctl
  riskctl completions zsh > \"${fpath[1]}/_riskctl\"
  riskctl completions fish > ~/.config/fish/completions/riskctl.fish")]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut command: Command) -> ExitCode {
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, "riskctl", &mut script);
    // If the reader of a pipe is gone there is nobody to report it to.
    let _ = io::Write::write_all(&mut io::stdout(), &script);
    ExitCode::SUCCESS
}
