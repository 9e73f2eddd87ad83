//! What is wrong with the filter in a running Envoy? Judges what the admin interface answered, each with its consequence.

use serde_json::Value;
use user_risk_filter::plugin::config::Config;

use super::admin::Answers;
use super::stats::Stats;
use crate::check::verdict::{Verdict, channels};
use crate::manifest::document::{self, Document};
use crate::manifest::plugin;
use crate::manifest::resource::Plugin;
use crate::source::Environment;

/// A message that has waited so many seconds is late.
const LATE: u64 = 60;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Ok,
    Warning,
    Error,
}

impl Level {
    pub(super) const fn slug(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that was found.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) level: Level,
    pub(super) text: String,
}

/// All that was found.
pub(super) fn all(answers: &Answers) -> Vec<Finding> {
    let mut report = Report(Vec::new());
    let stats = Stats::new(&answers.stats);
    report.server(&answers.server);
    let documents = document::all(&answers.dump).unwrap_or_default();
    let mut configs = Vec::new();
    let mut is_found = false;
    for document in &documents {
        for plugin in plugin::plugins(&document.value).ok().flatten().unwrap_or_default() {
            is_found = true;
            configs.extend(report.plugin(document, &plugin));
        }
    }
    if !is_found {
        report.add(
            Level::Error,
            "no listener of this Envoy has user_risk_filter; look in its log for why it refused the last configuration",
        );
        report.updates(&stats);
        return report.0;
    }
    report.machine(&stats);
    report.updates(&stats);
    for (index, kind, cluster) in configs.first().map(channels).unwrap_or_default() {
        report.cluster(&format!("notify[{index}].{kind}"), cluster, &stats);
    }
    report.delivery(&stats);
    report.users(&stats);
    report.0
}

struct Report(Vec<Finding>);

impl Report {
    fn add(&mut self, level: Level, text: impl Into<String>) {
        self.0.push(Finding { level, text: text.into() });
    }

    fn server(&mut self, server: &Value) {
        let text = |name: &str| server.get(name).and_then(Value::as_str).unwrap_or("?");
        // "hash/1.40.0/Clean/RELEASE/BoringSSL"
        let version = text("version").split('/').nth(1).unwrap_or_else(|| text("version"));
        let level = if text("state") == "LIVE" { Level::Ok } else { Level::Warning };
        self.add(level, format!("Envoy {version} is {}", text("state")));
    }

    /// What `riskctl check` says of it, and what only a running Envoy shows.
    fn plugin(&mut self, document: &Document, plugin: &Plugin) -> Option<Config> {
        let verdict = Verdict::on(document, plugin, Environment::Unread);
        let label = &plugin.label;
        for (_, text) in &verdict.warnings {
            self.add(Level::Warning, format!("{label}: {text}"));
        }
        for (_, text) in &verdict.errors {
            self.add(Level::Error, format!("{label}: {text}"));
        }
        if let Some(summary) = verdict.summary().filter(|_| verdict.errors.is_empty()) {
            self.add(Level::Ok, format!("{label}: {summary}"));
        }
        let manager = plugin.manager.as_ref().and_then(|(pointer, _)| document.value.pointer(pointer));
        if let Some(manager) = manager
            && manager.get("normalize_path").is_none_or(|on| on == &Value::Bool(false))
        {
            self.add(
                Level::Warning,
                format!(
                    "{label}: normalize_path is off: /a/../b and /b are two routes to Envoy, and rules for routes and login paths may \
                     be walked around; write normalize_path: true and merge_slashes: true in the connection manager"
                ),
            );
        }
        verdict.config
    }

    fn machine(&mut self, stats: &Stats) {
        let active = stats.sum("wasm.envoy.wasm.runtime.", ".active");
        match active {
            0 => self.add(Level::Error, "no wasm VM runs: the module could not be loaded; Envoy's log says why"),
            active => self.add(Level::Ok, format!("{active} wasm VMs run")),
        }
        let reloads = stats.sum("wasm.", "vm_reload_success");
        let failed = stats.sum("wasm.", "vm_reload_failure") + stats.sum("wasm.", "vm_reload_backoff");
        if reloads + failed > 0 {
            self.add(
                Level::Error,
                format!(
                    "the VM has died: {reloads} times it was started anew, {failed} times it could not be at once, and requests got 503; \
                     Envoy's log has the backtrace (\"wasm\"): please report it"
                ),
            );
        }
        let remote = stats.sum("wasm.remote_load", "_failures");
        if remote > 0 {
            self.add(Level::Error, format!("the module could not be fetched {remote} times (wasm.remote_load…)"));
        }
    }

    /// Configurations that Envoy refused: the old one runs on.
    fn updates(&mut self, stats: &Stats) {
        let refused =
            stats.get("listener_manager.lds.update_rejected") + stats.get("listener_manager.listener_create_failure");
        if refused > 0 {
            self.add(
                Level::Error,
                format!("Envoy refused {refused} listener updates, so an older configuration may be running; its log says why"),
            );
        }
    }

