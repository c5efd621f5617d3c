// Some rows of a side, with their states: packed behind each other, or put back to their places. Host twin:
// src/gpu/kernels/row_copy.rs.
//
// Constants: QUADS, the quads of a row; BACK, 1 where packed rows are put back, else 0.

struct Params {
    count: u32,
}

struct State {
    bias: f32,
    factor_sum: f32,
    bias_sum: f32,
    loss: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
// The place of each packed row.
@group(0) @binding(1) var<storage, read> rows: array<u32>;
@group(0) @binding(2) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> source_states: array<State>;
@group(0) @binding(4) var<storage, read_write> goal: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> goal_states: array<State>;

// An invocation has a quad.
@compute @workgroup_size(64)
fn row_copy(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let at = 64u * flat_workgroup(workgroup, workgroups) + lane;
    let packed_row = at / QUADS;
    if packed_row >= params.count {
        return;
    }
    let quad = at % QUADS;
    let place = rows[packed_row];
    let read = select(place, packed_row, BACK == 1u);
    let written = select(packed_row, place, BACK == 1u);
    goal[written * QUADS + quad] = source[read * QUADS + quad];
    if quad == 0u {
        goal_states[written] = source_states[read];
    }
}
