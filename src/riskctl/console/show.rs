//! How does a terminal show what the console knows? Lists as tables, a user with what they did.

use std::fmt::Write as _;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde_json::Value;
use user_risk_filter::text::untrusted;

use crate::terminal::{FAINT, HEADING};

/// The longest text in a cell, in UTF-16 units.
const LONGEST: usize = 60;

/// A row for each user.
pub(super) fn list(users: &[Value]) -> String {
    if users.is_empty() {
        return "nobody".to_owned();
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(["user", "points", "band", "categories", "last seen", "state"]);
    for user in users {
        let band = user.get("incident").map_or(String::new(), |incident| text(incident, "band"));
        let cells =
            [text(user, "user"), text(user, "increase"), band, categories(user), text(user, "last_seen"), state(user)];
        table.add_row(cells);
    }
    if let Some(points) = table.column_mut(1) {
        points.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

/// All of a user.
pub(super) fn user(user: &Value) -> String {
    let Some(incident) = user.get("id").map(|_| user.get("incident")) else {
        return "done; how the user stands now could not be read".to_owned();
    };
    let mut page = format!("{HEADING}{}{HEADING:#}  {}\n", text(user, "user"), text(user, "source"));
    let _ = writeln!(page, "{} points, {}", text(user, "increase"), state(user));
    let _ = writeln!(page, "{FAINT}id {}, in messages {}{FAINT:#}", text(user, "id"), text(user, "notified_as"));
    for event in incident.and_then(|incident| incident.get("events")).and_then(Value::as_array).into_iter().flatten() {
        let _ = write!(page, "\n{}  +{:<4} {}", text(event, "at"), text(event, "points"), text(event, "rule"));
        let _ = write!(page, " in {}  {FAINT}{}{FAINT:#}", text(event, "target"), text(event, "request"));
    }
    for message in user.get("messages").and_then(Value::as_array).into_iter().flatten() {
        let parts = ["at", "channel", "transition", "result", "answer"].map(|name| text(message, name));
        let _ = write!(page, "\n{}", parts.join("  "));
    }
    page.trim_end().to_owned()
}

fn categories(user: &Value) -> String {
    let categories = user.get("categories").and_then(Value::as_array).into_iter().flatten();
    untrusted::clean(&categories.filter_map(Value::as_str).collect::<Vec<_>>().join(" "), LONGEST)
}

/// What is not a number.
fn state(user: &Value) -> String {
    let until = |name: &str, what: &str| user.get(name).map(|_| format!("{what} until {}", text(user, name)));
    let incident = user.get("incident").map(|incident| format!("incident since {}", text(incident, "opened_at")));
    let states = [
        until("blocked_until", "blocked"),
        until("redirected_until", "redirected"),
        until("muted_until", "muted"),
        incident,
    ];
    let states: Vec<_> = states.into_iter().flatten().collect();
    if states.is_empty() { "no incident".to_owned() } else { states.join(", ") }
}

/// A member as text; users choose their names, so nothing in it can move the cursor.
fn text(of: &Value, name: &str) -> String {
    match of.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => untrusted::clean(text, LONGEST),
        Some(other) => other.to_string(),
    }
}
