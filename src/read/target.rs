//! Which targets are there: path, query, cookie, header, body and their names? Rules, detections and logs share them.
//!
//! A leaf: `build.rs` includes it to check the rules.

macro_rules! targets {
    ($($variant:ident $word:literal $slug:literal $doc:literal,)*) => {
        /// A kind of place in a request where a client can put bytes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Target { $(#[doc = $doc] $variant,)* }

        impl Target {
            /// All kinds of place.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for it in a rule's `where`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The word for it in logs and notices: `query`.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }
        }
    };
}

targets! {
    Method "method" "method" "The request's method.",
    Path "path" "path" "The whole path, without the query.",
    Segment "segment" "path" "One segment of the path, or the value of a matrix parameter in it.",
    Query "query" "query" "A parameter of the query.",
    Cookie "cookie" "cookie" "A cookie.",
    Header "header" "header" "Any other header.",
    Agent "agent" "header" "A user agent that fits its grammar: products, and comments in parentheses.",
    Form "form" "form" "A parameter of a form in the body.",
    Json "json" "json" "A string or a key in a JSON body.",
    Xml "xml" "xml" "A text or an attribute in an XML body.",
    Jwt "jwt" "jwt" "A string or a key in a token's header or payload.",
    Filename "filename" "filename" "The name of an uploaded file.",
    Upload "upload" "upload" "An uploaded file that is text.",
    Binary "binary" "upload" "Any other uploaded file.",
    Arrival "arrival" "parameter" "The name of a parameter that another site's page sent along.",
    Text "text" "text" "A body of no known shape, piece by piece.",
    Answer "answer" "answer" "The answer: no client puts anything there, and only a watcher looks at it.",
}

impl Target {
    /// Is `+` a blank here?
    pub const fn plus_is_blank(self) -> bool {
        matches!(self, Self::Query | Self::Form)
    }

    /// Does a client choose the names here?
    pub const fn has_names(self) -> bool {
        matches!(self, Self::Query | Self::Form | Self::Cookie | Self::Json)
    }

    /// Is it a member of a document, or a document's text: what machines send each other?
    pub const fn in_document(self) -> bool {
        matches!(self, Self::Json | Self::Xml | Self::Upload)
    }

    /// Does it lie in the body?
    pub const fn in_body(self) -> bool {
        matches!(self, Self::Form | Self::Json | Self::Xml | Self::Upload | Self::Binary | Self::Text)
    }
}

/// A set of kinds of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Targets(u32);

impl Targets {
    /// The set of these.
    pub const fn of(targets: &[Target]) -> Self {
        let mut bits = 0;
        let mut rest = targets;
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u16;
            rest = tail;
        }
        Self(bits)
    }

    /// Is it one of them?
    pub const fn has(self, target: Target) -> bool {
        self.0 & (1 << target as u16) != 0
    }
}