    /// Why a channel's cluster does not answer: there is no endpoint, all are unhealthy, or the circuit breaker is open.
    fn cluster(&mut self, channel: &str, cluster: &str, stats: &Stats) {
        // Colons of a name are underscores in statistics.
        let at = |name: &str| format!("cluster.{}.{name}", cluster.replace(':', "_"));
        let Some(total) = stats.find(&at("membership_total")) else {
            self.add(Level::Error, format!("{channel}: Envoy has no cluster `{cluster}`: nothing arrives; add it"));
            return;
        };
        let (healthy, unresolved) = (stats.get(&at("membership_healthy")), stats.get(&at("update_failure")));
        let is_open =
            stats.get(&at("circuit_breakers.default.rq_open")) + stats.get(&at("circuit_breakers.default.cx_open")) > 0;
        let refused = stats.get(&at("upstream_cx_connect_fail"));
        let tls = stats.get(&at("ssl.connection_error"))
            + stats.get(&at("ssl.fail_verify_san"))
            + stats.get(&at("ssl.fail_verify_error"));
        let answered = stats.get(&at("upstream_rq_completed"));
        let trouble = if total == 0 && unresolved > 0 {
            Some(
                "has no endpoint: its host name could not be resolved (NXDOMAIN, or no DNS server); look up the name where Envoy runs",
            )
        } else if total == 0 {
            Some("has no endpoint; give it load_assignment with the receiver's address")
        } else if healthy == 0 {
            Some("has no healthy endpoint: health checks or outlier detection have taken all out")
        } else if is_open {
            Some(
                "has its circuit breaker open: too many requests or connections at once; raise circuit_breakers for it",
            )
        } else if tls > 0 && answered == 0 {
            Some("could not make a TLS connection: the certificate is not the expected one, or no TLS is spoken there")
        } else if refused > 0 && answered == 0 {
            Some("could not connect: nobody listens at that address, or a firewall is in between")
        } else {
            None
        };
        match trouble {
            Some(what) => self.add(Level::Error, format!("{channel}: cluster `{cluster}` {what}")),
            None => self.add(Level::Ok, format!("{channel}: cluster `{cluster}` has {healthy} of {total} endpoints")),
        }
    }

    fn delivery(&mut self, stats: &Stats) {
        let mut waiting: Vec<_> = stats
            .below("wasmcustom.user_risk_filter_channel_oldest_seconds.channel.")
            .filter(|(_, seconds)| *seconds >= LATE)
            .collect();
        waiting.sort_unstable();
        for (channel, seconds) in waiting {
            self.add(
                Level::Error,
                format!("{channel}: a message has waited for {seconds} s; lines with \"event\":\"retry\" in Envoy's log say why"),
            );
        }
        let sent = stats.counter("messages_sent");
        let lost: Vec<_> = ["failed", "displaced", "expired"]
            .into_iter()
            .map(|how| (how, stats.counter(&format!("messages_{how}"))))
            .filter(|(_, number)| *number > 0)
            .map(|(how, number)| format!("{number} {how}"))
            .collect();
        match lost.is_empty() {
            true => self.add(Level::Ok, format!("{sent} messages were delivered, none was lost")),
            false => self.add(
                Level::Error,
                format!("messages were lost: {} ({sent} delivered); lines with \"event\":\"undelivered\" or \"notice\" say why", lost.join(", ")),
            ),
        }
    }

    /// Is anybody ever known?
    fn users(&mut self, stats: &Stats) {
        let (requests, detections) = (stats.counter("malicious_requests"), stats.counter("detections"));
        let counted = stats.counter("events") + stats.counter("repeats");
        if detections > 0 && counted == 0 {
            self.add(
                Level::Error,
                format!(
                    "{requests} malicious requests, and none counted for anybody: no source under user.sources is ever there, and addresses \
                     are ignored; see the \"user\" and \"source\" of malicious_request lines"
                ),
            );
        } else {
            self.add(
                Level::Ok,
                format!("{requests} malicious requests, {} incidents opened", stats.counter("incidents_opened")),
            );
        }
        let rest = [
            (
                "requests_unweighed",
                "malicious requests could not be counted: memory.users is too small, or shared data can't be changed",
            ),
            ("records_evicted", "users with points made room for others; raise memory.users"),
            ("log_lines_suppressed", "log lines were left out; raise log.lines_per_second if you need them"),
            ("body_bytes_skipped", "bytes of bodies were not scanned; raise detect.body_limit if that matters"),
        ];
        for (counter, what) in rest {
            let number = stats.counter(counter);
            if number > 0 {
                self.add(Level::Warning, format!("{number} {what} ({counter})"));
            }
        }
    }
}
