#!/usr/bin/env bash
# Makes tests/golden/models with the program of an early version: models that every later version must read,
# and that version's output for them. Run once; the files stay as they are.
#
# tests/golden/models.sh MFGPU
set -euo pipefail
mfgpu=$(realpath "$1")
cd "$(dirname "$0")/models"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

"$mfgpu" generate --users 40 --items 25 --ratings 400 --rank 2 --seed 5 --string-ids -o ratings.csv
cat > new.csv <<'END'
user,item,rating
new1,i03,5
new1,i12,4.5
new1,i07,1
new2,i02,2
new2,i99,3.5
u01,i99,4
u02,i99,2.5
END
# `ials` came later than the others, and was made by the first version that had it.
for algorithm in sgd als bayes ials; do
    "$mfgpu" train ratings.csv --algorithm "$algorithm" -k 4 --epochs 12 --burn-in 5 --keep-draws 2 --seed 7 \
        --device cpu --top 0 -q --out "$work/$algorithm"
    cp "$work/$algorithm/model.safetensors" "$algorithm.safetensors"
    "$mfgpu" recommend "$algorithm.safetensors" --top 5 --device cpu -o "$algorithm-top.csv"
    "$mfgpu" predict "$algorithm.safetensors" ratings.csv -o "$algorithm-predictions.csv"
    "$mfgpu" recommend "$algorithm.safetensors" --new new.csv --top 5 --device cpu -o "$algorithm-new.csv"
done
