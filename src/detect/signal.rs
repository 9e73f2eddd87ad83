//! What can a watcher notice? The signals by which rules match that look at behaviour instead of at a value.
//!
//! A leaf: `build.rs` includes it to check the rules.

macro_rules! signals {
    ($($variant:ident $name:literal $reason:literal,)*) => {
        /// Something that a watcher notices.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Signal { $(#[doc = $reason] $variant,)* }

        impl Signal {
            /// All signals, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in a rule's `signal`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What was noticed, in words; never the value.
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$variant => $reason,)* }
            }
        }
    };
}

signals! {
    HoneypotPath "honeypot.path" "a path that nothing leads to",
    HoneypotParameter "honeypot.parameter" "a parameter that no page sends",
    HoneypotCookie "honeypot.cookie" "a cookie that was never set",
    SessionTwoNames "session.two-names" "a header or cookie that names the user, twice, with different values",
    SessionEmptyName "session.empty-name" "the header that names the user, with nothing in it",
    ApplicationEvent "application.event" "an event of which the application told",
    EventForged "session.forged-event" "a header that only applications may send",
    SessionTwoUsers "session.two-users" "a session that belongs to another user",
    SessionManyUsers "session.many-users" "several users who attack from one address",
    SessionUserSweep "session.user-sweep" "many users who attack from one address",
    SessionWithout "session.without" "a user who has a session, without it",
    LoginFlood "login.flood" "more failed logins than anybody mistypes",
    LoginStuffing "login.stuffing" "many failed logins with many names, at speed",
    LoginBruteForce "login.brute-force" "many failed logins with few names, at speed",
    LoginNames "login.many-names" "failed logins with many names",
    LoginFailures "login.failures" "many failed logins",
    LoginClients "login.many-clients" "a name with which many clients fail",
    LoginFields "login.fields" "a login whose form lacks a field, or has one too many",
    LoginCommonName "login.common-name" "a failed login with a name that everybody tries",
    ProbingPaths "probing.paths" "many paths that are not there or not allowed",
    ProbingScan "probing.scan" "very many paths that are not there or not allowed",
    ProbingSweep "probing.sweep" "more paths that are not there or not allowed than anybody tries by hand",
    ParametersForm "probing.parameters" "very many parameters",
    ParametersMany "probing.parameter-names" "very many parameters, again and again others",
    ParametersSweep "probing.parameter-sweep" "more names of parameters than any form has",
    SizeTarget "protocol.size-target" "a path and query of absurd length",
    SizeHeaders "protocol.size-headers" "headers of absurd length",
    SizeCount "protocol.size-count" "an absurd number of headers",
    SizeParameters "protocol.size-parameters" "an absurd number of parameters",
    WorkSpent "protocol.work" "more to be looked at than a request of its size may cost",
    Operations "graphql.batch" "very many operations of GraphQL in one request",
    BodyExpands "protocol.expansion" "a body that unpacks a hundredfold",
    RouteMethod "protocol.route-method" "a method that the route does not have",
    RouteExtra "protocol.route-extra" "a parameter that the route does not have",
    RouteMissing "protocol.route-missing" "a request without a parameter that the route needs",
    PersistenceRule "persistence.rule" "the same kind of attack, again and again",
    PersistenceSpread "persistence.spread" "the same attack on many routes",
}
