//! How did a user's increase rise and fall? A chart of block characters, with a line at the threshold.

use std::fmt;

use anstyle::{AnsiColor, Style};
use user_risk_filter::clock::Timestamp;

use crate::terminal::FAINT;

const CALM: Style = AnsiColor::Yellow.on_default();
const OVER: Style = AnsiColor::Red.on_default();

const WIDTH: usize = 60;
const HEIGHT: usize = 6;
/// A block from empty to full, in eighths.
const BLOCKS: &[char] = &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The increase over time.
pub(super) struct Chart {
    /// The highest increase in each interval.
    columns: Vec<f64>,
    threshold: f64,
    top: f64,
    from: Timestamp,
    to: Timestamp,
}

impl Chart {
    /// A chart of these steps; none if there are no steps.
    pub(super) fn new(steps: &[(Timestamp, f64)], threshold: f64) -> Option<Self> {
        let ((from, _), (to, _)) = (*steps.first()?, *steps.last()?);
        let span = to.since(from).as_millis().max(1) as u64;
        let mut columns = Vec::with_capacity(WIDTH);
        let (mut at, mut level) = (0, 0.0_f64);
        for column in 1..=WIDTH as u64 {
            let end = from.as_millis() + (u128::from(span) * u128::from(column) / WIDTH as u128) as u64;
            // At least the level at the interval's beginning. A peak that lasted a moment shows too.
            let mut most = level;
            while let Some((_, increase)) =
                steps.get(at).filter(|(time, _)| time.as_millis() < end || column == WIDTH as u64)
            {
                level = *increase;
                most = most.max(level);
                at += 1;
            }
            columns.push(most);
        }
        let top = columns.iter().copied().fold(threshold * 1.2, f64::max);
        Some(Self { columns, threshold, top, from, to })
    }

    /// The increase at the top of a row.
    fn reach(&self, row: usize) -> f64 {
        self.top * row as f64 / HEIGHT as f64
    }
}

impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in (1..=HEIGHT).rev() {
            let (floor, ceiling) = (self.reach(row - 1), self.reach(row));
            let is_line = floor < self.threshold && self.threshold <= ceiling;
            let label = match row {
                _ if is_line => format!("{}", self.threshold),
                HEIGHT => format!("{:.0}", self.top),
                _ => String::new(),
            };
            write!(f, "  {FAINT}{label:>6} {}{FAINT:#}", if is_line { '┼' } else { '│' })?;
            // One escape sequence for each run of a colour, not for each character.
            let mut style = None;
            for column in &self.columns {
                let eighths = ((column - floor) / (ceiling - floor) * 8.0).ceil().clamp(0.0, 8.0) as usize;
                let (block, new) = match BLOCKS.get(eighths) {
                    Some(block) if eighths > 0 => (*block, if *column > self.threshold { OVER } else { CALM }),
                    _ if is_line => ('─', FAINT),
                    _ => (' ', FAINT),
                };
                if style != Some(new) {
                    if let Some(old) = style {
                        write!(f, "{old:#}")?;
                    }
                    write!(f, "{new}")?;
                    style = Some(new);
                }
                write!(f, "{block}")?;
            }
            if let Some(old) = style {
                write!(f, "{old:#}")?;
            }
            writeln!(f)?;
        }
        let (from, to) = (readable(self.from), readable(self.to));
        let gap = WIDTH.saturating_sub(from.len());
        writeln!(f, "  {FAINT}{:>6} └{}{FAINT:#}", 0, "─".repeat(WIDTH))?;
        writeln!(f, "  {:>6}  {FAINT}{from}{to:>gap$}{FAINT:#}", "")
    }
}

/// `2026-01-02 03:04:05`, with milliseconds unless they are zero.
pub(super) fn readable(time: Timestamp) -> String {
    let text = time.to_string().replace('T', " ");
    let text = text.trim_end_matches('Z');
    text.strip_suffix(".000").unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_peaks_show_and_there_is_a_line_at_the_threshold() {
        let steps = [(0, 8.0), (1, 16.0), (2, 0.0), (59_000, 8.0), (60_000, 0.0)];
        let steps = steps.map(|(millis, increase)| (Timestamp::from_millis(millis), increase));
        let chart = Chart::new(&steps, 10.0).unwrap();
        assert_eq!(
            (chart.columns.first(), chart.columns.get(1), chart.columns.last()),
            (Some(&16.0), Some(&0.0), Some(&8.0))
        );
        let text = anstream::adapter::strip_str(&chart.to_string()).to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), HEIGHT + 2);
        assert!(lines.iter().any(|line| line.starts_with("      10 ┼█───")), "{text}");
        assert!(Chart::new(&[], 10.0).is_none());
    }
}
