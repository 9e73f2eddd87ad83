//! `riskctl users`, `user`, `close`, `mute`, `block` …: asks the console of a running filter, and gives it orders.

mod client;
mod show;

use std::env;
use std::process::ExitCode;

use anstream::{eprintln, println};
use serde_json::Value;

use crate::terminal::{BAD, UNREADABLE};
use client::{Client, Refused};

/// The variable that holds the console's token, unless `--token-env` names another.
const TOKEN: &str = "USER_RISK_ADMIN_TOKEN";

/// Where the console is unless `--console` says otherwise: the example's listener.
const CONSOLE: &str = "http://localhost:10003";

/// The commands that need a running filter with a console.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Lists users with an incident, who are restricted or muted; the most dangerous first
    Users(Listing),
    /// Lists open incidents; the next to end first
    Incidents(Listing),
    /// Lists users who are blocked or redirected
    Blocked(Listing),
    /// Lists users of whom nobody is notified
    Muted(Listing),
    /// Shows what a user did, and what was done about it
    User(About),
    /// Ends a user's incident; it opens again after quiet or in a higher band
    Close(Order),
    /// Notifies nobody of a user for a while, also before the first point
    Mute(LastingOrder),
    /// Notifies of a user again
    Unmute(Order),
    /// Refuses all requests of a user for a while; in mode protect
    Block(LastingOrder),
    /// Refuses and redirects nothing of a user's any more
    Unblock(Order),
    /// Takes a user's points away, and what was refused because of them
    Forgive(Order),
}

/// Where the console is.
#[derive(clap::Args)]
struct Place {
    /// The listener with the console; with the console's path if that is not /.user-risk
    #[arg(long, value_name = "URL", default_value = CONSOLE)]
    console: String,

    /// The variable that holds the token
    #[arg(long, value_name = "NAME", default_value = TOKEN)]
    token_env: String,

    /// Print the console's JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  export USER_RISK_ADMIN_TOKEN=…
  riskctl users --console http://10.0.0.7:10003
  riskctl muted --json | jq '.muted[].user'")]
pub(crate) struct Listing {
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  riskctl user 4711
  riskctl user --id 1f0c9a7e        # the start of the hash, from a notification")]
pub(crate) struct About {
    #[command(flatten)]
    whom: Whom,

    #[command(flatten)]
    place: Place,
}

/// Which user.
#[derive(clap::Args)]
struct Whom {
    /// The name or address, as in the log
    #[arg(required_unless_present = "id")]
    user: Option<String>,

    /// The first eight digits of the user's hash, or more
    #[arg(long, conflicts_with = "user")]
    id: Option<String>,

    /// Where the name comes from, if it could be of several kinds: header:x-user-id, address
    #[arg(long)]
    source: Option<String>,
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  riskctl close 4711 --why 'password reset'")]
pub(crate) struct Order {
    #[command(flatten)]
    whom: Whom,

    /// Why, for the log
    #[arg(long)]
    why: String,

    /// Who gives the order, for the log; $USER unless it is given
    #[arg(long)]
    who: Option<String>,

    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
#[command(after_help = "Example:
  riskctl mute 4711 --for 8h --why 'planned pentest'")]
pub(crate) struct LastingOrder {
    #[command(flatten)]
    order: Order,

    /// For how long: 30m, 2h; a mute at most 720h, a block at most 24h
    #[arg(long = "for", value_name = "SPAN")]
    length: String,
}

/// Exits with 0 if the console has done it, 1 if it has not, 2 if it can't be asked.
pub(crate) fn run(command: &Command) -> ExitCode {
    let done = match command {
        Command::Users(listing) => list("users", listing),
        Command::Incidents(listing) => list("incidents", listing),
        Command::Blocked(listing) => list("blocked", listing),
        Command::Muted(listing) => list("muted", listing),
        Command::User(about) => user(about),
        Command::Close(order) => give("close", order, None),
        Command::Mute(LastingOrder { order, length }) => give("mute", order, Some(length)),
        Command::Unmute(order) => give("unmute", order, None),
        Command::Block(LastingOrder { order, length }) => give("block", order, Some(length)),
        Command::Unblock(order) => give("unblock", order, None),
        Command::Forgive(order) => give("forgive", order, None),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refused { why, is_answer }) => {
            eprintln!("{BAD}error{BAD:#}: {why}");
            if is_answer { ExitCode::FAILURE } else { ExitCode::from(UNREADABLE) }
        }
    }
}

/// All parts of a list.
fn list(name: &str, Listing { place }: &Listing) -> Result<(), Refused> {
    let client = place.client()?;
    let (mut offset, mut users) = (0, Vec::new());
    loop {
        let part = client.ask(name, &[("offset", &offset.to_string()), ("limit", "100")])?;
        users.extend(part.get(name).and_then(Value::as_array).cloned().unwrap_or_default());
        match part.get("next").and_then(Value::as_u64) {
            Some(next) if next > offset => offset = next,
            _ => break,
        }
    }
    if place.json {
        println!("{}", serde_json::json!({ name: users }));
    } else {
        println!("{}", show::list(&users));
    }
    Ok(())
}

fn user(About { whom, place }: &About) -> Result<(), Refused> {
    let shown = place.client()?.ask("user", &whom.parameters())?;
    place.print(&shown);
    Ok(())
}

fn give(name: &str, order: &Order, length: Option<&str>) -> Result<(), Refused> {
    let Order { whom, why, who, place } = order;
    let who = who.clone().or_else(|| env::var("USER").ok()).filter(|who| !who.is_empty());
    let who = who.ok_or_else(|| Refused::before("say who you are: --who NAME"))?;
    let mut parameters = whom.parameters();
    parameters.extend([("who", who.as_str()), ("why", why)]);
    parameters.extend(length.map(|length| ("for", length)));
    let answer = place.client()?.order(name, &parameters)?;
    place.print(answer.get("user").unwrap_or(&Value::Null));
    Ok(())
}

impl Place {
    fn client(&self) -> Result<Client, Refused> {
        let token = env::var(&self.token_env).unwrap_or_default();
        if token.is_empty() {
            return Err(Refused::before(&format!(
                "the variable {} holds no token; --token-env names another",
                self.token_env
            )));
        }
        Ok(Client::new(&self.console, token))
    }

    fn print(&self, user: &Value) {
        if self.json {
            println!("{user}");
        } else {
            println!("{}", show::user(user));
        }
    }
}

impl Whom {
    fn parameters(&self) -> Vec<(&'static str, &str)> {
        let given = [("user", &self.user), ("id", &self.id), ("source", &self.source)];
        given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }
}
