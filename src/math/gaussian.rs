//! Normal random numbers from random words, by arithmetic that a GPU repeats (`normal` in
//! `shaders/shared.wgsl`).

#![expect(clippy::excessive_precision, reason = "the coefficients as they were published")]

/// Maps a random word to a number with a standard normal distribution, by the inverse of its distribution
/// function: `√2 erfinv(x)` for `x` evenly spread over (-1, 1) in 2^24 steps, so the largest result is 5.4
/// standard deviations. The polynomials are from Giles 2012, "Approximating the erfinv function" (GPU
/// Computing Gems, Jade edition).
pub fn normal(word: u32) -> f32 {
    let x = ((word >> 8) as f32).mul_add(1.0 / 8_388_608.0, 1.0 / 16_777_216.0 - 1.0);
    let w = -logarithm((1.0 - x) * (1.0 + x));
    let (at, coefficients): (f32, [f32; 9]) = if w < 5.0 { (w - 2.5, NEAR) } else { (w.sqrt() - 3.0, FAR) };
    std::f32::consts::SQRT_2 * x * coefficients.iter().fold(0.0, |sum, c| sum * at + c)
}

/// The logarithm of a positive number that is not subnormal, by the series of the inverse hyperbolic tangent.
fn logarithm(number: f32) -> f32 {
    let bits = number.to_bits();
    // The mantissa is between the roots of a half and of two.
    let exponent = (bits.wrapping_add(0x004a_fb0d) >> 23).cast_signed() - 127;
    let mantissa = f32::from_bits(bits.wrapping_sub(exponent.cast_unsigned() << 23));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let series = ((((1.0 / 9.0) * q + (1.0 / 7.0)) * q + 0.2) * q + (1.0 / 3.0)) * q + 1.0;
    exponent as f32 * std::f32::consts::LN_2 + 2.0 * s * series
}

/// The polynomial for the middle, in powers of `w - 2.5`, the highest first.
const NEAR: [f32; 9] = [
    2.810_226_36e-08,
    3.432_739_39e-07,
    -3.523_387_7e-06,
    -4.391_506_54e-06,
    0.000_218_580_87,
    -0.001_253_725_03,
    -0.004_177_681_64,
    0.246_640_727,
    1.501_409_41,
];

/// The polynomial for the tails, in powers of `√w - 3`, the highest first.
const FAR: [f32; 9] = [
    -0.000_200_214_257,
    0.000_100_950_558,
    0.001_349_343_22,
    -0.003_673_428_44,
    0.005_739_507_73,
    -0.007_622_461_3,
    0.009_438_870_47,
    1.001_674_06,
    2.832_976_82,
];

#[cfg(test)]
mod tests {
    use super::{logarithm, normal};
    use crate::math::philox::philox;

    #[test]
    fn quantiles_of_the_normal_distribution() {
        let word = |share: f64| (share * 4_294_967_296.0) as u32;
        for (share, expected) in [
            (0.5, 0.0),
            (0.975, 1.959_964),
            (0.841_344_75, 1.0),
            (0.001_349_898, -3.0),
            (0.999_999, 4.753_424),
        ] {
            assert!((normal(word(share)) - expected).abs() < 5e-3, "{share} {}", normal(word(share)));
        }
        assert!(normal(0).is_finite() && normal(u32::MAX).is_finite());
        assert!((normal(0) + normal(u32::MAX)).abs() < 1e-6);
    }

    #[test]
    fn logarithms_are_those_of_the_library() {
        for n in 1..2000u32 {
            let number = (f32::from_bits(n * 7919 % (1 << 24) + (110 << 23))).min(1.9);
            let expected = f64::from(number).ln();
            assert!(
                (f64::from(logarithm(number)) - expected).abs() < 3e-7 * (1.0 + expected.abs()),
                "{number}"
            );
        }
    }

    #[test]
    fn moments_of_the_normal_distribution() {
        let (mut sums, count) = ([0f64; 4], 200_000);
        for n in 0..count / 4 {
            for word in philox([n, 0, 0, 0], [1, 2]) {
                let x = f64::from(normal(word));
                (1..).zip(&mut sums).for_each(|(power, sum)| *sum += x.powi(power));
            }
        }
        for (sum, expected) in sums.iter().zip([0.0, 1.0, 0.0, 3.0]) {
            assert!((sum / f64::from(count) - expected).abs() < 0.05, "{sums:?}");
        }
    }
}
