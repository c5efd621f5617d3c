#!/usr/bin/env bash
# Makes tests/golden/run with the program of an early version: a finished run with two models, and one that was
# stopped and can be resumed. Every later version must read them. Run once; the files stay as they are.
#
# tests/golden/runs.sh MFGPU
set -euo pipefail
program=$(realpath "$1")
runs=$(realpath "$(dirname "$0")")/run
ratings=$(realpath "$(dirname "$0")")/models/ratings.csv

# Settings name files by their whole paths, and records name the program.
work=/tmp/mfgpu-golden
mkdir "$work"
trap 'rm -r "$work"' EXIT
ln -s "$program" "$work/mfgpu"
cp "$ratings" "$work/ratings.csv"
cd "$work"
PATH="$work:$PATH"

settings=(--device cpu --threads 1 -k 4 --list-factors 4 --epochs 8 --regularization 0.1 --seed 7 --test 0.2
    --top 5 --resamples 0 --checkpoint-every "1 epochs" -q)
mfgpu train ratings.csv "${settings[@]}" --out finished
# A build with debug assertions ends on request, at one of its operations on files.
MFGPU_FAULT=350:kill mfgpu train ratings.csv "${settings[@]}" --out stopped || [ $? = 137 ]
test -e stopped/checkpoints
cp -r finished stopped "$runs/"
