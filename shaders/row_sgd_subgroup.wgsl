// A row to LANES neighbouring invocations of a subgroup, a power of two that every subgroup is a multiple of. The row
// that moves is in registers, in f32; the still side is read as f16, half the bytes, and the row is written both ways.
// What the next batch needs is asked for before this one is worked on, so that a long row need not wait for memory.
// Constants: FACTORS; LANES; HELD, octets (eight numbers) of a row that one lane holds: octet h of lane l is number
// h * LANES + l, so that lanes read side by side; WORKGROUP, a multiple of LANES; AHEAD, whether there are registers
// enough to have two batches at a time.

@group(0) @binding(2) var<storage, read> batches: array<Batch>;
@group(0) @binding(3) var<storage, read> still_halves: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read> still_biases: array<f32>;
@group(0) @binding(7) var<storage, read_write> own_halves: array<vec4<u32>>;
@group(0) @binding(8) var<storage, read_write> own_biases: array<f32>;

const OCTETS = HELD * LANES;

fn low(halves: vec4<u32>) -> vec4<f32> {
    return unpack_half4(halves.xy);
}

fn high(halves: vec4<u32>) -> vec4<f32> {
    return unpack_half4(halves.zw);
}

// Every lane gets the sums: a butterfly adds in an order that depends on LANES alone.
fn sum_over_lanes(values: vec4<f32>) -> vec4<f32> {
    var sums = values;
    if LANES > 1u { sums += subgroupShuffleXor(sums, 1u); }
    if LANES > 2u { sums += subgroupShuffleXor(sums, 2u); }
    if LANES > 4u { sums += subgroupShuffleXor(sums, 4u); }
    if LANES > 8u { sums += subgroupShuffleXor(sums, 8u); }
    if LANES > 16u { sums += subgroupShuffleXor(sums, 16u); }
    return sums;
}

fn update_row(slot: u32, lane: u32) {
    let known = slot < arrayLength(&entries);
    let entry = entries[min(slot, arrayLength(&entries) - 1u)];
    let ratings = select(0u, entry.ratings, known);
    let regularization = regularization_of(entry);
    let own_place = entry.row * OCTETS + lane;
    var state = State(0.0, 1.0, 1.0, 0.0);
    var row_low_# = vec4<f32>(0.0);
    var row_high_# = vec4<f32>(0.0);
    // Whoever has no row left must not even look at one that another updates.
    if known {
        state = own_states[entry.row];
        state.loss = 0.0;
        row_low_# = own[2u * (own_place + #u * LANES)];
        row_high_# = own[2u * (own_place + #u * LANES) + 1u];
    }

    let last = entry.batch + (max(entry.ratings, 1u) - 1u) / BATCH;
    var batch = batches[entry.batch];
    var coming = batches[min(entry.batch + 1u, last)];
    var halves_$_# = still_halves[batch.others[$u / 4u][$u % 4u] * OCTETS + #u * LANES + lane];
    var bias_$ = still_biases[batch.others[$u / 4u][$u % 4u]];
    // Lanes of one subgroup take equally many turns, so that all of them meet in the sums over lanes.
    let turns = subgroupMax((ratings + BATCH - 1u) / BATCH);
    for (var turn = 0u; turn < turns; turn++) {
        let later = batches[min(entry.batch + turn + 2u, last)];
        let next_bias_$ = still_biases[coming.others[$u / 4u][$u % 4u]];
        var next_$_# = halves_$_#;
        if AHEAD {
            next_$_# = still_halves[coming.others[$u / 4u][$u % 4u] * OCTETS + #u * LANES + lane];
        }

        var products_$ = vec4<f32>(0.0);
        products_$ = fma(row_low_#, low(halves_$_#), products_$);
        products_$ = fma(row_high_#, high(halves_$_#), products_$);
        let first = sum_over_lanes(vec4<f32>(total(products_0), total(products_1), total(products_2), total(products_3)));
        let second = sum_over_lanes(vec4<f32>(total(products_4), total(products_5), total(products_6), total(products_7)));
        let size = size_of(ratings, turn * BATCH);
        let mean = params.offset - state.bias;
        let errors = array<vec4<f32>, 2>(
            select(
                vec4<f32>(0.0),
                batch.values[0] + mean - vec4<f32>(bias_0, bias_1, bias_2, bias_3) - first,
                vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(size),
            ),
            select(
                vec4<f32>(0.0),
                batch.values[1] + mean - vec4<f32>(bias_4, bias_5, bias_6, bias_7) - second,
                vec4<u32>(4u, 5u, 6u, 7u) < vec4<u32>(size),
            ),
        );
        state.loss += dot(errors[0], errors[0]) + dot(errors[1], errors[1]);

        let shrink = regularization * f32(size);
        var gradient_low_# = -shrink * row_low_#;
        var gradient_high_# = -shrink * row_high_#;
        gradient_low_# = fma(vec4<f32>(errors[$u / 4u][$u % 4u]), low(halves_$_#), gradient_low_#);
        gradient_high_# = fma(vec4<f32>(errors[$u / 4u][$u % 4u]), high(halves_$_#), gradient_high_#);
        let step = step_of(state.factor_sum, size);
        row_low_# = fma(steps_of(step, 8u * (#u * LANES + lane)), gradient_low_#, row_low_#);
        row_high_# = fma(steps_of(step, 8u * (#u * LANES + lane) + 4u), gradient_high_#, row_high_#);
        var squared = 0.0;
        squared += dot(gradient_low_#, gradient_low_#) + dot(gradient_high_#, gradient_high_#);
        state.factor_sum += sum_over_lanes(vec4<f32>(squared)).x / f32(FACTORS);
        let bias_gradient = total(errors[0]) + total(errors[1]) - shrink * state.bias;
        state.bias += step_of(state.bias_sum, size) * bias_gradient;
        state.bias_sum += bias_gradient * bias_gradient;

        if !AHEAD {
            next_$_# = still_halves[coming.others[$u / 4u][$u % 4u] * OCTETS + #u * LANES + lane];
        }
        halves_$_# = next_$_#;
        bias_$ = next_bias_$;
        batch = coming;
        coming = later;
    }

    if known {
        own[2u * (own_place + #u * LANES)] = row_low_#;
        own[2u * (own_place + #u * LANES) + 1u] = row_high_#;
        own_halves[own_place + #u * LANES] = vec4<u32>(pack_half4(row_low_#), pack_half4(row_high_#));
        if lane == 0u {
            own_states[entry.row] = state;
            own_biases[entry.row] = state.bias;
        }
    }
}

@compute @workgroup_size(WORKGROUP)
fn row_sgd_subgroup(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_size) subgroup_size: u32,
    @builtin(subgroup_invocation_id) invocation: u32,
) {
    let first = flat_workgroup(workgroup, workgroups) * WORKGROUP + subgroup * subgroup_size;
    // Without a row left, the lanes go along idle: the others of the subgroup need them in their sums.
    update_row((first + invocation) / LANES, invocation % LANES);
}
