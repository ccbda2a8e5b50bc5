//! Directions that a trajectory has made dependent: carried on as combinations of fewer.
//!
//! Few multipliers of an orbit are above rounding, and so are few singular values of the derivative of a stretch of it: noise and bursts
//! forget how voltages were distributed. From there on the columns of the derivative are U W, and U alone is carried.

use super::algebra::Mat;
use super::columns::Columns;
use rayon::prelude::*;

/// What is left of every column, relative to the longest one.
const LEFT: f64 = 1e-11;

/// U and W whose product is a matrix to rounding, by pivoted Gram-Schmidt, with rows measured in scales; `None` where U would not have
/// a block of columns less.
pub fn compress(columns: &Columns, scales: &[f64]) -> Option<(Columns, Mat<f64>)> {
    let most = columns.count().saturating_sub(Columns::WIDTH);
    let mut left = columns.clone();
    left.scale_rows(|row| 1.0 / scales[row]);
    let (mut units, mut parts) = (Vec::<Vec<f64>>::new(), Vec::<Vec<f64>>::new());
    let mut lengths = take_out(&mut left, None).1;
    let longest = lengths.iter().copied().fold(0.0, f64::max);
    loop {
        let (pivot, length) = lengths.iter().copied().enumerate().fold((0, 0.0), |a, b| if b.1 > a.1 { b } else { a });
        if length <= LEFT * longest {
            break;
        }
        if units.len() == most {
            return None;
        }
        let mut unit: Vec<f64> = (0..left.rows()).map(|row| left.get(row, pivot) / length).collect();
        // What rounding has left of the others.
        for other in &units {
            let along: f64 = unit.iter().zip(other).map(|(a, b)| a * b).sum();
            unit.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let length = unit.iter().map(|x| x * x).sum::<f64>().sqrt();
        unit.iter_mut().for_each(|x| *x /= length);
        let (along, after) = take_out(&mut left, Some(&unit));
        units.push(unit);
        parts.push(along);
        lengths = after;
    }
    let fewer = Columns::from_fn(left.rows(), units.len(), |row, column| units[column][row] * scales[row]);
    Some((fewer, Mat::from_fn(units.len(), columns.count(), |i, j| parts[i][j])))
}

/// Takes the part along a unit vector out of every column: these parts, and the lengths of what is left.
fn take_out(columns: &mut Columns, unit: Option<&[f64]>) -> (Vec<f64>, Vec<f64>) {
    let count = columns.count();
    let of_block = |block: &mut Vec<super::columns::Block>| {
        let (mut along, mut squares) = ([0.0; Columns::WIDTH], [0.0; Columns::WIDTH]);
        for (row, &u) in block.iter().zip(unit.into_iter().flatten()) {
            along.iter_mut().zip(row).for_each(|(sum, x)| *sum += u * x);
        }
        for (i, row) in block.iter_mut().enumerate() {
            let u = unit.map_or(0.0, |unit| unit[i]);
            for ((x, along), square) in row.iter_mut().zip(&along).zip(&mut squares) {
                *x -= u * along;
                *square += *x * *x;
            }
        }
        (along, squares.map(f64::sqrt))
    };
    let blocks: Vec<_> = columns.blocks_mut().par_iter_mut().map(of_block).collect();
    let (along, lengths): (Vec<[f64; Columns::WIDTH]>, Vec<_>) = blocks.into_iter().unzip();
    let numbers = |blocks: Vec<[f64; Columns::WIDTH]>| blocks.into_iter().flatten().take(count).collect();
    (numbers(along), numbers(lengths))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of rank 5, with rows of very different sizes.
    #[test]
    fn dependent_columns_become_fewer_and_their_product_stays() {
        let scales: Vec<f64> = (0..40).map(|i| 10f64.powi(i % 7)).collect();
        let factor = |i: usize, k: usize| libm::sin(((1 + 7 * i) * (2 + 3 * k)) as f64);
        let element = |i: usize, j: usize| scales[i] * (0..5).map(|k| factor(i, k) * factor(100 + j, k)).sum::<f64>();
        let columns = Columns::from_fn(40, 37, element);
        let (fewer, parts) = compress(&columns, &scales).expect("fewer");
        assert_eq!((fewer.count(), parts.nrows(), parts.ncols()), (5, 5, 37));
        for (i, scale) in scales.iter().enumerate() {
            for j in 0..37 {
                let product: f64 = (0..5).map(|k| fewer.get(i, k) * parts[(k, j)]).sum();
                assert!((product - element(i, j)).abs() < 1e-11 * scale, "{i} {j}: {product} for {}", element(i, j));
            }
        }
        // Of full rank: as they are.
        assert!(compress(&Columns::identity(40), &[1.0; 40]).is_none());
    }
}
