//! Which detections did the operator exclude? By rule or category, and by parameter, header, route or host.

use super::category::Category;
use super::gate::Gate;
use super::own;
use super::rule::Rule;
use super::shape::Shape;
use crate::config::error::{Error, nearest};
use crate::config::from_value::FromValue;
use crate::config::options::options;
use crate::config::value::Value;
use crate::exchange::head::Head;
use crate::read::field::Field;
use crate::read::target::Target;

/// The longest name, host or route that an operator may write, in bytes.
const LONGEST: usize = 256;

/// An exclusion: detections for which all of it holds do not count.
#[derive(Clone, Debug)]
pub struct Exclusion {
    pick: Pick,
    field: Option<(Kind, Name)>,
    like: Option<Like>,
    content_type: Option<Name>,
    route: Option<Route>,
    host: Option<Host>,
}

struct Fields {
    rule: Option<String>,
    category: Option<Category>,
    parameter: Option<Name>,
    header: Option<Name>,
    cookie: Option<Name>,
    like: Option<Like>,
    content_type: Option<Name>,
    route: Option<Route>,
    host: Option<Host>,
}

options! { Fields { rule, category, parameter, header, cookie, like, content_type, route, host } }

impl FromValue for Exclusion {
    fn read(value: &Value) -> Result<Self, Error> {
        Ok(Self::try_from(Fields::read(value)?)?)
    }
}

impl TryFrom<Fields> for Exclusion {
    type Error = String;

    fn try_from(written: Fields) -> Result<Self, String> {
        let Fields { rule, category, parameter, header, cookie, like, content_type, route, host } = written;
        let pick = match (rule, category) {
            (Some(id), None) => Pick::named(&id)?,
            (None, Some(category)) => Pick::Category(category),
            (Some(_), Some(_)) => return Err("has rule and category; write one of them".to_owned()),
            (None, None) => return Err("has neither rule nor category; write which detections it is about".to_owned()),
        };
        let mut fields = [(Kind::Parameter, parameter), (Kind::Header, header), (Kind::Cookie, cookie)]
            .into_iter()
            .filter_map(|(kind, name)| Some((kind, name?)));
        let field = fields.next();
        if fields.next().is_some() {
            return Err("has several of parameter, header and cookie; write an exclusion for each".to_owned());
        }
        let is_somewhere =
            field.is_some() || like.is_some() || content_type.is_some() || route.is_some() || host.is_some();
        if !is_somewhere {
            return Err("would exclude everywhere; name a parameter, header, cookie, like, content_type, route or host, or switch it off \
                        under detect.rules"
                .to_owned());
        }
        Ok(Self { pick, field, like, content_type, route, host })
    }
}

impl Exclusion {
    /// Which rules it is about.
    pub(super) fn pick(&self) -> &Pick {
        &self.pick
    }

    /// Can it hold for anything in the request with this head?
    pub(super) fn holds(&self, head: &Head) -> bool {
        self.route.as_ref().is_none_or(|route| route.holds(head))
            && self.host.as_ref().is_none_or(|host| host.holds(head))
            && self.content_type.as_ref().is_none_or(|kind| kind.is(media_type(head)))
    }

    /// Does it hold for a detection of this value in a request that it can hold for? A content type is about the body.
    pub(super) fn excludes(&self, rule: &Rule<'_>, field: Field<'_>, value: &[u8]) -> bool {
        self.pick.is(rule)
            && (self.content_type.is_none() || field.target.in_body())
            && self.like.is_none_or(|Like(shape)| shape.is_in(value))
            && self.field.as_ref().is_none_or(|(kind, name)| kind.is(field.target) && name.is(field.name))
    }
}

/// The media type of a request's body, without its parameters.
fn media_type(head: &Head) -> &[u8] {
    let written = head.headers().last("content-type").unwrap_or_default();
    written.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}

/// What a value has to be like.
#[derive(Clone, Copy, Debug)]
struct Like(Shape);

impl FromValue for Like {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Like {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let names: Vec<_> = Shape::ALL.iter().map(|shape| shape.slug()).collect();
        let unknown = || format!("`{name}` is nothing that a value can be like; it can be {}", names.join(", "));
        Shape::from_slug(&name).map(Self).ok_or_else(unknown)
    }
}

/// Which rules are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The one with this id.
    Rule(&'static str),
    /// An own one with this id.
    Own(String),
    /// Those of a category.
    Category(Category),
}

