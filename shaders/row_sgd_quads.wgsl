// Units of row_sgd_subgroup.wgsl that are quads: for rows that octets would have to pad.

alias Halves = vec2<u32>;

fn quad(halves: Halves, number: u32) -> vec2<u32> {
    return halves;
}

fn joined(quads: array<vec2<u32>, WIDTH>) -> Halves {
    return quads[0];
}

@compute @workgroup_size(WORKGROUP)
fn row_sgd_quads(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_size) subgroup_size: u32,
    @builtin(subgroup_invocation_id) subgroup_invocation: u32,
) {
    let invocation = subgroup * subgroup_size + subgroup_invocation;
    update_rows(flat_workgroup(workgroup, workgroups), invocation, subgroup_invocation);
}
