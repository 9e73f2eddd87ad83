//! The metrics: counters and gauges with their names. None depends on what a client sends.

use crate::detect::category::{Category, Severity};
use crate::respond::decision::Action;
use crate::risk::band::Band;

macro_rules! counters {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// What is counted. The names are the metrics' names; none depends on what a client sends.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Counter { $(#[doc = $doc] $variant,)* }

        impl Counter {
            /// All counters, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The metric's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => concat!("user_risk_filter_", $name, "_total"),)* }
            }
        }
    };
}

counters! {
    Requests "malicious_requests" "Requests in which something was detected.",
    Detections "detections" "Rules that matched at a place of a request.",
    Events "events" "Detections that were attributed to a user and counted.",
    Repeats "repeats" "Acts that were counted before and so added nothing.",
    AppEvents "application_events" "Events of which applications told, and that were taken.",
    AppEventsRefused "application_events_refused" "Events for another user from a cluster that is not in application.clusters.",
    AppEventErrors "application_event_errors" "Responses whose list of events could not be read, or not all of it.",
    Opened "incidents_opened" "Incidents opened.",
    Updated "incidents_updated" "Incidents that reached a higher band, or went on for long enough to be notified of again.",
    Resolved "incidents_resolved" "Incidents ended.",
    UsersNamed "requests_with_user" "Of the requests that were looked at for it (one of 16), those in which a source of user.sources named the user.",
    UsersUnnamed "requests_without_user" "Of the requests that were looked at for it (one of 16), those in which none did.",
    Responses "responses" "Requests that were answered in the application's place, because of their user's risk.",
    ResponsesDry "responses_dry" "Requests that would have been, but for dry_run or mode: monitor.",
    Blocks "blocks" "Blocks and redirects that began.",
    BlocksDry "blocks_dry" "Blocks and redirects that would have begun, but for dry_run or mode: monitor.",
    BodiesPassed "bodies_passed" "Bodies that went on before they were judged: longer than hold_bodies.",
    Sent "messages_sent" "Messages that arrived.",
    Retried "messages_retried" "Tries that failed and will be repeated.",
    RolledUp "messages_rolled_up" "Messages that became part of a message about many.",
    Failed "messages_failed" "Messages that a server refused for good, or that were for a stopped channel.",
    Displaced "messages_displaced" "Messages that made room for others that matter more.",
    Expired "messages_expired" "Messages that were not delivered within the channel's give_up_after.",
    RequestsUnreported "requests_unreported" "Malicious requests of which a webhook that wants to know of each is not told: there was no room.",
    Suppressed "log_lines_suppressed" "Log lines that were not written because there were too many.",
    Skipped "body_bytes_skipped" "Bytes of bodies that were not looked at because of the limit.",
    Unseen "value_bytes_skipped" "Bytes of values that were not looked at, or not by all that read their language: a cap was reached.",
    StoreCalls "store_calls" "Calls to the fleet's store.",
    StoreFailures "store_failures" "Calls to the fleet's store that failed, or of which a part was refused.",
    StoreConflicts "store_conflicts" "Records that another proxy had changed first: they were merged.",
    StoreMerges "store_merges" "Records of the fleet that were merged into this proxy's.",
    StoreDecidedAlone "store_decided_alone" "Decisions about users that could not wait for the fleet's.",
    StoreDeferred "store_deferred" "Users of whom the store is asked only when the sweep finds them: too many wait.",
    StoreLost "store_lost" "Records that a bound kept from being shared: too large for the store, or no room on this proxy.",
    StoreBytesSent "store_bytes_sent" "Bytes sent to the fleet's store.",
    StoreBytesReceived "store_bytes_received" "Bytes that the fleet's store answered.",
    Evicted "records_evicted" "Records with points that went to make room.",
    Unweighed "requests_unweighed" "Malicious requests that could not be weighed: the shared data could not be changed, or stronger users have all the room.",
}

impl Counter {
    /// What is counted for each channel too.
    pub const OF_CHANNELS: [Self; 6] =
        [Self::Sent, Self::Retried, Self::RolledUp, Self::Failed, Self::Displaced, Self::Expired];

    /// The metric's name for one channel. The channel stands at the end, where one `stats_tags` of Envoy's makes a label
    /// of it.
    pub fn name_for(self, channel: &str) -> String {
        self.name().replace("_messages", "_channel_messages") + ".channel." + channel
    }
}

/// A counter with labels. Their values come from the configuration, the rules and the code, never from a client: so many series
/// there are at most. Each stands at the end of the name, where Envoy's `stats_tags` make a label of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labelled {
    /// Detections by category and severity.
    Detections(Category, Severity),
    /// Events by rule: its id, also where an application or an answer gave the event a name of its own.
    Events(String),
    /// Events by the source of the user's name: `header:x-user-id`, `address`.
    SourceEvents(String),
    /// Incidents opened, by band.
    Opened(Band),
    /// Requests that were answered in the application's place, by action.
    Responses(Action),
    /// Requests that would have been, by action.
    ResponsesDry(Action),
}

impl Labelled {
    /// The metric's name.
    pub fn name(&self) -> String {
        let (name, label, value) = match self {
            Self::Detections(category, severity) => {
                let (category, severity) = (category.slug(), severity.slug());
                return format!("user_risk_filter_category_detections_total.category.{category}.severity.{severity}");
            }
            Self::Events(rule) => ("rule_events", "rule", rule.clone()),
            Self::SourceEvents(source) => ("source_events", "source", source.replace([':', '.', '+'], "_")),
            Self::Opened(band) => ("band_incidents_opened", "band", band.slug().to_owned()),
            Self::Responses(action) => ("action_responses", "action", action.slug().to_owned()),
            Self::ResponsesDry(action) => ("action_responses_dry", "action", action.slug().to_owned()),
        };
        format!("user_risk_filter_{name}_total.{label}.{value}")
    }
}

macro_rules! gauges {
    ($($variant:ident $name:literal $doc:literal,)*) => {
        /// What is measured.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Gauge { $(#[doc = $doc] $variant,)* }

        impl Gauge {
            /// All gauges, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The metric's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => concat!("user_risk_filter_", $name),)* }
            }
        }
    };
}

gauges! {
    OpenIncidents "open_incidents" "Incidents that are open.",
    BlockedUsers "blocked_users" "Users who are blocked or redirected.",
    MutedUsers "muted_users" "Users of whom nobody is notified.",
    Records "records" "Records of users, of memory.users at most.",
    NobodyNamed "nobody_named" "1 if no source of user.sources has named anybody in a thousand requests that were looked at.",
    StoreAge "store_age_seconds" "How many seconds ago the fleet's store last answered.",
    StoreWaiting "store_waiting_users" "Of how many users the fleet's store still has to be asked.",
    StoreSkew "store_clock_skew_seconds" "How many seconds this proxy's clock and the store's are apart.",
}

/// The name of the gauge that says how many seconds a channel's oldest message has waited.
pub fn oldest_name(channel: &str) -> String {
    format!("user_risk_filter_channel_oldest_seconds.channel.{channel}")
}
