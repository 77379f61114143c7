//! What stands in `#[describe(…)]` and in doc comments.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{
    meta::ParseNestedMeta, spanned::Spanned, Attribute, Error, Expr, ExprLit, Lit, LitStr, Meta,
    Result,
};

use crate::case::Case;

/// What an attribute stands on: each place knows its own keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Type,
    Field,
    Variant,
}

/// The keys of all `#[describe(…)]` of one place together. Those the place does not know stay empty.
#[derive(Default)]
pub struct Keys {
    pub rename_all: Option<Case>,
    pub name: Option<LitStr>,
    pub unit: Option<String>,
    pub default: Option<String>,
    pub skip: Option<Span>,
}

impl Place {
    fn known_keys(self) -> &'static [&'static str] {
        match self {
            Place::Type => &["rename_all"],
            Place::Field => &["default", "name", "skip", "unit"],
            Place::Variant => &["name", "skip"],
        }
    }
}

/// Reads every `#[describe(…)]` among `attributes`.
///
/// Errors point at the key or value that is wrong: an unknown key, one said twice, a value of the wrong
/// kind, or a key beside `skip`.
pub fn read_keys(attributes: &[Attribute], place: Place) -> Result<Keys> {
    let mut keys = Keys::default();
    let mut seen: Vec<String> = Vec::new();
    for attribute in describe_attributes(attributes) {
        attribute.parse_nested_meta(|meta| {
            let key = meta.path.to_token_stream().to_string();
            if !place.known_keys().contains(&key.as_str()) {
                return Err(unknown_key(&meta, &key, place));
            }
            if seen.contains(&key) {
                return Err(meta.error(format!("`{key}` is already said")));
            }
            read_value(&meta, &key, &mut keys)?;
            seen.push(key);
            Ok(())
        })?;
    }
    if let (Some(skip), true) = (keys.skip, seen.len() > 1) {
        let message = "what is skipped is not described: remove `skip` or the other keys";
        return Err(Error::new(skip, message));
    }
    Ok(keys)
}

/// Refuses `#[describe(…)]` where it would have no effect.
pub fn refuse_keys(attributes: &[Attribute], why: &str) -> Result<()> {
    match describe_attributes(attributes).next() {
        Some(attribute) => Err(Error::new_spanned(attribute, why)),
        None => Ok(()),
    }
}

/// The first paragraph of the doc comment, as one line.
pub fn summary(attributes: &[Attribute]) -> String {
    let comments: Vec<String> = attributes.iter().filter_map(doc_text).collect();
    let paragraph = comments
        .iter()
        .flat_map(|text| lines_of_comment(text))
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty());
    paragraph.collect::<Vec<_>>().join(" ")
}

/// What a `#[doc = "…"]` says, and that is what every doc comment is to a macro.
fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if pair.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

/// `///` is one attribute a line; `/** … */` is one of many lines, which may begin with a star.
fn lines_of_comment(text: &str) -> impl Iterator<Item = &str> {
    let has_stars = text.contains('\n');
    text.split('\n').map(move |line| {
        let line = line.trim();
        let after_star = line.strip_prefix('*').filter(|_| has_stars);
        after_star.map_or(line, str::trim_start)
    })
}

fn describe_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("describe"))
}

fn read_value(meta: &ParseNestedMeta<'_>, key: &str, keys: &mut Keys) -> Result<()> {
    match key {
        "rename_all" => keys.rename_all = Some(read_case(&meta.value()?.parse()?)?),
        "name" => keys.name = Some(read_name(meta.value()?.parse()?)?),
        "unit" => keys.unit = Some(meta.value()?.parse::<LitStr>()?.value()),
        "default" => keys.default = Some(literal_text(&meta.value()?.parse()?)),
        _ => keys.skip = Some(meta.path.span()),
    }
    Ok(())
}

fn read_case(text: &LitStr) -> Result<Case> {
    let wanted = text.value();
    let known = Case::ALL.iter().find(|(name, _)| *name == wanted);
    known.map(|&(_, case)| case).ok_or_else(|| {
        let names = Case::ALL.map(|(name, _)| format!("\"{name}\""));
        let names = names.join(", ");
        Error::new(
            text.span(),
            format!("unknown spelling, expected one of {names}"),
        )
    })
}

fn read_name(text: LitStr) -> Result<LitStr> {
    if text.value().is_empty() {
        return Err(Error::new(text.span(), "a name can not be empty"));
    }
    Ok(text)
}

/// The value of a string or character, the spelling of everything else.
fn literal_text(literal: &Lit) -> String {
    match literal {
        Lit::Str(text) => text.value(),
        Lit::Char(letter) => letter.value().to_string(),
        // Not as tokens: before a sign some compilers put a space.
        Lit::Int(number) => number.to_string(),
        Lit::Float(number) => number.to_string(),
        other => other.to_token_stream().to_string(),
    }
}

fn unknown_key(meta: &ParseNestedMeta<'_>, key: &str, place: Place) -> Error {
    let place_name = match place {
        Place::Type => "a type",
        Place::Field => "a field",
        Place::Variant => "a variant",
    };
    let known = place.known_keys().join("`, `");
    let known = match place.known_keys().len() {
        1 => format!("`{known}`"),
        _ => format!("one of `{known}`"),
    };
    meta.error(format!(
        "unknown key `{key}` on {place_name}, expected {known}"
    ))
}
