//! The model, said in Rust.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

use crate::model::{Item, Kind, Model};

/// The `impl Describe` for `input`.
pub fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Model {
        name,
        kind,
        summary,
        items,
    } = Model::read(input)?;
    let kind = match kind {
        Kind::Struct => quote!(Struct),
        Kind::Enum => quote!(Enum),
    };
    let items = items.iter().map(item);
    let identifier = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics ::macro_example::Describe for #identifier #type_generics #where_clause {
            const DESCRIPTION: ::macro_example::Description = ::macro_example::Description {
                name: #name,
                kind: ::macro_example::Kind::#kind,
                summary: #summary,
                items: &[#(#items),*],
            };
        }
    })
}

fn item(item: &Item) -> TokenStream {
    let Item { name, summary, .. } = item;
    let type_name = option(item.type_text.as_deref());
    let unit = option(item.unit.as_deref());
    let default = option(item.default.as_deref());
    quote! {
        ::macro_example::Item {
            name: #name,
            type_name: #type_name,
            summary: #summary,
            unit: #unit,
            default: #default,
        }
    }
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    /// Each mistake as `text it points at: message`.
    fn mistakes(source: &str) -> Vec<String> {
        let input = syn::parse_str(source).unwrap();
        let errors = expand(&input).unwrap_err().into_iter();
        errors
            .map(|error| {
                let pointed_at = error.span().source_text().unwrap();
                format!("{pointed_at}: {error}")
            })
            .collect()
    }

    #[test]
    fn a_struct_becomes_an_impl_with_a_constant() {
        let input: DeriveInput = parse_quote! {
            /// What it is.
            struct Settings {
                /// How many.
                #[describe(unit = "pieces", default = 3)]
                count: u8,
            }
        };
        let expected = quote! {
            #[automatically_derived]
            impl ::macro_example::Describe for Settings {
                const DESCRIPTION: ::macro_example::Description = ::macro_example::Description {
                    name: "Settings",
                    kind: ::macro_example::Kind::Struct,
                    summary: "What it is.",
                    items: &[::macro_example::Item {
                        name: "count",
                        type_name: ::core::option::Option::Some("u8"),
                        summary: "How many.",
                        unit: ::core::option::Option::Some("pieces"),
                        default: ::core::option::Option::Some("3"),
                    }],
                };
            }
        };
        assert_eq!(expand(&input).unwrap().to_string(), expected.to_string());
    }

    #[test]
    fn generics_and_their_bounds_are_kept() {
        let input: DeriveInput = parse_quote! {
            struct Pair<'a, T: Clone, const N: usize>(&'a [T; N]) where T: Send;
        };
        let expanded = expand(&input).unwrap().to_string();
        let head = quote! {
            impl<'a, T: Clone, const N: usize> ::macro_example::Describe for Pair<'a, T, N>
            where T: Send
        };
        assert!(expanded.contains(&head.to_string()), "{expanded}");
    }

    #[test]
    fn the_mistakes_of_the_whole_type_are_told_at_once_and_where_they_are() {
        let found = mistakes(
            r#"
            #[describe(rename_all = "SHOUTING")]
            struct Settings {
                #[describe(uint = "s")]
                a: u8,
                #[describe(unit = 5)]
                b: u8,
                #[describe(unit = "s", unit = "ms")]
                c: u8,
                #[describe(skip, name = "x")]
                d: u8,
                #[describe(name = "")]
                e: u8,
            }"#,
        );
        let expected = [
            "\"SHOUTING\": unknown spelling, expected one of \"camelCase\", \"kebab-case\", \
             \"SCREAMING_SNAKE_CASE\", \"snake_case\"",
            "uint: unknown key `uint` on a field, expected one of `default`, `name`, `skip`, `unit`",
            "5: expected string literal",
            "unit: `unit` is already said",
            "skip: what is skipped is not described: remove `skip` or the other keys",
            "\"\": a name can not be empty",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn each_place_has_its_own_keys() {
        assert_eq!(
            mistakes("#[describe(skip)] struct S;"),
            ["skip: unknown key `skip` on a type, expected `rename_all`"]
        );
        assert_eq!(
            mistakes("enum E { #[describe(unit = \"s\")] A }"),
            ["unit: unknown key `unit` on a variant, expected one of `name`, `skip`"]
        );
        assert_eq!(
            mistakes("enum E { A { #[describe(skip)] x: u8 } }"),
            ["#[describe(skip)]: the fields of a variant are not described: put this on the variant"]
        );
    }

    #[test]
    fn two_items_can_not_have_one_name() {
        assert_eq!(
            mistakes("struct S { a: u8, #[describe(name = \"a\")] b: u8 }"),
            ["\"a\": the name `a` is already taken"]
        );
        assert_eq!(
            mistakes("#[describe(rename_all = \"kebab-case\")] enum E { AbC, Ab_C }"),
            ["Ab_C: the name `ab-c` is already taken"]
        );
    }

    #[test]
    fn a_union_is_refused_at_its_keyword() {
        assert_eq!(
            mistakes("union U { a: u8, b: i8 }"),
            ["union: a union can not be described: nobody knows which field is there"]
        );
    }

    #[test]
    fn an_attribute_without_its_list_is_refused() {
        let found = mistakes("struct S { #[describe] a: u8 }");
        assert_eq!(found.len(), 1);
        assert!(
            found[0].contains("expected attribute arguments"),
            "{found:?}"
        );
    }
}
