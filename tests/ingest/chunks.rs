//! Where text is cut: no word is lost, no chunk is too long, every chunk knows its place.

use proptest::prelude::*;
use viva::config::limits::{CHUNK_OVERLAP_TOKENS_MAX, CHUNK_TOKENS_MAX, CHUNK_TOKENS_MIN};
use viva::ingest::chunks::{Chunk, chunks};
use viva::ingest::tokens::estimate;
use viva::ports::extraction::{Block, Locator};

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn own(chunk: &Chunk) -> &str {
    &chunk.text[chunk.repeated_bytes..]
}

fn text(sentences: usize) -> String {
    (0..sentences).map(|n| format!("Sentence {n} says something about the law of torts.")).collect::<Vec<_>>().join(" ")
}

fn below(path: &[&str], paragraph: u32) -> Locator {
    let path = path.iter().map(|heading| (*heading).to_owned()).collect();
    Locator { path, paragraph: Some(paragraph), ..Locator::default() }
}

fn paragraph(text: impl Into<String>, locator: Locator) -> Block {
    Block { text: text.into(), heading: None, locator }
}

fn heading(text: &str, level: u8) -> Block {
    let locator = Locator { path: vec![text.to_owned()], ..Locator::default() };
    Block { text: text.to_owned(), heading: Some(level), locator }
}

prop_compose! {
    fn word()(word in prop_oneof![
        8 => "[a-z]{1,12}[.,;!?]?",
        1 => "[A-Z][a-z]{1,9}\\.",
        1 => "[äöüßéñ]{1,8}",
        1 => "[一-龥]{1,40}。?",
        1 => "[(\\[{<>=+*/-]{1,6}",
    ]) -> String { word }
}

prop_compose! {
    fn blocks()(raw in prop::collection::vec((prop::collection::vec(word(), 1..300), 0u8..10, 0u32..3), 0..30)) -> Vec<Block> {
        let mut page = 1;
        raw.into_iter()
            .map(|(words, kind, turned)| {
                page += turned;
                let heading = (kind < 2).then_some(kind + 1);
                let kept = if heading.is_some() { 6 } else { words.len() };
                let text = words.into_iter().take(kept).collect::<Vec<_>>().join(" ");
                Block { text, heading, locator: Locator::page(page) }
            })
            .collect()
    }
}

proptest! {
    // Each case is a whole document.
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_word_is_in_a_chunk_once_and_in_order(blocks in blocks()) {
        let said: Vec<String> = blocks.iter().flat_map(|block| words(&block.text)).collect();
        let kept: String = chunks(&blocks).iter().map(own).collect::<Vec<_>>().join(" ");
        // A word that is longer than a chunk, of a script without spaces, is cut within: compare without spaces.
        prop_assert_eq!(said.concat(), words(&kept).concat());
    }

    #[test]
    fn no_chunk_is_empty_or_longer_than_allowed(blocks in blocks()) {
        for (index, chunk) in chunks(&blocks).iter().enumerate() {
            prop_assert!(chunk.tokens <= CHUNK_TOKENS_MAX, "{} tokens", chunk.tokens);
            prop_assert_eq!(chunk.tokens, estimate(&chunk.text));
            prop_assert!(!own(chunk).trim().is_empty());
            prop_assert_eq!(chunk.ordinal as usize, index + 1);
        }
    }

    #[test]
    fn what_is_repeated_is_the_end_of_the_chunk_before_and_not_long(blocks in blocks()) {
        let chunks = chunks(&blocks);
        prop_assert!(chunks.first().is_none_or(|first| first.repeated_bytes == 0));
        for pair in chunks.windows(2) {
            let repeated = pair[1].text[..pair[1].repeated_bytes].trim_end();
            prop_assert!(own(&pair[0]).trim_end().ends_with(repeated));
            prop_assert!(estimate(repeated) <= CHUNK_OVERLAP_TOKENS_MAX);
        }
    }

    #[test]
    fn a_chunk_stands_where_its_own_text_begins_and_ends(blocks in blocks()) {
        let bare = |text: &str| text.chars().filter(|character| !character.is_whitespace()).count();
        let pages: Vec<u32> = blocks
            .iter()
            .flat_map(|block| std::iter::repeat_n(block.locator.page.expect("every block has one"), bare(&block.text)))
            .collect();
        let mut at = 0;
        for chunk in chunks(&blocks) {
            prop_assert_eq!(chunk.locator.page, Some(pages[at]));
            at += bare(own(&chunk));
            let last = Some(pages[at - 1]).filter(|last| *last > chunk.locator.page.unwrap_or(0));
            prop_assert_eq!(chunk.locator.page_last, last);
        }
        prop_assert_eq!(at, pages.len());
    }

    #[test]
    fn small_chunks_are_merged_while_there_is_room(blocks in blocks()) {
        for pair in chunks(&blocks).windows(2) {
            let together = pair[0].tokens + estimate(own(&pair[1]));
            let heading_went_on = pair[1].repeated_bytes == 0;
            prop_assert!(
                pair[0].tokens >= CHUNK_TOKENS_MIN || together > CHUNK_TOKENS_MAX || heading_went_on,
                "{} and {}", pair[0].tokens, pair[1].tokens
            );
        }
    }

    #[test]
    fn the_same_blocks_are_cut_the_same(blocks in blocks()) {
        prop_assert_eq!(chunks(&blocks), chunks(&blocks));
    }
}

