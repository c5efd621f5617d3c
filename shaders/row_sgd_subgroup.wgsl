// A row to LANES neighbouring invocations of a subgroup, a power of two that every subgroup is a multiple of; the batches
// of a long row to a team of TEAM times as many, side by side. The row that moves is in registers, in f32; the still side
// is read as f16, half the bytes, and the row is written both ways. The order of additions depends on LANES alone.
// Constants: FACTORS; LANES; HELD, octets (eight numbers) of a row that one lane holds: octet h of lane l is number
// h * LANES + l, so that lanes read side by side; WORKGROUP, a multiple of TEAM * LANES.

@group(0) @binding(2) var<storage, read> batches: array<Batch>;
@group(0) @binding(3) var<storage, read> still_halves: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> still_biases: array<f32>;
@group(0) @binding(7) var<storage, read_write> own_halves: array<vec4<u32>>;
@group(0) @binding(8) var<storage, read_write> own_biases: array<f32>;

const OCTETS = HELD * LANES;
const GROUPS = WORKGROUP / LANES;
const TEAMS = GROUPS / TEAM;
const_assert TEAMS * TEAM * LANES == WORKGROUP;

// What the members of teams give each other: gradients, and of each member its errors' sum.
var<workgroup> low_parts: array<vec4<f32>, HELD * WORKGROUP>;
var<workgroup> high_parts: array<vec4<f32>, HELD * WORKGROUP>;
var<workgroup> sums: array<f32, GROUPS>;

fn low(halves: vec4<u32>) -> vec4<f32> {
    return unpack_half4(halves.xy);
}

fn high(halves: vec4<u32>) -> vec4<f32> {
    return unpack_half4(halves.zw);
}

