//! What `#[derive(Describe)]` makes of real types.

use macro_example::{Describe, Description, Item, Kind};

const PLAIN: Item = Item {
    name: "",
    type_name: None,
    summary: "",
    unit: None,
    default: None,
};

#[test]
fn a_struct_tells_all_about_its_fields() {
    /// Where to listen.
    ///
    /// A second paragraph stays in the source.
    #[derive(Describe)]
    #[allow(dead_code)]
    struct Listen {
        /// The port,
        /// or 0.
        #[describe(default = 7007)]
        port: u16,
        #[describe(unit = "s")]
        #[describe(name = "timeout", default = -1.5)]
        time_out: Option<f64>,
        #[describe(skip)]
        secret: String,
    }
    assert_eq!(
        Listen::DESCRIPTION,
        Description {
            name: "Listen",
            kind: Kind::Struct,
            summary: "Where to listen.",
            items: &[
                Item {
                    name: "port",
                    type_name: Some("u16"),
                    summary: "The port, or 0.",
                    default: Some("7007"),
                    ..PLAIN
                },
                Item {
                    name: "timeout",
                    type_name: Some("Option<f64>"),
                    unit: Some("s"),
                    default: Some("-1.5"),
                    ..PLAIN
                },
            ],
        }
    );
}

#[test]
fn an_enum_tells_its_variants_in_the_wanted_spelling() {
    #[derive(Describe)]
    #[describe(rename_all = "SCREAMING_SNAKE_CASE")]
    #[allow(dead_code)]
    enum Level {
        /** As little
         * as possible. */
        AlmostNothing,
        Some(u8),
        #[describe(name = "all")]
        Everything {
            and_more: bool,
        },
    }
    let names = Level::DESCRIPTION.items.iter().map(|item| item.name);
    assert_eq!(names.collect::<Vec<_>>(), ["ALMOST_NOTHING", "SOME", "all"]);
    assert_eq!(Level::DESCRIPTION.kind, Kind::Enum);
    assert_eq!(
        Level::DESCRIPTION.items[0].summary,
        "As little as possible."
    );
}

#[test]
fn generic_tuple_unit_and_raw_named_types_work() {
    #[derive(Describe)]
    #[allow(dead_code)]
    struct Pair<'a, T: Clone, const N: usize>(&'a [T; N], Vec<T>)
    where
        T: Send;
    let items = Pair::<'_, u8, 2>::DESCRIPTION.items;
    let pairs = items.iter().map(|item| (item.name, item.type_name));
    assert_eq!(
        pairs.collect::<Vec<_>>(),
        [("0", Some("&'a [T; N]")), ("1", Some("Vec<T>"))]
    );

    #[derive(Describe)]
    struct Nothing;
    assert!(Nothing::DESCRIPTION.items.is_empty());

    #[derive(Describe)]
    #[allow(dead_code, non_camel_case_types)]
    struct r#struct {
        r#type: u8,
    }
    assert_eq!(r#struct::DESCRIPTION.name, "struct");
    assert_eq!(r#struct::DESCRIPTION.items[0].name, "type");
}

#[test]
fn a_type_that_comes_out_of_another_macro_is_described_like_any_other() {
    macro_rules! holder {
        ($name:ident, $type:ty) => {
            #[derive(Describe)]
            #[allow(dead_code)]
            struct $name {
                held: Option<$type>,
            }
        };
    }
    holder!(Holder, Vec<u8>);
    let item = Holder::DESCRIPTION.items[0];
    assert_eq!(item.type_name, Some("Option<Vec<u8>>"));
}

#[test]
fn a_description_is_known_when_the_program_is_compiled() {
    #[derive(Describe)]
    #[allow(dead_code)]
    struct Three(u8, u8, u8);
    const COUNT: usize = Three::DESCRIPTION.items.len();
    assert_eq!([0; COUNT], [0; 3]);
}

#[test]
fn a_description_prints_as_a_table() {
    /// Numbers.
    #[derive(Describe)]
    #[allow(dead_code)]
    struct Numbers {
        /// The first.
        a: u8,
        #[describe(default = 10, unit = "kg")]
        largest: u64,
    }
    assert_eq!(
        Numbers::DESCRIPTION.to_string(),
        "Numbers: Numbers.\n  a        u8          The first.\n  largest  u64  10 kg"
    );
}
