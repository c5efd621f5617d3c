"""Makes spread.json: how often each item of a catalogue is listed, and the Gini coefficient that PySAL finds.

python spread.py > spread.json

PySAL's `inequality` divides by n where the definition for lists divides by n - 1 (docs/metrics.md).
"""

import json
import random

from inequality.gini import Gini

random.seed(1)
rows = []
for items in [2, 3, 5, 17, 100]:
    for power in [0.0, 1.0, 3.0]:
        counts = [int(1000 * random.random() * (place + 1) ** -power) for place in range(items)]
        random.shuffle(counts)
        rows.append({"counts": counts, "gini": float(Gini(counts).g) * items / (items - 1)})
print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")
