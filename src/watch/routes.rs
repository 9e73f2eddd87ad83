//! Does a request fit its route? The methods and parameters that the operator wrote down for it.

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::detect::exclude::Route;
use crate::detect::signal::Signal;
use crate::exchange::head::Head;
use crate::read::field::Field;
use crate::read::target::Target;

/// The option `routes`.
#[derive(Clone, Debug, Default)]
pub struct Routes(Vec<Entry>);

/// What a route takes; what is left out is not looked at.
#[derive(Clone, Debug)]
struct Entry {
    route: Route,
    methods: Option<Vec<String>>,
    /// All parameters of query and form that it has.
    parameters: Option<Vec<String>>,
    /// Those that a request may not lack.
    required: Vec<String>,
}

options! { Entry { route, methods, parameters, required = Vec::new() } }

/// What a request under way has shown to its route.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    entry: usize,
    /// The required parameters that were seen, a bit each.
    required: u64,
}

/// The most routes, and the most parameters of one.
const MOST: usize = 64;

impl Routes {
    /// The entry of the request, if it has one: the first that fits.
    pub fn begin(&self, head: &Head) -> Option<(Visit, Option<Signal>)> {
        let (at, entry) = self.0.iter().enumerate().find(|(_, entry)| entry.route.holds(head))?;
        let strange = entry.methods.as_ref().is_some_and(|methods| !methods.iter().any(|own| is(own, head.method())));
        Some((Visit { entry: at, required: 0 }, strange.then_some(Signal::RouteMethod)))
    }

    /// What this field means to the request's route.
    pub fn look(&self, visit: &mut Visit, field: Field<'_>) -> Option<Signal> {
        let entry = self.0.get(visit.entry)?;
        // The name of a parameter comes as a value too, where it is odd.
        if !matches!(field.target, Target::Query | Target::Form) || field.name.is_empty() {
            return None;
        }
        let required = entry.required.iter().position(|own| is(own, field.name));
        visit.required |= required.map_or(0, |at| 1 << at);
        let strange = |names: &Vec<String>| !names.iter().any(|own| is(own, field.name));
        entry.parameters.as_ref().is_some_and(strange).then_some(Signal::RouteExtra)
    }

    /// Did the request, which is whole now, lack something?
    pub fn end(&self, visit: Visit) -> Option<Signal> {
        let entry = self.0.get(visit.entry)?;
        let all = (0..entry.required.len()).fold(0, |bits: u64, at| bits | 1 << at);
        (visit.required != all).then_some(Signal::RouteMissing)
    }
}

fn is(own: &str, name: &[u8]) -> bool {
    own.as_bytes() == name
}

impl FromValue for Routes {
    fn read(value: &Value) -> Result<Self, Error> {
        let entries = Vec::<Entry>::read(value)?;
        let parameters = |entry: &Entry| entry.parameters.as_ref().map_or(0, Vec::len).max(entry.required.len());
        if entries.len() > MOST || entries.iter().any(|entry| parameters(entry) > MOST) {
            return Err(format!("are too many; at most {MOST} routes of {MOST} parameters each").into());
        }
        Ok(Self(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn what_does_not_fit_the_route_is_noticed() {
        let options = r#"[{"route": "/orders", "methods": ["GET"], "parameters": ["id", "page"], "required": ["id"]}]"#;
        let routes: Routes = config::from_json(options).unwrap();
        use Signal::{RouteExtra, RouteMethod, RouteMissing};
        type Row<'a> = (&'a str, &'a str, &'a [&'a str], &'a [Signal]);
        let rows: [Row<'_>; 6] = [
            ("GET", "/orders/7", &["id", "page"], &[]),
            ("GET", "/orders", &["page"], &[RouteMissing]),
            ("DELETE", "/orders", &["id"], &[RouteMethod]),
            ("GET", "/orders", &["id", "debug"], &[RouteExtra]),
            ("POST", "/orders", &["x"], &[RouteMethod, RouteExtra, RouteMissing]),
            ("POST", "/other", &["x"], &[]),
        ];
        for (method, target, names, expected) in rows {
            let head = Head::new([(":method", method), (":path", target)].into_iter().collect());
            let mut found = Vec::new();
            if let Some((mut visit, signal)) = routes.begin(&head) {
                found.extend(signal);
                for name in names {
                    let field = Field { target: Target::Query, name: name.as_bytes(), value: b"1", encoded: true };
                    found.extend(routes.look(&mut visit, field));
                }
                found.extend(routes.end(visit));
            }
            assert_eq!(found, expected, "{method} {target} {names:?}");
        }
    }
}
