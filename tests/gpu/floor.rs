//! The GPU floor on a real device or on software Vulkan: results equal the host's, and every failure is an
//! error, never a panic.

pub(crate) use on_a_device::cases;

mod on_a_device {
    use crate::support::case::Case;
    use crate::support::device::open;
    use mfgpu::Result;
    use mfgpu::gpu::kernels::row_sgd::State;
    use mfgpu::gpu::operations::{FactorBuffers, Losses, SquaredError};
    use mfgpu::gpu::{
        Binding, Buffer, Checks, DeviceChoice, Gpu, GpuOptions, Kernel, Resource, pad_rows, self_test,
    };
    use mfgpu::math::Matrix;
    use mfgpu::math::philox::{philox, unit};
    use std::time::Duration;

    pub(crate) fn cases() -> Vec<Case> {
        vec![
            Case::on_a_gpu("adapters_are_described_and_chosen", adapters_are_described_and_chosen),
            Case::on_a_gpu("self_test_passes", self_test_passes),
            Case::on_a_gpu("self_test_passes_without_subgroups", self_test_passes_without_subgroups),
            Case::on_a_gpu("buffers_make_the_round_trip", buffers_make_the_round_trip),
            Case::on_a_gpu("slices_show_their_part", slices_show_their_part),
            Case::on_a_gpu("outputs_are_poisoned", outputs_are_poisoned),
            Case::on_a_gpu("oversize_is_an_error", oversize_is_an_error),
            Case::on_a_gpu("memory_limit_counts_what_is_alive", memory_limit_counts_what_is_alive),
            Case::on_a_gpu("wrong_shader_is_an_error", wrong_shader_is_an_error),
            Case::on_a_gpu("wrong_use_is_an_error", wrong_use_is_an_error),
            Case::on_a_gpu("lost_device_is_an_error", lost_device_is_an_error),
            Case::on_a_gpu("hang_is_an_error", hang_is_an_error),
            Case::on_a_gpu("many_workgroups_are_split", many_workgroups_are_split),
            Case::on_a_gpu("squared_error_agrees_with_f64", squared_error_agrees_with_f64),
            Case::on_a_gpu("squared_error_in_tiles_agrees", squared_error_in_tiles_agrees),
            Case::on_a_gpu("squared_error_shows_nan", squared_error_shows_nan),
            Case::on_a_gpu("losses_are_summed", losses_are_summed),
        ]
    }

    fn testing() -> GpuOptions {
        GpuOptions { poison: true, ..GpuOptions::default() }
    }

    fn both_checks() -> [GpuOptions; 2] {
        [Checks::On, Checks::Off].map(|checks| GpuOptions { checks, ..testing() })
    }

    fn adapters_are_described_and_chosen() -> Result<()> {
        let found = mfgpu::gpu::adapters()?;
        assert!(found.iter().enumerate().all(|(n, adapter)| adapter.number == n && !adapter.name.is_empty()));
        let gpu = mfgpu::gpu::open(&DeviceChoice::Gpu, &testing())?.expect("a GPU");
        assert!(gpu.description().max_buffer_size >= 1 << 27, "{:?}", gpu.description());
        let by_name = mfgpu::gpu::open(&DeviceChoice::Name(found[0].name.to_uppercase()), &testing())?;
        assert_eq!(by_name.expect("a GPU").description(), &found[0]);
        let error = mfgpu::gpu::open(&DeviceChoice::GpuNumber(99), &testing()).unwrap_err();
        assert_eq!(error.exit_code(), 5);
        assert!(error.to_string().contains(&found[0].name), "{error}");
        Ok(())
    }

    fn self_test_passes() -> Result<()> {
        for options in both_checks() {
            let report = self_test(&open(&options)?)?;
            assert!(report.compared > 100_000 && report.copy_gigabytes_per_second > 0.0, "{report:?}");
        }
        Ok(())
    }

