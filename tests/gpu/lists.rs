//! Lists on each engine: they match a plain `f64` oracle, and the GPU's are identical to the CPU's. Real
//! ratings are used where `MFGPU_DATA` names them.

use crate::scored::{heads, model, ranking, tolerance};
use crate::support::case::{Case, real_ratings};
use crate::support::trained::{model_of, train_on};
use mfgpu::input::{ReadOptions, read_ratings};
use mfgpu::model::Model;
use mfgpu::score::{TopItems, TopOptions};
use mfgpu::train::{Choice, Settings};
use rayon::prelude::*;
use std::sync::OnceLock;

type List = Vec<(u32, f32)>;

fn the_check_can_fail() {
    let ranking = [(4, 3.0), (2, 2.0), (1, 1.0)];
    assert!(heads(&[(4, 3.0), (2, 2.0)], &ranking, 2, 1e-6));
    assert!(!heads(&[(2, 2.0), (4, 3.0)], &ranking, 2, 1e-6));
    assert!(!heads(&[(4, 3.0)], &ranking, 2, 1e-6));
    assert!(!heads(&[(4, 3.0), (1, 1.0)], &ranking, 2, 1e-6));
    assert!(!heads(&[(4, 3.0), (4, 2.0)], &ranking, 2, 1e-6));

    let model = model(3, 40, 5, 2);
    let options = TopOptions { count: 4, ..TopOptions::default() };
    let mut list = on_cpu(&model, &options).expect("lists")[0].clone();
    let ranking = self::ranking(&model, Some(0), &options);
    assert!(heads(&list, &ranking, 4, tolerance(&model)));
    list.swap(0, 3);
    assert!(!heads(&list, &ranking, 4, tolerance(&model)));
}

/// All ratings of `MovieLens` 1M, trained on for a few epochs.
fn ml_1m() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        let folder = real_ratings().expect("only with data").join("ml-1m");
        let files = ["train.csv.gz", "test.csv.gz"].map(|name| folder.join(name));
        let data = read_ratings(&files, &ReadOptions::default(), &mut |_, _| Ok(())).expect("ratings").0;
        let settings = Settings {
            factors: Some(64),
            epochs: Some(4),
            regularization: Choice::Fixed(0.06),
            refit: false,
            ..Settings::default()
        };
        model_of(&train_on(&data, &settings).expect("a model"), &data)
    })
}

/// The ten best items of every user by `f64` scores of all items, sorted.
fn ml_1m_as_the_oracle_says(
    lists: impl FnOnce(&Model, &TopOptions) -> mfgpu::Result<Vec<List>>,
) -> mfgpu::Result<()> {
    let model = ml_1m();
    assert_eq!((model.users.len(), model.items.len()), (6040, 3706));
    let options = TopOptions { count: 10, exclude: Some(&model.rated), ..TopOptions::default() };
    let lists = lists(model, &options)?;
    assert_eq!(lists.len(), 6040);
    let wrong = lists.par_iter().zip(0_u32..6040).filter(|(list, user)| {
        let ranking = ranking(model, Some(*user), &options);
        !heads(list, &ranking, 10, tolerance(model))
    });
    assert_eq!(wrong.count(), 0, "lists that are not the oracle's");
    Ok(())
}

fn all(model: &Model) -> Vec<Option<u32>> {
    (0..model.users.len() as u32).map(Some).collect()
}

fn on_cpu(model: &Model, options: &TopOptions) -> mfgpu::Result<Vec<List>> {
    TopItems::new(model, options).of(&all(model))
}

#[cfg(feature = "gpu")]
mod on_gpu {
    use super::{List, all};
    use crate::scored::model;
    use crate::support::device;
    use mfgpu::Error;
    use mfgpu::gpu::{Budget, Checks, DeviceChoice, GpuOptions};
    use mfgpu::math::Matrix;
    use mfgpu::model::Model;
    use mfgpu::ratings::{Ratings, Scale};
    use mfgpu::score::{TopItems, TopOptions};
    use mfgpu::train::engine::Device;
    use mfgpu::train::{Problem, State};
    use std::sync::Arc;

