// The row update by normal equations, one row a workgroup. row_normal_workgroup.wgsl or
// row_normal_scratch.wgsl is appended: it decides where the triangle of the equations is stored, by `cell`,
// `set_cell` and `meet`, and has the entry point.

struct Entry {
    row: u32,
    start: u32,
    end: u32,
    activity: u32,
    // The row's parts, if its sums were computed in parts.
    first_part: u32,
    parts: u32,
}

@group(0) @binding(5) var<storage, read> entries: array<Entry>;
@group(0) @binding(6) var<storage, read> parts: array<vec4<f32>>;
// The priors of rows, as tiles: first the one that is multiplied by a power of the activity, then the one
// that is not. Then, in rows of PIVOTS quads, what turns the noise of a short row into that of its
// right-hand side.
@group(0) @binding(7) var<storage, read> beliefs: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> own: array<vec4<f32>>;
@group(0) @binding(9) var<storage, read_write> own_states: array<State>;

const UNKNOWNS = FACTORS + 1u;
// The number of tiles on the diagonal that have unknowns, and the position of the right-hand side.
const PIVOTS = (UNKNOWNS + 3u) / 4u;
const RIGHT_TILE = UNKNOWNS / 4u;
const RIGHT_PLACE = UNKNOWNS % 4u;
const BIAS_TILE = FACTORS / 4u;
const BIAS_PLACE = FACTORS % 4u;
const TOLERANCE = f32(UNKNOWNS) * 1.1920929e-7;

var<workgroup> triangles: array<mat4x4<f32>, PIVOTS>;
var<workgroup> inverses: array<vec4<f32>, PIVOTS>;
var<workgroup> diagonals: array<vec4<f32>, PIVOTS>;
var<workgroup> right: array<vec4<f32>, PIVOTS>;
var<workgroup> solution: array<vec4<f32>, PIVOTS>;
var<workgroup> losses: array<vec2<f32>, WORKGROUP>;
var<workgroup> is_left: u32;

// The row whose ratings have noise, the number of the row's own weight, and whether they have.
var<private> noisy_row: u32;
var<private> noisy_weight: f32;
var<private> is_noisy: bool;

fn random_quad(row: u32, block: u32) -> vec4<f32> {
    let counter = vec4<u32>(row, block, params.side, params.draw);
    let words = philox(counter, vec2<u32>(params.key_low, params.key_high));
    return vec4<f32>(normal(words.x), normal(words.y), normal(words.z), normal(words.w));
}

// The noise of a rating, in units where the sums of a row count its weight.
fn shift_of(rating: u32) -> f32 {
    if !is_noisy {
        return 0.0;
    }
    let at = UNKNOWNS + rating;
    return random_quad(noisy_row, at / 4u)[at % 4u] * inverseSqrt(noisy_weight);
}

// Sets up the equations of a row: its ratings and the priors.
fn set_up(entry: Entry, lane: u32) {
    let scale = pow(f32(max(entry.activity, 1u)), params.power);
    let weight = params.rating_weight * own_states[entry.row].factor_sum;
    noisy_row = entry.row;
    noisy_weight = weight;
    is_noisy = params.noise != 0u && entry.end - entry.start <= params.longest_short;
    for (var pass_number = 0u; pass_number < PASSES; pass_number++) {
        sum_ratings(entry.start, select(entry.end, entry.start, entry.parts > 0u), pass_number, lane);
        for (var e = 0u; e < EACH; e++) {
            let tile = (pass_number * EACH + e) * WORKGROUP + lane;
            if tile < TRIANGLE {
                for (var r = 0u; r < 4u; r++) {
                    var sum = sums[e][r];
                    for (var part = 0u; part < entry.parts; part++) {
                        sum += parts[(entry.first_part + part) * PART + 4u * tile + r];
                    }
                    let belief = fma(vec4<f32>(scale), beliefs[4u * tile + r], beliefs[4u * (TRIANGLE + tile) + r]);
                    set_cell(4u * tile + r, fma(vec4<f32>(weight), sum, belief));
                }
            }
        }
    }
    if is_noisy && lane < PIVOTS {
        right[lane] = random_quad(entry.row, lane);
    }
    meet();
    if params.implicit_weight > 0.0 && lane < IMPLICIT_QUADS {
        var sum = implicit_sums;
        for (var part = 0u; part < entry.parts; part++) {
            sum += parts[(entry.first_part + part) * PART + 4u * TRIANGLE + lane];
        }
        for (var r = 0u; r < min(4u, FACTORS - 4u * lane); r++) {
            let at = 4u * tile_number(lane, RIGHT_TILE) + r;
            var row = cell(at);
            row[RIGHT_PLACE] += params.implicit_weight * sum[r];
            set_cell(at, row);
        }
    }
    // The noise of the prior.
    if is_noisy && lane < PIVOTS {
        for (var r = 0u; r < min(4u, UNKNOWNS - 4u * lane); r++) {
            var sum = vec4<f32>(0.0);
            for (var quad = 0u; quad < PIVOTS; quad++) {
                sum = fma(beliefs[8u * TRIANGLE + (4u * lane + r) * PIVOTS + quad], right[quad], sum);
            }
            let at = 4u * tile_number(lane, RIGHT_TILE) + r;
            var row = cell(at);
            row[RIGHT_PLACE] += (sum.x + sum.y) + (sum.z + sum.w);
            set_cell(at, row);
        }
    }
    if lane < PIVOTS {
        let at = 4u * tile_number(lane, lane);
        diagonals[lane] = vec4<f32>(cell(at).x, cell(at + 1u).y, cell(at + 2u).z, cell(at + 3u).w);
    }
    meet();
}

