// In front of kernels that sum numbers over a list: one partial sum a workgroup, in an order that depends on
// nothing but the list. The kernel says what `term(index)` is, and binds `sums`. Host side:
// src/gpu/operations/partial_sums.rs.

const WORKGROUP = 64u;
const EACH = 16u;
var<workgroup> partial: array<f32, WORKGROUP>;

// Puts the sum of a workgroup's terms, of `count` in all, where it belongs.
fn put_sum(group: u32, lane: u32, count: u32) {
    let first = group * WORKGROUP * EACH;
    var sum = 0.0;
    // Neighbouring invocations take neighbouring elements.
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
