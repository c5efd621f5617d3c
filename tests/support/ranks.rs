//! Several ranks as threads, and ratings with a long tail for them.

use crate::planted::Planted;
use mfgpu::Result;
use mfgpu::comm::{Comm, Guard, threads};
use mfgpu::ratings::Ratings;
use mfgpu::train::{Event, OpenEngine, Outcome, Settings, Training, train};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Users and items from many ratings to a few, more of both than there are parts.
pub(crate) fn long_tail() -> (Ratings, (usize, usize)) {
    let size = (260, 190);
    let is_rated = |user: usize, item: usize| {
        (user * 7919 + item * 104_729 + user * item * 31) % 1009 < 30_000 / (30 + user) / (3 + item / 4) + 3
    };
    (Planted { noise: 0.3, is_rated, ..Planted::new(size.0, size.1) }.grow().0, size)
}

/// Trains as so many ranks. Rank 0 alone observes. Returns the outcome of each rank.
pub(crate) fn train_as(
    ranks: usize,
    training: Training,
    settings: &Settings,
    open: impl Fn() -> Box<OpenEngine<'static>> + Sync,
    observe: impl Fn(&Event) -> ControlFlow<()> + Sync,
) -> Vec<Result<Outcome>> {
    train_with(&members(ranks), training, settings, open, observe)
}

/// The connections of so many ranks.
pub(crate) fn members(ranks: usize) -> Vec<Arc<dyn Comm>> {
    threads(ranks).into_iter().map(|member| member as _).collect()
}

/// As [`train_as`], with connections that can be asked afterwards.
pub(crate) fn train_with(
    members: &[Arc<dyn Comm>],
    training: Training,
    settings: &Settings,
    open: impl Fn() -> Box<OpenEngine<'static>> + Sync,
    observe: impl Fn(&Event) -> ControlFlow<()> + Sync,
) -> Vec<Result<Outcome>> {
    let (open, observe) = (&open, &observe);
    std::thread::scope(|scope| {
        let all: Vec<_> = members
            .iter()
            .map(|comm| {
                scope.spawn(move || {
                    let is_first = comm.share().is_first();
                    let mut observe = move |event: &Event| {
                        assert!(is_first, "only rank 0 observes");
                        observe(event)
                    };
                    let outcome = train(
                        Training { comm: Some(comm), ..training },
                        settings,
                        &mut *open(),
                        &mut observe,
                    );
                    if outcome.is_err() {
                        drop(Guard::new(&**comm));
                    }
                    outcome
                })
            })
            .collect();
        all.into_iter().map(|rank| rank.join().expect("no panic")).collect()
    })
}
