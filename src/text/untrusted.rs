//! How is text from a client cut, masked, escaped? So that it can neither hide, nor command, nor fill a screen.
//!
//! Every function here takes any text and may be the only one that is applied to it. Lengths are in UTF-16 units: some
//! vendors count those, others count characters, and a text has at least as many of the former.

/// At most `max` units of `text`, with `…` where something was cut off and `U+FFFD` for each invisible character.
pub fn clean(text: &str, max: usize) -> String {
    fit(text, max, |visible, _| Spelling::Same(visible))
}

/// As [`clean`], from bytes of any encoding: what is not UTF-8 shows as `\xff`.
pub fn clean_bytes(bytes: &[u8], max: usize) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    clean(&text, max)
}

/// As [`clean`], with addresses spelled so that no program makes a link of them: `https[:]//host`.
pub fn defanged(text: &str, max: usize) -> String {
    clean(&text.replace("://", "[:]//"), max)
}

/// As [`clean`], for HTML text and quoted attributes; the length is that of the escaped text.
pub fn html(text: &str, max: usize) -> String {
    fit(text, max, |visible, _| match visible {
        '&' => Spelling::Escape("&amp;"),
        '<' => Spelling::Escape("&lt;"),
        '>' => Spelling::Escape("&gt;"),
        '"' => Spelling::Escape("&quot;"),
        '\'' => Spelling::Escape("&#39;"),
        other => Spelling::Same(other),
    })
}

/// As [`clean`], for any text of a Slack message: no `<!channel>`, no link and no mention comes of it. The length is
/// that of the escaped text. Source: Slack, "Formatting text for app surfaces", on escaping and on mentions.
pub fn slack(text: &str, max: usize) -> String {
    fit(text, max, |visible, around| match visible {
        '&' => Spelling::Escape("&amp;"),
        '<' => Spelling::Escape("&lt;"),
        '>' => Spelling::Escape("&gt;"),
        '@' if around.is_broadcast() => Spelling::Same('＠'),
        other => Spelling::Same(other),
    })
}

/// As [`slack`], as a code span of a `mrkdwn` text, where `*`, `_`, `~` and `:emoji:` mean nothing. The back-quotes
/// are part of the length.
pub fn slack_code(text: &str, max: usize) -> String {
    let text = slack(&text.replace('`', "'"), max.saturating_sub(2));
    match text.trim() {
        "" => "–".to_owned(),
        inside => format!("`{inside}`"),
    }
}

/// Is the character one that does not show, or that changes how others show?
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
        // Hyphens, joiners and fillers that take no room.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        // ByteSet, embeddings, overrides and isolates of the bidirectional algorithm (UAX #9), and retired ones.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
        // Line and paragraph separators.
        | '\u{2028}' | '\u{2029}'
        // Variation selectors, annotations, shorthand and musical controls, tags.
        | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// How a character is written.
enum Spelling {
    Same(char),
    Escape(&'static str),
}

/// The characters next to a character.
struct Around<'a> {
    before: Option<char>,
    after: &'a str,
}

impl Around<'_> {
    /// Would the `@` in between call everybody? Not within a word: `joe@channel.example` stays an address.
    fn is_broadcast(&self) -> bool {
        !self.before.is_some_and(char::is_alphanumeric)
            && ["channel", "everyone", "group", "here"]
                .iter()
                .any(|word| self.after.get(..word.len()).is_some_and(|after| after.eq_ignore_ascii_case(word)))
    }
}

/// Spells `text` out, character by character, and cuts between characters, never inside an escape.
fn fit(text: &str, max: usize, spell: impl Fn(char, Around<'_>) -> Spelling) -> String {
    let mut fitted = String::with_capacity(text.len().min(max.saturating_mul(3)));
    let mut units = 0;
    // As much of `fitted` as leaves room for the mark of the cut.
    let mut cut = 0;
    let mut before = None;
    for (at, character) in text.char_indices() {
        let after = text.get(at + character.len_utf8()..).unwrap_or_default();
        let visible = if is_invisible(character) { char::REPLACEMENT_CHARACTER } else { character };
        let spelling = spell(visible, Around { before, after });
        units += match &spelling {
            Spelling::Same(character) => character.len_utf16(),
            Spelling::Escape(escape) => escape.len(),
        };
        if units > max {
            fitted.truncate(cut);
            if max > 0 {
                fitted.push('…');
            }
            return fitted;
        }
        match spelling {
            Spelling::Same(character) => fitted.push(character),
            Spelling::Escape(escape) => fitted.push_str(escape),
        }
        if units < max {
            cut = fitted.len();
        }
        before = Some(character);
    }
    fitted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        let rows = [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("abcd", 1, "…"),
            ("abcd", 0, ""),
            ("", 0, ""),
            ("äöü", 2, "ä…"),
            ("a😀b", 4, "a😀b"),
            ("a😀b", 3, "a…"),
            ("a\u{202e}b\r\n\u{200b}", 9, "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}"),
        ];
        for (text, max, expected) in rows {
            assert_eq!(clean(text, max), expected, "{text:?} in {max}");
        }
    }

    #[test]
    fn bytes_show_what_they_are() {
        for (bytes, expected) in
            [(&b"plain"[..], "plain"), (b"a\xff\xfeb\0", "a\\xff\\xfeb\u{fffd}"), (b"\xc3", "\\xc3")]
        {
            assert_eq!(clean_bytes(bytes, 99), expected);
        }
    }

    #[test]
    fn escapes_are_whole() {
        assert_eq!(html("<a href=\"x\">&'", 99), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(html("<<<", 9), "&lt;&lt;…");
        assert_eq!(html("<<<", 8), "&lt;…");
        assert_eq!(slack("<!channel> & <@U1|x>", 99), "&lt;!channel&gt; &amp; &lt;@U1|x&gt;");
    }

    #[test]
    fn nobody_is_called_and_nothing_is_formatted_in_slack() {
        let rows = [
            ("@channel", "`＠channel`"),
            ("hey @Here you", "`hey ＠Here you`"),
            ("joe@here.example", "`joe@here.example`"),
            ("@joe", "`@joe`"),
            ("a`*b*`", "`a'*b*'`"),
            (" ", "–"),
        ];
        for (text, expected) in rows {
            assert_eq!(slack_code(text, 99), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_no_links() {
        assert_eq!(defanged("https://evil.example", 99), "https[:]//evil.example");
    }

    proptest! {
        #[test]
        fn every_limit_holds(text in any::<String>(), bytes in any::<Vec<u8>>(), max in 0_usize..99) {
            for fitted in [clean(&text, max), clean_bytes(&bytes, max), defanged(&text, max), html(&text, max),
                slack(&text, max), slack_code(&text, max.max(1))]
            {
                prop_assert!(fitted.encode_utf16().count() <= max.max(1), "{fitted:?}");
                prop_assert!(!fitted.chars().any(is_invisible), "{fitted:?}");
            }
            prop_assert!(!slack(&text, max).contains(['<', '>']));
            prop_assert!(!html(&text, max).contains(['<', '>', '"', '\'']));
        }
    }
}