// One over a pivot's root; 0 where rounding leaves nothing of the pivot, or where there is no unknown.
fn inverse_pivot(pivot: f32, diagonal: f32, unknown: u32) -> f32 {
    if unknown < UNKNOWNS && pivot > TOLERANCE * diagonal {
        return 1.0 / sqrt(pivot);
    }
    return 0.0;
}

// Cholesky factorization in place: A becomes U with U' U = A, and the right-hand side b the solution of U' w
// = b. Four unknowns are eliminated at a time. Tiles on the diagonal go to `triangles`.
fn factor(lane: u32) {
    for (var a = 0u; a < PIVOTS; a++) {
        // All invocations compute the same triangle.
        let at = 4u * tile_number(a, a);
        var inverse = vec4<f32>(0.0);
        inverse.x = inverse_pivot(cell(at).x, diagonals[a].x, 4u * a);
        let u0 = cell(at) * inverse.x;
        var row = cell(at + 1u) - u0.y * u0;
        inverse.y = inverse_pivot(row.y, diagonals[a].y, 4u * a + 1u);
        let u1 = row * inverse.y;
        row = cell(at + 2u) - u0.z * u0 - u1.z * u1;
        inverse.z = inverse_pivot(row.z, diagonals[a].z, 4u * a + 2u);
        let u2 = row * inverse.z;
        row = cell(at + 3u) - u0.w * u0 - u1.w * u1 - u2.w * u2;
        inverse.w = inverse_pivot(row.w, diagonals[a].w, 4u * a + 3u);
        let u3 = row * inverse.w;
        if lane == 0u {
            triangles[a] = mat4x4<f32>(u0, u1, u2, u3);
            inverses[a] = inverse;
        }
        for (var b = a + 1u + lane; b < TILES; b += WORKGROUP) {
            let at = 4u * tile_number(a, b);
            let x0 = cell(at) * inverse.x;
            let x1 = (cell(at + 1u) - u0.y * x0) * inverse.y;
            let x2 = (cell(at + 2u) - u0.z * x0 - u1.z * x1) * inverse.z;
            let x3 = (cell(at + 3u) - u0.w * x0 - u1.w * x1 - u2.w * x2) * inverse.w;
            set_cell(at, x0);
            set_cell(at + 1u, x1);
            set_cell(at + 2u, x2);
            set_cell(at + 3u, x3);
        }
        meet();
        let rest = TILES - a - 1u;
        for (var n = lane; n < rest * (rest + 1u) / 2u; n += WORKGROUP) {
            let place = a + 1u + tile_place(n);
            let left = 4u * tile_number(a, place.x);
            let above = 4u * tile_number(a, place.y);
            let at = 4u * tile_number(place.x, place.y);
            var tile = mat4x4<f32>(cell(at), cell(at + 1u), cell(at + 2u), cell(at + 3u));
            for (var s = 0u; s < 4u; s++) {
                let weights = cell(left + s);
                let row = cell(above + s);
                tile[0] -= weights.x * row;
                tile[1] -= weights.y * row;
                tile[2] -= weights.z * row;
                tile[3] -= weights.w * row;
            }
            set_cell(at, tile[0]);
            set_cell(at + 1u, tile[1]);
            set_cell(at + 2u, tile[2]);
            set_cell(at + 3u, tile[3]);
        }
        meet();
    }
}