    fn self_test_passes_without_subgroups() -> Result<()> {
        let report = self_test(&open(&GpuOptions { subgroups: false, ..testing() })?)?;
        assert!(!report.subgroups);
        Ok(())
    }

    fn buffers_make_the_round_trip() -> Result<()> {
        let gpu = open(&testing())?;
        // The last one takes more than one piece of a transfer.
        for len in [0, 1, 3, 4, 5, 1000, (64 << 18) + 7] {
            let values: Vec<u32> = (0..len as u32).map(|n| n.wrapping_mul(2_654_435_761)).collect();
            let buffer = gpu.upload("numbers", &values)?;
            assert!(buffer.download()? == values, "{len} values");
        }
        for len in [1, 2, 3, 5, 1001] {
            let values: Vec<u16> = (0..len).collect();
            assert_eq!(gpu.upload("halves", &values)?.download()?, values);
        }
        let buffer = gpu.upload("numbers", &[1.0_f32, 2.0, 3.0, 4.0])?;
        buffer.write(1, &[7.0, 8.0])?;
        assert_eq!(buffer.download()?, [1.0, 7.0, 8.0, 4.0]);
        assert_eq!(buffer.download_range(2..)?, [8.0, 4.0]);
        assert_eq!(gpu.zeroed::<f32>("zeros", 3)?.download()?, [0.0; 3]);
        Ok(())
    }

    fn slices_show_their_part() -> Result<()> {
        let gpu = open(&testing())?;
        let from = gpu.upload("from", &(0..1024_u32).collect::<Vec<_>>())?;
        let to = gpu.zeroed::<u32>("to", 100)?;
        assert!(from.slice_alignment().is_power_of_two());
        let mut commands = gpu.commands("copy");
        commands.copy(from.slice(512..612)?, to.all())?;
        commands.submit()?.wait()?;
        assert_eq!(to.download()?, (512..612).collect::<Vec<u32>>());
        assert!(from.slice(1..2).is_err() || from.slice_alignment() == 1);
        assert!(from.slice(0..1025).is_err());
        assert!(from.slice(1024..1024).is_ok());
        Ok(())
    }

    fn outputs_are_poisoned() -> Result<()> {
        let output = open(&testing())?.output::<f32>("output", 5)?.download()?;
        assert!(output.iter().all(|number| number.is_nan()), "{output:?}");
        let gpu = open(&GpuOptions::default())?;
        assert_eq!(gpu.output::<f32>("output", 5)?.download()?, [0.0; 5]);
        Ok(())
    }

    fn oversize_is_an_error() -> Result<()> {
        let gpu = open(&testing())?;
        for len in [gpu.limits().max_buffer_size as usize / 4 + 1, usize::MAX / 4, usize::MAX] {
            let error = gpu.zeroed::<f32>("huge", len).unwrap_err();
            assert_eq!(error.exit_code(), 4, "{error}");
            assert!(error.to_string().contains("available"), "{error}");
        }
        assert_eq!(gpu.allocated(), 0);
        gpu.check()?;
        assert_eq!(gpu.upload("after", &[1_u32, 2])?.download()?, [1, 2]);
        Ok(())
    }

    fn memory_limit_counts_what_is_alive() -> Result<()> {
        let gpu = open(&GpuOptions { memory_limit: Some(1 << 20), ..testing() })?;
        let half = gpu.zeroed::<f32>("half", 1 << 17)?;
        assert_eq!(gpu.allocated(), 1 << 19);
        let error = gpu.zeroed::<f32>("too much", (1 << 17) + 1).unwrap_err();
        assert!(error.to_string().contains("524288 available"), "{error}");
        drop(half);
        assert_eq!(gpu.allocated(), 0);
        gpu.zeroed::<f32>("fits now", (1 << 17) + 1)?;
        Ok(())
    }

