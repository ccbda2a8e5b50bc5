//! Tables for readers, whose cells say what a sentence may quote of them: so that sentences never take a text apart.

/// A table for readers; every row is as long as the header.
#[derive(Clone, Debug, Default)]
pub struct TableView {
    /// Unique in a report, fit for a file name.
    pub id: String,
    pub caption: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// What a sentence quotes.
    pub text: String,
    /// A second number beside it: "4/9".
    pub aside: Option<String>,
    /// How large it is, where cells are compared.
    pub size: Option<f64>,
    /// What stands behind it.
    pub rest: String,
    /// Things of the kind of `text` among the rest.
    pub more: usize,
    /// Nothing that a sentence would tell.
    pub untold: bool,
    pub verdict: Verdict,
}

/// How a difference compares with its uncertainty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    #[default]
    None,
    Within,
    Outside,
}

impl Cell {
    pub fn nothing() -> Cell {
        Cell::untold("–")
    }

    pub fn untold(text: impl Into<String>) -> Cell {
        Cell { untold: true, ..Cell::from(text.into()) }
    }

    /// Several things with `between` between them, of which a sentence tells the first `told`; behind a semicolon stand the others.
    pub fn listed(things: &[String], told: usize, between: &str) -> Cell {
        let (first, others) = things.split_at(told.min(things.len()));
        if first.is_empty() {
            return Cell::nothing();
        }
        let rest = if others.is_empty() { String::new() } else { format!("; {}", others.join(between)) };
        Cell { rest, more: others.len(), ..Cell::from(first.join(between)) }
    }

    /// All of it, as the table shows it.
    pub fn whole(&self) -> String {
        let aside = self.aside.as_ref().map_or(String::new(), |aside| format!(" · {aside}"));
        format!("{}{aside}{}", self.text, self.rest)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell { text, ..Cell::default() }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::from(text.to_string())
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Cell {
        text.map_or_else(Cell::nothing, Cell::from)
    }
}

impl TableView {
    /// Of rows that begin with a name each, under `names`.
    pub fn named<C: Into<Cell>>(
        id: impl Into<String>,
        caption: String,
        names: &str,
        header: impl IntoIterator<Item = String>,
        rows: impl IntoIterator<Item = (String, Vec<C>)>,
    ) -> TableView {
        let row = |(name, cells): (String, Vec<C>)| {
            std::iter::once(Cell::from(name)).chain(cells.into_iter().map(C::into)).collect()
        };
        TableView {
            id: id.into(),
            caption,
            header: std::iter::once(names.to_string()).chain(header).collect(),
            rows: rows.into_iter().map(row).collect(),
        }
    }
}
