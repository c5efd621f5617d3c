// A row to an invocation: what software Vulkan likes best, and what runs where there are no subgroups.

const_assert LANES == 1u;

fn sum_over_lanes(value: f32) -> f32 {
    return value;
}

fn most_over_subgroup(turns: u32) -> u32 {
    return turns;
}

@compute @workgroup_size(WORKGROUP)
fn row_sgd_single(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) invocation: u32,
) {
    let slot = flat_workgroup(workgroup, workgroups) * WORKGROUP + invocation;
    if slot < arrayLength(&entries) {
        update_row(slot, 0u);
    }
}
