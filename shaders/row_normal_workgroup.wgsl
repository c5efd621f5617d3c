// The triangle in workgroup memory.

var<workgroup> equations: array<vec4<f32>, 4u * TRIANGLE>;

fn cell(at: u32) -> vec4<f32> {
    return equations[at];
}

fn set_cell(at: u32, row: vec4<f32>) {
    equations[at] = row;
}

fn meet() {
    workgroupBarrier();
}

@compute @workgroup_size(WORKGROUP)
fn row_normal_workgroup(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = flat_workgroup(workgroup, workgroups);
    if number < arrayLength(&entries) {
        update_row(entries[number], lane);
    }
}
