"""Makes lists.json: lists of users, what is relevant to them, and what ir-measures says of them.

python lists.py TOP.CSV TEST.CSV FROM USERS > lists.json

TOP.CSV is written by `mfgpu recommend MODEL --top 20`, TEST.CSV are test ratings, FROM is the least relevant one, USERS is
how many users are taken, those with the most relevant items first to last by id; 0 takes all, and prints means only.
"""

import csv
import json
import sys

from ir_measures import AP, P, RR, R, Success, iter_calc, nDCG

CUTOFFS = [5, 10, 20]
MEASURES = [("precision", P), ("recall", R), ("ndcg", nDCG), ("map", AP), ("mrr", RR), ("hit_rate", Success)]

top, test, least, count = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
lists = {}
for row in csv.DictReader(open(top)):
    lists.setdefault(row["user"], []).append(row["item"])
relevant = {}
for user, item, rating, *_ in list(csv.reader(open(test)))[1:]:
    if float(rating) >= least:
        relevant.setdefault(user, []).append(item)
users = sorted(user for user in relevant if user in lists)
if count:
    users = sorted(users, key=lambda user: (-len(relevant[user]), user))[:: max(1, len(users) // count)][:count]
qrels = {user: {item: 1 for item in relevant[user]} for user in users}
# Only the order of a list counts.
run = {user: {item: float(-place) for place, item in enumerate(lists[user])} for user in users}
names = {measure @ cutoff: (name, cutoff) for name, measure in MEASURES for cutoff in CUTOFFS}
expected = {user: {} for user in users}
for found in iter_calc(list(names), qrels, run):
    name, cutoff = names[found.measure]
    expected[found.query_id].setdefault(str(cutoff), {})[name] = found.value
if count:
    rows = [{"list": lists[u], "relevant": relevant[u], "expected": expected[u]} for u in users]
    print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")
else:
    for cutoff in CUTOFFS:
        for name, _ in MEASURES:
            print(cutoff, name, sum(expected[u][str(cutoff)][name] for u in users) / len(users))
