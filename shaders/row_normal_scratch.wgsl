// The triangle in device memory, one slot for each row of a dispatch: for more factors than fit workgroup
// memory.

@group(0) @binding(10) var<storage, read_write> scratch: array<vec4<f32>>;

var<private> place: u32;

fn cell(at: u32) -> vec4<f32> {
    return scratch[place + at];
}

fn set_cell(at: u32, row: vec4<f32>) {
    scratch[place + at] = row;
}

fn meet() {
    storageBarrier();
    workgroupBarrier();
}

@compute @workgroup_size(WORKGROUP)
fn row_normal_scratch(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = flat_workgroup(workgroup, workgroups);
    if number < arrayLength(&entries) {
        place = number * 4u * TRIANGLE;
        update_row(entries[number], lane);
    }
}
