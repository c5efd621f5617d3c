// Sums over ratings for normal equations (docs/maths.md, "als"). A rating is the vector z = (q, 1, y), with
// the factors q of its fixed row and y = value - bias of that row; as a preference, it is (q, 0, y). The sum
// of weight z z' is kept as 4 x 4 tiles of its upper triangle: tile (a, b), a <= b, has number b (b + 1) / 2
// + a and is four vec4, one a row. Put in front of normal_part.wgsl and row_normal.wgsl, which say by
// `shift_of` what is added to a value. CPU form: src/train/row/normal; host twin: src/gpu/kernels/normal.rs.
// Constants: FACTORS; STRIDE, numbers from one row to the next, a multiple of 4; WORKGROUP, at least STRIDE
// / 4; EACH, tiles that an invocation sums at a time; PASSES, the number of passes over the ratings in which
// all tiles are summed; BATCH, ratings that are gathered in workgroup memory.

struct Params {
    rating_weight: f32,
    power: f32,
    implicit_weight: f32,
    // 0: ratings are values; 1: rows themselves, with weight 1 and ratings of 0; 2: with weight 1 and bias 0;
    // 3: ratings are preferences, which no bias explains.
    plain: u32,
    measure: u32,
    noise: u32,
    key_low: u32,
    key_high: u32,
    draw: u32,
    side: u32,
    // Rows of at most so many ratings are drawn by the noise of their ratings (row_short.wgsl).
    longest_short: u32,
    // Whether only the rows are solved that row_short.wgsl has left.
    only_left: u32,
}

struct Rating {
    other: u32,
    value: f32,
}

// The same as in row_sgd_data.wgsl: `factor_sum` is the weight of the row's ratings, `bias_sum` the weighted
// loss.
struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> ratings: array<Rating>;
@group(0) @binding(2) var<storage, read> still: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> fixed_states: array<State>;
@group(0) @binding(4) var<storage, read> implicit_rows: array<vec4<f32>>;

const_assert STRIDE % 4u == 0u && WORKGROUP >= STRIDE / 4u;
const QUADS = STRIDE / 4u;
// The number of tiles along FACTORS + 2 columns.
const TILES = (FACTORS + 5u) / 4u;
const TRIANGLE = TILES * (TILES + 1u) / 2u;
const_assert WORKGROUP * EACH * PASSES >= TRIANGLE;
const IMPLICIT_QUADS = (FACTORS + 3u) / 4u;
// The size of a part: the tiles, and the sum of the implicit features.
const PART = 4u * TRIANGLE + TILES;

var<workgroup> batch: array<vec4<f32>, BATCH * TILES>;
var<private> sums: array<mat4x4<f32>, EACH>;
var<private> implicit_sums: vec4<f32>;

fn tile_number(a: u32, b: u32) -> u32 {
    return b * (b + 1u) / 2u + a;
}

fn tile_place(number: u32) -> vec2<u32> {
    var b = u32((sqrt(f32(8u * number + 1u)) - 1.0) * 0.5);
    // Rounding may put the root one too high.
    if b * (b + 1u) / 2u > number {
        b -= 1u;
    }
    if (b + 1u) * (b + 2u) / 2u <= number {
        b += 1u;
    }
    return vec2<u32>(number - b * (b + 1u) / 2u, b);
}

// Four numbers of z, times the root of the weight. The noise of a draw may be added to the value.
fn rating_quad(rating: Rating, quad: u32, shift: f32) -> vec4<f32> {
    let state = fixed_states[rating.other];
    var z = vec4<f32>(0.0);
    if quad < QUADS {
        z = still[rating.other * QUADS + quad];
    }
    let at = 4u * quad + vec4<u32>(0u, 1u, 2u, 3u);
    let is_preference = params.plain == 3u;
    let given = select(target_of(rating.value, is_preference), 0.0, params.plain == 1u);
    let value = select(given - state.bias, given, params.plain == 2u);
    z = select(z, vec4<f32>(select(1.0, 0.0, is_preference)), at == vec4<u32>(FACTORS));
    z = select(z, vec4<f32>(value), at == vec4<u32>(FACTORS + 1u));
    let is_rating = params.plain == 0u || is_preference;
    let root = select(1.0, sqrt(weight(rating.value, is_preference) * state.factor_sum), is_rating);
    z *= root;
    return select(z, z + vec4<f32>(shift), at == vec4<u32>(FACTORS + 1u));
}

// Sums the tiles of one pass over ratings first..end. The first pass also sums their implicit features.
fn sum_ratings(first: u32, end: u32, pass_number: u32, lane: u32) {
    var places: array<vec2<u32>, EACH>;
    for (var e = 0u; e < EACH; e++) {
        sums[e] = mat4x4<f32>();
        places[e] = tile_place(min((pass_number * EACH + e) * WORKGROUP + lane, TRIANGLE - 1u));
    }
    for (var start = first; start < end; start += BATCH) {
        // Wait until all invocations have read the previous batch.
        workgroupBarrier();
        for (var n = lane; n < BATCH * TILES; n += WORKGROUP) {
            let rating = start + n / TILES;
            batch[n] = vec4<f32>(0.0);
            if rating < end {
                let quad = n % TILES;
                var shift = 0.0;
                if quad == (FACTORS + 1u) / 4u {
                    shift = shift_of(rating - first);
                }
                batch[n] = rating_quad(ratings[rating], quad, shift);
            }
        }
        workgroupBarrier();
        for (var n = 0u; n < BATCH; n++) {
            for (var e = 0u; e < EACH; e++) {
                let a = batch[n * TILES + places[e].x];
                let b = batch[n * TILES + places[e].y];
                sums[e][0] = fma(vec4<f32>(a.x), b, sums[e][0]);
                sums[e][1] = fma(vec4<f32>(a.y), b, sums[e][1]);
                sums[e][2] = fma(vec4<f32>(a.z), b, sums[e][2]);
                sums[e][3] = fma(vec4<f32>(a.w), b, sums[e][3]);
            }
        }
        if pass_number == 0u && params.implicit_weight > 0.0 && lane < IMPLICIT_QUADS {
            for (var rating = start; rating < min(end, start + BATCH); rating++) {
                implicit_sums += implicit_rows[ratings[rating].other * QUADS + lane];
            }
        }
    }
}
