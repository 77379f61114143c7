//! Names in other spellings.

/// How names are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Camel,
    Kebab,
    ScreamingSnake,
    Snake,
}

impl Case {
    /// Every spelling under the name by which users ask for it.
    pub const ALL: [(&'static str, Case); 4] = [
        ("camelCase", Case::Camel),
        ("kebab-case", Case::Kebab),
        ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
        ("snake_case", Case::Snake),
    ];

    /// `identifier` (a field's `snake_case` or a variant's `CamelCase`) in this spelling.
    pub fn apply(self, identifier: &str) -> String {
        let words = words(identifier);
        match self {
            Case::Kebab => words.join("-"),
            Case::Snake => words.join("_"),
            Case::ScreamingSnake => words.join("_").to_uppercase(),
            Case::Camel => {
                let mut words = words.into_iter();
                let first = words.next().unwrap_or_default();
                words.fold(first, |text, word| text + &capitalised(&word))
            }
        }
    }
}

/// The words of an identifier in lower case: a new one begins after `_` and at a capital that follows
/// a small letter or a digit.
fn words(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for letter in identifier.chars() {
        if letter == '_' || (letter.is_uppercase() && after_small) {
            words.push(String::new());
        }
        if letter != '_' {
            let word = words.last_mut().expect("there is always one");
            word.extend(letter.to_lowercase());
        }
        after_small = letter.is_lowercase() || letter.is_numeric();
    }
    words.retain(|word| !word.is_empty());
    words
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_variants_come_out_in_every_spelling() {
        let rows = [
            ("max_size", "maxSize", "max-size", "MAX_SIZE", "max_size"),
            ("MaxSize", "maxSize", "max-size", "MAX_SIZE", "max_size"),
            ("x", "x", "x", "X", "x"),
            (
                "_hidden__one",
                "hiddenOne",
                "hidden-one",
                "HIDDEN_ONE",
                "hidden_one",
            ),
            (
                "Utf8Text",
                "utf8Text",
                "utf8-text",
                "UTF8_TEXT",
                "utf8_text",
            ),
            ("HTTP", "http", "http", "HTTP", "http"),
            (
                "größe_max",
                "größeMax",
                "größe-max",
                "GRÖSSE_MAX",
                "größe_max",
            ),
        ];
        for (from, camel, kebab, screaming, snake) in rows {
            assert_eq!(Case::Camel.apply(from), camel);
            assert_eq!(Case::Kebab.apply(from), kebab);
            assert_eq!(Case::ScreamingSnake.apply(from), screaming);
            assert_eq!(Case::Snake.apply(from), snake);
        }
    }
}
