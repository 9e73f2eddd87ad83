//! What do the views of a suspect value show? Gate, verifiers and own rules over each of them, and over what lies inside.

use super::address::{before_query, is_address, once_decoded, parameters};
use super::category::Category;
use super::cost;
use super::detection::{Note, is_name};
use super::gate::Gate;
use super::matched::Match;
use super::matcher::{Evidence, Verifier};
use super::random::is_chance;
use super::rule::RuleId;
use super::rule_set::RuleSet;
use super::scan::{Scan, plus_is_blank};
use super::shape::{Rest, Shape};
use super::trace::Trace;
use super::verify::subject::{Effort, Subject};
use crate::decode::Views;
use crate::read::field::{Field, RAW};
use crate::read::inside;
use crate::read::target::Target;
use crate::text::byte_set::ByteSet;
use crate::text::padding;

/// So short may what stands beside code that is shown be, in bytes, to be judged by itself.
const SHORT: usize = 128;

impl<T: Trace> Scan<T> {
    /// Looks at a field in which these signs stand.
    pub(super) fn look_at(&mut self, rules: &RuleSet, field: Field<'_>, marks: ByteSet) {
        let mut views = std::mem::take(&mut self.views);
        self.look(rules, field, marks, &mut views);
        self.views = views;
    }

    fn look(&mut self, rules: &RuleSet, field: Field<'_>, marks: ByteSet, views: &mut Views) {
        if !self.budget.take(cost::views(field.value.len())) {
            return self.leave(field.value.len());
        }
        let plus = plus_is_blank(field);
        let is_path = matches!(field.target, Target::Path | Target::Segment);
        let is_all = views.decode(field.value, marks, plus);
        if views.more {
            self.cut = self.cut.max(views.plain.len());
        }
        let is_xml = views.marks.has(ByteSet::MARKUP) && views.plain.trim_ascii_start().starts_with(b"<");
        let is_flat = !is_xml && !views.marks.has(ByteSet::QUESTION.and(ByteSet::QUOTE));
        // Nearly every coded value ends here: decoded, it holds nothing that means anything at such a place, or inside it.
        let targets = if is_flat { Some(field.target) } else { None };
        if is_all && !rules.fires(targets, &views.plain) {
            return self.trace.idle(rules, views);
        }
        views.finish(is_path);
        self.trace.views(views);
        // Nothing but a view in lower case, and nothing inside: then what has to be seen first is all there is.
        if views.deep.is_empty() && views.path.is_empty() && is_flat {
            self.found.begin_value();
            return self.match_views(rules, field, views);
        }
        if !is_all && ![&views.low, &views.deep, &views.path].into_iter().any(|view| rules.fires(None, view)) {
            return;
        }
        if is_address(&views.plain) {
            // An address is taken apart first, so that a payload in it has the same value wherever the address stands.
            let once = once_decoded(field);
            let part = self.found.value_number();
            for value in parameters(&once) {
                if !self.budget.take(cost::views(value.len())) {
                    self.leave(value.len());
                    break;
                }
                views.of(value, true, false);
                self.trace.views(views);
                self.found.begin_value();
                self.match_views(rules, field, views);
            }
            if self.found.has_matched_since(part) {
                // What stands before the query is a value of its own: a known payload in the query hides no new one there.
                views.of(before_query(&once), false, false);
                self.trace.views(views);
                self.found.begin_values_only(part);
                self.match_views(rules, field, views);
            }
            views.of(field.value, plus, is_path);
            self.trace.views(views);
            self.found.begin_rest(part);
        } else {
            self.found.begin_value();
        }
        // Of a whole document its strings are looked at one by one.
        self.is_document = !self.inside && inside::is_container(&views.plain) && inside::is_document(&views.plain);
        let holds_xml = !self.inside && is_xml && field.name != RAW && inside::is_xml(&views.plain);
        self.is_tagged = holds_xml || field.name == RAW && inside::has_tags(&views.plain);
        self.match_views(rules, field, views);
        self.is_document = false;
        self.is_tagged = false;
        if holds_xml {
            self.inside = true;
            let outer = std::mem::take(&mut views.plain);
            inside::texts(&outer, &mut |name, value| self.value(rules, Field::plain(Target::Xml, name, value)));
            self.inside = false;
            return;
        }
        if self.inside && inside::is_container(&views.plain) {
            self.cut = self.cut.max(views.plain.len());
        } else if inside::is_container(&views.plain) {
            self.inside = true;
            let outer = std::mem::take(&mut views.plain);
            inside::strings(&outer, field.target, &mut |value| {
                self.value(rules, Field { value, encoded: false, ..field });
            });
            self.inside = false;
        }
    }

    pub(super) fn match_views(&mut self, rules: &RuleSet, field: Field<'_>, views: &Views) {
        let before = self.found.matched().len();
        for (view, marks, is_path) in
            [(&views.low, Some(views.marks), false), (&views.deep, None, false), (&views.path, None, true)]
        {
            self.trace.view(rules, view);
            if view.is_empty() {
                continue;
            }
            self.match_view(rules, field, views, (view, marks), is_path);
            rules.options.own.run(view, &mut |own| {
                // Bounded by the number of rules, which fits.
                let rule = u16::try_from(Gate::rules().len() + own).unwrap_or(u16::MAX);
                self.add(rules, rule, field, None, &views.plain, None);
            });
        }
        if views.rounds > 1 && self.found.matched().len() > before {
            self.evidence(rules, field, Evidence::ProtocolCoded, &views.plain);
        }
        if views.odd && self.found.matched().len() > before {
            self.evidence(rules, field, Evidence::ProtocolOverlong, &views.plain);
        }
    }

