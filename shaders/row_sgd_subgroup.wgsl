// A row is updated by LANES neighbouring invocations of a subgroup; LANES is a power of two that divides the
// size of every subgroup. A long row is updated by a team of several such groups, its members, which take its
// batches in turn. The row that moves is in registers, in f32. The fixed side is read as f16, half the bytes,
// so the row is written in both formats. The order of additions depends on LANES and the sizes of teams
// alone.
// Each lane sums one of the batch's products and holds its error for a while, so LANES is at least BATCH.
// Appended to row_sgd_ratings.wgsl and one of row_sgd_quads.wgsl and row_sgd_octets.wgsl. The latter has the
// entry point and defines the unit that a lane reads at once, of WIDTH quads.
// Constants: FACTORS; LANES; LONG_TEAM and LONGEST_TEAM, members of a team; HELD, units of a row that one
// lane holds: unit h of lane l is number h * LANES + l, so that neighbouring lanes read neighbouring units;
// PACKED; WORKGROUP, a whole number of teams.

@group(0) @binding(3) var<storage, read> fixed_halves: array<Halves>;
@group(0) @binding(4) var<storage, read> fixed_biases: array<f32>;
@group(0) @binding(7) var<storage, read_write> own_halves: array<Halves>;
@group(0) @binding(8) var<storage, read_write> own_biases: array<f32>;

const UNITS = HELD * LANES;
const SPREAD = LANES / BATCH;
const GROUPS = WORKGROUP / LANES;
const_assert SPREAD * BATCH == LANES;
const_assert GROUPS % LONG_TEAM == 0u && LONG_STEP % LONG_TEAM == 0u;
const_assert GROUPS % LONGEST_TEAM == 0u && LONGEST_STEP % LONGEST_TEAM == 0u;

// The number of a lane's gradient components: four for each quad, and the bias's last.
const NUMBERS = 4u * HELD * WIDTH + 1u;
// The gradients that the members of teams exchange, component by component; and the sums over each team.
var<workgroup> parts: array<f32, NUMBERS * WORKGROUP>;
var<workgroup> sums: array<f32, NUMBERS * WORKGROUP / 2u>;

