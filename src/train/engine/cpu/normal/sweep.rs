//! The update of all rows of a side. Each row takes the form that the table of forms gives it.

use super::scratch::Scratches;
use super::sums::gather;
use super::turned::{Turned, turn_back};
use crate::Result;
use crate::ratings::{At, Rows, Staged};
use crate::train::engine::cpu::padded::{Bundle, Padded};
use crate::train::row::normal::{
    Axes, Descend, Directions, FixedSide, Form, Forms, GROUP, Measure, Member, Numbers, Perturbation,
    SharedEquations, ShortMember, ShortScratch, ShortSide, Solve, SolveShort, Sums,
};
use pulp::Arch;
use rayon::prelude::*;

/// The number of ratings in a bundle of rows.
const BUNDLE: usize = 1024;

/// The numbers of the fixed side's rows that stay in the caches of a core.
const NEAR: usize = 1 << 16;

/// What all rows of a sweep share.
struct Sweep<'a> {
    arch: Arch,
    activity: &'a [u32],
    fixed: FixedSide<'a>,
    numbers: &'a Numbers,
    forms: Forms,
    /// For short rows, where there are coordinates for them.
    short: Option<(&'a Axes, ShortSide<'a>)>,
    longest_short: usize,
    shared: Option<&'a SharedEquations>,
    stride: usize,
}

/// The memory of a thread. What only some forms need is made when the first row needs it.
#[derive(Default)]
struct Scratch<'a> {
    stepping: Vec<usize>,
    members: Vec<Member<'a>>,
    directions: Option<Directions>,
    short_members: Vec<ShortMember<'a>>,
    short: Option<ShortScratch>,
    sums: Option<Sums>,
    /// The entries of short rows that are to be solved with an unknown for each factor.
    unclear: Vec<usize>,
}

/// Updates all rows of a side.
pub(in crate::train::engine::cpu) fn sweep(
    arch: Arch,
    (own, fixed): (&mut Padded, &Padded),
    (staged, at): (&Staged, At),
    numbers: &Numbers,
    turned: &mut Turned,
) -> Result<()> {
    let (stride, factors, activity) = (own.stride, own.columns, &staged.activity[at.side][..]);
    let forms = numbers.forms;
    let starts = || staged.pieces(at).iter().flat_map(|rows| rows.starts.windows(2));
    let lengths = || starts().map(|two| (two[1] - two[0]) as usize);
    let longest_short = lengths().filter(|&length| forms.form(length) == Form::Short).max();
    let axes = longest_short.and_then(|_| Axes::of(numbers, factors));
    let fixed = fixed.fixed(factors, numbers.implicit_weight > 0.0);
    let steps = lengths().any(|length| forms.form(length) == Form::Steps);
    let shared = steps.then(|| SharedEquations::new(numbers, factors, stride));
    let sweep = Sweep {
        arch,
        activity,
        fixed,
        numbers,
        forms,
        short: axes.as_ref().map(|axes| (axes, turned.side(fixed, stride, axes, numbers.target.bias()))),
        longest_short: longest_short.unwrap_or(0),
        shared: shared.as_ref(),
        stride,
    };
    let mut unclear = vec![Vec::new(); staged.pieces(at).len()];
    staged.each_piece(at, |piece, rows| {
        let mut scratches = Scratches::new();
        own.bundles(rows, BUNDLE).into_par_iter().for_each(|bundle| {
            scratches.with(Scratch::default, |scratch| sweep.walk(rows, bundle, scratch));
        });
        scratches.each(|scratch: &mut Scratch| unclear[piece].append(&mut scratch.unclear));
        Ok(())
    })?;
    if let Some(axes) = &axes {
        turn_back(own, axes, |row| activity[row] > 0 && forms.form(activity[row] as usize) == Form::Short);
    }
    for (piece, unclear) in unclear.into_iter().enumerate().filter(|(_, unclear)| !unclear.is_empty()) {
        staged.with_piece(at, piece, |rows| {
            let mut is_unclear = vec![false; rows.len()];
            unclear.into_iter().for_each(|entry| is_unclear[entry] = true);
            let scratches = Scratches::new();
            own.bundles(rows, BUNDLE).into_par_iter().for_each(|mut bundle| {
                scratches.with(Scratch::default, |scratch: &mut Scratch| {
                    for entry in bundle.entries.clone().filter(|&entry| is_unclear[entry]) {
                        let sums = scratch.sums.get_or_insert_with(|| sweep.sums());
                        sweep.solve((rows, entry), &mut bundle, sums);
                    }
                });
            });
            Ok(())
        })?;
    }
    Ok(())
}

