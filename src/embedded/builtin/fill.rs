//! Filling the gaps of a line. A line whose gap cannot be filled is not said.

/// What a line may speak of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filling {
    pub(crate) topic: String,
    pub(crate) role: Option<String>,
    pub(crate) mention: Option<String>,
    pub(crate) figure: Option<String>,
    pub(crate) clause: Option<String>,
}

pub(crate) fn fill(line: &str, filling: &Filling) -> Option<String> {
    let gaps = [
        ("{role}", filling.role.as_deref()),
        ("{x}", filling.mention.as_deref()),
        ("{n}", filling.figure.as_deref()),
        ("{clause}", filling.clause.as_deref()),
        ("{topic}", Some(filling.topic.as_str())),
    ];
    let mut parts = vec![line.to_owned()];
    // Gap by gap and never within what was filled in: a topic that is called "{x}" stays as it is.
    for (gap, value) in gaps {
        if !line.contains(gap) {
            continue;
        }
        let value = value?;
        parts = parts
            .iter()
            .enumerate()
            .flat_map(|(index, part)| {
                let pieces =
                    if index % 2 == 0 { part.split(gap).map(str::to_owned).collect() } else { vec![part.clone()] };
                joined(pieces, value)
            })
            .collect();
    }
    Some(capitalised(&parts.concat()))
}

/// Pieces of the line at even places, fillings at odd ones.
fn joined(pieces: Vec<String>, value: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for (index, piece) in pieces.into_iter().enumerate() {
        if index > 0 {
            parts.push(value.to_owned());
        }
        parts.push(piece);
    }
    parts
}

pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Filling, fill};

    #[test]
    fn a_gap_without_a_filling_makes_the_line_unsayable() {
        let filling = Filling { topic: "bees".to_owned(), ..Filling::default() };
        assert_eq!(fill("why {topic}?", &filling).as_deref(), Some("Why bees?"));
        assert_eq!(fill("Why {x} in {topic}?", &filling), None);
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let filling = Filling { topic: "{x}".to_owned(), mention: Some("{topic}".to_owned()), ..Filling::default() };
        assert_eq!(fill("{x} and {topic}, {x}", &filling).as_deref(), Some("{topic} and {x}, {topic}"));
    }
}
