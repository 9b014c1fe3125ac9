//! Fuzzy matching: the letters of a text in their order, with gaps.

/// How well a text holds the letters of a pattern, more is better; `None` when it does not. Case and blanks in the
/// pattern do not matter.
pub fn score(pattern: &str, text: &str) -> Option<u32> {
    let wanted: Vec<char> = pattern
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let mut best = None;
    // A later start can be the better one: "is" in "this issue".
    let starts = text
        .iter()
        .enumerate()
        .filter(|(_, c)| wanted.first() == Some(*c));
    for (start, _) in starts {
        best = best.max(score_from(&wanted, &text, start));
    }
    if wanted.is_empty() { Some(0) } else { best }
}

/// A letter that follows the last one counts more, and one that begins a word most.
fn score_from(wanted: &[char], text: &[char], start: usize) -> Option<u32> {
    let mut score = 0;
    let mut at = start;
    let mut last = None;
    for letter in wanted {
        at += text.get(at..)?.iter().position(|c| c == letter)?;
        let begins = at == 0 || !text[at - 1].is_alphanumeric();
        score += match last {
            _ if begins => 8,
            Some(last) if last + 1 == at => 5,
            _ => 1,
        };
        last = Some(at);
        at += 1;
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_order_match_and_beginnings_of_words_win() {
        assert!(score("gpl", "go to the payload").is_some());
        assert_eq!(score("lpg", "go to the payload"), None);
        assert_eq!(score("", "anything"), Some(0));
        assert!(score("sh iss", "show issues") > score("sh iss", "push his stress"));
        assert!(score("支払", "支払いの再試行").is_some());
    }
}
