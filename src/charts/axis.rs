//! An axis: its range, the position of a number on it, and the ticks with their labels.

/// The approximate number of ticks on an axis of numbers.
const TICKS: f64 = 6.0;

/// The most names written under an axis; if there are more, only some are.
const NAMES: usize = 11;

/// One axis of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    /// Its label.
    pub(crate) label: String,
    /// The smallest and the largest number; not equal.
    pub(crate) range: (f64, f64),
    /// Numbers with their labels.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis wide enough for `values`, from one round number to another. Values that are not finite are
    /// ignored.
    pub(crate) fn numbers(label: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.into_iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low < 1e-9 * high.abs().max(1e-9) {
            let margin = if low.abs() < 1e-9 { 1.0 } else { 0.1 * low.abs() };
            (low, high) = (low - margin, high + margin);
        }
        let step = round_step((high - low) / TICKS);
        let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
        let decimals = (-step.log10()).ceil().clamp(0.0, 9.0) as usize;
        let ticks = (0..=(last - first) as usize).map(|n| {
            let value = (first + n as f64) * step;
            (value, format!("{value:.decimals$}"))
        });
        Self { label: label.into(), range: (first * step, last * step), ticks: ticks.collect() }
    }

    /// The whole numbers from `first` to `last`.
    pub(crate) fn counts(label: &str, first: usize, last: usize) -> Self {
        let step = (round_step((last - first) as f64 / TICKS).ceil() as usize).max(1);
        let inside = (first..=last)
            .filter(|n| n % step == 0 || *n == first && first + step / 2 < first.next_multiple_of(step));
        let ticks = inside.map(|n| (n as f64, n.to_string())).collect();
        let wide = last.max(first + 1);
        Self { label: label.into(), range: (first as f64, wide as f64), ticks }
    }

    /// Parts of a whole, from 0 % to 100 %.
    pub(crate) fn percent(label: &str, (low, high): (u32, u32), step: usize) -> Self {
        let ticks = (low..=high).step_by(step).map(|n| (f64::from(n) / 100.0, format!("{n} %"))).collect();
        Self { label: label.into(), range: (f64::from(low) / 100.0, f64::from(high) / 100.0), ticks }
    }

    /// An axis with a position for each name, at 0, 1, and so on.
    pub(crate) fn names(label: &str, names: &[String]) -> Self {
        let every = names.len().div_ceil(NAMES).max(1);
        let ticks =
            names.iter().enumerate().step_by(every).map(|(n, name)| (n as f64, name.clone())).collect();
        Self { label: label.into(), range: (-0.5, names.len() as f64 - 0.5), ticks }
    }

    /// The position of a number between `from` and `to`.
    pub(crate) fn place(&self, value: f64, (from, to): (f64, f64)) -> f64 {
        let (low, high) = self.range;
        from + (to - from) * (value - low) / (high - low)
    }
}

/// The next larger of 1, 2 and 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.max(1e-9).log10().floor());
    let digit = step / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| digit <= round * (1.0 + 1e-9));
    power * round.unwrap_or(10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn round_numbers_around_the_values() {
        let axis = Axis::numbers("rmse", [0.853, 0.971, f64::NAN, f64::INFINITY]);
        assert_eq!(written(&axis), ["0.84", "0.86", "0.88", "0.90", "0.92", "0.94", "0.96", "0.98"]);
        assert!((axis.range.0 - 0.84).abs() < 1e-12 && (axis.range.1 - 0.98).abs() < 1e-12);
        assert_eq!(written(&Axis::numbers("x", [0.0, 1234.0])), ["0", "500", "1000", "1500"]);
        for odd in
            [vec![], vec![3.0], vec![0.0, 0.0], vec![f64::NAN], vec![-1e-300, 1e-300], vec![1e12, 1e12]]
        {
            let axis = Axis::numbers("x", odd.clone());
            assert!(axis.range.0 < axis.range.1 && (1..20).contains(&axis.ticks.len()), "{odd:?} {axis:?}");
        }
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(written(&Axis::counts("epoch", 1, 4)), ["1", "2", "3", "4"]);
        assert_eq!(written(&Axis::counts("epoch", 1, 50)), ["1", "10", "20", "30", "40", "50"]);
        let one = Axis::counts("epoch", 1, 1);
        assert!(written(&one) == ["1"] && one.range.0 < one.range.1);
    }

    #[test]
    fn places_are_even() {
        let axis = Axis::names("rating", &["1", "2", "3"].map(String::from));
        assert!((axis.place(0.0, (0.0, 300.0)) - 50.0).abs() < 1e-9);
        assert!((axis.place(2.0, (300.0, 0.0)) - 50.0).abs() < 1e-9);
        assert!(Axis::names("many", &vec![String::new(); 40]).ticks.len() <= NAMES);
    }
}
