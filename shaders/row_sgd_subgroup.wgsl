// A row to LANES neighbouring invocations of a subgroup, a power of two that every subgroup is a multiple of; the batches
// of a long row to a team of TEAM times as many, side by side. The row that moves is in registers, in f32; the still side
// is read as f16, half the bytes, and the row is written both ways. The order of additions depends on LANES alone.
// Each lane sums up one of the batch's products, and has its error for a while: LANES is at least BATCH.
// In front of it stand row_sgd_ratings.wgsl and row_sgd_quads.wgsl or row_sgd_octets.wgsl, with the entry point: how many
// numbers a lane reads at once, a unit of WIDTH quads.
// Constants: FACTORS; LANES; HELD, units of a row that one lane holds: unit h of lane l is number h * LANES + l, so that
// lanes read side by side; PACKED; WORKGROUP, a multiple of TEAM * LANES.

@group(0) @binding(3) var<storage, read> still_halves: array<Halves>;
@group(0) @binding(4) var<storage, read> still_biases: array<f32>;
@group(0) @binding(7) var<storage, read_write> own_halves: array<Halves>;
@group(0) @binding(8) var<storage, read_write> own_biases: array<f32>;

const UNITS = HELD * LANES;
const SPREAD = LANES / BATCH;
const GROUPS = WORKGROUP / LANES;
const TEAMS = GROUPS / TEAM;
const_assert SPREAD * BATCH == LANES;
const_assert TEAMS * TEAM * LANES == WORKGROUP;

// What the members of teams give each other: gradients, and of each member its errors' sum.
var<workgroup> parts: array<vec4<f32>, HELD * WIDTH * WORKGROUP>;
var<workgroup> sums: array<f32, GROUPS>;

