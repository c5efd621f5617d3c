// Put in front of kernels that sum numbers over a list: each workgroup computes one partial sum, in an order
// that depends on the list alone. The kernel defines `term(index)` and binds `sums`. Host side:
// src/gpu/operations/partial_sums.rs.

const WORKGROUP = 64u;
const EACH = 16u;
var<workgroup> partial: array<f32, WORKGROUP>;

// Stores the sum of a workgroup's terms; `count` is the number of all terms.
fn put_sum(group: u32, lane: u32, count: u32) {
    let first = group * WORKGROUP * EACH;
    var sum = 0.0;
    // Neighbouring invocations read neighbouring elements.
    for (var turn = 0u; turn < EACH; turn++) {
        let index = first + turn * WORKGROUP + lane;
        if index < count {
            sum += term(index);
        }
    }
    partial[lane] = sum;
    for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            partial[lane] += partial[lane + half];
        }
    }
    if lane == 0u && first < count {
        sums[group] = partial[0];
    }
}
