use super::*;

fn merged(base: &str, ours: &str, theirs: &str) -> String {
    let spread = |text: &str| text.chars().map(|c| format!("{c}\n")).collect::<String>();
    let merged = lines(&spread(base), &spread(ours), &spread(theirs), ("o", "t"));
    merged.text.replace('\n', "")
}

#[test]
fn what_one_side_changed_is_taken() {
    assert_eq!(merged("abc", "abc", "abc"), "abc");
    assert_eq!(merged("abc", "aXc", "abc"), "aXc");
    assert_eq!(merged("abc", "abc", "aXc"), "aXc");
    assert_eq!(merged("abcde", "aXcde", "abcYe"), "aXcYe");
    assert_eq!(merged("abc", "abc", ""), "");
    assert_eq!(merged("", "", "abc"), "abc");
    assert_eq!(merged("abc", "xabc", "abcy"), "xabcy");
}

#[test]
fn what_is_beside_a_change_is_no_conflict() {
    assert_eq!(merged("abcd", "aXcd", "abYd"), "aXYd");
    assert_eq!(merged("abcd", "acd", "abXcd"), "aXcd");
    assert_eq!(merged("abcd", "abXcd", "abd"), "abXd");
    assert_eq!(merged("abcd", "aXbcd", "acd"), "aXcd");
}

#[test]
fn the_same_change_on_both_sides_is_one() {
    assert_eq!(merged("abc", "aXc", "aXc"), "aXc");
    assert_eq!(merged("abc", "abXYc", "abXYc"), "abXYc");
    assert_eq!(merged("abc", "ac", "ac"), "ac");
}

#[test]
fn only_what_both_changed_is_a_conflict() {
    assert_eq!(merged("abc", "aXc", "aYc"), "a<<<<<<< oX=======Y>>>>>>> tc");
    assert_eq!(
        merged("abc", "abXc", "abYc"),
        "ab<<<<<<< oX=======Y>>>>>>> tc"
    );
    assert_eq!(merged("abc", "ac", "aYc"), "a<<<<<<< o=======Y>>>>>>> tc");
    // What both changed alike around it stays out of it.
    assert_eq!(
        merged("abcde", "aPXQe", "aPYQe"),
        "aP<<<<<<< oX=======Y>>>>>>> tQe"
    );
    // A change that spans two of the other's.
    assert_eq!(
        merged("abcdef", "aXYZWf", "aPcdQf"),
        "a<<<<<<< oXYZW=======PcdQ>>>>>>> tf"
    );
}

#[test]
fn conflicts_are_named_and_found_again() {
    let base = "a\nb\nc";
    let found = lines(base, "a\nX\nc", "a\nY\nc", ("mine", "new"));
    assert_eq!(found.text, "a\n<<<<<<< mine\nX\n=======\nY\n>>>>>>> new\nc");
    assert_eq!(found.conflicts, [2]);
    assert_eq!(unresolved(&found.text), Some(2));
    assert_eq!(unresolved("a\n// Title\n=======\n"), None);
    assert_eq!(unresolved("a\n>>>>>>> new\n"), Some(2));
    // The last line has no line break, and Windows has its own.
    let found = lines("a\r\nb", "a\r\nX", "a\r\nY", ("o", "t"));
    assert_eq!(
        found.text,
        "a\r\n<<<<<<< o\r\nX\r\n=======\r\nY\r\n>>>>>>> t\r\n"
    );
}

/// Random texts of few lines, by a linear congruence.
#[test]
fn random_merges_keep_to_their_laws() {
    let mut seed = 1u64;
    let mut random = move |below: u64| {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (seed >> 33) % below
    };
    for _ in 0..3000 {
        let mut edit = |text: &[&'static str], times: u64| -> Vec<&'static str> {
            let mut text = text.to_vec();
            for _ in 0..times {
                let at = random(text.len() as u64 + 1) as usize;
                let word = ["a\n", "b\n", "c\n", "d\n", "e\n"][random(5) as usize];
                match random(3) {
                    0 => text.insert(at, word),
                    1 if at < text.len() => text[at] = word,
                    _ if at < text.len() => {
                        text.remove(at);
                    }
                    _ => {}
                }
            }
            text
        };
        let base = edit(&["a\n", "b\n", "c\n", "d\n"], 6);
        let (ours, theirs) = (edit(&base, 2), edit(&base, 2));
        let text = |chunks: &[Chunk<'_>], of_ours: bool| -> Vec<String> {
            let mut lines = Vec::new();
            for chunk in chunks {
                lines.extend(match chunk {
                    Chunk::Clean(lines) => lines.clone(),
                    Chunk::Conflict { ours, .. } if of_ours => ours.clone(),
                    Chunk::Conflict { theirs, .. } => theirs.clone(),
                });
            }
            lines.into_iter().map(str::to_owned).collect()
        };
        assert_eq!(text(&chunks(&base, &ours, &base), true), ours);
        assert_eq!(text(&chunks(&base, &base, &theirs), true), theirs);
        assert_eq!(text(&chunks(&base, &ours, &ours), true), ours);
        // It does not matter which is which.
        let one = chunks(&base, &ours, &theirs);
        let other = chunks(&base, &theirs, &ours);
        assert_eq!(text(&one, true), text(&other, false));
    }
}
