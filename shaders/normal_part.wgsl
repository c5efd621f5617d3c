// Partial sums: over one segment of a long row's ratings, or of the list of all rows of a side. Another
// kernel or the host adds them.

struct Segment {
    start: u32,
    end: u32,
}

@group(0) @binding(5) var<storage, read> segments: array<Segment>;
@group(0) @binding(6) var<storage, read_write> parts: array<vec4<f32>>;

// Rows that are summed in parts have no noise of their ratings.
fn shift_of(rating: u32) -> f32 {
    return 0.0;
}

@compute @workgroup_size(WORKGROUP)
fn normal_part(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = flat_workgroup(workgroup, workgroups);
    if number >= arrayLength(&segments) {
        return;
    }
    let segment = segments[number];
    for (var pass_number = 0u; pass_number < PASSES; pass_number++) {
        sum_ratings(segment.start, segment.end, pass_number, lane);
        for (var e = 0u; e < EACH; e++) {
            let tile = (pass_number * EACH + e) * WORKGROUP + lane;
            if tile < TRIANGLE {
                for (var r = 0u; r < 4u; r++) {
                    parts[number * PART + 4u * tile + r] = sums[e][r];
                }
            }
        }
    }
    if lane < TILES {
        parts[number * PART + 4u * TRIANGLE + lane] = implicit_sums;
    }
}
