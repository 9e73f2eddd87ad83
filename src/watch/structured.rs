//! What does a structured header list? RFC 8941, section 3.1, of which an event needs the items and their parameters.
//!
//! A list of its own inside the list is refused, and so is more than the bounds here; all else is read as the RFC's
//! section 4.2 says. The crate `sfv`, which the tests compare it with, would be 35 kB of the module.

/// The most members of a list, and the most parameters of one.
const MEMBERS: usize = 16;
/// The longest list, in bytes.
const LONGEST: usize = 4096;

/// A member of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// What it is.
    pub(super) value: Bare,
    /// Its parameters; of two with the same key the last, in the first's place.
    pub(super) parameters: Vec<(String, Bare)>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    /// `checkout.abuse`
    Token(String),
    /// `"0042"`
    String(String),
    /// A number, a truth value or bytes: nothing that an event is made of.
    Other,
}

impl Bare {
    /// The text of a token or a string.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Token(text) | Self::String(text) => Some(text),
            Self::Other => None,
        }
    }
}

/// Reads a list.
///
/// # Errors
/// What is wrong, and at which byte.
pub(super) fn list(bytes: &[u8]) -> Result<Vec<Member>, (usize, &'static str)> {
    let mut text = Text { bytes, at: 0 };
    text.members().map_err(|what| (text.at, what))
}

struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Read<T> = Result<T, &'static str>;