    /// Matches one view. What is found in a body's text, but no longer once the code that the text shows is taken out, was shown.
    fn match_view(
        &mut self,
        rules: &RuleSet,
        field: Field<'_>,
        views: &Views,
        (view, marks): (&[u8], Option<ByteSet>),
        is_path: bool,
    ) {
        let effort = Effort::default();
        let squeezed = padding::squeezed(view);
        let read = squeezed.as_deref().unwrap_or(view);
        let subject = Subject {
            view: read,
            marks: marks.unwrap_or_else(|| ByteSet::of(read)),
            target: field.target,
            name: field.name,
            is_name: is_name(field),
            rounds: views.rounds,
            odd: views.odd,
            effort: &effort,
        };
        let found = Match::of(rules, view, &subject, is_path, &mut self.budget, &mut self.trace);
        self.cut = self.cut.max(effort.unread());
        if found.left > 0 {
            self.leave(found.left);
        }
        if found.is_empty() {
            return;
        }
        // Where there is no work left for that, it stands as it is.
        let shapes = Shape::at(field.target);
        let is_read = !shapes.is_empty() && self.budget.take(cost::shapes(read.len()));
        let rest = if is_read { Rest::of(read, shapes) } else { None };
        let standing = rest.as_ref().map(|rest| {
            let subject = Subject { view: &rest.view, marks: ByteSet::of(&rest.view), ..subject };
            Match::of(rules, &rest.view, &subject, is_path, &mut self.budget, &mut ())
        });
        // Where the rest is not read whole, nobody knows that it does not stand there.
        let (rest, standing) = match standing {
            Some(standing) if standing.left == 0 => (rest, Some(standing)),
            _ => (None, None),
        };
        let shape = |stands: &dyn Fn(&Match) -> bool| {
            rest.as_ref().filter(|_| standing.as_ref().is_some_and(|standing| !stands(standing))).map(|rest| rest.shape)
        };
        for rule in &found.rules {
            let shown = shape(&|standing| standing.rules.contains(rule));
            self.add(rules, *rule, field, None, &views.plain, shown);
        }
        for evidence in &found.evidence {
            let shown = shape(&|standing| standing.evidence.contains(evidence));
            if let Some(rule) = Gate::rule_of(*evidence) {
                self.add(rules, rule, field, Some(*evidence), &views.plain, shown);
            }
        }
        // `;id [code][/code]`: with what is shown behind it, it was found as something else.
        let is_short = |rest: &Rest| rest.shape == Shape::Fence && rest.view.trim_ascii().len() <= SHORT;
        let is_short = rest.as_ref().is_some_and(is_short);
        let beside = standing.iter().filter(|_| is_short).flat_map(|standing| &standing.evidence);
        // What a text of several lines shows stays so without one of its blocks.
        let stands = |evidence: &&Evidence| {
            let verifier = evidence.verifier();
            let mut same = found.evidence.iter().filter(|other| other.verifier() == verifier);
            !found.evidence.contains(evidence) && same.clone().next().is_some() && !same.any(|other| other.is_shown())
        };
        for evidence in beside.filter(stands) {
            if let Some(rule) = Gate::rule_of(*evidence) {
                self.add(rules, rule, field, Some(*evidence), &views.plain, None);
            }
        }
    }

    /// Notes that so many bytes of the field are not looked at, as the budget is spent.
    fn leave(&mut self, bytes: usize) {
        self.cut = self.cut.max(bytes);
        self.is_short = true;
    }

    pub(super) fn evidence(&mut self, rules: &RuleSet, field: Field<'_>, evidence: Evidence, value: &[u8]) {
        self.trace.evidence(evidence);
        if let Some(rule) = Gate::rule_of(evidence) {
            self.add(rules, rule, field, Some(evidence), value, None);
        }
    }

    pub(super) fn add(
        &mut self,
        rules: &RuleSet,
        rule: u16,
        field: Field<'_>,
        evidence: Option<Evidence>,
        value: &[u8],
        shown: Option<Shape>,
    ) {
        let id = RuleId(rule);
        let found = rules.rule(id);
        // Java's readers of JSON take a type from the name of a member.
        let is_of_type = evidence.is_some_and(|evidence| evidence.verifier() == Verifier::Java);
        // Of XML the tags are what matters to a browser, and elements and attributes together to an interpreter.
        let is_language = matches!(found.category, Category::CodeInjection | Category::Ssti);
        let is_of_texts = self.is_tagged && found.category != Category::Xss && (found.weak || !is_language);
        let is_of_strings =
            (self.is_document && !is_of_type || is_of_texts) && !found.firm && found.category.is_of_values();
        if rules.looks_at(id, &found, field) && !is_of_strings && !is_chance(found.category, field, value) {
            // What means the same in a long text may still be shown, if it only looks like code.
            let is_shown = |shape: &Shape| matches!(shape, Shape::Fence | Shape::Span | Shape::Trace);
            let shape = shown.filter(|shape| !found.firm || found.weak && is_shown(shape));
            self.keep(rules, id, field, RuleSet::reason(id, evidence), value, Note { shape, ..Note::default() });
        }
    }
}
