//! What has to be said about a type.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{
    ext::IdentExt, spanned::Spanned, Attribute, Data, DeriveInput, Error, Field, Fields, Result,
    Variant,
};

use crate::{
    attributes::{read_keys, refuse_keys, summary, Keys, Place},
    case::Case,
    type_text::type_text,
};

/// A whole type.
#[derive(Debug)]
pub struct Model {
    pub name: String,
    pub kind: Kind,
    pub summary: String,
    pub items: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Struct,
    Enum,
}

/// A field or a variant.
#[derive(Debug, Default)]
pub struct Item {
    pub name: String,
    /// Fields have one, variants do not.
    pub type_text: Option<String>,
    pub summary: String,
    pub unit: Option<String>,
    pub default: Option<String>,
}

/// A field or a variant as it stands in the source.
struct Part<'a> {
    place: Place,
    attributes: &'a [Attribute],
    /// Without `r#`; a field of a tuple struct has its number.
    identifier: String,
    type_text: Option<String>,
    span: Span,
}

impl Model {
    /// Reads a type. All its mistakes are in the one error, each with its own place.
    pub fn read(input: &DeriveInput) -> Result<Self> {
        let mut mistakes = Mistakes::default();
        let keys = mistakes.note(read_keys(&input.attrs, Place::Type));
        let rename_all = keys.and_then(|keys| keys.rename_all);
        let (kind, parts) = match &input.data {
            Data::Struct(data) => (Kind::Struct, fields(&data.fields)),
            Data::Enum(data) => {
                let variants = data.variants.iter().map(|variant| {
                    mistakes.note(refuse_field_keys(variant));
                    part_of_variant(variant)
                });
                (Kind::Enum, variants.collect())
            }
            Data::Union(data) => {
                let message = "a union can not be described: nobody knows which field is there";
                return Err(Error::new(data.union_token.span, message));
            }
        };

        let mut items: Vec<Item> = Vec::new();
        for part in parts {
            let Some(keys) = mistakes.note(read_keys(part.attributes, part.place)) else {
                continue;
            };
            if keys.skip.is_some() {
                continue;
            }
            let (item, span) = part.into_item(keys, rename_all);
            if items.iter().any(|other| other.name == item.name) {
                let message = format!("the name `{}` is already taken", item.name);
                mistakes.note::<()>(Err(Error::new(span, message)));
            }
            items.push(item);
        }
        mistakes.into_result()?;
        Ok(Self {
            name: input.ident.unraw().to_string(),
            kind,
            summary: summary(&input.attrs),
            items,
        })
    }
}

impl Part<'_> {
    /// The item, and where its name comes from.
    fn into_item(self, keys: Keys, rename_all: Option<Case>) -> (Item, Span) {
        let (name, span) = match (keys.name, rename_all) {
            (Some(name), _) => (name.value(), name.span()),
            (None, Some(case)) => (case.apply(&self.identifier), self.span),
            (None, None) => (self.identifier, self.span),
        };
        let item = Item {
            name,
            type_text: self.type_text,
            summary: summary(self.attributes),
            unit: keys.unit,
            default: keys.default,
        };
        (item, span)
    }
}

fn fields(fields: &Fields) -> Vec<Part<'_>> {
    fields.iter().enumerate().map(part_of_field).collect()
}

fn part_of_field((number, field): (usize, &Field)) -> Part<'_> {
    Part {
        place: Place::Field,
        attributes: &field.attrs,
        identifier: match &field.ident {
            Some(identifier) => identifier.unraw().to_string(),
            None => number.to_string(),
        },
        type_text: Some(type_text(field.ty.to_token_stream())),
        span: match &field.ident {
            Some(identifier) => identifier.span(),
            None => field.ty.span(),
        },
    }
}

fn part_of_variant(variant: &Variant) -> Part<'_> {
    Part {
        place: Place::Variant,
        attributes: &variant.attrs,
        identifier: variant.ident.unraw().to_string(),
        type_text: None,
        span: variant.ident.span(),
    }
}

fn refuse_field_keys(variant: &Variant) -> Result<()> {
    let why = "the fields of a variant are not described: put this on the variant";
    for field in &variant.fields {
        refuse_keys(&field.attrs, why)?;
    }
    Ok(())
}

/// Gathers errors, so that users see all of them at once.
#[derive(Default)]
struct Mistakes(Option<Error>);

impl Mistakes {
    fn note<T>(&mut self, outcome: Result<T>) -> Option<T> {
        match (outcome, &mut self.0) {
            (Ok(value), _) => return Some(value),
            (Err(error), Some(all)) => all.combine(error),
            (Err(error), none) => *none = Some(error),
        }
        None
    }

    fn into_result(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