impl Text<'_> {
    fn members(&mut self) -> Read<Vec<Member>> {
        if self.bytes.len() > LONGEST {
            return Err("the list is too long");
        }
        let mut members = Vec::new();
        self.skip(b" ");
        while self.peek().is_some() {
            if members.len() == MEMBERS {
                return Err("there are too many members");
            }
            members.push(self.member()?);
            self.skip(b" \t");
            if self.peek().is_none() {
                break;
            }
            self.expect(b',', "a comma is missing")?;
            self.skip(b" \t");
            if self.peek().is_none() {
                return Err("nothing stands behind the last comma");
            }
        }
        Ok(members)
    }

    fn member(&mut self) -> Read<Member> {
        if self.peek() == Some(b'(') {
            return Err("a list inside the list means nothing here");
        }
        let value = self.bare()?;
        let mut parameters: Vec<(String, Bare)> = Vec::new();
        while self.peek() == Some(b';') {
            self.at += 1;
            self.skip(b" ");
            let key = self.key()?;
            let mut value = Bare::Other;
            if self.peek() == Some(b'=') {
                self.at += 1;
                value = self.bare()?;
            }
            let count = parameters.len();
            match parameters.iter_mut().find(|(known, _)| *known == key) {
                Some((_, known)) => *known = value,
                None if count == MEMBERS => return Err("there are too many parameters"),
                None => parameters.push((key, value)),
            }
        }
        Ok(Member { value, parameters })
    }

    fn key(&mut self) -> Read<String> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'*') {
            return Err("a parameter's name is missing");
        }
        Ok(self.run(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte)))
    }

    fn bare(&mut self) -> Read<Bare> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'*' => {
                let part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte);
                Ok(Bare::Token(self.run(part)))
            }
            Some(byte) if byte.is_ascii_digit() || byte == b'-' => self.number(),
            Some(b'?') => {
                self.at += 1;
                match self.peek() {
                    Some(b'0' | b'1') => self.at += 1,
                    _ => return Err("a truth value is ?0 or ?1"),
                }
                Ok(Bare::Other)
            }
            Some(b':') => {
                self.at += 1;
                self.run(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
                self.expect(b':', "the bytes have no end")?;
                Ok(Bare::Other)
            }
            _ => Err("a value is missing; write a token, or a string in quotes"),
        }
    }

    fn string(&mut self) -> Read<Bare> {
        let mut string = String::new();
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => return Ok(Bare::String(string)),
                b'\\' => match self.peek() {
                    Some(next @ (b'"' | b'\\')) => {
                        self.at += 1;
                        string.push(char::from(next));
                    }
                    _ => return Err("only a quote and a backslash may follow a backslash"),
                },
                b' '..=b'~' => string.push(char::from(byte)),
                _ => return Err("a string holds printable ASCII only"),
            }
        }
        Err("a string has no end")
    }

    fn number(&mut self) -> Read<Bare> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let whole = self.run(|byte| byte.is_ascii_digit()).len();
        if self.peek() != Some(b'.') {
            return if (1..=15).contains(&whole) { Ok(Bare::Other) } else { Err("a number has one to fifteen digits") };
        }
        self.at += 1;
        let fraction = self.run(|byte| byte.is_ascii_digit()).len();
        let fits = (1..=12).contains(&whole) && (1..=3).contains(&fraction);
        if fits { Ok(Bare::Other) } else { Err("a fraction has one to three digits, behind at most twelve") }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Read<()> {
        if self.peek() != Some(byte) {
            return Err(what);
        }
        self.at += 1;
        Ok(())
    }

    fn skip(&mut self, these: &[u8]) {
        while self.peek().is_some_and(|byte| these.contains(&byte)) {
            self.at += 1;
        }
    }

    /// The bytes from here on that are so; ASCII, all of them.
    fn run(&mut self, is: impl Fn(u8) -> bool) -> String {
        let mut run = String::new();
        while let Some(byte) = self.peek().filter(|byte| is(*byte)) {
            run.push(char::from(byte));
            self.at += 1;
        }
        run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members as `value;key=value`, with `?` for what is neither token nor string.
    fn read(text: &str) -> Result<Vec<String>, usize> {
        let bare = |bare: &Bare| match bare {
            Bare::Token(text) => text.clone(),
            Bare::String(text) => format!("{text:?}"),
            Bare::Other => "?".to_owned(),
        };
        let member = |member: &Member| {
            let parameters = member.parameters.iter().map(|(key, value)| format!(";{key}={}", bare(value)));
            bare(&member.value) + &parameters.collect::<String>()
        };
        list(text.as_bytes()).map(|members| members.iter().map(member).collect()).map_err(|(at, _)| at)
    }

    #[test]
    fn lists_are_read_as_the_rfc_says() {
        for (text, expected) in [
            ("", Ok(vec![])),
            ("  ", Ok(vec![])),
            ("sugar, tea, rum", Ok(vec!["sugar", "tea", "rum"])),
            ("sugar ,\ttea\t, rum  ", Ok(vec!["sugar", "tea", "rum"])),
            ("a;x=1;b;  c=\"d\"", Ok(vec!["a;x=?;b=?;c=\"d\""])),
            ("a;x=b;x=c", Ok(vec!["a;x=c"])),
            ("a;*k-1._=*t:/", Ok(vec!["a;*k-1._=*t:/"])),
            (r#""a \"b\" \\ c""#, Ok(vec![r#""a \"b\" \\ c""#])),
            ("1, -1.5, ?1, ?0, :aGk=:, 999999999999999, 123456789012.123", Ok(vec!["?"; 7])),
            ("a,", Err(2)),
            ("a,,b", Err(2)),
            (",a", Err(0)),
            ("a b", Err(2)),
            ("\ta", Err(0)),
            ("a ;x", Err(2)),
            ("a;", Err(2)),
            ("a;X=1", Err(2)),
            ("a;x=", Err(4)),
            ("a;x =1", Err(4)),
            ("(a b)", Err(0)),
            ("\"a", Err(2)),
            (r#""\a""#, Err(2)),
            ("\"\u{e9}\"", Err(2)),
            ("\"\t\"", Err(2)),
            ("1.", Err(2)),
            ("1.1234", Err(6)),
            ("1234567890123.1", Err(15)),
            ("1234567890123456", Err(16)),
            ("-", Err(1)),
            ("?2", Err(1)),
            (":a", Err(2)),
            ("@1", Err(0)),
        ] {
            let expected = expected.map(|members| members.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(read(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_a_server_sends_is_bounded() {
        assert!(list(vec!["a"; MEMBERS].join(",").as_bytes()).is_ok());
        assert!(list(vec!["a"; MEMBERS + 1].join(",").as_bytes()).is_err());
        let parameters: String = (0..=MEMBERS).map(|number| format!(";k{number}")).collect();
        assert!(list(format!("a{parameters}").as_bytes()).is_err());
        assert!(list(" ".repeat(LONGEST + 1).as_bytes()).is_err());
    }

    #[cfg(not(target_family = "wasm"))]
    mod compared {
        use super::*;
        use proptest::prelude::*;
        use sfv::{BareItem, ListEntry, Parser, Version};

        fn bare(item: &BareItem) -> Bare {
            match item {
                BareItem::Token(token) => Bare::Token(token.as_str().to_owned()),
                BareItem::String(string) => Bare::String(string.as_str().to_owned()),
                _ => Bare::Other,
            }
        }

        /// As the crate `sfv` reads it; none where it refuses it, or a list stands inside the list.
        fn reference(text: &str) -> Option<Vec<Member>> {
            let list: sfv::List = Parser::new(text).with_version(Version::Rfc8941).parse().ok()?;
            let member = |entry: &ListEntry| {
                let ListEntry::Item(item) = entry else { return None };
                let parameters = item.params.iter().map(|(key, value)| (key.as_str().to_owned(), bare(value)));
                Some(Member { value: bare(&item.bare_item), parameters: parameters.collect() })
            };
            list.iter().map(member).collect()
        }

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(4096))]

            #[test]
            fn it_reads_what_the_crate_reads(
                text in "([a-c*\"\\\\;=,.?01 \t()-]|a;x=|\"a\"|, |;a=\"b\"|-1\\.5|12345678901234){0,12}"
            ) {
                prop_assert_eq!(list(text.as_bytes()).ok(), reference(&text), "{:?}", text);
            }

            #[test]
            fn it_takes_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
                let _ = list(&bytes);
            }
        }
    }
}
