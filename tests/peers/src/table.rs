//! Markdown tables and the middle of a row of figures.

/// A Markdown table; the first column is text, the others are figures.
#[must_use]
pub fn markdown(head: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let ruler = vec!["---:".to_owned(); head.len() - 1];
    let mut text = line(&head);
    text.push_str(&line(&[vec!["---".to_owned()], ruler].concat()));
    text.extend(rows.iter().map(|row| line(row)));
    text
}

/// The median of figures and their quartiles.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// A quarter of the figures is below.
    pub low: f64,
    /// Half of them.
    pub median: f64,
    /// A quarter is above.
    pub high: f64,
}

impl Spread {
    /// Of at least one figure.
    #[must_use]
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |quarters: usize| {
            // Between the two neighbours of the place, as R and numpy do it by default.
            let place = (sorted.len() - 1) * quarters;
            let (index, rest) = (place / 4, place % 4);
            let next = sorted[(index + 1).min(sorted.len() - 1)];
            #[expect(clippy::cast_precision_loss, reason = "0 to 3")]
            let share = rest as f64 / 4.0;
            sorted[index] + (next - sorted[index]) * share
        };
        Self {
            low: at(1),
            median: at(2),
            high: at(3),
        }
    }

    /// `median (low–high)` with so many decimals.
    #[must_use]
    pub fn text(&self, decimals: usize) -> String {
        let Self { low, median, high } = self;
        format!("{median:.decimals$} ({low:.decimals$}–{high:.decimals$})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_their_neighbours() {
        let spread = Spread::of([4.0, 1.0, 3.0, 2.0]);
        assert_eq!(spread.text(2), "2.50 (1.75–3.25)");
        assert_eq!(Spread::of([7.0]).text(0), "7 (7–7)");
    }

    #[test]
    fn a_table_has_a_ruler_and_a_line_a_row() {
        let row = |name: &str, figure: &str| vec![name.to_owned(), figure.to_owned()];
        let text = markdown(&["a", "b"], &[row("x", "1"), row("y", "2")]);
        assert_eq!(text, "| a | b |\n| --- | ---: |\n| x | 1 |\n| y | 2 |\n");
    }
}
