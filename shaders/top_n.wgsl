// The best items of each user. A workgroup has 64 users and visits items 64 at a time; each invocation has
// the products of 8 users and 8 items in registers. The limit of a user is the last score of their list if it
// is full. A score above the limit is a candidate. Only candidates and lists are written to memory. A list
// continues from an earlier dispatch. Items come in ascending order, so that of equal scores the first is
// kept. Host twin: src/gpu/kernels/top_n.rs.

struct Params {
    // The length of a row.
    width: u32,
    // The largest length of a list.
    count: u32,
    // The number of groups of 64 users, and of workgroups that share the items of each group.
    user_groups: u32,
    parts: u32,
    // The number of items in this dispatch, and the number of the first of them.
    items: u32,
    first: u32,
    // The range of groups of 64 items that are visited.
    begin: u32,
    end: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
// Rows in groups of 64. For each group: the first number of all 64 rows, the second number of all 64, and so
// on.
@group(0) @binding(1) var<storage, read> users: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> items: array<vec4<f32>>;
// For each user, where their seen items begin in `seen`. The item numbers of a user ascend.
@group(0) @binding(3) var<storage, read> starts: array<u32>;
@group(0) @binding(4) var<storage, read> seen: array<u32>;
// A score as an ordered word, and the number of an item; 64 for each user.
@group(0) @binding(5) var<storage, read_write> candidates: array<vec2<u32>>;
// The list of each user, best first, in the same format, with a capacity of `count`; and its length.
@group(0) @binding(6) var<storage, read_write> lists: array<vec2<u32>>;
@group(0) @binding(7) var<storage, read_write> lengths: array<u32>;

const GROUP = 64u;
const QUADS = GROUP / 4u;
const LOWEST = -3.40282346e38;

var<workgroup> limits: array<f32, GROUP>;
// The number of candidates of each user.
var<workgroup> counts: array<atomic<u32>, GROUP>;

// Maps a number to a word of the same order; both zeros become one word.
fn ordered(score: f32) -> u32 {
    let bits = select(bitcast<u32>(score), 0u, score == 0.0);
    return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

fn from_ordered(word: u32) -> f32 {
    return bitcast<f32>(select(~word, word & 0x7fffffffu, (word >> 31u) == 1u));
}

fn is_seen(user: u32, item: u32) -> bool {
    var low = starts[user];
    let end = starts[user + 1u];
    var high = end;
    while low < high {
        let middle = (low + high) / 2u;
        if seen[middle] < item {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low < end && seen[low] == item;
}

// Adds those of four items that are above a row's limit to its candidates.
fn offer(slots: vec2<u32>, row: u32, item: u32, scores: vec4<f32>) {
    let limit = limits[row];
    if !any(scores > vec4<f32>(limit)) {
        return;
    }
    for (var lane = 0u; lane < 4u; lane++) {
        let number = params.first + item + lane;
        if scores[lane] > limit && item + lane < params.items && !is_seen(slots.x + row, number) {
            let place = atomicAdd(&counts[row], 1u);
            candidates[(slots.y + row) * GROUP + place] = vec2<u32>(ordered(scores[lane]), number);
        }
    }
}

// Offers eight items.
fn offer_both(slots: vec2<u32>, row: u32, item: u32, low: vec4<f32>, high: vec4<f32>) {
    offer(slots, row, item, low);
    offer(slots, row, item + 4u, high);
}

fn is_better(entry: vec2<u32>, other: vec2<u32>) -> bool {
    return entry.x > other.x || (entry.x == other.x && entry.y < other.y);
}

// Merges the candidates of a row into its list, which has `length` entries. Returns the list's new length.
fn merge(slot: u32, row: u32, length: u32) -> u32 {
    let list = slot * params.count;
    let count = atomicLoad(&counts[row]);
    var entries = length;
    for (var n = 0u; n < count; n++) {
        let entry = candidates[slot * GROUP + n];
        var place = entries;
        if entries < params.count {
            entries++;
        } else {
            // The last entry is dropped, or the candidate is.
            place--;
            if !is_better(entry, lists[list + place]) {
                continue;
            }
        }
        while place > 0u && is_better(entry, lists[list + place - 1u]) {
            lists[list + place] = lists[list + place - 1u];
            place--;
        }
        lists[list + place] = entry;
    }
    return entries;
}

fn limit_of(slot: u32, length: u32) -> f32 {
    if length < params.count {
        return LOWEST;
    }
    return from_ordered(lists[slot * params.count + length - 1u].x);
}

@compute @workgroup_size(GROUP)
fn top_n(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let number = flat_workgroup(workgroup, workgroups);
    if number >= params.user_groups * params.parts {
        return;
    }
    let group = number % params.user_groups;
    let part = number / params.user_groups;
    // The user of row 0, and their list.
    let slots = vec2<u32>(group, number) * GROUP;
    let own = slots.y + lane;
    var length = lengths[own];
    limits[lane] = limit_of(own, length);
    atomicStore(&counts[lane], 0u);
    workgroupBarrier();

    let row = lane / 8u * 8u;
    let column = lane % 8u * 8u;
    let groups = params.end - params.begin;
    let end = params.begin + (part + 1u) * groups / params.parts;
    for (var tile = params.begin + part * groups / params.parts; tile < end; tile++) {
        var p0 = vec4<f32>(0.0);
        var p1 = vec4<f32>(0.0);
        var p2 = vec4<f32>(0.0);
        var p3 = vec4<f32>(0.0);
        var p4 = vec4<f32>(0.0);
        var p5 = vec4<f32>(0.0);
        var p6 = vec4<f32>(0.0);
        var p7 = vec4<f32>(0.0);
        var q0 = vec4<f32>(0.0);
        var q1 = vec4<f32>(0.0);
        var q2 = vec4<f32>(0.0);
        var q3 = vec4<f32>(0.0);
        var q4 = vec4<f32>(0.0);
        var q5 = vec4<f32>(0.0);
        var q6 = vec4<f32>(0.0);
        var q7 = vec4<f32>(0.0);
        var user = group * params.width * QUADS + row / 4u;
        var item = tile * params.width * QUADS + column / 4u;
        for (var factor = 0u; factor < params.width; factor++) {
            let a = users[user];
            let b = users[user + 1u];
            let p = items[item];
            let q = items[item + 1u];
            p0 = fma(vec4<f32>(a.x), p, p0);
            q0 = fma(vec4<f32>(a.x), q, q0);
            p1 = fma(vec4<f32>(a.y), p, p1);
            q1 = fma(vec4<f32>(a.y), q, q1);
            p2 = fma(vec4<f32>(a.z), p, p2);
            q2 = fma(vec4<f32>(a.z), q, q2);
            p3 = fma(vec4<f32>(a.w), p, p3);
            q3 = fma(vec4<f32>(a.w), q, q3);
            p4 = fma(vec4<f32>(b.x), p, p4);
            q4 = fma(vec4<f32>(b.x), q, q4);
            p5 = fma(vec4<f32>(b.y), p, p5);
            q5 = fma(vec4<f32>(b.y), q, q5);
            p6 = fma(vec4<f32>(b.z), p, p6);
            q6 = fma(vec4<f32>(b.z), q, q6);
            p7 = fma(vec4<f32>(b.w), p, p7);
            q7 = fma(vec4<f32>(b.w), q, q7);
            user += QUADS;
            item += QUADS;
        }
        let first = tile * GROUP + column;
        offer_both(slots, row, first, p0, q0);
        offer_both(slots, row + 1u, first, p1, q1);
        offer_both(slots, row + 2u, first, p2, q2);
        offer_both(slots, row + 3u, first, p3, q3);
        offer_both(slots, row + 4u, first, p4, q4);
        offer_both(slots, row + 5u, first, p5, q5);
        offer_both(slots, row + 6u, first, p6, q6);
        offer_both(slots, row + 7u, first, p7, q7);
        workgroupBarrier();
        storageBarrier();
        // Each invocation merges the list of one row.
        if atomicLoad(&counts[lane]) > 0u {
            length = merge(own, lane, length);
            limits[lane] = limit_of(own, length);
            atomicStore(&counts[lane], 0u);
        }
        workgroupBarrier();
    }
    lengths[own] = length;
}
