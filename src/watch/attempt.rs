//! What does a login under way show? The name that is tried, the fields of its form, the beginning of its answer.

use crate::decode::percent;
use crate::detect::signal::Signal;
use crate::exchange::headers::Headers;
use crate::read::coding::Coding;
use crate::read::field::Field;
use crate::read::target::Target;
use crate::watch::login::{BODY, Login, is_common};

/// How much of a name is kept until it is hashed, in bytes.
const NAME: usize = 256;

/// A login under way.
#[derive(Debug, Default)]
pub struct Attempt {
    /// Which of the logins it is.
    pub login: usize,
    name: Option<Vec<u8>>,
    has_password: bool,
    is_odd: bool,
    /// How the answer looks, once it is there: as a failure, as a success.
    pub judged: Option<(bool, bool)>,
    /// The codings of the answer's body, and how many bytes of it may still come as it travels.
    coding: Option<Coding>,
    room: usize,
    answer: Vec<u8>,
}

impl Attempt {
    /// A try to log in at the login of this number.
    pub fn new(login: usize) -> Self {
        Self { login, room: BODY, ..Self::default() }
    }

    /// Takes what a field says.
    pub fn field(&mut self, login: &Login, field: Field<'_>) {
        if !matches!(field.target, Target::Form | Target::Json) {
            return;
        }
        let is = |name: &str| name.as_bytes() == field.name;
        if is(&login.user_field) {
            // The first counts: a name with an odd form comes more than once, spelled out.
            self.name.get_or_insert_with(|| name(field));
        } else if login.password_field.as_deref().is_some_and(is) {
            self.has_password = true;
        } else if let Some(fields) = &login.fields {
            self.is_odd |= !field.name.is_empty() && !fields.iter().any(|name| is(name));
        }
    }

    /// The answer begins with these headers.
    pub fn begin_answer(&mut self, headers: &Headers) {
        self.coding = Some(Coding::new(headers.all("content-encoding"), BODY, true));
    }

    /// Takes the next bytes of the answer's body, as it travels.
    pub fn answer(&mut self, bytes: &[u8]) {
        let bytes = bytes.get(..bytes.len().min(self.room)).unwrap_or_default();
        self.room -= bytes.len();
        self.unpack(bytes, false);
    }

    /// The answer has ended.
    pub fn finish_answer(&mut self) {
        self.unpack(b"", true);
    }

    fn unpack(&mut self, bytes: &[u8], last: bool) {
        let answer = &mut self.answer;
        let mut take = |bytes: &[u8]| {
            let room = BODY.saturating_sub(answer.len()).min(bytes.len());
            answer.extend_from_slice(bytes.get(..room).unwrap_or_default());
            answer.len() < BODY
        };
        match &mut self.coding {
            Some(coding) => {
                coding.push(bytes, last, &mut take);
            }
            None => {
                take(bytes);
            }
        }
    }

    /// Is more of the answer's body wanted?
    pub fn wants_answer(&self, login: &Login) -> bool {
        login.needs_body() && self.room > 0 && self.answer.len() < BODY
    }

    /// Did it fail? None if the answer shows neither.
    pub fn failed(&self, login: &Login) -> Option<bool> {
        login.failed(self.judged?, &self.answer)
    }

    /// The name that was tried, in lower case.
    pub fn name(&self) -> Option<&[u8]> {
        self.name.as_deref().filter(|name| !name.is_empty())
    }

    /// What is odd about it, whatever happened before.
    pub fn odd(&self, login: &Login) -> Vec<Signal> {
        let lacks = self.name.is_none() || (login.password_field.is_some() && !self.has_password);
        let common = self.name().is_some_and(is_common);
        let signals = [(lacks || self.is_odd, Signal::LoginFields), (common, Signal::LoginCommonName)];
        signals.into_iter().filter_map(|(is_odd, signal)| is_odd.then_some(signal)).collect()
    }
}

/// The name as the application reads it, but for upper case and blanks, which many applications ignore.
fn name(field: Field<'_>) -> Vec<u8> {
    let mut name = field.value.get(..field.value.len().min(4 * NAME)).unwrap_or_default().to_vec();
    if field.encoded {
        name.iter_mut().filter(|byte| **byte == b'+').for_each(|byte| *byte = b' ');
        let mut plain = Vec::new();
        if percent::decode(&name, &mut plain) {
            name = plain;
        }
    }
    let mut name = name.trim_ascii().to_ascii_lowercase();
    name.truncate(NAME);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::watch::login::Logins;

    #[test]
    fn the_form_of_a_login_is_read() {
        let options = r#"[{"route": "/login", "user_field": "u", "password_field": "p", "fields": ["csrf"]}]"#;
        let logins: Logins = config::from_json(options).unwrap();
        let login = logins.get(0).unwrap();
        type Row<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a [Signal]);
        let rows: [Row<'_>; 6] = [
            (&[("u", "+Ann%40Example.org"), ("p", "x"), ("csrf", "1")], "ann@example.org", &[]),
            (&[("u", "ann")], "ann", &[Signal::LoginFields]),
            (&[("p", "x")], "", &[Signal::LoginFields]),
            (&[("u", "ann"), ("p", "x"), ("debug", "1")], "ann", &[Signal::LoginFields]),
            (&[("u", "Admin"), ("p", "x")], "admin", &[Signal::LoginCommonName]),
            (&[("u", "ann"), ("u", "bob"), ("p", "")], "ann", &[]),
        ];
        for (fields, name, odd) in rows {
            let mut attempt = Attempt::new(0);
            for (name, value) in fields {
                let (name, value) = (name.as_bytes(), value.as_bytes());
                attempt.field(login, Field { target: Target::Form, name, value, encoded: true });
            }
            assert_eq!((attempt.name().unwrap_or_default(), attempt.odd(login)), (name.as_bytes(), odd.to_vec()));
        }
    }

    #[test]
    fn an_answer_is_read_through_its_codings() {
        let options =
            r#"[{"route": "/login", "user_field": "u", "failure": {"status": [200], "body": "Wrong password"}}]"#;
        let logins: Logins = config::from_json(options).unwrap();
        let login = logins.get(0).unwrap();
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(b"<p>Wrong password</p>", 6);
        for (coding, body) in [("", &b"<p>Wrong password</p>"[..]), ("deflate", &packed)] {
            let mut attempt = Attempt::new(0);
            attempt.judged = Some((true, true));
            attempt.begin_answer(&[("content-encoding", coding)].into_iter().collect());
            body.chunks(5).for_each(|chunk| attempt.answer(chunk));
            attempt.finish_answer();
            assert_eq!(attempt.failed(login), Some(true), "{coding}");
        }
    }

    #[test]
    fn an_answer_is_kept_up_to_a_bound() {
        let mut attempt = Attempt::new(0);
        (0..100).for_each(|_| attempt.answer(&[0; 1000]));
        assert_eq!(attempt.answer.len(), BODY);
    }
}
