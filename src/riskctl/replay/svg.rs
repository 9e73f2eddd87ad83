//! How is a chart drawn? Bars as inline SVG, in the colours of the page, with their numbers as text for everybody.

use std::fmt::Write;

use user_risk_filter::text::untrusted::html;

/// The size of a chart of columns, in units of the page.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 180.0;
/// Room for the axis below, and for the numbers above.
const BELOW: f64 = 22.0;
const ABOVE: f64 = 18.0;

/// A column: its label, its value, and a colour class of the page.
pub(super) struct Column {
    pub(super) label: String,
    pub(super) value: f64,
    /// What stands above it, and is read aloud.
    pub(super) text: String,
    pub(super) class: &'static str,
}

/// A chart of columns. `title` is read aloud.
pub(super) fn columns(title: &str, columns: &[Column]) -> String {
    let most = columns.iter().map(|column| column.value).fold(0.0, f64::max);
    let most = if most > 0.0 { most } else { 1.0 };
    let step = WIDTH / columns.len().max(1) as f64;
    let bar = (step * 0.7).min(72.0);
    let mut svg =
        format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">", html(title, usize::MAX));
    let floor = HEIGHT - BELOW;
    // Labels that would overlap are left out.
    let every = (56.0 / step).ceil().max(1.0) as usize;
    for (at, column) in columns.iter().enumerate() {
        let height = column.value / most * (floor - ABOVE);
        let (x, y) = (at as f64 * step + (step - bar) / 2.0, floor - height);
        let (middle, class) = (x + bar / 2.0, column.class);
        let (label, text) = (html(&column.label, usize::MAX), html(&column.text, usize::MAX));
        let _ = write!(
            svg,
            "<g><title>{label}: {text}</title>\
             <rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{bar:.1}\" height=\"{height:.1}\" rx=\"2\" class=\"{class}\"/>"
        );
        if at % every == 0 {
            let _ = write!(svg, "<text x=\"{middle:.1}\" y=\"{:.1}\" class=\"axis\">{label}</text>", HEIGHT - 6.0);
        }
        if column.value > 0.0 && step >= 30.0 {
            let _ = write!(svg, "<text x=\"{middle:.1}\" y=\"{:.1}\" class=\"value\">{text}</text>", y - 5.0);
        }
        svg.push_str("</g>");
    }
    let _ = write!(svg, "<line x1=\"0\" y1=\"{floor}\" x2=\"{WIDTH}\" y2=\"{floor}\" class=\"line\"/></svg>");
    svg
}

/// A bar within a table's cell, as wide as its part of the most.
pub(super) fn bar(value: f64, most: f64, class: &str) -> String {
    let width = if most > 0.0 { (value / most * 100.0).clamp(0.0, 100.0) } else { 0.0 };
    format!(
        "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" class=\"bar\" aria-hidden=\"true\">\
         <rect width=\"{width:.1}\" height=\"8\" rx=\"1\" class=\"{class}\"/></svg>"
    )
}
