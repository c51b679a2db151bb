//! What is searched for: the question, and where it leans on the talk before ("and what does it cost?"), the words it leans on. And
//! whether what was found is about the question at all.

use crate::chat::words;
use crate::config::limits::{CHAT_QUERY_CARRIED_WORDS_MAX, CHAT_RELEVANT_SHARE_MIN};
use crate::ports::passages::Hit;
use crate::ports::text_model::Talk;

/// The question with what it leans on. `talk`: oldest first.
pub fn rewritten(question: &str, talk: &[Talk]) -> String {
    if !leans(question) {
        return question.to_owned();
    }
    let mut known = words::term_set(question);
    let mut carried: Vec<String> = Vec::new();
    // A question that leaned on another one itself was about what that one was about.
    for before in talk.iter().rev() {
        for word in words::keywords(&before.question) {
            if carried.len() < CHAT_QUERY_CARRIED_WORDS_MAX && known.insert(words::stem(&word)) {
                carried.push(word);
            }
        }
        if !leans(&before.question) {
            break;
        }
    }
    if carried.is_empty()
        && let Some(last) = talk.last()
    {
        carried = words::keywords(&last.answer).take(CHAT_QUERY_CARRIED_WORDS_MAX).collect();
    }
    format!("{question} {}", carried.join(" ")).trim_end().to_owned()
}

/// Those that share enough words with what is asked for, or were found by what they mean; in the order given.
pub fn relevant(query: &str, hits: Vec<Hit>) -> Vec<Hit> {
    let wanted = words::term_set(query);
    if wanted.is_empty() {
        return Vec::new();
    }
    hits.into_iter()
        .filter(|hit| {
            if hit.similarity.is_some() {
                return true;
            }
            let passage = words::term_set(&format!("{} {}", hit.passage.text, hit.passage.locator.path.join(" ")));
            words::share(&wanted, &passage) >= CHAT_RELEVANT_SHARE_MIN
        })
        .collect()
}

/// Whether a question cannot be understood without what was said before.
fn leans(question: &str) -> bool {
    let lower: Vec<String> =
        question.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words::keywords(question).next().is_none()
        || lower.first().is_some_and(|first| GOING_ON.contains(&first.as_str()))
        || lower.iter().any(|word| LEANING.contains(&word.as_str()))
}

const GOING_ON: [&str; 5] = ["and", "but", "or", "so", "then"];
const LEANING: [&str; 17] = [
    "it", "its", "that", "this", "these", "those", "they", "them", "their", "he", "she", "former", "latter", "same",
    "again", "example", "shorter",
];

#[cfg(test)]
mod tests {
    use super::rewritten;
    use crate::ports::text_model::Talk;

    fn talk(question: &str, answer: &str) -> Talk {
        Talk { question: question.to_owned(), answer: answer.to_owned() }
    }

    #[test]
    fn a_question_that_stands_alone_is_searched_for_as_it_is() {
        let before = [talk("What is an ETag?", "A name of a version.")];
        let question = "How does heap sort compare keys?";
        assert_eq!(rewritten(question, &before), question);
        assert_eq!(rewritten("Why?", &[]), "Why?");
    }

    #[test]
    fn a_question_that_leans_on_the_talk_takes_its_words_along() {
        let before = [
            talk("What is photosynthesis in green plants?", "Light becomes sugar."),
            talk("And what does it cost?", "Water."),
        ];
        assert_eq!(rewritten("Why is that?", &before), "Why is that? cost photosynthesis green plants");
    }

    #[test]
    fn where_the_questions_say_nothing_the_answer_does() {
        let before = [talk("Why?", "Because sugar stores energy.")];
        assert_eq!(rewritten("How so?", &before), "How so? sugar stores energy");
    }
}
