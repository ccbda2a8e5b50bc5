//! What a key may hold: type, range and unit, from which reading, error texts, schema and reference are made.

/// One key of a config.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    /// Unit, empty where there is none.
    pub unit: &'static str,
    pub kind: Kind,
    pub fallback: Fallback,
    pub doc: &'static str,
}

#[derive(Debug)]
pub enum Kind {
    Real(Range),
    Count {
        min: u64,
        max: u64,
    },
    Flag,
    /// Free text, with a phrase for what is allowed.
    Text(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    List(&'static Kind),
    /// A list of fixed length, with the names of its places.
    Tuple(&'static str, &'static [Kind]),
    Map(&'static [Key]),
    /// A map from names chosen by the user; the text describes the name.
    Named(&'static str, &'static Kind),
    Either(&'static [Kind]),
}

/// A finite number between two bounds.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub noun: &'static str,
    pub min: f64,
    pub max: f64,
    /// Whether `min` itself is left out.
    pub above: bool,
}

/// What holds where the key is absent.
#[derive(Clone, Copy, Debug)]
pub enum Fallback {
    Required,
    Real(f64),
    Pair([f64; 2]),
    Count(u64),
    Flag(bool),
    Word(&'static str),
    /// The value of another key.
    Same(&'static str),
    /// What other keys make of it, in words.
    Depends(&'static str),
    /// The defaults of the keys inside.
    Inside,
    /// One of several alternatives that its reader chooses from.
    Alternative,
}

pub const NONE: Kind = Kind::Word(&["none"]);
pub const AUTO: Kind = Kind::Word(&["auto"]);

impl Range {
    pub const fn new(noun: &'static str, min: f64, max: f64) -> Range {
        Range { noun, min, max, above: false }
    }

    pub const fn above(noun: &'static str, min: f64, max: f64) -> Range {
        Range { noun, min, max, above: true }
    }

    pub fn contains(&self, x: f64) -> bool {
        x <= self.max && if self.above { x > self.min } else { x >= self.min }
    }

    pub fn allowed(&self, unit: &str) -> String {
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        // Large bounds are read more easily as 1e9.
        let show = |x: f64| if x.abs() < 1e5 { x.to_string() } else { format!("{x:e}") };
        match self.above {
            true => format!("{} above {}{unit}, at most {}{unit}", self.noun, show(self.min), show(self.max)),
            false => format!("{} from {} to {}{unit}", self.noun, show(self.min), show(self.max)),
        }
    }
}

impl Kind {
    /// What is allowed, in the words of an error message.
    pub fn allowed(&self, unit: &str) -> String {
        match self {
            Kind::Real(range) => range.allowed(unit),
            Kind::Count { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Flag => "true or false".into(),
            Kind::Text(what) => (*what).into(),
            Kind::Word(words) => words.join(" or "),
            Kind::List(inner) => format!("a list, each entry {}", inner.allowed(unit)),
            Kind::Tuple(places, _) => (*places).into(),
            Kind::Map(keys) => {
                format!("a map {{{}}}", keys.iter().map(|k| k.name).collect::<Vec<_>>().join(", "))
            }
            Kind::Named(what, inner) => format!("a map from {what} to {}", inner.allowed(unit)),
            Kind::Either(kinds) => kinds.iter().map(|k| k.allowed(unit)).collect::<Vec<_>>().join(" or "),
        }
    }

    /// The first alternative that `pick` recognises.
    pub fn find<T>(&'static self, pick: &impl Fn(&'static Kind) -> Option<T>) -> Option<T> {
        match self {
            Kind::Either(kinds) => kinds.iter().find_map(|kind| kind.find(pick)),
            kind => pick(kind),
        }
    }

    pub fn range(&'static self) -> Option<&'static Range> {
        self.find(&|kind| if let Kind::Real(range) = kind { Some(range) } else { None })
    }

    pub fn keys(&'static self) -> Option<&'static [Key]> {
        self.find(&|kind| if let Kind::Map(keys) = kind { Some(*keys) } else { None })
    }

    pub fn words(&'static self) -> Option<&'static [&'static str]> {
        self.find(&|kind| if let Kind::Word(words) = kind { Some(*words) } else { None })
    }

    pub fn counts(&'static self) -> Option<(u64, u64)> {
        self.find(&|kind| if let Kind::Count { min, max } = kind { Some((*min, *max)) } else { None })
    }
}

impl Key {
    pub fn allowed(&self) -> String {
        self.kind.allowed(self.unit)
    }
}

impl Fallback {
    /// The default as it would be written, if there is one.
    pub fn text(&self) -> Option<String> {
        match self {
            Fallback::Real(x) => Some(x.to_string()),
            Fallback::Pair([a, b]) => Some(format!("[{a}, {b}]")),
            Fallback::Count(n) => Some(n.to_string()),
            Fallback::Flag(b) => Some(b.to_string()),
            Fallback::Word(word) | Fallback::Same(word) | Fallback::Depends(word) => Some((*word).into()),
            Fallback::Required | Fallback::Inside | Fallback::Alternative => None,
        }
    }
}
