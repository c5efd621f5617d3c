// The row update with an unknown for each rating, for rows with fewer ratings than factors (docs/maths.md,
// "Every row on its shorter side"). A workgroup has ROWS rows, each with a team of TEAM invocations.
// objective.wgsl is put in front. CPU form: src/train/row/normal/short; host twin: src/gpu/kernels/short.rs.
//
// The coordinates are those in which the prior is diagonal: FACTORS numbers and a last one.
// Constants: FACTORS; ROW, the quads of a row; TURNED, 1 if the rows of the fixed side have been turned and
// the solved ones are to be turned back, else 0; CAPACITY, the most ratings of a row, a multiple of 4; TEAM;
// ROWS; EACH, tiles of an invocation.

struct Params {
    rating_weight: f32,
    power: f32,
    implicit_weight: f32,
    // Whether ratings are preferences.
    preferences: u32,
    measure: u32,
    noise: u32,
    key_low: u32,
    key_high: u32,
    draw: u32,
    side: u32,
}

struct Rating {
    other: u32,
    value: f32,
}

struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

struct Entry {
    row: u32,
    start: u32,
    end: u32,
    activity: u32,
    first_part: u32,
    parts: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> ratings: array<Rating>;
@group(0) @binding(2) var<storage, read> still: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> fixed_states: array<State>;
@group(0) @binding(4) var<storage, read> implicit_rows: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> entries: array<Entry>;
// The diagonals of the prior that is multiplied by a power of the activity, and of the other one; their
// pulls.
@group(0) @binding(6) var<storage, read> priors: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> own: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> own_states: array<State>;

// The quads of a row in these coordinates.
const WIDTH = (FACTORS + 4u) / 4u;
const WORKGROUP = TEAM * ROWS;
const TILES = CAPACITY / 4u;
const ALL_TILES = TILES * (TILES + 1u) / 2u;
const_assert EACH * TEAM >= ALL_TILES;
const TRIANGLE = CAPACITY * (CAPACITY + 1u) / 2u;
// Quads that are multiplied at a time.
const CHUNK = 4u;
// Ratings of an invocation.
const SHARE = (CAPACITY + TEAM - 1u) / TEAM;
// The number of refinements, as on the CPU.
const UNCLEAR = 262144.0;

var<workgroup> others: array<u32, ROWS * CAPACITY>;
var<workgroup> roots: array<f32, ROWS * CAPACITY>;
var<workgroup> values: array<f32, ROWS * CAPACITY>;
var<workgroup> noises: array<f32, ROWS * CAPACITY>;
var<workgroup> right: array<f32, ROWS * CAPACITY>;
var<workgroup> found: array<f32, ROWS * CAPACITY>;
var<workgroup> inverses: array<f32, ROWS * CAPACITY>;
var<workgroup> upper: array<f32, ROWS * TRIANGLE>;
var<workgroup> rows: array<vec4<f32>, ROWS * CAPACITY * CHUNK>;
var<workgroup> means: array<vec4<f32>, ROWS * CHUNK>;
var<workgroup> weights: array<vec4<f32>, ROWS * CHUNK>;
var<workgroup> sizes: array<f32, ROWS>;
var<workgroup> most_rounds: u32;

fn coordinates(quad: u32) -> vec4<u32> {
    return 4u * quad + vec4<u32>(0u, 1u, 2u, 3u);
}

// Four numbers of a row of the fixed side.
fn fixed_quad(other: u32, quad: u32) -> vec4<f32> {
    var z = vec4<f32>(0.0);
    if quad < ROW {
        z = still[other * ROW + quad];
    }
    if TURNED == 0u {
        let one = select(1.0, 0.0, params.preferences != 0u);
        z = select(z, vec4<f32>(one), coordinates(quad) == vec4<u32>(FACTORS));
    }
    return z;
}

// One over four numbers of the prior; 0 where there is none.
fn inverse_quad(scale: f32, quad: u32) -> vec4<f32> {
    let prior = fma(vec4<f32>(scale), priors[quad], priors[WIDTH + quad]);
    let proper = prior > vec4<f32>(0.0);
    return select(vec4<f32>(0.0), 1.0 / select(vec4<f32>(1.0), prior, proper), proper);
}

// Four random numbers of a row.
fn normals(row: u32, block: u32) -> vec4<f32> {
    let counter = vec4<u32>(row, block, params.side, params.draw);
    let words = philox(counter, vec2<u32>(params.key_low, params.key_high));
    return vec4<f32>(normal(words.x), normal(words.y), normal(words.z), normal(words.w));
}

// Four numbers of a row before it sees the ratings.
fn mean_quad(entry: Entry, scale: f32, quad: u32) -> vec4<f32> {
    var pull = fma(vec4<f32>(scale), priors[2u * WIDTH + quad], priors[3u * WIDTH + quad]);
    if params.implicit_weight > 0.0 && quad < ROW {
        var sum = vec4<f32>(0.0);
        for (var n = entry.start; n < entry.end; n++) {
            sum += implicit_rows[ratings[n].other * ROW + quad];
        }
        pull += params.implicit_weight * sum;
    }
    let inverse = inverse_quad(scale, quad);
    var mean = inverse * pull;
    if params.noise != 0u {
        mean += sqrt(inverse) * normals(entry.row, quad);
    }
    return mean;
}

fn show_quad(row: u32, quad: u32, numbers: vec4<f32>) {
    if quad < ROW {
        let is_own = vec4<bool>(TURNED == 1u) | (coordinates(quad) < vec4<u32>(FACTORS));
        own[row * ROW + quad] = select(vec4<f32>(0.0), numbers, is_own);
    }
    if TURNED == 0u && quad == FACTORS / 4u {
        own_states[row].bias = numbers[FACTORS % 4u];
    }
}

fn own_quad(row: u32, quad: u32) -> vec4<f32> {
    var numbers = vec4<f32>(0.0);
    if quad < ROW {
        numbers = own[row * ROW + quad];
    }
    if TURNED == 0u && quad == FACTORS / 4u {
        numbers[FACTORS % 4u] = own_states[row].bias;
    }
    return numbers;
}

// The place of an entry of a row's triangle, row <= column.
fn place(row: u32, column: u32) -> u32 {
    return row * CAPACITY - row * (row + 1u) / 2u + column;
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

// How often the solution is refined.
fn rounds(size: f32) -> u32 {
    if size < 4.0 {
        return 0u;
    }
    if size < 512.0 {
        return 1u;
    }
    if size < 16384.0 {
        return 2u;
    }
    return select(0u, 4u, size < UNCLEAR);
}

// Solves U' U x = right; the solution is in `right`.
fn solve(base: u32, corner: u32, lane: u32, is_forward_done: bool) {
    if !is_forward_done {
        for (var n = 0u; n < CAPACITY; n++) {
            workgroupBarrier();
            let w = right[base + n] * inverses[base + n];
            workgroupBarrier();
            if lane == 0u {
                right[base + n] = w;
            }
            for (var m = n + 1u + lane; m < CAPACITY; m += TEAM) {
                right[base + m] -= upper[corner + place(n, m)] * w;
            }
        }
    }
    for (var m = 0u; m < CAPACITY; m++) {
        let n = CAPACITY - 1u - m;
        workgroupBarrier();
        let x = right[base + n] * inverses[base + n];
        workgroupBarrier();
        if lane == 0u {
            right[base + n] = x;
        }
        for (var above = lane; above < n; above += TEAM) {
            right[base + above] -= upper[corner + place(above, n)] * x;
        }
    }
    workgroupBarrier();
}

// Adds the share of the ratings to the row, for the solution in `right`.
fn add_ratings(entry: Entry, scale: f32, base: u32, lane: u32) {
    let count = entry.end - entry.start;
    for (var quad = lane; quad < WIDTH; quad += TEAM) {
        var sum = vec4<f32>(0.0);
        for (var n = 0u; n < count; n++) {
            sum = fma(vec4<f32>(roots[base + n] * right[base + n]), fixed_quad(others[base + n], quad), sum);
        }
        let before = own_quad(entry.row, quad);
        show_quad(entry.row, quad, fma(inverse_quad(scale, quad), sum, before));
    }
}

@compute @workgroup_size(WORKGROUP)
fn row_short(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
) {
    let team = index / TEAM;
    let lane = index % TEAM;
    let number = flat_workgroup(workgroup, workgroups) * ROWS + team;
    let is_there = number < arrayLength(&entries);
    var entry = Entry(0u, 0u, 0u, 0u, 0u, 0u);
    if is_there {
        entry = entries[number];
    }
    let count = entry.end - entry.start;
    let scale = pow(f32(max(entry.activity, 1u)), params.power);
    let base = team * CAPACITY;
    let corner = team * TRIANGLE;
    let is_preference = params.preferences != 0u;

    // Ratings beyond the last have no weight: the equation of each is x = 0.
    for (var n = lane; n < CAPACITY; n += TEAM) {
        others[base + n] = 0u;
        roots[base + n] = 0.0;
        values[base + n] = 0.0;
        noises[base + n] = 0.0;
        if n < count {
            let rating = ratings[entry.start + n];
            let state = fixed_states[rating.other];
            let counts = weight(rating.value, is_preference) * state.factor_sum;
            others[base + n] = rating.other;
            roots[base + n] = sqrt(params.rating_weight * own_states[entry.row].factor_sum * counts);
            values[base + n] = target_of(rating.value, is_preference) - state.bias;
            if params.noise != 0u {
                let at = FACTORS + 1u + n;
                noises[base + n] = normals(entry.row, at / 4u)[at % 4u];
            }
        }
    }

    // The products of the rows with each other, and with the row before it sees the ratings.
    var tiles: array<mat4x4<f32>, EACH>;
    var places: array<vec2<u32>, EACH>;
    var products: array<f32, SHARE>;
    for (var e = 0u; e < EACH; e++) {
        tiles[e] = mat4x4<f32>();
        places[e] = tile_place(min(e * TEAM + lane, ALL_TILES - 1u));
    }
    for (var s = 0u; s < SHARE; s++) {
        products[s] = 0.0;
    }
    for (var start = 0u; start < WIDTH; start += CHUNK) {
        workgroupBarrier();
        for (var n = lane; n < CAPACITY * CHUNK; n += TEAM) {
            let rating = n / CHUNK;
            let quad = start + n % CHUNK;
            var z = vec4<f32>(0.0);
            if rating < count && quad < WIDTH {
                z = fixed_quad(others[base + rating], quad);
            }
            rows[base * CHUNK + n] = z;
        }
        for (var n = lane; n < CHUNK; n += TEAM) {
            let quad = start + n;
            means[team * CHUNK + n] = vec4<f32>(0.0);
            weights[team * CHUNK + n] = vec4<f32>(0.0);
            if is_there && quad < WIDTH {
                let mean = mean_quad(entry, scale, quad);
                means[team * CHUNK + n] = mean;
                weights[team * CHUNK + n] = inverse_quad(scale, quad);
                show_quad(entry.row, quad, mean);
            }
        }
        workgroupBarrier();
        for (var q = 0u; q < CHUNK; q++) {
            let inverse = weights[team * CHUNK + q];
            for (var e = 0u; e < EACH; e++) {
                let a = (base + 4u * places[e].x) * CHUNK + q;
                let b = (base + 4u * places[e].y) * CHUNK + q;
                let b0 = rows[b];
                let b1 = rows[b + CHUNK];
                let b2 = rows[b + 2u * CHUNK];
                let b3 = rows[b + 3u * CHUNK];
                for (var r = 0u; r < 4u; r++) {
                    let left = inverse * rows[a + r * CHUNK];
                    tiles[e][r] += vec4<f32>(dot(left, b0), dot(left, b1), dot(left, b2), dot(left, b3));
                }
            }
            for (var s = 0u; s < SHARE; s++) {
                let n = min(s * TEAM + lane, CAPACITY - 1u);
                products[s] += dot(rows[(base + n) * CHUNK + q], means[team * CHUNK + q]);
            }
        }
    }
    for (var e = 0u; e < EACH; e++) {
        if e * TEAM + lane < ALL_TILES {
            for (var r = 0u; r < 4u; r++) {
                for (var c = 0u; c < 4u; c++) {
                    let row = 4u * places[e].x + r;
                    let column = 4u * places[e].y + c;
                    if row <= column {
                        let root = roots[base + row] * roots[base + column];
                        upper[corner + place(row, column)] = root * tiles[e][r][c];
                    }
                }
            }
        }
    }
    for (var s = 0u; s < SHARE; s++) {
        let n = s * TEAM + lane;
        if n < CAPACITY {
            right[base + n] = roots[base + n] * (values[base + n] - products[s]) + noises[base + n];
        }
    }
    workgroupBarrier();
    if lane == 0u {
        var size = 0.0;
        for (var n = 0u; n < CAPACITY; n++) {
            size += upper[corner + place(n, n)];
        }
        // What is not a number is not clear either.
        sizes[team] = select(UNCLEAR, size, size < UNCLEAR);
    }
    workgroupBarrier();
    if index == 0u {
        var most = 0u;
        for (var n = 0u; n < ROWS; n++) {
            most = max(most, rounds(sizes[n]));
        }
        most_rounds = most;
    }
    for (var n = lane; n < CAPACITY; n += TEAM) {
        upper[corner + place(n, n)] += 1.0;
    }

    // Cholesky factorization in place, and the first triangular solution with it. Diagonals stay as they are.
    for (var n = 0u; n < CAPACITY; n++) {
        workgroupBarrier();
        let inverse = 1.0 / sqrt(upper[corner + place(n, n)]);
        let w = right[base + n] * inverse;
        workgroupBarrier();
        if lane == 0u {
            inverses[base + n] = inverse;
            right[base + n] = w;
        }
        for (var m = n + 1u + lane; m < CAPACITY; m += TEAM) {
            upper[corner + place(n, m)] *= inverse;
        }
        workgroupBarrier();
        for (var m = n + 1u + lane; m < CAPACITY; m += TEAM) {
            let factor = upper[corner + place(n, m)];
            for (var column = m; column < CAPACITY; column++) {
                upper[corner + place(m, column)] -= factor * upper[corner + place(n, column)];
            }
            right[base + m] -= factor * w;
        }
    }
    workgroupBarrier();
    solve(base, corner, lane, true);
    for (var n = lane; n < CAPACITY; n += TEAM) {
        found[base + n] = right[base + n];
    }
    storageBarrier();
    workgroupBarrier();
    if is_there {
        add_ratings(entry, scale, base, lane);
    }

    let most = workgroupUniformLoad(&most_rounds);
    for (var round = 0u; round < most; round++) {
        storageBarrier();
        workgroupBarrier();
        let is_refined = is_there && round < rounds(sizes[team]);
        for (var n = lane; n < CAPACITY; n += TEAM) {
            var rest = 0.0;
            if is_refined && n < count {
                var sums = vec4<f32>(0.0);
                for (var quad = 0u; quad < WIDTH; quad++) {
                    sums = fma(own_quad(entry.row, quad), fixed_quad(others[base + n], quad), sums);
                }
                let product = (sums.x + sums.y) + (sums.z + sums.w);
                rest = roots[base + n] * (values[base + n] - product) + noises[base + n] - found[base + n];
            }
            right[base + n] = rest;
        }
        workgroupBarrier();
        solve(base, corner, lane, false);
        for (var n = lane; n < CAPACITY; n += TEAM) {
            found[base + n] += right[base + n];
        }
        storageBarrier();
        workgroupBarrier();
        if is_refined {
            add_ratings(entry, scale, base, lane);
        }
    }

    workgroupBarrier();
    if lane == 0u && is_there {
        var loss = vec2<f32>(0.0);
        for (var n = 0u; n < count && params.measure != 0u; n++) {
            let root = roots[base + n];
            if root > 0.0 {
                let error = (found[base + n] - noises[base + n]) / root;
                let counts = weight(ratings[entry.start + n].value, is_preference);
                loss += counts * error * error * vec2<f32>(1.0, fixed_states[others[base + n]].factor_sum);
            }
        }
        if params.measure != 0u {
            own_states[entry.row].loss = loss.x;
            own_states[entry.row].bias_sum = loss.y;
        }
        // A mark for the kernel that solves the row in its other form.
        if sizes[team] >= UNCLEAR {
            own_states[entry.row].loss = -1.0;
        }
    }
}