impl Pick {
    /// What an operator means by the name of a rule or a category.
    ///
    /// # Errors
    /// There is none of this name; which ones there are.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        if let Some(category) = Category::from_slug(name) {
            return Ok(Self::Category(category));
        }
        if name.starts_with(own::PREFIX) {
            return Ok(Self::Own(name.to_owned()));
        }
        let rules = Gate::rules();
        if let Some(rule) = rules.iter().find(|rule| rule.id == name) {
            return Ok(Self::Rule(rule.id));
        }
        let known = Category::ALL.iter().map(|category| category.slug());
        if let Some(meant) = nearest(name, &known.chain(rules.iter().map(|rule| rule.id)).collect::<Vec<_>>()) {
            return Err(format!("`{name}` is no rule and no category; did you mean `{meant}`?"));
        }
        let category = name.split('.').next().and_then(Category::from_slug);
        let near: Vec<_> = match category {
            Some(category) => rules.iter().filter(|rule| rule.category == category).map(|rule| rule.id).collect(),
            None => Category::ALL.iter().map(|category| category.slug()).collect(),
        };
        let kind = if category.is_some() { "its category has" } else { "the categories are" };
        Err(format!("`{name}` is no rule and no category; {kind} {}", near.join(", ")))
    }

    pub(super) fn is(&self, rule: &Rule<'_>) -> bool {
        match self {
            Self::Rule(id) => *id == rule.id,
            Self::Own(id) => id == rule.id,
            Self::Category(category) => *category == rule.category,
        }
    }

    pub(super) fn is_rule(&self) -> bool {
        !matches!(self, Self::Category(_))
    }
}

/// What kind of field has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Parameter,
    Header,
    Cookie,
}

impl Kind {
    fn is(self, target: Target) -> bool {
        match self {
            Self::Parameter => target == Target::Query || target.in_body(),
            Self::Header => matches!(target, Target::Header | Target::Agent),
            Self::Cookie => target == Target::Cookie,
        }
    }
}

/// The name of a parameter, a header or a cookie, as it is on the wire; `*` at the end stands for anything.
#[derive(Clone, Debug)]
struct Name {
    start: String,
    open: bool,
}

impl FromValue for Name {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Name {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let start = name.strip_suffix('*').unwrap_or(&name);
        if start.is_empty() || start.contains('*') || start.len() > LONGEST {
            return Err(format!("`{name}` is no name; write one of up to {LONGEST} bytes, * only at its end"));
        }
        Ok(Self { start: start.to_ascii_lowercase(), open: start.len() < name.len() })
    }
}

impl Name {
    fn is(&self, name: &[u8]) -> bool {
        let start = name.get(..self.start.len()).unwrap_or_default();
        (self.open || start.len() == name.len()) && start.eq_ignore_ascii_case(self.start.as_bytes())
    }
}

/// A route: the first segments of a path, as notices show them; `{}` stands for any one segment.
#[derive(Clone, Debug)]
pub struct Route(Vec<String>);

impl FromValue for Route {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Route {
    type Error = String;

    fn try_from(route: String) -> Result<Self, String> {
        let (path, bad) = (route.trim_end_matches('/'), ['?', '#', '*', '%', ';', '\\']);
        if !route.starts_with('/') || path.is_empty() || route.contains(bad) || route.len() > LONGEST {
            return Err(format!("`{route}` is no route; write the start of a path, for example /users/{{}}/notes"));
        }
        Ok(Self(path.split('/').skip(1).map(str::to_owned).collect()))
    }
}

impl Route {
    /// Is the request's path below it? No, if it could mean another path than it shows: dots, coded slashes, parameters.
    pub fn holds(&self, head: &Head) -> bool {
        let path = head.path();
        let mut segments = path.split(|byte| *byte == b'/').skip(1);
        let below = self.0.iter().all(|own| {
            segments.next().is_some_and(|segment| !segment.is_empty() && (own == "{}" || own.as_bytes() == segment))
        });
        below && !is_ambiguous(path)
    }

    pub(super) fn reach(&self) -> usize {
        self.0.len()
    }
}

fn is_ambiguous(path: &[u8]) -> bool {
    let dots = path.split(|byte| *byte == b'/').any(|segment| matches!(segment, b"." | b".."));
    let coded = path
        .windows(3)
        .any(|code| [b"%2e", b"%2f", b"%5c", b"%25", b"%3b", b"%00"].iter().any(|bad| code.eq_ignore_ascii_case(*bad)));
    dots || coded || path.iter().any(|byte| matches!(byte, b'\\' | b';')) || path.windows(2).any(|pair| pair == b"//")
}

/// A host: `shop.example.com`, or `*.example.com` for all below.
#[derive(Clone, Debug)]
pub struct Host(String);

impl FromValue for Host {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Host {
    type Error = String;

    fn try_from(host: String) -> Result<Self, String> {
        let name = host.strip_prefix("*.").unwrap_or(&host);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
        if name.is_empty() || !name.bytes().all(plain) || host.len() > LONGEST {
            return Err(format!("`{host}` is no host; write it as shop.example.com or *.example.com"));
        }
        Ok(Self(host.to_ascii_lowercase()))
    }
}

impl Host {
    /// Was this host asked for, on whatever port?
    pub(super) fn holds(&self, head: &Head) -> bool {
        let authority = head.authority();
        let port = authority.iter().rposition(|byte| *byte == b':').filter(|at| {
            let digits = authority.get(at + 1..).unwrap_or_default();
            !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        });
        let host = port.and_then(|at| authority.get(..at)).unwrap_or(authority);
        match self.0.strip_prefix('*') {
            Some(end) => {
                host.len() > end.len()
                    && host.get(host.len() - end.len()..).is_some_and(|host| host.eq_ignore_ascii_case(end.as_bytes()))
            }
            None => host.eq_ignore_ascii_case(self.0.as_bytes()) || authority.eq_ignore_ascii_case(self.0.as_bytes()),
        }
    }
}
