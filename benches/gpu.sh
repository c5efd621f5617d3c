#!/usr/bin/env bash
# All measurements of a real GPU, in one go of under 8 minutes: its results are correct, the speed of the
# kernels compared with the limits of the device, the GPU compared with the CPU, and a whole run from the file
# to lists for all users.
#
#   benches/gpu.sh OUT [BINARIES]
#
# OUT is a directory for the numbers (gpu.json). BINARIES is a directory with `mfgpu`, `kernels`, `rows` and the
# tests `gpu`; without it they are built. RATINGS, USERS, ITEMS and FACTORS in the environment replace the sizes of
# Netflix.
set -euo pipefail

out=$(mkdir -p "$1" && cd "$1" && pwd)
ratings=${RATINGS:-100000000} users=${USERS:-480189} items=${ITEMS:-17770} factors=${FACTORS:-"32 64 128"}

if [ $# -gt 1 ]; then
    binaries=$(cd "$2" && pwd)
else
    cd "$(dirname "$0")/.."
    binaries=$out/binaries
    mkdir -p "$binaries"
    built() { sed -n 's/.*"name":"'"$1"'".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1; }
    build() { cargo build --release --message-format json "$@"; }
    cp "$(build --bin mfgpu | built mfgpu)" "$binaries/mfgpu"
    cp "$(build --bench kernels | built kernels)" "$binaries/kernels"
    cp "$(build --bench rows | built rows)" "$binaries/rows"
    cp "$(build --test gpu | built gpu)" "$binaries/gpu"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
step() {
    local begun=$SECONDS
    echo "== ${*##*/}" >&2
    "$@"
    echo "== took $((SECONDS - begun)) s" >&2
}

# Correctness first: the device's own test, and all kernels compared with a plain f64 oracle.
step "$binaries/mfgpu" devices | tee "$out/devices.txt"
export MFGPU_REQUIRE_GPU=1
step "$binaries/gpu" conformance::gpu:: --skip checked 2>&1 | tee "$out/conformance.txt" | tail -n 4
step "$binaries/gpu" conformance_normal::gpu::trusted --skip odd_k --skip even_k 2>&1 | tee "$out/conformance_normal.txt" | tail -n 4

step "$binaries/mfgpu" generate --users "$users" --items "$items" --ratings "$ratings" -o ratings.csv

# shellcheck disable=SC2086
step "$binaries/kernels" ratings.csv $factors | tee "$out/kernels.txt"

# Epochs of als, bayes and ials, of a fifth of the ratings and of all. What the time does not suffice for is missing.
for rows in $((ratings / 5)) "$ratings"; do
    [ "$rows" = "$ratings" ] || step "$binaries/mfgpu" generate --users "$users" --items "$items" --ratings "$rows" -o few.csv
    file=$([ "$rows" = "$ratings" ] && echo ratings.csv || echo few.csv)
    MFGPU_DEVICE=gpu step timeout 70 "$binaries/rows" "$file" 64 128 256 | tee -a "$out/rows.txt" || echo "not all in time" >&2
done

# The same epochs on both; the CPU takes most of the time.
step "$binaries/mfgpu" bench --device cpu --device gpu --epochs "${EPOCHS:-5}" -k "${factors##* }" -o "$out/bench.json" ratings.csv

# From the file to the model and ten items for every user.
step "$binaries/mfgpu" train --device gpu -k "${factors##* }" --regularization 0.06 --epochs 10 --top 10 \
    --progress plain --checkpoint-every off --out run ratings.csv
cp run/run.json run/metrics.jsonl "$out"

python3 - "$out" <<'PYTHON'
import json, re, sys

out = sys.argv[1]
read = lambda name: open(f"{out}/{name}").read()
pairs = lambda line: dict(re.findall(r"(\w+)=(\S+)", line))
number = lambda text: float(text) if re.fullmatch(r"[-+.\de]+", text) else text
lines = [{name: number(text) for name, text in pairs(line).items()} for line in read("kernels.txt").splitlines()]
rows, of = [], {}
for line in read("rows.txt").splitlines():
    found = {name: number(text) for name, text in pairs(line).items()}
    if "users" in found:
        of = {"ratings": found["ratings"]}
    else:
        rows.append({"algorithm": line.split()[0].lower(), **of, **found})
roof = {}
for line in lines:
    if "users_of_a_stage" in line:
        roof[line["factors"]] = line
kernels = [dict(line, of_gather_roof=line["gathered_gb_per_second"] / roof[line["factors"]]["items"]) for line in lines if "form" in line]
run = json.loads(read("run.json"))
epochs = sum(json.loads(line).get("seconds", 0) for line in read("metrics.jsonl").splitlines())
report = run["report"]
whole = {name: report[name] for name in ("read_seconds", "train_seconds", "write_seconds", "held_out_rmse")}
result = {
    "device": run["device"],
    "data": lines[0],
    "copy_gb_per_second": next(line["copy_gb_per_second"] for line in lines if "copy_gb_per_second" in line),
    "kernels": kernels,
    "rows": rows,
    "bench": json.loads(read("bench.json")),
    "whole_run": dict(whole, epochs_seconds=epochs),
    "conformance": [line for name in ("conformance", "conformance_normal") for line in read(f"{name}.txt").splitlines() if "test result" in line],
}
json.dump(result, open(f"{out}/gpu.json", "w"), indent=1)
for line in kernels:
    print("k={factors:.0f} packed={packed} ratings/s={ratings_per_second:.3e} of the gather roof={of_gather_roof:.2f}".format(**line))
for line in rows:
    print("{algorithm} of {ratings:.0f}: k={factors:.0f} form={form} seconds={seconds}".format(**line))
print("whole run:", result["whole_run"])
PYTHON
