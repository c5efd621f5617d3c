"""Reading a file of ratings to numbers: mfgpu, pyarrow and polars (those that are there), in turn, each in a process of its own.

    python benches/ingest.py BENCH RATINGS [TURNS]      with BENCH what `cargo bench --no-run --bench ingest` names

mfgpu numbers users and items and finds duplicates; the others read three columns. Prints seconds, CPU seconds and the most memory of each.
"""

import os
import statistics
import subprocess
import sys
import time

READ = {
    "pyarrow": "import pyarrow.csv as c, sys; t = c.read_csv(sys.argv[1]); print(t.num_rows)",
    "polars": "import polars as p, sys; t = p.read_csv(sys.argv[1], infer_schema_length=10000); print(t.height)",
}


def main(bench, ratings, turns=3):
    commands = {"mfgpu": [bench, "read", ratings]}
    for name, code in READ.items():
        if subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True).returncode == 0:
            commands[name] = [sys.executable, "-c", code, ratings]
    found = {name: [] for name in commands}
    for _ in range(int(turns)):
        for name, command in commands.items():
            begun, pid = time.time(), os.posix_spawnp(command[0], command, os.environ)
            _, status, usage = os.wait4(pid, 0)
            assert status == 0, name
            found[name].append((time.time() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024))
    for name, runs in found.items():
        seconds, cpu, peak = (statistics.median(column) for column in zip(*runs))
        print(f"{name}: seconds={seconds:.2f} cpu_seconds={cpu:.2f} peak_bytes={peak:.3e}", flush=True)


main(*sys.argv[1:])
