//! Which language a text is in, told by its letters and their neighbours (`whatlang`), or by its small words where it is short. Said only where it
//! is sure: no guess becomes a language. Deterministic; of a long text its beginning is looked at.

use super::KNOWN;
use crate::config::limits::{QUIZ_LANGUAGE_CHARS_MAX, QUIZ_LANGUAGE_LETTERS_MIN};
use crate::quiz::text::words;
use std::collections::BTreeMap;
use whatlang::Lang;

/// The language of one text, as its primary subtag of BCP 47.
pub fn told(text: &str) -> Option<&'static str> {
    let beginning = beginning(text);
    by_letters(beginning).or_else(|| by_small_words(beginning))
}

/// The language that most of the texts are in, by their letters. Those that tell nothing each by itself are told together.
pub fn told_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<&'static str> {
    let mut letters_in: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut together = String::new();
    for text in texts {
        let beginning = beginning(text);
        match told(beginning) {
            Some(language) => *letters_in.entry(language).or_default() += letters(beginning),
            None if together.len() < QUIZ_LANGUAGE_CHARS_MAX => {
                together.push_str(beginning);
                together.push('\n');
            }
            None => {}
        }
    }
    let most = letters_in.into_iter().max_by_key(|(_, letters)| *letters);
    most.map_or_else(|| told(&together), |(language, _)| Some(language))
}

/// The language of each text; `None` where it is not sure, as of a table or a formula.
pub fn passages_told<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Option<&'static str>> {
    texts.into_iter().map(told).collect()
}

pub(super) fn name_of(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(_, known)| *known == code).map(|(language, _)| language.eng_name())
}

fn beginning(text: &str) -> &str {
    text.char_indices().nth(QUIZ_LANGUAGE_CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

fn by_letters(text: &str) -> Option<&'static str> {
    if letters(text) < QUIZ_LANGUAGE_LETTERS_MIN {
        return None;
    }
    let info = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    CODES.iter().find(|(language, _)| *language == info.lang()).map(|(_, code)| *code)
}

/// Of the languages that there is data of: the one whose small words stand there, and by far more often than another's.
fn by_small_words(text: &str) -> Option<&'static str> {
    let said = words(text);
    let mut counts = KNOWN
        .map(|language| (said.iter().filter(|word| language.small.contains(&word.as_str())).count(), language.code));
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let [(first, code), (second, _)] = counts;
    (first >= SMALL_WORDS_MIN && first >= 2 * second).then_some(code)
}

const SMALL_WORDS_MIN: usize = 3;

/// What `whatlang` tells apart, and how BCP 47 calls it.
const CODES: [(Lang, &str); 70] = [
    (Lang::Epo, "eo"),
    (Lang::Eng, "en"),
    (Lang::Rus, "ru"),
    (Lang::Cmn, "zh"),
    (Lang::Spa, "es"),
    (Lang::Por, "pt"),
    (Lang::Ita, "it"),
    (Lang::Ben, "bn"),
    (Lang::Fra, "fr"),
    (Lang::Deu, "de"),
    (Lang::Ukr, "uk"),
    (Lang::Kat, "ka"),
    (Lang::Ara, "ar"),
    (Lang::Hin, "hi"),
    (Lang::Jpn, "ja"),
    (Lang::Heb, "he"),
    (Lang::Yid, "yi"),
    (Lang::Pol, "pl"),
    (Lang::Amh, "am"),
    (Lang::Jav, "jv"),
    (Lang::Kor, "ko"),
    (Lang::Nob, "nb"),
    (Lang::Dan, "da"),
    (Lang::Swe, "sv"),
    (Lang::Fin, "fi"),
    (Lang::Tur, "tr"),
    (Lang::Nld, "nl"),
    (Lang::Hun, "hu"),
    (Lang::Ces, "cs"),
    (Lang::Ell, "el"),
    (Lang::Bul, "bg"),
    (Lang::Bel, "be"),
    (Lang::Mar, "mr"),
    (Lang::Kan, "kn"),
    (Lang::Ron, "ro"),
    (Lang::Slv, "sl"),
    (Lang::Hrv, "hr"),
    (Lang::Srp, "sr"),
    (Lang::Mkd, "mk"),
    (Lang::Lit, "lt"),
    (Lang::Lav, "lv"),
    (Lang::Est, "et"),
    (Lang::Tam, "ta"),
    (Lang::Vie, "vi"),
    (Lang::Urd, "ur"),
    (Lang::Tha, "th"),
    (Lang::Guj, "gu"),
    (Lang::Uzb, "uz"),
    (Lang::Pan, "pa"),
    (Lang::Aze, "az"),
    (Lang::Ind, "id"),
    (Lang::Tel, "te"),
    (Lang::Pes, "fa"),
    (Lang::Mal, "ml"),
    (Lang::Ori, "or"),
    (Lang::Mya, "my"),
    (Lang::Nep, "ne"),
    (Lang::Sin, "si"),
    (Lang::Khm, "km"),
    (Lang::Tuk, "tk"),
    (Lang::Aka, "ak"),
    (Lang::Zul, "zu"),
    (Lang::Sna, "sn"),
    (Lang::Afr, "af"),
    (Lang::Lat, "la"),
    (Lang::Slk, "sk"),
    (Lang::Cat, "ca"),
    (Lang::Tgl, "tl"),
    (Lang::Hye, "hy"),
    (Lang::Cym, "cy"),
];
