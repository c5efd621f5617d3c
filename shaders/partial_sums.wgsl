// In front of kernels that sum numbers over a list: one partial sum a workgroup, in an order that depends on nothing but
// the list. Neighbouring invocations take neighbouring elements.

const WORKGROUP = 64u;
const EACH = 16u;
var<workgroup> partial: array<f32, WORKGROUP>;

// The sum over all invocations of the workgroup; only the first gets it.
fn sum_of_all(lane: u32, own: f32) -> f32 {
    partial[lane] = own;
    for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if lane < half {
            partial[lane] += partial[lane + half];
        }
    }
    // The others may not look while the first writes.
    if lane == 0u {
        return partial[0];
    }
    return 0.0;
}
