//! Which languages Transcribe streams, and what it calls them.

/// Codes that may be asked for, the preferred region of each language first.
#[derive(Debug)]
pub(super) struct Languages {
    codes: Vec<String>,
}

impl Languages {
    pub(super) fn new(chosen: Option<&[String]>) -> Self {
        let codes = match chosen {
            Some(chosen) => chosen.to_vec(),
            None => STREAMED.iter().map(|code| (*code).to_owned()).collect(),
        };
        Self { codes }
    }

    /// BCP 47 tags that stand for a language and all its regions.
    pub(super) fn tags(&self) -> impl Iterator<Item = &str> {
        let first = |(index, code): (usize, &String)| {
            !self.codes[..index].iter().any(|earlier| primary(earlier).eq_ignore_ascii_case(primary(code)))
        };
        self.codes.iter().enumerate().filter(move |item| first(*item)).map(|(_, code)| primary(code))
    }

    /// The code for a BCP 47 tag: its own, or that of the language's preferred region.
    pub(super) fn code_of(&self, language: &str) -> Option<&str> {
        let exact = self.codes.iter().find(|code| code.eq_ignore_ascii_case(language));
        let same = || self.codes.iter().find(|code| primary(code).eq_ignore_ascii_case(primary(language)));
        exact.or_else(same).map(String::as_str)
    }
}

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// What the service takes for streams, by its API's own list.
const STREAMED: &[&str] = &[
    "en-US", "en-GB", "en-AU", "en-IN", "en-IE", "en-NZ", "en-ZA", "en-AB", "en-WL", "de-DE", "de-CH", "fr-FR",
    "fr-CA", "es-ES", "es-US", "it-IT", "pt-BR", "pt-PT", "nl-NL", "pl-PL", "sv-SE", "no-NO", "da-DK", "fi-FI",
    "cs-CZ", "sk-SK", "ro-RO", "hr-HR", "sr-RS", "el-GR", "ru-RU", "uk-UA", "lv-LV", "ca-ES", "eu-ES", "gl-ES",
    "ar-SA", "ar-AE", "fa-IR", "he-IL", "hi-IN", "id-ID", "ms-MY", "tl-PH", "th-TH", "vi-VN", "ja-JP", "ko-KR",
    "zh-CN", "zh-HK", "zh-TW", "af-ZA", "so-SO", "zu-ZA",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_that_is_not_known_is_heard_as_the_languages_first() {
        let all = Languages::new(None);
        assert_eq!(all.code_of("en-GB"), Some("en-GB"));
        assert_eq!(all.code_of("EN-gb"), Some("en-GB"));
        assert_eq!(all.code_of("en"), Some("en-US"));
        assert_eq!(all.code_of("de-AT"), Some("de-DE"));
        assert_eq!(all.code_of("la"), None);
    }

    #[test]
    fn tags_stand_for_all_regions_and_come_once() {
        let chosen = ["de-CH".to_owned(), "en-US".to_owned(), "de-DE".to_owned()];
        let some = Languages::new(Some(&chosen));
        assert_eq!(some.tags().collect::<Vec<_>>(), ["de", "en"]);
        assert_eq!(some.code_of("de-AT"), Some("de-CH"));
        assert_eq!(some.code_of("fr-FR"), None);
    }
}
