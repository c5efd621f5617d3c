// Units of row_sgd_subgroup.wgsl that are octets: sixteen bytes, the widest read.

alias Halves = vec4<u32>;

fn quad(halves: Halves, number: u32) -> vec2<u32> {
    return select(halves.xy, halves.zw, number == 1u);
}

fn joined(quads: array<vec2<u32>, WIDTH>) -> Halves {
    return vec4<u32>(quads[0], quads[1]);
}

@compute @workgroup_size(WORKGROUP)
fn row_sgd_octets(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(subgroup_id) subgroup: u32,
    @builtin(subgroup_size) subgroup_size: u32,
    @builtin(subgroup_invocation_id) subgroup_invocation: u32,
) {
    let invocation = subgroup * subgroup_size + subgroup_invocation;
    update_rows(flat_workgroup(workgroup, workgroups), invocation, subgroup_invocation);
}
