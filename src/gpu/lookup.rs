//! What a shader knows of its shape: constants, and tables as functions of an index. An array of constants would be copied to every
//! thread's local memory wherever its index is not known, and a switch makes some compilers take gigabytes. Of a literal each folds to
//! a literal.

/// A constant of a shape.
pub fn size((name, value): (&str, u32)) -> String {
    format!("const {name}: u32 = {value}u;\n")
}

/// The same of a truth value.
pub fn flag((name, value): (&str, bool)) -> String {
    format!("const {name}: bool = {value};\n")
}

/// A WGSL function `name(index)` that is `values[index]`; of an empty table, and beyond its end, any number.
pub fn lookup(name: &str, index: &str, values: impl IntoIterator<Item = u32>) -> String {
    function(name, index, "u32", &number(index, &values.into_iter().collect::<Vec<u32>>()))
}

/// The same of truth values.
pub fn lookup_truth(name: &str, index: &str, values: impl IntoIterator<Item = bool>) -> String {
    let values: Vec<u32> = values.into_iter().map(u32::from).collect();
    let value = match number(index, &values).as_str() {
        "0u" => "false".into(),
        "1u" => "true".into(),
        other => format!("({other}) != 0u"),
    };
    function(name, index, "bool", &value)
}

fn function(name: &str, index: &str, kind: &str, value: &str) -> String {
    format!("fn {name}({index}: u32) -> {kind} {{\n    return {value};\n}}\n\n")
}

/// The shortest of the ways to write a table.
fn number(index: &str, values: &[u32]) -> String {
    progression(index, values).unwrap_or_else(|| {
        let (changes, packed) = (changes(values), Packed::new(values));
        if changes.len() <= packed.words.len() { selected(index, values, &changes) } else { packed.text(index) }
    })
}

/// Values in equal steps upwards.
fn progression(index: &str, values: &[u32]) -> Option<String> {
    let first = values.first().copied().unwrap_or(0);
    let step = values.get(1).map_or(Some(0), |second| second.checked_sub(first))?;
    let in_steps = (0..).zip(values).all(|(i, &value)| u64::from(value) == u64::from(first) + u64::from(step) * i);
    in_steps.then(|| match (first, step) {
        (_, 0) => format!("{first}u"),
        (0, 1) => index.into(),
        (0, _) => format!("{step}u * {index}"),
        _ => format!("{first}u + {step}u * {index}"),
    })
}

/// Where a value differs from the one before.
fn changes(values: &[u32]) -> Vec<usize> {
    (1..values.len()).filter(|&i| values[i] != values[i - 1]).collect()
}

/// The value of the last change that is not beyond the index.
fn selected(index: &str, values: &[u32], changes: &[usize]) -> String {
    let later = |text, &i: &usize| format!("select({text}, {}u, {index} >= {i}u)", values[i]);
    changes.iter().fold(format!("{}u", values[0]), later)
}

/// Values side by side in words.
struct Packed {
    /// Of a value.
    bits: u32,
    words: Vec<u32>,
}

impl Packed {
    fn new(values: &[u32]) -> Self {
        let largest = values.iter().copied().max().unwrap_or(0);
        let bits = (u32::BITS - largest.leading_zeros()).max(1).next_power_of_two();
        let word = |values: &[u32]| (0..).zip(values).fold(0, |word, (i, value)| word | value << (bits * i));
        Packed { bits, words: values.chunks((u32::BITS / bits) as usize).map(word).collect() }
    }

    fn text(&self, index: &str) -> String {
        let in_word = u32::BITS / self.bits;
        let words = (0..self.words.len()).map(|word| word as u32 * in_word);
        let later = |text, (first, word)| match first {
            0 => format!("{word}u"),
            _ => format!("select({text}, {word}u, {index} >= {first}u)"),
        };
        let word = words.zip(&self.words).fold(String::new(), later);
        match in_word {
            1 => word,
            _ => format!("({word} >> ({}u * ({index} % {in_word}u))) & {}u", self.bits, (1u64 << self.bits) - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgpu::naga;

    /// What a text of an index named `index` is: naga folds it to a literal.
    fn evaluated(text: &str, index: usize) -> u32 {
        let source = format!("const VALUE: u32 = {};\n", text.replace("index", &format!("{index}u")));
        let module = naga::front::wgsl::parse_str(&source).expect("a constant");
        let (_, constant) = module.constants.iter().next().expect("one");
        match module.global_expressions[constant.init] {
            naga::Expression::Literal(naga::Literal::U32(value)) => value,
            ref other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_table_gives_its_values() {
        let tables: [&[u32]; 9] = [
            &[7],
            &[0, 1, 2, 3],
            &[4, 7, 10],
            &[5, 5, 5],
            &[1, 1, 1, 9, 9, 4, 4, 4],
            &[0, 3, 1, 2, 0, 3, 3, 1, 2, 2, 0, 1, 1, 0, 2, 3, 1, 0, 2, 1, 3],
            &[900, 3, 70_000, 4, 5, u32::MAX, 0],
            &[0, 1, 0, 1, 1, 0],
            &[200, 3, 17, 255, 4, 9, 77],
        ];
        for values in tables {
            let text = number("index", values);
            for (i, &value) in values.iter().enumerate() {
                assert_eq!(evaluated(&text, i), value, "{text} of {i}");
            }
        }
    }
}
