//! YAML as a tree in which every key and value knows where it stands.
//!
//! Only what a config needs: one document of maps, lists and scalars. Anchors, aliases and tags are refused, depth and
//! size are bounded, so the tree is never larger than the text.

use super::error::Problem;
use super::limits;
use super::position::Position;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: Position,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub at: Position,
    pub value: Node,
}

/// A problem of the text itself, with its place and dotted path.
pub(super) type Complaint = (Position, String, Problem);

impl Node {
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text of an unquoted scalar.
    pub fn plain(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, plain: true } => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar, quoted or not.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub fn is_none(&self) -> bool {
        self.text() == Some("none")
    }

    pub fn is_null(&self) -> bool {
        matches!(self.plain(), Some("" | "~" | "null" | "Null" | "NULL"))
    }

    /// What stands here, in the words of an error message.
    pub fn found(&self) -> String {
        match &self.value {
            _ if self.is_null() => "nothing".into(),
            Value::Scalar { text, plain } => {
                // Enough of a long value to recognise it.
                let mut short: String = text.chars().take(40).map(|c| if c.is_control() { ' ' } else { c }).collect();
                if text.chars().count() > 40 {
                    short.push_str("...");
                }
                if *plain { short } else { format!("the text \"{short}\"") }
            }
            Value::List(list) => format!("a list of {}", list.len()),
            Value::Map(entries) if entries.is_empty() => "an empty map".into(),
            Value::Map(entries) => {
                format!("a map of {}", entries.iter().map(|e| e.key.as_str()).take(4).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Position of the deepest existing part of a dotted path.
    pub fn locate(&self, path: &str) -> Position {
        let mut node = self;
        for part in path.split('.') {
            let next = match &node.value {
                Value::Map(entries) => entries.iter().find(|e| e.key == part).map(|e| &e.value),
                Value::List(list) => place(part).and_then(|i| list.get(i)),
                Value::Scalar { .. } => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node.at.clone()
    }
}

/// Reads a text; a complaint about a duplicate key does not stop the reading, any other does.
///
/// `flag` is set where the text is the value of a command-line option.
pub(super) fn parse(text: &str, flag: Option<&Arc<str>>, complaints: &mut Vec<Complaint>) -> Option<Node> {
    let start = position(flag, 1, 0);
    if text.len() > limits::FILE_BYTES {
        let found = format!("{} bytes", text.len());
        complaints.push((start, String::new(), Problem::value(found, format!("at most {} bytes", limits::FILE_BYTES))));
        return None;
    }
    let mut builder = Builder { parser: Parser::new_from_str(text), flag, complaints: Vec::new() };
    let root = match builder.document() {
        Ok(root) => root,
        Err(complaint) => {
            builder.complaints.push(complaint);
            None
        }
    };
    complaints.append(&mut builder.complaints);
    root
}

/// The likely fix for what the scanner says.
const HINTS: [(&str, &str); 7] = [
    ("unprintable", "save the file as UTF-8 text, without control characters"),
    ("tab", "indent with spaces"),
    ("mapping values are not allowed", "check the indentation, or quote a text with a colon"),
    ("simple key", "write a space after the colon of a key"),
    ("may not precede", "write a space after the colon of a key"),
    ("flow mapping", "close the brace, and write commas between keys"),
    ("flow sequence", "close the bracket, and write commas between entries"),
];

fn position(flag: Option<&Arc<str>>, line: usize, column: usize) -> Position {
    match flag {
        Some(flag) => Position::Flag { flag: flag.clone() },
        None => Position::File { line, column: column + 1 },
    }
}

struct Builder<'a> {
    parser: Parser<'a, StrInput<'a>>,
    flag: Option<&'a Arc<str>>,
    complaints: Vec<Complaint>,
}

impl<'a> Builder<'a> {
    fn at(&self, span: &Span) -> Position {
        position(self.flag, span.start.line(), span.start.col())
    }

    fn next(&mut self) -> Result<(Event<'a>, Position), Complaint> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let at = self.at(&span);
                Ok((event, at))
            }
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, position(self.flag, 1, 0))),
        }
    }

    fn syntax(&self, error: &ScanError) -> Complaint {
        let at = position(self.flag, error.marker().line(), error.marker().col());
        let fix = HINTS.iter().find(|(words, _)| error.info().contains(words)).map(|(_, fix)| (*fix).into());
        (at, String::new(), Problem::Syntax { message: error.info().into(), fix })
    }

    fn document(&mut self) -> Result<Option<Node>, Complaint> {
        let mut root = None;
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(root),
                Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
                Event::DocumentStart(_) if root.is_some() => {
                    let problem = Problem::value("a second document", "one document per file");
                    return Err((at, String::new(), problem));
                }
                Event::DocumentStart(_) => {
                    let (event, at) = self.next()?;
                    root = Some(self.node(event, at, "", 0)?);
                }
                _ => {
                    return Err((
                        at,
                        String::new(),
                        Problem::value("text after the document", "one document per file"),
                    ));
                }
            }
        }
    }

    fn node(&mut self, event: Event<'a>, at: Position, path: &str, depth: usize) -> Result<Node, Complaint> {
        let refuse = |found: &str, allowed: &str| Err((at.clone(), path.to_string(), Problem::value(found, allowed)));
        if depth > limits::DEPTH {
            return refuse("a value inside too many others", &format!("at most {} levels", limits::DEPTH));
        }
        let value = match event {
            Event::Alias(_) => return refuse("an alias (*)", "the value itself, written out"),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                return refuse("an anchor (&)", "plain values without anchors");
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                return refuse("a tag (!)", "plain values without tags");
            }
            Event::Scalar(text, style, ..) => {
                Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain }
            }
            Event::SequenceStart(..) => Value::List(self.list(path, depth)?),
            Event::MappingStart(..) => Value::Map(self.map(path, depth)?),
            _ => return refuse("no value", "a value"),
        };
        Ok(Node { at, value })
    }

    fn list(&mut self, path: &str, depth: usize) -> Result<Vec<Node>, Complaint> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(list),
                (event, at) => list.push(self.node(event, at, &join(path, &list.len().to_string()), depth + 1)?),
            }
        }
    }

    fn map(&mut self, path: &str, depth: usize) -> Result<Vec<Entry>, Complaint> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashMap<String, Position> = HashMap::new();
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(entries);
            }
            let Value::Scalar { text: key, .. } = self.node(event, at.clone(), path, depth + 1)?.value else {
                return Err((at, path.to_string(), Problem::value("a list or map as a key", "a name as a key")));
            };
            let path = join(path, &key);
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at, &path, depth + 1)?;
            match seen.get(&key) {
                Some(first) => self.complaints.push((at, path, Problem::Duplicate { first: first.clone() })),
                None => {
                    seen.insert(key.clone(), at.clone());
                    entries.push(Entry { key, at, value });
                }
            }
        }
    }
}

/// A place in a list, which is written in one way: `00` and `+0` are none, or one number would have several paths.
pub fn place(text: &str) -> Option<usize> {
    text.parse().ok().filter(|place: &usize| place.to_string() == text)
}

/// `path.part`, or the one of them that is not empty.
pub(super) fn join(path: &str, part: &str) -> String {
    let dot = if path.is_empty() || part.is_empty() { "" } else { "." };
    format!("{path}{dot}{part}")
}
