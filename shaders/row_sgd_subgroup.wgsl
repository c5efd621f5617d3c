// A row to LANES neighbouring invocations of a subgroup, a power of two that every subgroup is a multiple of.

// Every lane gets the sum: a butterfly adds in an order that depends on LANES alone.
fn sum_over_lanes(value: f32) -> f32 {
    var sum = value;
    for (var distance = 1u; distance < LANES; distance *= 2u) {
        sum += subgroupShuffleXor(sum, distance);
    }
    return sum;
}

fn most_over_subgroup(turns: u32) -> u32 {
    return subgroupMax(turns);
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
