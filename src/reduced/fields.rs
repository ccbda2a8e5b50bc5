//! Structs of numbers that are declared once: whatever goes over their fields, here and in a shader, is made from the declaration.

/// What a table says of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Field<E> {
    /// Its name in the struct.
    pub name: &'static str,
    /// Its documentation in the struct.
    pub meaning: &'static str,
    /// What the struct says of each of its fields besides: the unit, if nothing else.
    pub entry: E,
}

/// Declares a struct whose fields are all of the type T, each with an entry of `Name::TABLE`.
macro_rules! fields {
    ($(#[$about:meta])* pub struct $name:ident: $entry:ty {
        $($(#[doc = $meaning:literal])+ $field:ident: $value:expr,)+
    }) => {
        $(#[$about])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name<T> { $($(#[doc = $meaning])+ pub $field: T,)+ }

        impl $name<$crate::reduced::fields::Field<$entry>> {
            /// What is said of every field.
            pub const TABLE: Self = $name {
                $($field: $crate::reduced::fields::Field {
                    name: stringify!($field),
                    meaning: concat!($($meaning),+),
                    entry: $value,
                },)+
            };
        }

        impl<T> $name<T> {
            /// All fields, in order.
            pub fn list(self) -> [T; [$(stringify!($field)),+].len()] {
                [$(self.$field),+]
            }

            /// What `of` makes of each field, in order.
            #[inline(always)]
            pub fn each<U>(&self, mut of: impl FnMut(&T) -> U) -> $name<U> {
                $name { $($field: of(&self.$field),)+ }
            }

            /// Lets `with` change each field, given the other struct's.
            #[inline(always)]
            pub fn with<U>(&mut self, other: $name<U>, mut with: impl FnMut(&mut T, U)) {
                $(with(&mut self.$field, other.$field);)+
            }
        }
    };
}
pub(crate) use fields;