fn inner(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

// Every lane gets the sum, by a butterfly.
fn sum_over_lanes(value: f32) -> f32 {
    var sum = value;
    for (var distance = LANES / 2u; distance > 0u; distance /= 2u) {
        sum += subgroupShuffleXor(sum, distance);
    }
    return sum;
}

// Of eight numbers a lane, the sums over lanes: lane l gets that of number l / SPREAD. At each distance a lane keeps half of
// what it has and gives the other half away.
fn spread_sums(a: vec4<f32>, b: vec4<f32>, lane: u32) -> f32 {
    let first = (lane & (LANES / 2u)) != 0u;
    let four = select(a, b, first) + subgroupShuffleXor(select(b, a, first), LANES / 2u);
    let second = (lane & (LANES / 4u)) != 0u;
    let two = select(four.xy, four.zw, second) + subgroupShuffleXor(select(four.zw, four.xy, second), LANES / 4u);
    let third = (lane & SPREAD) != 0u;
    var sum = select(two.x, two.y, third) + subgroupShuffleXor(select(two.y, two.x, third), SPREAD);
    if SPREAD > 1u { sum += subgroupShuffleXor(sum, SPREAD / 2u); }
    if SPREAD > 2u { sum += subgroupShuffleXor(sum, SPREAD / 4u); }
    return sum;
}

// The sums over a team, of what its first member put there and the others behind it.
fn part_of_team(first: u32) -> vec4<f32> {
    return (parts[first] + parts[first + LANES]) + (parts[first + 2u * LANES] + parts[first + 3u * LANES]);
}

fn sum_of_team(first: u32) -> f32 {
    return (sums[first] + sums[first + 1u]) + (sums[first + 2u] + sums[first + 3u]);
}

// What an invocation does, by its number in the workgroup and in its subgroup.
fn update_rows(workgroup: u32, invocation: u32, subgroup_invocation: u32) {
    let lane = invocation % LANES;
    let group = invocation / LANES;
    // The first workgroups have long rows, and no others.
    let long_workgroups = (params.long + TEAMS - 1u) / TEAMS;
    let is_long = workgroup < long_workgroups;
    let stride = select(1u, TEAM, is_long);
    let member = group % stride;
    let first_slot = select(params.long + (workgroup - long_workgroups) * GROUPS, workgroup * TEAMS, is_long);
    let slot = first_slot + group / stride;
    let slots = select(arrayLength(&entries), params.long, is_long);
    let known = slot < slots;
    // Without a row left, lanes go along idle: others need them in their sums.
    let entry = entries[min(slot, slots - 1u)];
    let ratings = select(0u, entry.ratings, known);
    let regularization = regularization_of(entry);
    let own_place = entry.row * UNITS + lane;
    var state = State(0.0, 1.0, 1.0, 0.0);
    var row_#_? = vec4<f32>(0.0);
    let moves_#_? = moves(4u * (WIDTH * (#u * LANES + lane) + ?u));
    // Whoever has no row must not even look at one that another updates.
    if known {
        state = own_states[entry.row];
        state.loss = 0.0;
        row_#_? = own[WIDTH * (own_place + #u * LANES) + ?u];
    }

    let step_ratings = stride * BATCH;
    // The rating of each batch whose error this lane has, and the first lane of the row.
    let mine = lane / SPREAD;
    let head_lane = subgroup_invocation - lane;
    let last = (max(entry.ratings, 1u) - 1u) / BATCH;
    var batch = entry.batch + min(member, last);
    var words = words_of(batch);
    var halves_$_# = still_halves[row_of(words[$u / 4u][$u % 4u]) * UNITS + #u * LANES + lane];
    var my_word = word_of(batch, mine);
    // What the two rows have to explain together, but for the bias of the row that moves.
    var unexplained = value_of(batch, mine, my_word) + params.offset - still_biases[row_of(my_word)];
    batch = entry.batch + min(member + stride, last);
    words = words_of(batch);
    my_word = word_of(batch, mine);
    // All rows of a workgroup take as many turns as its longest, which is its first: they meet in sums and at barriers.
    let longest = select(0u, entries[min(first_slot, slots - 1u)].ratings, first_slot < slots);
    let turns = (longest + step_ratings - 1u) / step_ratings;
    for (var turn = 0u; turn < turns; turn++) {
        let place = turn * stride + member;
        let expected = unexplained - state.bias;
        var product_$ = 0.0;
        product_$ = inner(row_#_?, unpack_half4(quad(halves_$_#, ?u)), product_$);
        let product = spread_sums(
            vec4<f32>(product_0, product_1, product_2, product_3),
            vec4<f32>(product_4, product_5, product_6, product_7),
            lane,
        );
        let size = left(ratings, place * BATCH, BATCH);
        let error = select(0.0, expected - product, mine < size);
        state.loss = fma(error, error, state.loss);
        let error_$ = subgroupShuffle(error, head_lane + $u * SPREAD);
        var bias_gradient = ((error_0 + error_1) + (error_2 + error_3)) + ((error_4 + error_5) + (error_6 + error_7));
        var gradient_#_? = vec4<f32>(0.0);
        gradient_#_? = fma(vec4<f32>(error_$), unpack_half4(quad(halves_$_#, ?u)), gradient_#_?);

        // What the next turn needs is on its way while this one ends.
        halves_$_# = still_halves[row_of(words[$u / 4u][$u % 4u]) * UNITS + #u * LANES + lane];
        unexplained = value_of(batch, mine, my_word) + params.offset - still_biases[row_of(my_word)];
        batch = entry.batch + min(place + 2u * stride, last);
        words = words_of(batch);
        my_word = word_of(batch, mine);

        if is_long {
            let first = invocation - member * LANES;
            workgroupBarrier();
            parts[(#u * WIDTH + ?u) * WORKGROUP + invocation] = gradient_#_?;
            if lane == 0u {
                sums[group] = bias_gradient;
            }
            workgroupBarrier();
            gradient_#_? = part_of_team((#u * WIDTH + ?u) * WORKGROUP + first);
            bias_gradient = sum_of_team(group - member);
        }

        let together = left(ratings, turn * step_ratings, step_ratings);
        let most = longest_step(together);
        let shrink = regularization * f32(together);
        let step = step_of(state.factor_sum, most);
        gradient_#_? = fma(vec4<f32>(-shrink), row_#_?, gradient_#_?);
        row_#_? = fma(step * moves_#_?, gradient_#_?, row_#_?);
        var squared = 0.0;
        squared = inner(gradient_#_?, gradient_#_?, squared);
        state.factor_sum = fma(sum_over_lanes(squared), 1.0 / f32(FACTORS), state.factor_sum);
        bias_gradient -= shrink * state.bias;
        state.bias += step_of(state.bias_sum, most) * bias_gradient;
        state.bias_sum += bias_gradient * bias_gradient;
    }

    state.loss = sum_over_lanes(state.loss) / f32(SPREAD);
    if is_long {
        workgroupBarrier();
        if lane == 0u {
            sums[group] = state.loss;
        }
        workgroupBarrier();
        state.loss = sum_of_team(group - member);
    }
    if known && member == 0u {
        own[WIDTH * (own_place + #u * LANES) + ?u] = row_#_?;
        var packed_#: array<vec2<u32>, WIDTH>;
        packed_#[?] = pack_half4(row_#_?);
        own_halves[own_place + #u * LANES] = joined(packed_#);
        if lane == 0u {
            own_states[entry.row] = state;
            own_biases[entry.row] = state.bias;
        }
    }
}
