//! Files of questions: golden files, round trips, and files that mean harm.

use crate::rig::{any_item, choices, ids, item, matching, multiple, ordering};
use proptest::prelude::*;
use viva::quiz::formats::{
    ImportError, ImportFormat, Imported, LeftOut, Problem, import, to_gift, to_moodle_xml, to_qti,
};
use viva::quiz::item::{
    Accepted, Body, Difficulty, Item, ItemId, MultipleRule, NumericKey, OrderingRule, PairRule, TextKey, Tolerance,
};

fn read(format: ImportFormat, text: &str) -> Imported {
    import(format, text.as_bytes(), "en").expect("the file is whole")
}

/// What the formats cannot hold, so that the round trip is over the rest.
fn holds_moodle(item: &Item) -> bool {
    match &item.body {
        Body::MultipleChoice { rule, .. } => *rule == MultipleRule::Penalty,
        Body::Matching { rule, .. } | Body::Cloze { rule, .. } => *rule == PairRule::Each,
        _ => true,
    }
}

#[test]
fn aiken_is_read_and_what_is_wrong_is_told_with_its_line() {
    let file = "What pulls the water?\nA. The wind\nB) The Moon\nANSWER: B\n\nTwo lines\nof a question?\nA. yes\nB. no\nanswer: a\n\n\
                No answer here?\nA. one\nB. two\n\nNo such option?\nA. one\nB. two\nANSWER: C\n";
    let found = read(ImportFormat::Aiken, file);
    let expected = [
        Item::new(
            "aiken-1",
            "en",
            "What pulls the water?",
            Body::SingleChoice { options: choices(&["The wind", "The Moon"]), keys: ids(&["The Moon"]) },
        ),
        Item::new(
            "aiken-2",
            "en",
            "Two lines of a question?",
            Body::SingleChoice { options: choices(&["yes", "no"]), keys: ids(&["yes"]) },
        ),
    ];
    assert_eq!(found.items, expected);
    assert_eq!(
        found.problems,
        [
            Problem { line: 12, reason: "the question has no line ANSWER".into() },
            Problem { line: 16, reason: "ANSWER names no option".into() },
        ]
    );
}

