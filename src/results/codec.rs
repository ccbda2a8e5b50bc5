//! Bytes of the records in `members.log`: little-endian numbers, LEB128 for small ones, lengths before strings.

/// Appends.
#[derive(Debug, Default)]
pub struct Encoder {
    pub bytes: Vec<u8>,
}

/// Takes from the front; `None` where the bytes do not hold what is asked for.
#[derive(Debug)]
pub struct Decoder<'a> {
    pub bytes: &'a [u8],
}

impl Encoder {
    /// Seven bits per byte, least significant first; the high bit says that more follow.
    pub fn whole(&mut self, mut x: u64) {
        while x >= 0x80 {
            self.bytes.push(x as u8 | 0x80);
            x >>= 7;
        }
        self.bytes.push(x as u8);
    }

    pub fn fixed(&mut self, x: u64) {
        self.bytes.extend(x.to_le_bytes());
    }

    pub fn real(&mut self, x: f64) {
        self.bytes.extend(x.to_le_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.whole(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    pub fn reals(&mut self, values: &[f64]) {
        self.whole(values.len() as u64);
        values.iter().for_each(|&x| self.real(x));
    }

    /// `None` is a presence byte of 0.
    pub fn option<T>(&mut self, value: Option<T>, encode: impl FnOnce(&mut Encoder, T)) {
        self.bytes.push(u8::from(value.is_some()));
        if let Some(value) = value {
            encode(self, value);
        }
    }
}

impl<'a> Decoder<'a> {
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.bytes.split_at_checked(n)?;
        self.bytes = rest;
        Some(front)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    pub fn whole(&mut self) -> Option<u64> {
        let mut x = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            x |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(x);
            }
        }
        None
    }

    pub fn fixed(&mut self) -> Option<u64> {
        self.take(8).map(|b| u64::from_le_bytes(b.try_into().expect("eight bytes")))
    }

    pub fn real(&mut self) -> Option<f64> {
        self.fixed().map(f64::from_bits)
    }

    pub fn single(&mut self) -> Option<f32> {
        self.take(4).map(|b| f32::from_le_bytes(b.try_into().expect("four bytes")))
    }

    pub fn text(&mut self) -> Option<&'a str> {
        let length = self.whole()?;
        core::str::from_utf8(self.take(usize::try_from(length).ok()?)?).ok()
    }

    pub fn reals(&mut self) -> Option<Vec<f64>> {
        self.list(Decoder::real)
    }

    /// A length and so many items.
    pub fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = usize::try_from(self.whole()?).ok()?;
        // every item has at least one byte: a damaged length reserves no more than the record is long
        let mut items = Vec::with_capacity(length.min(self.bytes.len()));
        for _ in 0..length {
            items.push(item(self)?);
        }
        Some(items)
    }

    pub fn option<T>(&mut self, item: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            1 => item(self).map(Some),
            _ => None,
        }
    }
}
