//! A type as a person would write it: `Option<&'a str>`, not `Option < & 'a str >`.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The tokens of a type as text, with spaces only where people put them.
pub fn type_text(tokens: TokenStream) -> String {
    let mut text = String::new();
    append(tokens, &mut text);
    text
}

fn append(tokens: TokenStream, text: &mut String) {
    // A comma and its like want a space, but only if something follows.
    let mut wants_space = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if std::mem::take(&mut wants_space) {
            text.push(' ');
        }
        match token {
            TokenTree::Ident(word) => append_word(&word.to_string(), text),
            TokenTree::Literal(word) => append_word(&word.to_string(), text),
            TokenTree::Group(group) => append_group(group.delimiter(), group.stream(), text),
            TokenTree::Punct(mark) => match mark.as_char() {
                '-' if mark.spacing() == Spacing::Joint => {
                    // `->`: there is no other joint minus in a type.
                    tokens.next();
                    text.push_str(" ->");
                    wants_space = true;
                }
                sign @ ('+' | '=') => {
                    text.push(' ');
                    text.push(sign);
                    wants_space = true;
                }
                sign => {
                    text.push(sign);
                    wants_space = matches!(sign, ',' | ';');
                }
            },
        }
    }
}

/// Two words in a row need a space, and so does the `fn` of `for<'a> fn()`.
fn append_word(word: &str, text: &mut String) {
    let touches = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '>' | '"');
    if text.ends_with(touches) {
        text.push(' ');
    }
    text.push_str(word);
}

fn append_group(delimiter: Delimiter, stream: TokenStream, text: &mut String) {
    let (open, close) = match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Brace => ("{ ", " }"),
        Delimiter::None => ("", ""),
    };
    let wants_space = match delimiter {
        Delimiter::Bracket => text.ends_with(char::is_alphanumeric),
        Delimiter::Parenthesis => ends_with_qualifier(text),
        Delimiter::Brace | Delimiter::None => false,
    };
    if wants_space {
        text.push(' ');
    }
    text.push_str(open);
    append(stream, text);
    text.push_str(close);
}

/// `&'a (u8,)` and `*mut (u8,)`, but `Fn(u8)`.
fn ends_with_qualifier(text: &str) -> bool {
    let in_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '\'');
    let before = text.trim_end_matches(in_word).len();
    let word = &text[before..];
    word.starts_with('\'') || matches!(word, "const" | "dyn" | "mut")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_look_as_people_write_them() {
        for text in [
            "u8",
            "Vec<u8>",
            "Option<&'a mut str>",
            "std::collections::HashMap<String, Vec<(u8, char)>>",
            "[u8; 4]",
            "[[f32; N]; 2]",
            "()",
            "(u8,)",
            "*const T",
            "&'a [u8]",
            "&mut [u8]",
            "&'a (u8, &mut (i8, i8))",
            "*const [u8]",
            "Box<dyn Fn(u8, &str) -> Result<(), E> + Send + 'static>",
            "Box<dyn Iterator<Item = u8>>",
            "for<'a> fn(&'a u8) -> &'a u8",
            "<T as Iterator>::Item",
            "impl Trait",
            "PhantomData<fn() -> T>",
            "!",
        ] {
            let tokens: TokenStream = text.parse().unwrap();
            assert_eq!(type_text(tokens), text);
        }
    }

    #[test]
    fn spaces_and_comments_in_the_source_do_not_matter() {
        let tokens: TokenStream = "Vec <\n u8 /* bytes */ >".parse().unwrap();
        assert_eq!(type_text(tokens), "Vec<u8>");
    }
}
