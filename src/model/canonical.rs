//! Plain data as one line: fields in the order of their names, numbers to 12 significant digits. A scan of a million points has as
//! many, so it is written without a tree of values in between.

use serde::ser::{
    Error, Impossible, Serialize, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::fmt::{self, Display, Write};

/// The line of `value`: `{name:value;...;}` for a struct, `[value;...;]` for a list, `{variant:value;}` for an enum with contents.
///
/// Errors: maps and bytes, which no config has.
pub fn line(value: &impl Serialize) -> Result<String, Unwritten> {
    let mut text = String::new();
    value.serialize(&mut Writer { text: &mut text })?;
    Ok(text)
}

/// `x` to 12 significant digits, with -0 as 0: what an axis value is before anything uses it.
pub fn round12(x: f64) -> f64 {
    quickly_rounded(x).unwrap_or_else(|| {
        // A decimal text of a finite number always parses; the other numbers are returned as they are.
        format!("{x:.11e}").parse::<f64>().unwrap_or(x) + 0.0
    })
}

/// The same without a text, where the result is certain: both a whole number of 12 digits and a power of ten up to 10^22 are doubles,
/// so their quotient is the double next to the decimal number. `None` where the product may have been rounded to the wrong side.
fn quickly_rounded(x: f64) -> Option<f64> {
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ];
    let size = x.abs();
    if !(1e-9..1e10).contains(&size) {
        return None;
    }
    let digits = (11.0 - size.log10().floor()) as usize;
    // The logarithm may be rounded over a whole number.
    let digits = match size * POWERS[digits] {
        few if few < 1e11 => digits + 1,
        many if many >= 1e12 => digits - 1,
        _ => digits,
    };
    let (scaled, power) = (x * POWERS[digits], POWERS[digits]);
    let whole = scaled.round();
    ((scaled - whole).abs() < 0.49).then(|| whole / power)
}

/// A kind of value that has no line.
#[derive(Debug)]
pub struct Unwritten(String);

impl Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritten {}

impl Error for Unwritten {
    fn custom<T: Display>(message: T) -> Unwritten {
        Unwritten(message.to_string())
    }
}

struct Writer<'a> {
    text: &'a mut String,
}

impl Writer<'_> {
    fn put(&mut self, what: impl Display) -> Result<(), Unwritten> {
        // Text grows as long as there is memory.
        let _ = write!(self.text, "{what}");
        Ok(())
    }

    /// A value within a list or an enum.
    fn entry(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Unwritten> {
        value.serialize(&mut Writer { text: self.text })?;
        self.text.push(';');
        Ok(())
    }

    fn real(&mut self, x: f64) -> Result<(), Unwritten> {
        if !x.is_finite() {
            return self.put("null");
        }
        let begin = self.text.len();
        self.put(format_args!("{:e}", x + 0.0))?;
        let digits = self.text[begin..].bytes().take_while(|&c| c != b'e').filter(u8::is_ascii_digit).count();
        // Most numbers were written with few digits, and rounding takes as long as all the rest.
        if digits > 12 {
            self.text.truncate(begin);
            self.put(format_args!("{:e}", round12(x)))?;
        }
        Ok(())
    }
}

/// A list under way.
struct List<'a> {
    writer: Writer<'a>,
    /// What closes it.
    close: &'static str,
}

/// A struct under way.
struct Fields<'a> {
    writer: Writer<'a>,
    begin: usize,
    /// Names of the fields so far, and where each begins.
    fields: Vec<(&'static str, usize)>,
    /// What closes it.
    close: &'static str,
}

impl<'a> Fields<'a> {
    fn new(text: &'a mut String, open: &str, close: &'static str, len: usize) -> Fields<'a> {
        text.push_str(open);
        Fields { begin: text.len(), writer: Writer { text }, fields: Vec::with_capacity(len), close }
    }

    fn field(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Result<(), Unwritten> {
        self.fields.push((name, self.writer.text.len()));
        self.writer.text.push_str(name);
        self.writer.text.push(':');
        self.writer.entry(value)
    }

    fn close(mut self) -> Result<(), Unwritten> {
        if !self.fields.is_sorted() {
            let written = self.writer.text.split_off(self.begin);
            let starts = self.fields.iter().map(|(_, start)| start - self.begin);
            let ends = starts.clone().skip(1).chain([written.len()]);
            let mut ranges: Vec<_> = self.fields.iter().map(|(name, _)| *name).zip(starts.zip(ends)).collect();
            ranges.sort_unstable();
            ranges.iter().for_each(|(_, (start, end))| self.writer.text.push_str(&written[*start..*end]));
        }
        self.fields.clear();
        self.writer.text.push_str(self.close);
        Ok(())
    }
}

macro_rules! displayed {
    ($($method:ident: $type:ty;)*) => { $(
        fn $method(self, x: $type) -> Result<(), Unwritten> {
            self.put(x)
        }
    )* };
}

impl<'a> Serializer for &'a mut Writer<'_> {
    type Ok = ();
    type Error = Unwritten;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Impossible<(), Unwritten>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    displayed! {
        serialize_bool: bool;
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
    }

    fn serialize_f32(self, x: f32) -> Result<(), Unwritten> {
        self.real(x.into())
    }

    fn serialize_f64(self, x: f64) -> Result<(), Unwritten> {
        self.real(x)
    }

    fn serialize_char(self, c: char) -> Result<(), Unwritten> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Unwritten> {
        let quoted = serde_json::to_string(text).map_err(Unwritten::custom)?;
        self.put(quoted)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Unwritten> {
        Err(Unwritten("bytes".into()))
    }

    fn serialize_none(self) -> Result<(), Unwritten> {
        self.put("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritten> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritten> {
        self.put("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritten> {
        self.put("null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Unwritten> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Unwritten> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritten> {
        self.put(format_args!("{{{variant}:"))?;
        self.entry(value)?;
        self.put("}")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Unwritten> {
        self.text.push('[');
        Ok(List { writer: Writer { text: self.text }, close: "]" })
    }

    fn serialize_tuple(self, len: usize) -> Result<List<'a>, Unwritten> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<List<'a>, Unwritten> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Unwritten> {
        self.put(format_args!("{{{variant}:["))?;
        Ok(List { writer: Writer { text: self.text }, close: "];}" })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unwritten> {
        Err(Unwritten("a map".into()))
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Fields<'a>, Unwritten> {
        Ok(Fields::new(self.text, "{", "}", len))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Fields<'a>, Unwritten> {
        self.put(format_args!("{{{variant}:"))?;
        Ok(Fields::new(self.text, "{", "};}", len))
    }
}

macro_rules! listed {
    ($($kind:ident, $method:ident;)*) => { $(
        impl $kind for List<'_> {
            type Ok = ();
            type Error = Unwritten;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritten> {
                self.writer.entry(value)
            }

            fn end(mut self) -> Result<(), Unwritten> {
                self.writer.put(self.close)
            }
        }
    )* };
}

listed! {
    SerializeSeq, serialize_element;
    SerializeTuple, serialize_element;
    SerializeTupleStruct, serialize_field;
    SerializeTupleVariant, serialize_field;
}

macro_rules! fielded {
    ($($kind:ident;)*) => { $(
        impl $kind for Fields<'_> {
            type Ok = ();
            type Error = Unwritten;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unwritten> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Unwritten> {
                self.close()
            }
        }
    )* };
}

fielded! {
    SerializeStruct;
    SerializeStructVariant;
}
