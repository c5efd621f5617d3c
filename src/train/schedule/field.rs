//! The field of a race, and what lies beyond its edge.

use crate::train::candidate::Candidate;

/// The largest regularization that settings may have.
const MOST: f32 = 1000.0;

/// The candidate next to `winner` beyond the edge of the field, if the winner stands there: among the candidates of the field
/// that differ from it in regularization alone its own is the lowest or the highest. The step is as long, as a factor, as
/// the last one inside.
pub(super) fn beyond(field: &[Candidate], winner: &Candidate) -> Option<Candidate> {
    let alike = |other: &&Candidate| other.with_regularization(winner.regularization()) == *winner;
    let mut numbers: Vec<f32> = field.iter().filter(alike).map(Candidate::regularization).collect();
    numbers.sort_by(f32::total_cmp);
    numbers.dedup();
    let (edge, inside) = match numbers[..] {
        [lowest, next, ..] if winner.regularization() <= lowest => (lowest, next),
        [.., next, highest] if winner.regularization() >= highest => (highest, next),
        _ => return None,
    };
    let further = edge * (edge / inside);
    (further > 0.0 && further <= MOST).then(|| winner.with_regularization(further))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::choices::Start;
    use crate::train::settings::Settings;

    fn candidate(start: Start, regularization: f32) -> Candidate {
        Candidate::over(&Settings::default(), Some(start), regularization, 0.0)
    }

    #[test]
    fn beyond_an_edge_the_steps_go_on() {
        let mut field: Vec<Candidate> =
            [0.1, 0.05, 0.2].map(|number| candidate(Start::Centred, number)).to_vec();
        field.extend([0.01, 3.0].map(|number| candidate(Start::Offset, number)));
        let next =
            |start, number| beyond(&field, &candidate(start, number)).map(|next| next.regularization());
        assert_eq!(next(Start::Centred, 0.05), Some(0.025));
        assert_eq!(next(Start::Centred, 0.2), Some(0.4));
        assert_eq!(next(Start::Centred, 0.1), None, "inside");
        assert_eq!(next(Start::Offset, 3.0), Some(900.0));
        assert_eq!(beyond(&field[..1], &field[0]), None, "of a single one no step is known");
        field.push(candidate(Start::Offset, 900.0));
        assert_eq!(beyond(&field, &candidate(Start::Offset, 900.0)), None, "no setting may be so large");
        let further = beyond(&field, &candidate(Start::Centred, 0.05)).unwrap();
        assert_eq!((further.start(), further.views()), (Start::Centred, 0.0));
    }
}