impl<'a> Sweep<'a> {
    /// Updates the rows of a bundle.
    fn walk<'r>(&self, rows: &'r Rows, mut bundle: Bundle, scratch: &mut Scratch<'r>)
    where
        'a: 'r,
    {
        scratch.stepping.clear();
        scratch.short_members.clear();
        for entry in bundle.entries.clone() {
            let number = rows.row[entry];
            let ratings = rows.ratings.part(rows.span(entry));
            match self.forms.form(ratings.len()) {
                Form::Short if self.short.is_some() => {
                    let place = number as usize - bundle.first;
                    let weight = bundle.states[place].weight();
                    scratch.short_members.push(ShortMember { ratings, entry, number, place, weight });
                }
                Form::Steps => scratch.stepping.push(entry),
                Form::Short | Form::Long => {
                    self.solve((rows, entry), &mut bundle, scratch.sums.get_or_insert_with(|| self.sums()));
                }
            }
        }
        self.descend(rows, &mut bundle, scratch);
        self.solve_short(&mut bundle, scratch);
    }

    fn sums(&self) -> Sums {
        Sums::new(self.fixed.factors)
    }

    /// Sets a row to its solution, or to a draw around it. A short row is drawn by its own noise.
    fn solve(&self, (rows, entry): (&Rows, usize), bundle: &mut Bundle, sums: &mut Sums) {
        let Self { arch, fixed, numbers, stride, .. } = *self;
        let number = rows.row[entry];
        let place = number as usize - bundle.first;
        let (ratings, target) = (rows.ratings.part(rows.span(entry)), numbers.target);
        let own = self.short.filter(|_| self.forms.form(ratings.len()) == Form::Short).zip(numbers.noise);
        let Perturbation { pull, shifts } = own.map_or_else(Perturbation::default, |((axes, _), noise)| {
            let weight = bundle.states[place].weight();
            let of = (axes, numbers, noise);
            Perturbation::of(of, (number, weight), (ratings, fixed.states), fixed.factors)
        });
        gather(arch, fixed, (ratings, target), &shifts, sums);
        let row = &mut bundle.factors[place * stride..][..stride];
        let state = &mut bundle.states[place];
        let activity = self.activity[number as usize];
        arch.dispatch(Solve { sums, row, state, number, activity, numbers, pull: &pull });
        if numbers.measure {
            let (row, bias) = (&*row, state.bias);
            state.set_losses(arch.dispatch(Measure { fixed, ratings, target, row, bias }));
        }
    }

    /// Sets rows with few ratings to their solutions, or to draws around them.
    fn solve_short(&self, bundle: &mut Bundle, scratch: &mut Scratch) {
        let Scratch { short_members, short, unclear, .. } = scratch;
        let Some((axes, side)) = self.short.filter(|_| !short_members.is_empty()) else { return };
        short_members.sort_unstable_by_key(|member| (member.ratings.len(), member.place));
        let scratch = short.get_or_insert_with(|| ShortScratch::new(self.longest_short, self.stride));
        self.arch.dispatch(SolveShort {
            side,
            members: short_members,
            axes,
            numbers: self.numbers,
            factors: &mut *bundle.factors,
            states: &mut *bundle.states,
            scratch,
            unclear,
        });
    }

    /// Moves rows by conjugate gradients.
    fn descend<'r>(&self, rows: &'r Rows, bundle: &mut Bundle, scratch: &mut Scratch<'r>)
    where
        'a: 'r,
    {
        let Self { arch, activity, fixed, numbers, stride, .. } = *self;
        let Scratch { stepping, members, directions, .. } = scratch;
        let Some(shared) = self.shared.filter(|_| !stepping.is_empty()) else { return };
        let directions = directions.get_or_insert_with(|| Directions::new(stride));
        let mut rest = &stepping[..];
        while !rest.is_empty() {
            let (group, behind) = rest.split_at(self.group(rows, rest));
            members.clear();
            for (n, &entry) in group.iter().enumerate() {
                let number = rows.row[entry] as usize;
                let place = number - bundle.first;
                let ratings = rows.ratings.part(rows.span(entry));
                members.push(Member { ratings, activity: activity[number], losses: [0.0; 2] });
                directions.rows[n * stride..][..stride]
                    .copy_from_slice(&bundle.factors[place * stride..][..stride]);
                directions.biases[n] = bundle.states[place].bias;
            }
            arch.dispatch(Descend { fixed, members, numbers, shared, directions });
            for (n, (&entry, member)) in group.iter().zip(&*members).enumerate() {
                let place = rows.row[entry] as usize - bundle.first;
                bundle.factors[place * stride..][..stride]
                    .copy_from_slice(&directions.rows[n * stride..][..stride]);
                bundle.states[place].bias = directions.biases[n];
                if numbers.measure {
                    bundle.states[place].set_losses(member.losses);
                }
            }
            rest = behind;
        }
    }

    /// How many entries step together, from the beginning of a list: their ratings' rows stay in the caches
    /// of a core.
    fn group(&self, rows: &Rows, entries: &[usize]) -> usize {
        let length = |&entry: &usize| rows.span(entry).len();
        let few = |&count: &usize| entries[..count].iter().map(length).sum::<usize>() * self.stride <= NEAR;
        (2..=entries.len().min(GROUP)).take_while(few).last().unwrap_or(1)
    }
}
