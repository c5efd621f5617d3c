//! A phase of training in words.

use crate::show::human;
use mfgpu::run::{Left, PhaseProgress};
use mfgpu::train::{Objective, Phase};

/// What is trained now: `race, setting 3 of 6, epoch 4 of 8`.
pub(super) fn place(at: &PhaseProgress, objective: Objective) -> String {
    let PhaseProgress { phase, setting, epoch, epochs, .. } = at;
    let phase = phase.map_or("training", Phase::name);
    let setting = setting.map_or(String::new(), |[one, of]| format!(", setting {one} of {of}"));
    let lists = if objective == Objective::Lists { " for lists" } else { "" };
    format!("{phase}{lists}{setting}, epoch {epoch} of {epochs}")
}

/// The time that a phase takes yet, in words.
pub(super) fn left(Left { least, most }: Left) -> String {
    let short = |seconds: f64| match seconds {
        ..1.0 => "under 1s".to_owned(),
        1.0..60.0 => format!("{seconds:.0}s"),
        _ => human::time(seconds),
    };
    let (least, most) = (short(least), short(most));
    if least == most { format!(", {most} left") } else { format!(", {least} to {most} left") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mfgpu::train::Event;

    #[test]
    fn a_phase_in_words() {
        let mut at = PhaseProgress::default();
        at.hear(&Event::Begin { phase: Phase::Race, epochs: 50, patience: None });
        at.hear(&Event::Turn { number: 3, of: 6, from: 4, until: 8, left: 20 });
        assert_eq!(place(&at, Objective::Ratings), "race, setting 3 of 6, epoch 4 of 8");
        at.hear(&Event::Begin { phase: Phase::Search, epochs: 12, patience: Some(2) });
        assert_eq!(place(&at, Objective::Lists), "search for lists, epoch 0 of 12");
        for (least, most, words) in [
            (0.2, 0.4, ", under 1s left"),
            (0.2, 3.4, ", under 1s to 3s left"),
            (12.0, 12.0, ", 12s left"),
            (59.0, 200.0, ", 59s to 3m20s left"),
        ] {
            assert_eq!(left(Left { least, most }), words);
        }
    }
}
