# %% [markdown]
# # A tour of mfgpu in Python
#
# Ratings come from a file here; a DataFrame of pandas or polars, a table of pyarrow, a scipy.sparse matrix or
# arrays do as well. `pip install "./python[all]" faiss-cpu matplotlib` installs what this tour uses.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas

import mfgpu

examples = next(path for path in (Path("."), Path("examples")) if (path / "ratings.csv").exists())
ratings = pandas.read_csv(examples / "ratings.csv")
ratings.head()

# %% [markdown]
# ## Train
#
# Two models are trained: one lists items, the other predicts ratings. A tenth of the ratings measures both.
# Regularization, the number of epochs, and the number of factors for lists are chosen by a short race.

# %%
titles = pandas.read_csv(examples / "titles.csv")
model = mfgpu.Recommender(factors=32, seed=1).fit(ratings, test=0.1, item_names=titles)
model

# %% [markdown]
# ## How good is it?
#
# Every metric stands beside baselines that need no model: biases alone for ratings, the most rated items for lists.

# %%
test = model.metrics["test"]
print(f"RMSE    {test['rmse']:.4f}  (biases alone {test['baselines']['biases']['rmse']:.4f})")
print(f"NDCG@10 {test['ndcg@10']:.4f}  (most rated items {test['baselines']['most_rated']['ndcg@10']:.4f})")
low, high = test["intervals"]["ndcg@10"]
print(f"with 95 % between {low:.4f} and {high:.4f}")

# %% [markdown]
# ## Recommend
#
# `score` orders the list; `rating` is what the other model predicts. What the user rated is left out. `because`
# names the items of the user that speak most for an item.

# %%
model.recommend([17, 42], top=5, explain=2).to_pandas()

# %%
print(model.predict(17, 333), model.predict([17, 18], [333, 5]))
model.similar_items(333, top=5).to_pandas()

# %% [markdown]
# ## New users
#
# They are folded in without training: each gets the factors that training would give it with all others fixed.

# %%
new = model.fold_in([("alice", 333, 5.0), ("alice", 5, 1.0), ("alice", 17, 4.5)])
new.recommend("alice", top=5).to_pandas()

# %% [markdown]
# ## The learning curve
#
# `curve` has every epoch. Epochs begin again in each phase, so one phase of one model is drawn.

# %%
curve = pandas.DataFrame(model.curve)
search = curve[(curve.objective == "ratings") & (curve.phase == "search")]
held_out = search.held_out.map(lambda score: score["value"])
figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(search.epoch, search.train_rmse, label="training")
axes.plot(search.epoch, held_out, label="held out")
axes.set(xlabel="epoch", ylabel="RMSE")
axes.legend();

# %% [markdown]
# ## Vectors for a search
#
# A search by inner product finds the best items of a user in a catalogue of any size: the bias of an item is one
# more number of its vector, where that of a user is 1.

# %%
import faiss

draw = model.draw(0, by="lists")
items = np.column_stack([draw.item_factors, draw.item_biases])
users = np.column_stack([draw.user_factors, np.ones(model.n_users, dtype=np.float32)])
index = faiss.IndexFlatIP(items.shape[1])
index.add(np.ascontiguousarray(items))
_, found = index.search(np.ascontiguousarray(users[:3]), 5)
[[model.item_titles[item] for item in row] for row in found]

# %% [markdown]
# ## Save
#
# The directory is what the command line reads, too: `mfgpu recommend my-model --users 17`.

# %%
import tempfile

with tempfile.TemporaryDirectory() as folder:
    model.save(folder)
    again = mfgpu.load(folder)
again.predict(17, 333) == model.predict(17, 333)