    pub(super) fn lists(model: &Model, options: &TopOptions) -> mfgpu::Result<Vec<List>> {
        let top = TopItems::on(&device::open(&GpuOptions::default())?, model, options)?;
        assert!(top.on_gpu());
        top.of(&all(model))
    }

    /// Sizes around a group of 64 rows, and lists around the length that is kept at once; with and without
    /// checks, and with bindings so small that items and users come in pieces.
    pub(super) fn the_same_as_on_the_cpu() -> mfgpu::Result<()> {
        let whole = GpuOptions { poison: true, ..GpuOptions::default() };
        let devices = [
            whole.clone(),
            GpuOptions { checks: Checks::On, ..whole.clone() },
            GpuOptions { binding_limit: Some(400 << 10), ..whole },
        ];
        for options in devices {
            let gpu = device::open(&options)?;
            for (users, items, factors, draws) in [
                (1, 1, 1, 1),
                (3, 5, 0, 1),
                (63, 64, 5, 1),
                (64, 65, 64, 1),
                (130, 1200, 16, 1),
                (66, 129, 130, 2),
            ] {
                let model = model(users, items, factors, draws);
                let rows: Vec<Option<u32>> = all(&model).into_iter().chain([None]).collect();
                let allowed: Vec<bool> = (0..items).map(|item| item % 3 == 1 || item > 1000).collect();
                for (count, min_score) in [(1, 3.51), (10, f32::NEG_INFINITY), (500, f32::NEG_INFINITY)] {
                    for (exclude, allowed) in [(None, None), (Some(&model.rated), Some(allowed.as_slice()))] {
                        let options = TopOptions { count, exclude, allowed, min_score, explore: 0.0 };
                        let top = TopItems::on(&gpu, &model, &options)?;
                        let found = top.of(&rows)?;
                        let expected = TopItems::new(&model, &options).of(&rows)?;
                        assert!(found == expected, "{users} x {items}, {factors} factors: {options:?}");
                    }
                }
            }
        }
        Ok(())
    }

    /// Among equal scores the first items are listed, also when lists are already full.
    pub(super) fn ties_are_listed_by_item_number() -> mfgpu::Result<()> {
        let gpu = device::open(&GpuOptions { poison: true, ..GpuOptions::default() })?;
        let mut model = model(70, 1500, 1, 1);
        model.draws[0].items = Matrix::zeros(1500, 1);
        model.draws[0].item_bias = (0..1500).map(|item| ((item * 7) % 3) as f32 - 1.0).collect();
        for count in [10, 500] {
            let options = TopOptions { count, exclude: Some(&model.rated), ..TopOptions::default() };
            let found = TopItems::on(&gpu, &model, &options)?.of(&all(&model))?;
            assert!(found == TopItems::new(&model, &options).of(&all(&model))?, "{count}");
        }
        Ok(())
    }

    /// The CPU makes long lists, and lists with exploration.
    pub(super) fn what_it_cannot_do_is_done_by_the_cpu() -> mfgpu::Result<()> {
        let gpu = device::open(&GpuOptions::default())?;
        let model = model(9, 1500, 3, 2);
        let none = [false; 1500];
        for (count, explore, allowed) in
            [(1200, 0.0, None), (5, 1.0, None), (0, 0.0, None), (5, 0.0, Some(&none[..]))]
        {
            let options = TopOptions { count, explore, allowed, ..TopOptions::default() };
            let top = TopItems::on(&gpu, &model, &options)?;
            assert!(!top.on_gpu());
            assert_eq!(top.of(&all(&model))?, TopItems::new(&model, &options).of(&all(&model))?);
        }
        Ok(())
    }

