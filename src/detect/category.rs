//! What kind of attack, and how bad? The words that configuration, metrics and notices share.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! categories {
    ($($variant:ident $slug:literal $title:literal,)*) => {
        /// A kind of attack or of suspicious behaviour. The slug is stable; so is the order (records keep the number).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum Category { $(#[doc = $title] $variant,)* }

        impl Category {
            /// All categories, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name: `path-traversal`.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// The name for people: `path traversal`.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

categories! {
    Sqli "sqli" "SQL injection",
    Nosqli "nosqli" "NoSQL injection",
    Xss "xss" "cross-site scripting",
    Rce "rce" "command injection",
    CodeInjection "code-injection" "code injection",
    Ssti "ssti" "template injection",
    PathTraversal "path-traversal" "path traversal",
    FileInclusion "file-inclusion" "file inclusion",
    Ssrf "ssrf" "server-side request forgery",
    Xxe "xxe" "XML external entity",
    Log4shell "log4shell" "Log4Shell",
    Ldapi "ldapi" "LDAP injection",
    Xpath "xpath" "XPath injection",
    Shellshock "shellshock" "Shellshock",
    Crlf "crlf" "header injection",
    OpenRedirect "open-redirect" "open redirect",
    Ssi "ssi" "server-side include",
    PrototypePollution "prototype-pollution" "prototype pollution",
    RequestSmuggling "request-smuggling" "request smuggling",
    Graphql "graphql" "GraphQL abuse",
    Upload "upload" "malicious upload",
    SessionFixation "session-fixation" "session fixation",
    MailInjection "mail-injection" "mail injection",
    SensitivePath "sensitive-path" "sensitive path",
    Scanner "scanner" "scanner",
    Protocol "protocol" "protocol abuse",
    Login "login" "login abuse",
    Probing "probing" "probing",
    Session "session" "session abuse",
    Honeypot "honeypot" "honeypot",
    Answer "answer" "proof of success",
    Application "application" "application event",
    Test "test" "test",
    Persistence "persistence" "persistence",
}

impl Category {
    /// The category of this slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|category| category.slug() == slug)
    }

    /// Is each act of it a new one? What somebody does again and again is the point of behaviour, and the test string has
    /// to work each time that somebody tries it.
    pub const fn is_new_each_time(self) -> bool {
        matches!(
            self,
            Self::Login
                | Self::Probing
                | Self::Session
                | Self::Honeypot
                | Self::Answer
                | Self::Application
                | Self::Test
                | Self::Persistence
        )
    }

    /// Does what it finds stand in a single value, whatever stands around it in a document? Not what is about names, types and
    /// structure.
    pub const fn is_of_values(self) -> bool {
        matches!(
            self,
            Self::Sqli
                | Self::Xss
                | Self::Rce
                | Self::CodeInjection
                | Self::Ssti
                | Self::PathTraversal
                | Self::FileInclusion
                | Self::Ssrf
                | Self::Crlf
                | Self::MailInjection
        )
    }

    /// Does it come from the answer? A cap on what a single request may show is not for what the answer proves.
    pub const fn is_of_the_answer(self) -> bool {
        matches!(self, Self::Answer | Self::Application)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.slug())
    }
}

/// How bad one act is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Severity {
    /// Odd, often innocent.
    Low,
    /// Suspicious: probing, weak evidence.
    Medium,
    /// An attack, by its shape.
    High,
    /// An attack that hands over the machine or the data.
    Critical,
}

impl Severity {
    /// All severities, the least first.
    pub const ALL: &'static [Self] = &[Self::Low, Self::Medium, Self::High, Self::Critical];

    /// One step down; the least stays.
    pub(super) const fn milder(self) -> Self {
        match self {
            Self::Low | Self::Medium => Self::Low,
            Self::High => Self::Medium,
            Self::Critical => Self::High,
        }
    }

    /// The stable name.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of this name.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|severity| severity.slug() == slug)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.slug())
    }
}