fn inner(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

// Every lane gets the sums, by butterflies.
fn sums_over_lanes(values: vec4<f32>) -> vec4<f32> {
    var sums = values;
    if LANES > 1u { sums += subgroupShuffleXor(sums, 1u); }
    if LANES > 2u { sums += subgroupShuffleXor(sums, 2u); }
    if LANES > 4u { sums += subgroupShuffleXor(sums, 4u); }
    if LANES > 8u { sums += subgroupShuffleXor(sums, 8u); }
    if LANES > 16u { sums += subgroupShuffleXor(sums, 16u); }
    return sums;
}

fn sum_over_lanes(value: f32) -> f32 {
    var sum = value;
    if LANES > 1u { sum += subgroupShuffleXor(sum, 1u); }
    if LANES > 2u { sum += subgroupShuffleXor(sum, 2u); }
    if LANES > 4u { sum += subgroupShuffleXor(sum, 4u); }
    if LANES > 8u { sum += subgroupShuffleXor(sum, 8u); }
    if LANES > 16u { sum += subgroupShuffleXor(sum, 16u); }
    return sum;
}

// The sums over a team, of what its first member put there and the others behind it.
fn low_of_team(first: u32) -> vec4<f32> {
    return (low_parts[first] + low_parts[first + LANES]) + (low_parts[first + 2u * LANES] + low_parts[first + 3u * LANES]);
}

fn high_of_team(first: u32) -> vec4<f32> {
    return (high_parts[first] + high_parts[first + LANES]) + (high_parts[first + 2u * LANES] + high_parts[first + 3u * LANES]);
}

fn sum_of_team(first: u32) -> f32 {
    return (sums[first] + sums[first + 1u]) + (sums[first + 2u] + sums[first + 3u]);
}

@compute @workgroup_size(WORKGROUP)
fn row_sgd_subgroup(
    @builtin(workgroup_id) workgroup_id: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_size) subgroup_size: u32,
    @builtin(subgroup_invocation_id) subgroup_invocation: u32,
) {
    let workgroup = flat_workgroup(workgroup_id, workgroups);
    let invocation = subgroup * subgroup_size + subgroup_invocation;
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
    let own_place = entry.row * OCTETS + lane;
    var state = State(0.0, 1.0, 1.0, 0.0);
    var row_low_# = vec4<f32>(0.0);
    var row_high_# = vec4<f32>(0.0);
    let moves_low_# = moves(8u * (#u * LANES + lane));
    let moves_high_# = moves(8u * (#u * LANES + lane) + 4u);
    // Whoever has no row must not even look at one that another updates.
    if known {
        state = own_states[entry.row];
        state.loss = 0.0;
        row_low_# = own[2u * (own_place + #u * LANES)];
        row_high_# = own[2u * (own_place + #u * LANES) + 1u];
    }

    let step_ratings = stride * BATCH;
    let last = (max(entry.ratings, 1u) - 1u) / BATCH;
    var others = batches[entry.batch + min(member, last)].others;
    var halves_$_# = still_halves[others[$u / 4u][$u % 4u] * OCTETS + #u * LANES + lane];
    var bias_$ = still_biases[others[$u / 4u][$u % 4u]];
    others = batches[entry.batch + min(member + stride, last)].others;
    // All rows of a workgroup take as many turns as its longest, which is its first: they meet in sums and at barriers.
    let longest = select(0u, entries[min(first_slot, slots - 1u)].ratings, first_slot < slots);
    let turns = (longest + step_ratings - 1u) / step_ratings;
    for (var turn = 0u; turn < turns; turn++) {
        let place = turn * stride + member;
        let values = batches[entry.batch + min(place, last)].values;
        let mean = params.offset - state.bias;
        let expected_0 = values[0] + mean - vec4<f32>(bias_0, bias_1, bias_2, bias_3);
        let expected_1 = values[1] + mean - vec4<f32>(bias_4, bias_5, bias_6, bias_7);
        var product_$ = 0.0;
        product_$ = inner(row_low_#, low(halves_$_#), product_$);
        product_$ = inner(row_high_#, high(halves_$_#), product_$);
        let products_0 = sums_over_lanes(vec4<f32>(product_0, product_1, product_2, product_3));
        let products_1 = sums_over_lanes(vec4<f32>(product_4, product_5, product_6, product_7));
        let size = left(ratings, place * BATCH, BATCH);
        let errors = array<vec4<f32>, 2>(
            select(vec4<f32>(0.0), expected_0 - products_0, vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(size)),
            select(vec4<f32>(0.0), expected_1 - products_1, vec4<u32>(4u, 5u, 6u, 7u) < vec4<u32>(size)),
        );
        state.loss += dot(errors[0], errors[0]) + dot(errors[1], errors[1]);
        var bias_gradient = total(errors[0]) + total(errors[1]);
        var gradient_low_# = vec4<f32>(0.0);
        var gradient_high_# = vec4<f32>(0.0);
        gradient_low_# = fma(vec4<f32>(errors[$u / 4u][$u % 4u]), low(halves_$_#), gradient_low_#);
        gradient_high_# = fma(vec4<f32>(errors[$u / 4u][$u % 4u]), high(halves_$_#), gradient_high_#);

        // What the next turn needs is on its way while this one ends.
        halves_$_# = still_halves[others[$u / 4u][$u % 4u] * OCTETS + #u * LANES + lane];
        bias_$ = still_biases[others[$u / 4u][$u % 4u]];
        others = batches[entry.batch + min(place + 2u * stride, last)].others;

        if is_long {
            let first = invocation - member * LANES;
            workgroupBarrier();
            low_parts[#u * WORKGROUP + invocation] = gradient_low_#;
            high_parts[#u * WORKGROUP + invocation] = gradient_high_#;
            if lane == 0u {
                sums[group] = bias_gradient;
            }
            workgroupBarrier();
            gradient_low_# = low_of_team(#u * WORKGROUP + first);
            gradient_high_# = high_of_team(#u * WORKGROUP + first);
            bias_gradient = sum_of_team(group - member);
        }

        let together = left(ratings, turn * step_ratings, step_ratings);
        let most = longest_step(together);
        let shrink = regularization * f32(together);
        let step = step_of(state.factor_sum, most);
        gradient_low_# = fma(vec4<f32>(-shrink), row_low_#, gradient_low_#);
        gradient_high_# = fma(vec4<f32>(-shrink), row_high_#, gradient_high_#);
        row_low_# = fma(step * moves_low_#, gradient_low_#, row_low_#);
        row_high_# = fma(step * moves_high_#, gradient_high_#, row_high_#);
        var squared = 0.0;
        squared = inner(gradient_low_#, gradient_low_#, squared);
        squared = inner(gradient_high_#, gradient_high_#, squared);
        state.factor_sum = fma(sum_over_lanes(squared), 1.0 / f32(FACTORS), state.factor_sum);
        bias_gradient -= shrink * state.bias;
        state.bias += step_of(state.bias_sum, most) * bias_gradient;
        state.bias_sum += bias_gradient * bias_gradient;
    }

    if is_long {
        workgroupBarrier();
        if lane == 0u {
            sums[group] = state.loss;
        }
        workgroupBarrier();
        state.loss = sum_of_team(group - member);
    }
    if known && member == 0u {
        own[2u * (own_place + #u * LANES)] = row_low_#;
        own[2u * (own_place + #u * LANES) + 1u] = row_high_#;
        own_halves[own_place + #u * LANES] = vec4<u32>(pack_half4(row_low_#), pack_half4(row_high_#));
        if lane == 0u {
            own_states[entry.row] = state;
            own_biases[entry.row] = state.bias;
        }
    }
}