fn inner(a: vec4<f32>, b: vec4<f32>, sum: f32) -> f32 {
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

// Returns the sum over lanes to every lane, by a butterfly.
fn sum_over_lanes(value: f32) -> f32 {
    var sum = value;
    for (var distance = LANES / 2u; distance > 0u; distance /= 2u) {
        sum += subgroupShuffleXor(sum, distance);
    }
    return sum;
}

// Sums eight numbers of each lane over the lanes: lane l gets the sum of number l / SPREAD. At each distance
// a lane keeps half of its numbers and passes the other half on.
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

// Adds the `parts` of each team of `members` members, two or more: those of even number and those of odd
// number, each in their order, then both sums.
fn add_up(invocation: u32, members: u32) {
    workgroupBarrier();
    let lanes = WORKGROUP / members;
    for (var n = invocation; n < NUMBERS * lanes; n += WORKGROUP) {
        let place = n % lanes;
        let first = n / lanes * WORKGROUP + place / LANES * (members * LANES) + place % LANES;
        var sum = vec2<f32>(0.0);
        for (var member = 0u; member < members; member += 2u) {
            let of_member = first + member * LANES;
            sum += vec2<f32>(parts[of_member], parts[of_member + LANES]);
        }
        sums[n] = sum.x + sum.y;
    }
    workgroupBarrier();
}

// Runs one invocation, given its number in the workgroup and in its subgroup.
fn update_rows(workgroup: u32, invocation: u32, subgroup_invocation: u32) {
    let lane = invocation % LANES;
    let group = invocation / LANES;
    // The first workgroups have the longest rows only, the next ones the other long rows.
    let longest_teams = GROUPS / LONGEST_TEAM;
    let long_teams = GROUPS / LONG_TEAM;
    let longest_workgroups = (params.longest + longest_teams - 1u) / longest_teams;
    let long_workgroups = (params.long - params.longest + long_teams - 1u) / long_teams;
    let team_workgroups = longest_workgroups + long_workgroups;
    let is_longest = workgroup < longest_workgroups;
    var members = 1u;
    // The number of batches that a member takes before the row moves.
    var rounds = 1u;
    var first_slot = params.long + (workgroup - team_workgroups) * GROUPS;
    var slots = arrayLength(&entries);
    if is_longest {
        members = LONGEST_TEAM;
        rounds = LONGEST_STEP / LONGEST_TEAM;
        first_slot = workgroup * longest_teams;
        slots = params.longest;
    } else if workgroup < team_workgroups {
        members = LONG_TEAM;
        rounds = LONG_STEP / LONG_TEAM;
        first_slot = params.longest + (workgroup - longest_workgroups) * long_teams;
        slots = params.long;
    }
    let member = group % members;
    let slot = first_slot + group / members;
    let known = slot < slots;
    // Lanes without a row still run, because other lanes need them in their sums.
    let entry = entries[min(slot, slots - 1u)];
    let ratings = select(0u, entry.ratings, known);
    let regularization = regularization_of(entry);
    let own_place = entry.row * UNITS + lane;
    var state = State(0.0, 1.0, 1.0, 0.0);
    var row_#_? = vec4<f32>(0.0);
    let moves_#_? = moves(4u * (WIDTH * (#u * LANES + lane) + ?u));
    // Lanes without a row must not even read one that other lanes update.
    if known {
        state = own_states[entry.row];
        state.loss = 0.0;
        row_#_? = own[WIDTH * (own_place + #u * LANES) + ?u];
    }

    let step_ratings = rounds * members * BATCH;
    // The rating of each batch whose error this lane holds, and the first lane of the row.
    let mine = lane / SPREAD;
    let head_lane = subgroup_invocation - lane;
    let last = (max(entry.ratings, 1u) - 1u) / BATCH;
    var batch = entry.batch + min(member, last);
    var words = words_of(batch);
    var halves_$_# = fixed_halves[row_of(words[$u / 4u][$u % 4u]) * UNITS + #u * LANES + lane];
    var my_word = word_of(batch, mine);
    // The value that the product of the two rows and the bias of the row that moves have to explain together.
    var unexplained = value_of(batch, mine, my_word) + params.offset - fixed_biases[row_of(my_word)];
    batch = entry.batch + min(member + members, last);
    words = words_of(batch);
    my_word = word_of(batch, mine);
    // All rows of a workgroup take as many turns as its first and longest row, because they meet in sums and
    // at barriers.
    let longest = select(0u, entries[min(first_slot, slots - 1u)].ratings, first_slot < slots);
    let turns = (longest + step_ratings - 1u) / step_ratings;
    for (var turn = 0u; turn < turns; turn++) {
        var gradient_#_? = vec4<f32>(0.0);
        var bias_gradient = 0.0;
        for (var round = 0u; round < rounds; round++) {
            let place = (turn * rounds + round) * members + member;
            let expected = unexplained - state.bias;
            var product_$ = 0.0;
            product_$ = inner(row_#_?, unpack_half4(quad(halves_$_#, ?u)), product_$);
            let product = spread_sums(
                vec4<f32>(product_0, product_1, product_2, product_3),
                vec4<f32>(product_4, product_5, product_6, product_7),
                lane,
            );
            let size = left(ratings, place * BATCH, BATCH);
            let error = select(0.0, residual(expected, product), mine < size);
            state.loss = fma(error, error, state.loss);
            let error_$ = subgroupShuffle(error, head_lane + $u * SPREAD);
            bias_gradient += ((error_0 + error_1) + (error_2 + error_3)) + ((error_4 + error_5) + (error_6 + error_7));
            gradient_#_? = fma(vec4<f32>(error_$), unpack_half4(quad(halves_$_#, ?u)), gradient_#_?);

            // The data of the next round is fetched while this round ends.
            halves_$_# = fixed_halves[row_of(words[$u / 4u][$u % 4u]) * UNITS + #u * LANES + lane];
            unexplained = value_of(batch, mine, my_word) + params.offset - fixed_biases[row_of(my_word)];
            batch = entry.batch + min(place + 2u * members, last);
            words = words_of(batch);
            my_word = word_of(batch, mine);
        }

        if members > 1u {
            parts[4u * (#u * WIDTH + ?u) * WORKGROUP + invocation] = gradient_#_?.x;
            parts[(4u * (#u * WIDTH + ?u) + 1u) * WORKGROUP + invocation] = gradient_#_?.y;
            parts[(4u * (#u * WIDTH + ?u) + 2u) * WORKGROUP + invocation] = gradient_#_?.z;
            parts[(4u * (#u * WIDTH + ?u) + 3u) * WORKGROUP + invocation] = gradient_#_?.w;
            parts[(NUMBERS - 1u) * WORKGROUP + invocation] = bias_gradient;
            if is_longest { add_up(invocation, LONGEST_TEAM); } else { add_up(invocation, LONG_TEAM); }
            let lanes = WORKGROUP / members;
            let sum = group / members * LANES + lane;
            gradient_#_?.x = sums[4u * (#u * WIDTH + ?u) * lanes + sum];
            gradient_#_?.y = sums[(4u * (#u * WIDTH + ?u) + 1u) * lanes + sum];
            gradient_#_?.z = sums[(4u * (#u * WIDTH + ?u) + 2u) * lanes + sum];
            gradient_#_?.w = sums[(4u * (#u * WIDTH + ?u) + 3u) * lanes + sum];
            bias_gradient = sums[(NUMBERS - 1u) * lanes + sum];
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
    if members > 1u {
        parts[invocation] = state.loss;
        workgroupBarrier();
        var loss = 0.0;
        for (var of_member = 0u; of_member < members; of_member++) {
            loss += parts[invocation - (member - of_member) * LANES];
        }
        state.loss = loss;
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