#[test]
fn gift_of_every_kind_is_read() {
    let file = "// a comment\n$CATEGORY: tides\n\n::Q1:: Who is buried? {=Grant ~no one #why not ~Napoleon}\n\nThe sun rises in the east.{T}\n\n\
                How far? {#3:0.5}\n\nRange? {#2..4}\n\nWhich two? {~%50%a ~%50%b ~%-100%c}\n\nName one. {=Moon =%50%Sun ####Both pull.}\n\n\
                Match. {=a -> 1 =b -> 2 = -> 3}\n\nThe {=Moon} pulls.\n\nGrant is {~buried =entombed} there.\n\nWrite! {}\n\nNo answers\n\nBad {=a\n\nNone {~a ~b}\n";
    let found = read(ImportFormat::Gift, file);
    let kinds: Vec<&str> = found.items.iter().map(|item| item.body.kind().as_str()).collect();
    assert_eq!(
        kinds,
        [
            "single_choice",
            "true_false",
            "numeric",
            "numeric",
            "multiple_choice",
            "short_text",
            "matching",
            "cloze",
            "single_choice",
            "free_text"
        ]
    );
    assert_eq!(found.items[0].id, ItemId::new("Q1"));
    assert_eq!(
        found.items[0].body,
        Body::SingleChoice { options: choices(&["Grant", "no one", "Napoleon"]), keys: ids(&["Grant"]) }
    );
    assert_eq!(
        found.items[3].body,
        Body::Numeric { keys: vec![NumericKey::whole(3.0, Tolerance::Absolute(1.0))], unit: None }
    );
    assert_eq!(found.items[4].body, multiple(&["a", "b", "c"], &["a", "b"], MultipleRule::Penalty));
    let accepted = vec![Accepted::whole("Moon"), Accepted { text: "Sun".into(), share: 0.5 }];
    assert_eq!(found.items[5].body, Body::ShortText { key: TextKey { accepted, ..TextKey::default() } });
    assert_eq!(found.items[5].explanation.as_deref(), Some("Both pull."));
    assert_eq!(found.items[8].stem, "Grant is _____ there.");
    let reasons: Vec<(usize, &str)> =
        found.problems.iter().map(|problem| (problem.line, problem.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [(24, "there are no answers in braces"), (26, "the brace is not closed"), (28, "no answer is right")]
    );
}

#[test]
fn an_answer_with_too_many_stars_is_not_read_and_told_why() {
    let stars = |count: usize| format!("duty{}", "*care".repeat(count));
    let gift = format!("What is owed? {{={}}}\n\nAnd what else? {{={}}}\n", stars(10), stars(11));
    let cloze = format!("{{1:SA:={}}}", stars(11));
    let moodle = format!(
        "<quiz><question type=\"cloze\"><questiontext><text>Owed is {cloze}.</text></questiontext></question></quiz>"
    );
    let reason = "accepted: at most 10 stars that stand for anything in one answer";
    let found = read(ImportFormat::Gift, &gift);
    assert_eq!((found.items.len(), found.problems), (1, vec![Problem { line: 3, reason: reason.into() }]));
    let found = read(ImportFormat::MoodleXml, &moodle);
    assert_eq!((found.items.len(), found.problems), (0, vec![Problem { line: 1, reason: reason.into() }]));
}

#[test]
fn a_file_of_moodle_with_markup_is_read_as_plain_text() {
    let file = r#"<?xml version="1.0"?><quiz>
<question type="category"><category><text>$course$/top</text></category></question>
<question type="multichoice"><name><text>n</text></name>
<questiontext format="html"><text><![CDATA[<p>What <b>pulls</b>&nbsp;the water &amp; why?</p>]]></text></questiontext>
<defaultgrade>2.0000000</defaultgrade><single>true</single>
<answer fraction="0" format="html"><text>&lt;p&gt;wind&lt;/p&gt;</text><feedback format="html"><text>no</text></feedback></answer>
<answer fraction="100" format="html"><text>Moon</text></answer></question>
<question type="calculated"><questiontext><text>?</text></questiontext></question>
<question type="cloze"><questiontext format="html"><text>The {1:SA:=Moon~%50%Luna#half} pulls {2:MC:wind~=water} by {:NM:=3:0.5} m.</text></questiontext></question>
</quiz>"#;
    let found = read(ImportFormat::MoodleXml, file);
    assert_eq!(found.items[0].stem, "What pulls the water & why?");
    assert_eq!((found.items[0].points, found.items[0].id.as_str()), (2.0, "moodle-1"));
    assert_eq!(found.items[0].body, Body::SingleChoice { options: choices(&["wind", "Moon"]), keys: ids(&["Moon"]) });
    assert_eq!(
        found.problems,
        [Problem { line: 8, reason: "questions of the kind “calculated” are not known".into() }]
    );
    let Body::Cloze { parts, .. } = &found.items[1].body else { panic!("{:?}", found.items[1]) };
    assert_eq!(parts.len(), 7);
}

#[test]
fn what_a_format_cannot_hold_is_left_out_by_name() {
    let exact = item(1.0, multiple(&["a", "b", "c"], &["a"], MultipleRule::Exact));
    let order = Item { id: ItemId::new("i2"), ..item(1.0, ordering(&["a", "b", "c"], OrderingRule::Pairs)) };
    let pairs = Item { id: ItemId::new("i3"), ..item(1.0, matching(&[("a", "1"), ("b", "2")], PairRule::Exact)) };
    let items = [exact, order, pairs];
    let names = |left_out: &[LeftOut]| left_out.iter().map(|left| left.item.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&to_moodle_xml(&items).left_out), ["i1", "i3"]);
    assert_eq!(names(&to_gift(&items).left_out), ["i1", "i2", "i3"]);
    assert_eq!(names(&to_qti(&items, "t").1), ["i2"]);
}

#[test]
fn files_that_mean_harm_are_refused_with_line_and_reason() {
    let refused = |text: &str| import(ImportFormat::MoodleXml, text.as_bytes(), "en").expect_err("it is refused");
    let bomb =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE quiz [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<quiz>&b;</quiz>";
    assert_eq!(refused(bomb), ImportError::Malformed { line: 2, reason: "a document type is not read".into() });
    assert_eq!(
        refused("<quiz>\n<question>&secret;</question></quiz>"),
        ImportError::Malformed { line: 2, reason: "the entity &secret; is not one of XML's own".into() }
    );
    let deep = format!("<quiz>{}{}</quiz>", "<a>".repeat(10_000), "</a>".repeat(10_000));
    assert_eq!(
        refused(&deep),
        ImportError::Malformed { line: 1, reason: "elements are nested more than 32 deep".into() }
    );
    assert!(matches!(refused("<quiz>\n<question>"), ImportError::Malformed { line: 2, .. }));
    assert!(matches!(refused("<html></html>"), ImportError::Malformed { line: 1, .. }));
    assert!(matches!(refused(""), ImportError::Malformed { line: 1, .. }));
    let large = " ".repeat(5 * 1024 * 1024);
    let many = "Q? {T}\n\n".repeat(1_001);
    for format in [ImportFormat::MoodleXml, ImportFormat::Gift, ImportFormat::Aiken] {
        assert_eq!(import(format, large.as_bytes(), "en"), Err(ImportError::TooLarge));
        assert_eq!(import(format, b"ok \xff", "en"), Err(ImportError::NotText { byte: 3 }));
    }
    assert_eq!(import(ImportFormat::Gift, many.as_bytes(), "en"), Err(ImportError::TooMany { line: 2001 }));
}

#[test]
fn a_file_that_would_be_read_again_and_again_is_read_once() {
    let question = |text: &str| {
        format!(
            "<quiz><question type=\"cloze\"><questiontext><text><![CDATA[{text}]]></text></questiontext></question></quiz>"
        )
    };
    let essay = |text: &str| question(text).replace("cloze", "essay");
    for text in [question(&"{".repeat(300_000)), essay(&"<a".repeat(300_000)), essay(&"<a>".repeat(300_000))] {
        assert_eq!(
            read(ImportFormat::MoodleXml, &text).items.len() + read(ImportFormat::MoodleXml, &text).problems.len(),
            1
        );
    }
    let attributes: String = (0..50_000).map(|at| format!(" a{at}=''")).collect();
    assert_eq!(
        import(ImportFormat::MoodleXml, format!("<quiz{attributes}/>").as_bytes(), "en"),
        Err(ImportError::Malformed { line: 1, reason: "an element has more than 16 attributes".into() })
    );
    for text in ["{".repeat(300_000), format!("a{{{}}}", "=~".repeat(300_000)), "//[".repeat(300_000)] {
        let _ = read(ImportFormat::Gift, &text);
    }
}

#[test]
fn a_hostile_text_stays_text_in_every_export() {
    let stem = "]]></text><script>alert(1)</script>{=x}~%100%";
    let evil = Item { stem: stem.into(), difficulty: Difficulty::Hard, ..item(1.0, Body::TrueFalse { key: true }) };
    assert_eq!(read(ImportFormat::MoodleXml, &to_moodle_xml(std::slice::from_ref(&evil)).text).items[0].stem, stem);
    assert_eq!(read(ImportFormat::Gift, &to_gift(std::slice::from_ref(&evil)).text).items[0].stem, stem);
    assert!(!to_qti(&[evil], "t").0.iter().any(|file| file.text.contains("<script>")));
}

proptest! {
    #[test]
    fn moodle_xml_brings_back_what_it_took(mut item in any_item()) {
        if let Body::Cloze { parts, .. } = &mut item.body {
            // Numbers are written as they are; a cloze in Moodle cannot begin with a tag, and none of ours does.
            prop_assert!(!parts.is_empty());
        }
        prop_assume!(holds_moodle(&item));
        let exported = to_moodle_xml(std::slice::from_ref(&item));
        prop_assert_eq!(&exported.left_out, &[]);
        let back = read(ImportFormat::MoodleXml, &exported.text);
        prop_assert_eq!(&back.problems, &[]);
        prop_assert_eq!(&back.items, &[item]);
    }

    #[test]
    fn gift_brings_back_what_it_took(item in any_item()) {
        let exported = to_gift(std::slice::from_ref(&item));
        prop_assume!(exported.left_out.is_empty());
        let mut item = item;
        if let Body::Cloze { .. } = item.body {
            item.stem = "Fill the gap.".into();
        }
        let back = read(ImportFormat::Gift, &exported.text);
        prop_assert_eq!(&back.problems, &[], "{}", exported.text);
        prop_assert_eq!(&back.items, &[item], "{}", exported.text);
    }

    #[test]
    fn no_bytes_whatever_upset_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for format in [ImportFormat::MoodleXml, ImportFormat::Gift, ImportFormat::Aiken] {
            let _ = import(format, &bytes, "en");
        }
    }

    #[test]
    fn nor_does_any_text_of_their_own_marks(text in "[A-C.:=~#{}%\\\\<>&;/a-c1 \\n\\[\\]\"'-]{0,120}") {
        for format in [ImportFormat::MoodleXml, ImportFormat::Gift, ImportFormat::Aiken] {
            let _ = import(format, text.as_bytes(), "de");
            let _ = import(format, format!("<quiz><question type=\"cloze\"><questiontext><text>{{1:SA:{text}}}</text></questiontext></question></quiz>").as_bytes(), "de");
        }
    }
}
