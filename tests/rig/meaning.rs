//! A small model of meaning for tests: the same text always gives the same vector, texts that share words (or synonyms) are near each other,
//! texts that share none are not.

#![allow(dead_code, reason = "each test crate uses its part")]

/// Of length 1.
pub(crate) fn meaning(text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.0_f32; dimensions];
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = stem(&word.to_lowercase());
        if !SILENT.contains(&word.as_str()) {
            vector[1 + hash(synonym(&word)) % (dimensions - 1)] += 1.0;
        }
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length == 0.0 {
        // A place of its own for what says nothing.
        vector[0] = 1.0;
        return vector;
    }
    vector.iter().map(|x| x / length).collect()
}

fn stem(word: &str) -> String {
    let endings = ["ations", "ation", "ing", "ies", "ed", "s", "y"];
    let cut = endings.iter().find_map(|ending| word.strip_suffix(ending).filter(|rest| rest.chars().count() > 2));
    cut.unwrap_or(word).to_owned()
}

fn synonym(word: &str) -> &str {
    SYNONYMS.iter().find(|(one, _)| *one == word).map_or(word, |(_, same)| same)
}

/// FNV-1a.
fn hash(word: &str) -> usize {
    let hash = word
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (hash >> SHIFT) as usize
}

/// Chosen so that words of the suites do not fall into one place.
const SHIFT: u32 = 25;

const SYNONYMS: &[(&str, &str)] = &[("automobile", "car"), ("physician", "doctor"), ("attorney", "lawyer")];

const SILENT: &[&str] =
    &["the", "of", "with", "a", "an", "and", "is", "ar", "are", "to", "by", "who", "whom", "what", "in", "it"];