#[test]
fn a_heading_begins_a_chunk_and_names_its_place() {
    let blocks = [
        heading("Negligence", 1),
        paragraph(text(20), below(&["Negligence"], 1)),
        heading("Nuisance", 1),
        paragraph(text(20), below(&["Nuisance"], 1)),
    ];
    let chunks = chunks(&blocks);
    assert_eq!(chunks.iter().map(|chunk| chunk.locator.to_string()).collect::<Vec<_>>(), ["Negligence", "Nuisance"]);
    assert!(chunks[1].text.starts_with("Nuisance\n\nSentence 0"));
    assert_eq!(chunks[1].repeated_bytes, 0);
}

#[test]
fn small_sections_share_a_chunk() {
    let blocks: Vec<Block> =
        (0..4).flat_map(|n| [heading(&format!("Part {n}"), 2), paragraph("A few words.", below(&[], n))]).collect();
    let chunks = chunks(&blocks);
    assert_eq!(chunks.len(), 1);
    assert_eq!(
        chunks[0].text,
        "Part 0\n\nA few words.\n\nPart 1\n\nA few words.\n\nPart 2\n\nA few words.\n\nPart 3\n\nA few words."
    );
}

#[test]
fn a_heading_does_not_end_a_chunk() {
    let blocks = [
        paragraph("A short beginning.", below(&[], 1)),
        heading("What follows", 2),
        paragraph(text(33), below(&["What follows"], 1)),
    ];
    let chunks = chunks(&blocks);
    assert_eq!(chunks[0].text, "A short beginning.");
    assert!(chunks[1].text.starts_with("What follows\n\nSentence 0"), "{}", chunks[1].text);
}

#[test]
fn a_long_section_is_cut_after_sentences_and_some_is_repeated() {
    let chunks = chunks(&[paragraph(text(120), below(&["Torts"], 1))]);
    assert!(chunks.len() > 2);
    for chunk in &chunks {
        assert!(chunk.text.starts_with("Sentence"), "{}", &chunk.text[..20]);
        assert!(chunk.text.ends_with('.'));
    }
    assert!(chunks[1].repeated_bytes > 0);
    assert!(chunks[0].text.ends_with(chunks[1].text[..chunks[1].repeated_bytes].trim()));
}

#[test]
fn slides_and_sheets_are_never_mixed() {
    let sheet = |name: &str| Locator { sheet: Some(name.to_owned()), row: Some(1), ..Locator::default() };
    let blocks = [
        paragraph("One.", Locator::slide(1)),
        paragraph("Two.", Locator::slide(2)),
        paragraph("a | b", sheet("Marks")),
        paragraph("c | d", sheet("Dates")),
    ];
    let places: Vec<String> = chunks(&blocks).iter().map(|chunk| chunk.locator.to_string()).collect();
    assert_eq!(places, ["slide 1", "slide 2", "Marks, row 1", "Dates, row 1"]);
}

#[test]
fn a_chunk_over_a_pages_end_names_both_pages() {
    let blocks = [paragraph("It begins here,", Locator::page(12)), paragraph("and ends there.", Locator::page(13))];
    let chunks = chunks(&blocks);
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0].locator.to_string(), "pp. 12–13");
}

#[test]
fn a_page_that_ends_with_its_sentence_ends_the_chunk() {
    let blocks = [
        paragraph("Short and whole.", Locator::page(1)),
        paragraph("He said \"Stop!\"", Locator::page(2)),
        paragraph("The last page", Locator::page(3)),
    ];
    let cut: Vec<(String, String)> =
        chunks(&blocks).into_iter().map(|chunk| (chunk.locator.to_string(), chunk.text)).collect();
    let expected = [("p. 1", "Short and whole."), ("p. 2", "He said \"Stop!\""), ("p. 3", "The last page")];
    assert_eq!(cut, expected.map(|(place, text)| (place.to_owned(), text.to_owned())));
}

#[test]
fn nothing_gives_no_chunk() {
    assert_eq!(chunks(&[]), []);
    assert_eq!(chunks(&[paragraph("  \n ", Locator::page(1))]), []);
}