    fn kernel(source: &'static str) -> Kernel {
        Kernel {
            name: "sample",
            source,
            bindings: &[Binding::ReadWrite("numbers")],
            twins: &[],
            permutations: Vec::new,
        }
    }

    fn wrong_shader_is_an_error() -> Result<()> {
        for options in both_checks() {
            let gpu = open(&options)?;
            for source in [
                "fn sample( {",
                "@compute @workgroup_size(1) fn sample() { let x: u32 = 1.5; }",
                "@compute @workgroup_size(1) fn other_name() {}",
                "@compute @workgroup_size(100000) fn sample() {}",
                "@group(0) @binding(3) var<storage> far: array<f32>;
                 @group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
                 @compute @workgroup_size(1) fn sample() { numbers[0] = far[0]; }",
            ] {
                let error = kernel(source).pipeline(&gpu, &[]).unwrap_err();
                assert!(error.to_string().starts_with("kernel `sample`"), "{error}");
            }
            gpu.check()?;
            self_test(&gpu)?;
        }
        Ok(())
    }

    const FILL: &str = "@group(0) @binding(0) var<storage, read_write> numbers: array<u32>;
        @compute @workgroup_size(2) fn sample(
            @builtin(workgroup_id) workgroup: vec3<u32>,
            @builtin(num_workgroups) workgroups: vec3<u32>,
            @builtin(local_invocation_index) lane: u32,
        ) {
            let index = flat_workgroup(workgroup, workgroups) * 2u + lane;
            if index < arrayLength(&numbers) { numbers[index] = index; }
        }";

