//! What of a model's text is fit to be read aloud: no thoughts between `<think>` tags, no markup, no line breaks. What is only read keeps
//! its markup.

/// Filters pieces of text, however they are cut.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    thinking: bool,
    /// The beginning of what may become a tag.
    held: String,
    /// A space that is said once a word follows it.
    space_due: bool,
    last: Option<char>,
    keeps_markup: bool,
}

impl Spoken {
    /// For text that is read by the eye.
    pub(crate) fn written() -> Self {
        Self { keeps_markup: true, ..Self::default() }
    }

    pub(crate) fn push(&mut self, piece: &str) -> String {
        let mut out = String::new();
        for c in piece.chars() {
            self.held.push(c);
            self.settle(&mut out);
        }
        out
    }

    /// What was held back and turned out to be no tag.
    pub(crate) fn finish(&mut self) -> String {
        let mut out = String::new();
        let held = std::mem::take(&mut self.held);
        if !self.thinking {
            self.say(&held, &mut out);
        }
        out
    }

    /// Lets go of as much of what is held as cannot belong to a tag any more.
    fn settle(&mut self, out: &mut String) {
        while !self.held.is_empty() {
            let tags: &[&str] = if self.thinking { &CLOSING } else { &OPENING };
            if tags.contains(&self.held.as_str()) {
                self.thinking = !self.thinking;
                self.held.clear();
                return;
            }
            if tags.iter().any(|tag| tag.starts_with(self.held.as_str())) {
                return;
            }
            let first = self.held.remove(0);
            if !self.thinking {
                self.say(first.encode_utf8(&mut [0; 4]), out);
            }
        }
    }

    fn say(&mut self, text: &str, out: &mut String) {
        if self.keeps_markup {
            out.extend(text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')));
            return;
        }
        for c in text.chars() {
            match c {
                '*' | '`' | '\u{feff}' => {}
                // A heading or emphasis begins a word; "C#" and "snake_case" do not.
                '#' | '_' if self.space_due || !self.last.is_some_and(char::is_alphanumeric) => {}
                _ if c.is_whitespace() => self.space_due = true,
                _ if c.is_control() => {}
                _ => {
                    if std::mem::take(&mut self.space_due) && self.last.is_some() {
                        out.push(' ');
                    }
                    self.last = Some(c);
                    out.push(c);
                }
            }
        }
    }
}

const OPENING: [&str; 2] = ["<think>", "<thinking>"];
const CLOSING: [&str; 2] = ["</think>", "</thinking>"];

#[cfg(test)]
mod tests {
    use super::Spoken;

    fn spoken(text: &str, cut: usize) -> String {
        let mut spoken = Spoken::default();
        let chars = text.chars().collect::<Vec<_>>();
        let mut out = chars.chunks(cut).map(|piece| spoken.push(&piece.iter().collect::<String>())).collect::<String>();
        out.push_str(&spoken.finish());
        out
    }

    #[test]
    fn thoughts_and_markup_are_not_spoken_however_the_text_is_cut() {
        let text = "# <think>They said *cache*, so </thin… hm.</think>\n\n**Why** did you choose\na <cache> in C# at `5 < 6`? ";
        for cut in 1..text.chars().count() {
            assert_eq!(spoken(text, cut), "Why did you choose a <cache> in C# at 5 < 6?", "cut every {cut}");
        }
    }

    #[test]
    fn what_is_read_keeps_its_markup_and_loses_thoughts() {
        let mut written = Spoken::written();
        let text = ["<thi", "nk>hm</think>\n# **A** `b`\r\n", "- c [1]\u{7}"].map(|piece| written.push(piece)).concat();
        assert_eq!(text + &written.finish(), "\n# **A** `b`\n- c [1]");
    }

    #[test]
    fn a_thought_without_an_end_is_not_spoken() {
        assert_eq!(spoken("<think>and then", 3), "");
        assert_eq!(spoken("Why <thi", 3), "Why <thi");
    }
}
