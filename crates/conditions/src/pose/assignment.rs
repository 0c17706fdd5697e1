//! The cheapest way to pair rows with columns.

/// Pairs each row with at most one column so that the sum of costs is least, by shortest
/// augmenting paths (the Hungarian method in the form of Jonker and Volgenant, 1987). Pairs
/// that cost `most` or more are not made; `costs` has one row of equal length per row.
pub fn assign(costs: &[Vec<f64>], most: f64) -> Vec<Option<usize>> {
    let rows = costs.len();
    let columns = costs.first().map_or(0, Vec::len);
    let side = rows.max(columns);
    if rows == 0 || columns == 0 {
        return vec![None; rows];
    }
    let cost = |row: usize, column: usize| {
        let cost = costs.get(row).and_then(|row| row.get(column)).copied();
        cost.filter(|cost| cost.is_finite())
            .map_or(most, |cost| cost.min(most))
    };
    // Row and column 0 stand for "none": real ones are counted from 1.
    let mut row_price = vec![0.0; side + 1];
    let mut column_price = vec![0.0; side + 1];
    let mut row_of = vec![0; side + 1];
    for row in 1..=side {
        let mut way = vec![0; side + 1];
        let mut least = vec![f64::INFINITY; side + 1];
        let mut done = vec![false; side + 1];
        let mut column = 0;
        row_of[0] = row;
        loop {
            done[column] = true;
            let from = row_of[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for to in 1..=side {
                if done[to] {
                    continue;
                }
                let reduced = cost(from - 1, to - 1) - row_price[from] - column_price[to];
                if reduced < least[to] {
                    least[to] = reduced;
                    way[to] = column;
                }
                if least[to] < step {
                    step = least[to];
                    next = to;
                }
            }
            for to in 0..=side {
                if done[to] {
                    row_price[row_of[to]] += step;
                    column_price[to] -= step;
                } else {
                    least[to] -= step;
                }
            }
            column = next;
            if row_of[column] == 0 {
                break;
            }
        }
        while column != 0 {
            let before = way[column];
            row_of[column] = row_of[before];
            column = before;
        }
    }
    let mut pairs = vec![None; rows];
    for (column, row) in row_of.iter().enumerate().skip(1) {
        if *row <= rows && column <= columns && cost(row - 1, column - 1) < most {
            pairs[row - 1] = Some(column - 1);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The least sum over every way to pair, pairs not made costing `most`.
    fn by_trying(costs: &[Vec<f64>], most: f64, used: u32) -> f64 {
        let Some((row, rest)) = costs.split_first() else {
            return 0.0;
        };
        let none = most + by_trying(rest, most, used);
        row.iter()
            .enumerate()
            .filter(|(column, _)| used & (1 << column) == 0)
            .map(|(column, cost)| cost.min(most) + by_trying(rest, most, used | (1 << column)))
            .fold(none, f64::min)
    }

    #[test]
    fn nearest_first_is_not_always_cheapest() {
        let costs = [vec![0.1, 0.2], vec![0.15, 0.9]];
        assert_eq!(assign(&costs, 1.0), [Some(1), Some(0)]);
        assert_eq!(assign(&costs, 0.18), [Some(0), None]);
        assert_eq!(assign(&[vec![], vec![]], 1.0), [None, None]);
        assert_eq!(assign(&[], 1.0), []);
        assert_eq!(assign(&[vec![f64::NAN]], 1.0), [None]);
    }

    proptest! {
        #[test]
        fn no_other_way_is_cheaper(
            rows in 1_usize..5,
            columns in 1_usize..5,
            values in prop::collection::vec(0.0_f64..1.0, 25),
        ) {
            let costs: Vec<Vec<f64>> = (0..rows)
                .map(|row| (0..columns).map(|column| values[row * 5 + column]).collect())
                .collect();
            let most = 0.7;
            let pairs = assign(&costs, most);
            let sum: f64 = pairs
                .iter()
                .enumerate()
                .map(|(row, column)| column.map_or(most, |column| costs[row][column]))
                .sum();
            prop_assert!((sum - by_trying(&costs, most, 0)).abs() < 1e-9);
        }
    }
}