    fn wrong_use_is_an_error() -> Result<()> {
        let gpu = open(&GpuOptions { binding_limit: Some(1 << 16), ..testing() })?;
        let pipeline = kernel(FILL).pipeline(&gpu, &[])?;
        assert!(pipeline.bind::<Resource<'_>>(&[]).is_err());
        let large = gpu.zeroed::<u32>("large", 1 << 15)?;
        let error = pipeline.bind(&[large.all()]).unwrap_err();
        assert_eq!(error.exit_code(), 4, "{error}");
        assert!(pipeline.bind(&[large.slice(..1 << 14)?]).is_ok());
        let params = gpu.params("params", &[[1_u32; 4]])?;
        assert_eq!(pipeline.bind(&[params.at(0)]).unwrap_err().exit_code(), 5);
        gpu.check()
    }

    fn lost_device_is_an_error() -> Result<()> {
        let gpu = open(&testing())?;
        let numbers = gpu.upload("numbers", &[1_u32, 2, 3])?;
        let pipeline = kernel(FILL).pipeline(&gpu, &[])?;
        let bound = pipeline.bind(&[numbers.all()])?;
        gpu.lose();
        let mut commands = gpu.commands("fill");
        commands.dispatch(&bound, 2);
        let errors = [
            gpu.check().unwrap_err(),
            commands.submit_and_wait().unwrap_err(),
            numbers.download().unwrap_err(),
            numbers.write(0, &[4]).unwrap_err(),
            gpu.zeroed::<f32>("more", 3).unwrap_err(),
            kernel(FILL).pipeline(&gpu, &[]).unwrap_err(),
            pipeline.bind(&[numbers.all()]).unwrap_err(),
        ];
        assert!(gpu.again()?.upload("numbers", &[1_u32, 2, 3])?.download()? == [1, 2, 3]);
        for error in errors {
            assert_eq!(error.exit_code(), 5);
            assert!(error.to_string().contains("lost"), "{error}");
        }
        Ok(())
    }

    fn hang_is_an_error() -> Result<()> {
        let gpu = open(&GpuOptions { timeout: Duration::from_micros(1), ..testing() })?;
        let numbers: Buffer<u32> = gpu.zeroed("numbers", 1 << 20)?;
        let bound = kernel(FILL).pipeline(&gpu, &[])?.bind(&[numbers.all()])?;
        let mut commands = gpu.commands("fill");
        for _ in 0..10 {
            commands.dispatch(&bound, 1 << 19);
        }
        let error = commands.submit_and_wait().unwrap_err();
        assert!(error.exit_code() == 5 && error.to_string().contains("no answer within"), "{error}");
        Ok(())
    }

    fn many_workgroups_are_split() -> Result<()> {
        let gpu = open(&testing())?;
        let len = 2 * 70_000;
        let numbers: Buffer<u32> = gpu.output("numbers", len)?;
        let bound = kernel(FILL).pipeline(&gpu, &[])?.bind(&[numbers.all()])?;
        let mut commands = gpu.commands("fill");
        commands.dispatch(&bound, 70_000).dispatch(&bound, 0);
        commands.submit_and_wait()?;
        assert!(numbers.download()?.into_iter().eq(0..len as u32));
        Ok(())
    }

    /// Factors and ratings of this size, from a seed.
    struct Sample {
        users: Matrix,
        items: Matrix,
        user_bias: Vec<f32>,
        item_bias: Vec<f32>,
        ratings: (Vec<u32>, Vec<u32>, Vec<f32>),
    }

    impl Sample {
        fn new(rows: usize, columns: usize, k: usize, count: usize) -> Self {
            let number =
                |purpose: u32, n: usize| unit(philox([n as u32, 0, 0, 0], [purpose, k as u32])[0]) - 0.5;
            let numbers = |purpose, len: usize| (0..len).map(|n| number(purpose, n)).collect::<Vec<f32>>();
            let pick =
                |purpose, n, among: usize| (philox([n, 0, 0, 1], [purpose, 0])[0] as usize % among) as u32;
            Self {
                users: Matrix::from_vec(rows, k, numbers(1, rows * k)),
                items: Matrix::from_vec(columns, k, numbers(2, columns * k)),
                user_bias: numbers(3, rows),
                item_bias: numbers(4, columns),
                ratings: (
                    (0..count as u32).map(|n| pick(5, n, rows)).collect(),
                    (0..count as u32).map(|n| pick(6, n, columns)).collect(),
                    numbers(7, count),
                ),
            }
        }

        fn oracle(&self, clip: Option<(f32, f32)>) -> f64 {
            let (users, items, values) = &self.ratings;
            let mut sum = 0.0;
            for n in 0..values.len() {
                let (user, item) = (users[n] as usize, items[n] as usize);
                let mut prediction = f64::from(self.user_bias[user]) + f64::from(self.item_bias[item]);
                for (a, b) in self.users.row(user).iter().zip(self.items.row(item)) {
                    prediction += f64::from(*a) * f64::from(*b);
                }
                if let Some((low, high)) = clip {
                    prediction = prediction.clamp(f64::from(low), f64::from(high));
                }
                sum += (f64::from(values[n]) - prediction).powi(2);
            }
            sum
        }

        fn on(&self, gpu: &Gpu) -> Result<SquaredError> {
            let stride = self.users.columns().next_multiple_of(4);
            let users = gpu.upload("users", &pad_rows(&self.users, stride))?;
            let items = gpu.upload("items", &pad_rows(&self.items, stride))?;
            let states = |biases: &[f32]| {
                biases
                    .iter()
                    .map(|&bias| State { bias, factor_sum: f32::NAN, bias_sum: f32::NAN, loss: f32::NAN })
                    .collect::<Vec<_>>()
            };
            let user_states = gpu.upload("user states", &states(&self.user_bias))?;
            let item_states = gpu.upload("item states", &states(&self.item_bias))?;
            let factors = FactorBuffers {
                users: &users,
                items: &items,
                user_states: &user_states,
                item_states: &item_states,
            };
            let (users, items, values) = &self.ratings;
            SquaredError::new(gpu, stride, factors, (users, items, values))
        }

        /// Compares with the oracle. A product loses a few units in the last place for each of k additions,
        /// and a partial sum for each addition on its path: 16 within a lane, 6 between lanes.
        fn check(&self, gpu: &Gpu) -> Result<()> {
            let k = self.users.columns() as f64;
            let tolerance = (k + 22.0) * f64::from(f32::EPSILON);
            let squared_error = self.on(gpu)?;
            for clip in [None, Some((-0.25, 0.5))] {
                let (sum, oracle) = (squared_error.parts(clip)?.iter().sum::<f64>(), self.oracle(clip));
                assert!((sum - oracle).abs() <= tolerance * oracle, "{sum} {oracle}, k {k}, clip {clip:?}");
                assert_eq!(
                    sum.to_bits(),
                    squared_error.parts(clip)?.iter().sum::<f64>().to_bits(),
                    "not deterministic"
                );
            }
            Ok(())
        }
    }

    fn squared_error_agrees_with_f64() -> Result<()> {
        for options in both_checks() {
            let gpu = open(&options)?;
            for k in 1..=40 {
                Sample::new(37 + k, 23, k, 1500 + 37 * k).check(&gpu)?;
            }
            for (rows, columns, count) in
                [(1, 1, 0), (1, 1, 1), (1, 5, 63), (3, 1, 65), (2, 2, 1023), (9, 9, 1024), (9, 9, 5121)]
            {
                Sample::new(rows, columns, 5, count).check(&gpu)?;
            }
            Sample::new(50, 60, 130, 3000).check(&gpu)?;
        }
        Ok(())
    }

    fn squared_error_in_tiles_agrees() -> Result<()> {
        // A binding of 32 KiB holds 341 rows of 24 numbers, rounded down to 320, and 2 x 1024 ratings.
        let gpu = open(&GpuOptions { binding_limit: Some(32 << 10), ..testing() })?;
        Sample::new(1000, 700, 23, 20_000).check(&gpu)
    }

    /// In one piece; and in several, where a binding holds 2048 states.
    fn losses_are_summed() -> Result<()> {
        for binding_limit in [None, Some(32 << 10)] {
            let gpu = open(&GpuOptions { binding_limit, ..testing() })?;
            for rows in [0, 1, 63, 64, 1025, 5000] {
                let loss = |row: u32| 1.0 / (1.0 + row as f32);
                let mut states: Vec<State> = (0..rows)
                    .map(|row| State { bias: f32::NAN, factor_sum: 1.0, bias_sum: 1.0, loss: loss(row) })
                    .collect();
                let buffer = gpu.upload("states", &states)?;
                let losses = Losses::new(&gpu, &buffer)?;
                let expected: f64 = (0..rows).map(|row| f64::from(loss(row))).sum();
                let sum = losses.parts()?.iter().sum::<f64>();
                assert!(
                    (sum - expected).abs() <= 22.0 * f64::from(f32::EPSILON) * expected,
                    "{sum} {expected}"
                );
                assert_eq!(sum.to_bits(), losses.parts()?.iter().sum::<f64>().to_bits(), "not deterministic");
                if let Some(last) = states.last_mut() {
                    last.loss = f32::NAN;
                    buffer.write(0, &states)?;
                    assert!(losses.parts()?.iter().sum::<f64>().is_nan());
                }
            }
        }
        Ok(())
    }

    fn squared_error_shows_nan() -> Result<()> {
        let gpu = open(&testing())?;
        let mut sample = Sample::new(20, 20, 6, 900);
        sample.user_bias[sample.ratings.0[850] as usize] = f32::NAN;
        let squared_error = sample.on(&gpu)?;
        assert!(
            squared_error.parts(None)?.iter().sum::<f64>().is_nan()
                && squared_error.parts(Some((-1.0, 1.0)))?.iter().sum::<f64>().is_nan()
        );
        // A row number out of range is refused, because the kernel trusts it.
        sample.ratings.0[7] = 20;
        assert!(sample.on(&gpu).is_err());
        Ok(())
    }
}
