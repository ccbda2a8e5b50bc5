//! Structs of words that the host and the kernels share, each declared once, as a table: from it come the struct in Rust and
//! the one in WGSL, and what is done with every field.

/// A row of such a table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    /// Type in WGSL.
    pub kind: &'static str,
    pub unit: &'static str,
    pub meaning: &'static str,
}

/// WGSL's `vec4u`.
#[allow(non_camel_case_types, reason = "the name in WGSL")]
pub type vec4u = [u32; 4];

/// A struct of whole words, from rows `name: type, "unit", "meaning";`.
macro_rules! shared_struct {
    ($(#[$attribute:meta])+ $name:ident { $($field:ident: $kind:ident, $unit:literal, $meaning:literal;)+ }) => {
        $(#[$attribute])+
        #[repr(C)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
        pub struct $name {
            $(#[doc = concat!($meaning, " \\[", $unit, "\\]")] pub $field: $kind,)+
        }

        impl $name {
            pub const FIELDS: &[$crate::network::fields::Field] = &[$($crate::network::fields::Field {
                name: stringify!($field),
                kind: stringify!($kind),
                unit: $unit,
                meaning: $meaning,
            }),+];

            /// Bytes before each field.
            pub const OFFSETS: &[usize] = &[$(core::mem::offset_of!($name, $field)),+];

            /// The struct in WGSL.
            pub fn wgsl() -> String {
                $crate::network::fields::wgsl(stringify!($name), Self::FIELDS)
            }
        }
    };
}
pub(crate) use shared_struct;

/// A struct in WGSL.
pub fn wgsl(name: &str, fields: &[Field]) -> String {
    let field = |f: &Field| format!("    /// {} [{}]\n    {}: {},\n", f.meaning, f.unit, f.name, f.kind);
    format!("struct {name} {{\n{}}}\n\n", fields.iter().map(field).collect::<String>())
}