    /// A device is opened once: it makes lists and trains within one memory limit. A lost device is opened
    /// again with the same options.
    pub(super) fn lists_are_made_within_the_memory_that_training_was_allowed() -> mfgpu::Result<()> {
        const ALLOWED: u64 = 4 << 20;
        let mut ratings = Ratings::default();
        (0..300_u32).for_each(|n| ratings.push(n % 20, n % 17, (n % 5) as f32));
        let scale = Scale::of(&ratings);
        let problem = Arc::new(Problem::new(&ratings, &Ratings::default(), (20, 17), scale, (2, 5)));
        let state = State::start(&problem.staged.position, 8, (-0.1, 0.1), 1);

        let mut device = Device::open(&DeviceChoice::Gpu, Some(Budget::Bytes(ALLOWED)))?;
        let gpu = device.for_lists(1)?.expect("as asked").clone();
        assert_eq!((gpu.options().memory_limit, gpu.allocated()), (Some(ALLOWED), 0));
        let engine = device.engine(Arc::clone(&problem), &state)?;
        assert!(gpu.allocated() > 0, "training is on the same device");
        drop(engine);
        assert_eq!(gpu.allocated(), 0, "and leaves it to the lists");
        let (small, large) = (model(9, 1500, 16, 1), model(9, 1500, 800, 1));
        let options = TopOptions { count: 10, ..TopOptions::default() };
        let found = TopItems::on(&gpu, &small, &options)?.of(&all(&small))?;
        assert!(found == TopItems::new(&small, &options).of(&all(&small))?);
        let refused = TopItems::on(&gpu, &large, &options).err();
        assert!(matches!(refused, Some(Error::TooLarge(_))), "{refused:?}");

        gpu.lose();
        let again = device.for_lists(1)?.expect("as asked");
        assert!(again.check().is_ok() && again.options() == gpu.options());
        assert!(device.engine(problem, &state).is_ok());
        Ok(())
    }

    /// With `auto` the CPU makes small lists; a device that was named makes lists of any size.
    pub(super) fn little_is_left_to_the_cpu() -> mfgpu::Result<()> {
        assert!(Device::open(&DeviceChoice::Auto, None)?.for_lists(1)?.is_none());
        assert!(Device::open_for_lists(&DeviceChoice::Auto, 1)?.opened().is_none());
        assert!(Device::open(&DeviceChoice::Cpu, None)?.for_lists(u64::MAX)?.is_none());
        assert!(Device::open_for_lists(&DeviceChoice::Gpu, 1)?.for_lists(1)?.is_some());
        Ok(())
    }

    /// A lost device is an error, not empty lists.
    pub(super) fn a_lost_device_is_an_error() -> mfgpu::Result<()> {
        let gpu = device::open(&GpuOptions::default())?;
        let model = model(9, 150, 3, 1);
        let top = TopItems::on(&gpu, &model, &TopOptions::default())?;
        gpu.lose();
        assert_eq!(top.of(&all(&model)).unwrap_err().exit_code(), 5);
        Ok(())
    }

    pub(super) fn ml_1m() -> mfgpu::Result<()> {
        super::ml_1m_as_the_oracle_says(lists)
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let real = |case: Case| case.needs("MFGPU_DATA", || real_ratings().is_some());
    #[cfg_attr(not(feature = "gpu"), expect(unused_mut, reason = "for what is added on a GPU"))]
    let mut cases = vec![
        Case::new("the_check_can_fail", the_check_can_fail),
        real(Case::new("ml_1m_on_the_cpu", || ml_1m_as_the_oracle_says(on_cpu))),
    ];
    #[cfg(feature = "gpu")]
    cases.extend([
        Case::on_a_gpu("gpu_the_same_as_on_the_cpu", on_gpu::the_same_as_on_the_cpu),
        Case::on_a_gpu("gpu_ties_are_listed_by_item_number", on_gpu::ties_are_listed_by_item_number),
        Case::on_a_gpu(
            "gpu_what_it_cannot_do_is_done_by_the_cpu",
            on_gpu::what_it_cannot_do_is_done_by_the_cpu,
        ),
        Case::on_a_gpu(
            "gpu_lists_are_made_within_the_memory_that_training_was_allowed",
            on_gpu::lists_are_made_within_the_memory_that_training_was_allowed,
        ),
        Case::on_a_gpu("gpu_little_is_left_to_the_cpu", on_gpu::little_is_left_to_the_cpu),
        Case::on_a_gpu("gpu_a_lost_device_is_an_error", on_gpu::a_lost_device_is_an_error),
        real(Case::on_a_gpu("ml_1m_on_the_gpu", on_gpu::ml_1m)),
    ]);
    cases
}
