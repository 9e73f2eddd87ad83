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
    SessionTwoNames "session.two-names" "the user's header twice, with different names",
}
