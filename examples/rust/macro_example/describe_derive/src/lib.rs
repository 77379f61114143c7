//! `#[derive(Describe)]`: a type's names, types and doc comments as a value. For use through
//! `macro_example`, which has the trait.
//!
//! The work is done in three steps on `proc_macro2` tokens, so all of it runs in ordinary tests:
//! `attributes` reads what the user wrote in `#[describe(…)]`, `model` makes of the whole type what
//! has to be said, and `expand` says it in Rust.

#![warn(missing_docs)]

mod attributes;
mod case;
mod expand;
mod model;
mod type_text;

use proc_macro::TokenStream;

/// Implements `Describe` for a struct or an enum.
///
/// On the type: `#[describe(rename_all = "kebab-case")]`, or `snake_case`, `camelCase`,
/// `SCREAMING_SNAKE_CASE`.
///
/// On a field: `name = "…"`, `unit = "…"`, `default = <literal>`, `skip`. On a variant: `name`, `skip`.
#[proc_macro_derive(Describe, attributes(describe))]
pub fn derive_describe(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
