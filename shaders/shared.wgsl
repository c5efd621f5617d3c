// Functions that every kernel may use; put in front of each. This file has no bindings, and no constants
// whose names a kernel could want.

// The number of a workgroup. If there are more workgroups than fit one dimension, they are dispatched in rows
// (host: `grid`). The dispatch may then have more workgroups than were asked for; kernels ignore those beyond
// the last.
fn flat_workgroup(workgroup: vec3<u32>, workgroups: vec3<u32>) -> u32 {
    return workgroup.y * workgroups.x + workgroup.x;
}

// The 64-bit product of two words: low word, high word. WGSL has no 64-bit integers.
fn multiply_wide(a: u32, b: u32) -> vec2<u32> {
    let a_low = a & 0xffffu;
    let a_high = a >> 16u;
    let b_low = b & 0xffffu;
    let b_high = b >> 16u;
    let low_high = a_low * b_high;
    let high_low = a_high * b_low;
    let middle = ((a_low * b_low) >> 16u) + (low_high & 0xffffu) + (high_low & 0xffffu);
    return vec2<u32>(a * b, a_high * b_high + (low_high >> 16u) + (high_low >> 16u) + (middle >> 16u));
}

// Philox4x32-10, the exact twin of `math::philox::philox`.
fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    var words = counter;
    var round_key = key;
    for (var round = 0u; round < 10u; round++) {
        let left = multiply_wide(words.x, 0xd2511f53u);
        let right = multiply_wide(words.z, 0xcd9e8d57u);
        words = vec4<u32>(right.y ^ words.y ^ round_key.x, right.x, left.y ^ words.w ^ round_key.y, left.x);
        round_key += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
    }
    return words;
}

// A random word as a number in [0, 1), with 24 bits; the twin of `math::philox::unit`.
fn unit(word: u32) -> f32 {
    return f32(word >> 8u) * (1.0 / 16777216.0);
}

// Unpacks four f16 from two words, without SHADER_F16.
fn unpack_half4(words: vec2<u32>) -> vec4<f32> {
    return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}

fn pack_half4(numbers: vec4<f32>) -> vec2<u32> {
    return vec2<u32>(pack2x16float(numbers.xy), pack2x16float(numbers.zw));
}

// Whether a number is neither infinite nor NaN. Compilers may assume that floats are finite, so comparisons
// of floats prove nothing; comparisons of words do.
fn is_finite(number: f32) -> bool {
    return (bitcast<u32>(number) & 0x7f800000u) != 0x7f800000u;
}

// The logarithm of a positive number that is not subnormal; the twin of `math::gaussian::logarithm`. The
// built-in function is inaccurate on some drivers.
fn logarithm(number: f32) -> f32 {
    let bits = bitcast<u32>(number);
    // The mantissa is between the roots of 1/2 and of 2.
    let exponent = i32((bits + 0x004afb0du) >> 23u) - 127;
    let mantissa = bitcast<f32>(bits - (u32(exponent) << 23u));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let q = s * s;
    let series = ((((1.0 / 9.0) * q + (1.0 / 7.0)) * q + 0.2) * q + (1.0 / 3.0)) * q + 1.0;
    return f32(exponent) * 0.6931472 + 2.0 * s * series;
}

// Maps a random word to a standard normal number; the twin of `math::gaussian::normal`, which names the
// source.
fn normal(word: u32) -> f32 {
    let x = f32(word >> 8u) * (1.0 / 8388608.0) + (1.0 / 16777216.0 - 1.0);
    let w = -logarithm((1.0 - x) * (1.0 + x));
    if w < 5.0 {
        let t = w - 2.5;
        var p = 2.81022636e-08;
        p = p * t + 3.43273939e-07;
        p = p * t - 3.5233877e-06;
        p = p * t - 4.39150654e-06;
        p = p * t + 0.00021858087;
        p = p * t - 0.00125372503;
        p = p * t - 0.00417768164;
        p = p * t + 0.246640727;
        p = p * t + 1.50140941;
        return 1.41421356 * x * p;
    }
    let t = sqrt(w) - 3.0;
    var p = -0.000200214257;
    p = p * t + 0.000100950558;
    p = p * t + 0.00134934322;
    p = p * t - 0.00367342844;
    p = p * t + 0.00573950773;
    p = p * t - 0.0076224613;
    p = p * t + 0.00943887047;
    p = p * t + 1.00167406;
    p = p * t + 2.83297682;
    return 1.41421356 * x * p;
}