// The solution of U x = w, or of U x = w + noise, which is a draw from the posterior.
fn solve(row: u32, lane: u32) {
    if lane < PIVOTS {
        var w = vec4<f32>(0.0);
        for (var r = 0u; r < 4u; r++) {
            if lane == RIGHT_TILE {
                w[r] = triangles[lane][r][RIGHT_PLACE];
            } else {
                w[r] = cell(4u * tile_number(lane, RIGHT_TILE) + r)[RIGHT_PLACE];
            }
        }
        if params.noise != 0u && !is_noisy {
            w += random_quad(row, lane);
        }
        right[lane] = w;
    }
    meet();
    for (var n = 0u; n < PIVOTS; n++) {
        let a = PIVOTS - 1u - n;
        let inverse = inverses[a];
        var x = right[a];
        x.w *= inverse.w;
        x.z = (x.z - triangles[a][2].w * x.w) * inverse.z;
        x.y = (x.y - triangles[a][1].z * x.z - triangles[a][1].w * x.w) * inverse.y;
        x.x = (x.x - triangles[a][0].y * x.y - triangles[a][0].z * x.z - triangles[a][0].w * x.w) * inverse.x;
        if lane == 0u {
            solution[a] = x;
        }
        for (var b = lane; b < a; b += WORKGROUP) {
            let at = 4u * tile_number(b, a);
            let done = vec4<f32>(dot(cell(at), x), dot(cell(at + 1u), x), dot(cell(at + 2u), x), dot(cell(at + 3u), x));
            right[b] -= done;
        }
        meet();
    }
}

// The sums of squared errors of the new row: unweighted, and with each error weighted by its fixed row.
fn measure(entry: Entry, bias: f32, lane: u32) -> vec2<f32> {
    var loss = vec2<f32>(0.0);
    for (var n = entry.start + lane; n < entry.end; n += WORKGROUP) {
        let rating = ratings[n];
        var products = vec4<f32>(0.0);
        for (var quad = 0u; quad < IMPLICIT_QUADS; quad++) {
            products = fma(solution[quad], still[rating.other * QUADS + quad], products);
        }
        let state = fixed_states[rating.other];
        let product = (products.x + products.y) + (products.z + products.w);
        let own_bias = select(bias, 0.0, params.plain == 3u);
        let error = residual(target_of(rating.value, params.plain == 3u) - own_bias - state.bias, product);
        loss += weight(rating.value, params.plain == 3u) * error * error * vec2<f32>(1.0, state.factor_sum);
    }
    losses[lane] = loss;
    for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            losses[lane] += losses[lane + half];
        }
    }
    workgroupBarrier();
    return losses[0];
}

fn update_row(entry: Entry, lane: u32) {
    if lane == 0u {
        is_left = u32(params.only_left == 0u || own_states[entry.row].loss < 0.0);
    }
    if workgroupUniformLoad(&is_left) == 0u {
        return;
    }
    set_up(entry, lane);
    factor(lane);
    solve(entry.row, lane);
    let bias = solution[BIAS_TILE][BIAS_PLACE];
    if lane < IMPLICIT_QUADS {
        let factors = 4u * lane + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(FACTORS);
        own[entry.row * QUADS + lane] = select(vec4<f32>(0.0), solution[lane], factors);
    }
    var loss = vec2<f32>(0.0);
    if params.measure != 0u {
        loss = measure(entry, bias, lane);
    }
    if lane == 0u {
        own_states[entry.row].bias = bias;
        if params.measure != 0u {
            own_states[entry.row].loss = loss.x;
            own_states[entry.row].bias_sum = loss.y;
        } else if params.only_left != 0u {
            own_states[entry.row].loss = 0.0;
        }
    }
}
