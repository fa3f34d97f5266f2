//! Lines no longer than a width.

/// `text` in lines of at most `width` columns, each ended; the first begins with `first`, the others with `rest`. Words are not cut.
pub fn wrap(text: &str, first: &str, rest: &str, width: usize) -> String {
    let (mut out, mut line, mut empty) = (String::new(), first.to_owned(), true);
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            out.push_str(line.trim_end());
            out.push('\n');
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn long_text_is_broken_between_words_and_indented() {
        assert_eq!(wrap("one two three", "- ", "  ", 9), "- one two\n  three\n");
        assert_eq!(wrap("one-very-long-word two", "- ", "  ", 6), "- one-very-long-word\n  two\n");
        assert_eq!(wrap("", "holds", "", 9), "holds\n");
    }
}
