"""Matrix factorization of rating tables: predicted ratings and top-N lists, on any GPU and on the CPU.

>>> import mfgpu
>>> model = mfgpu.Recommender(seed=1).fit("ratings.csv")  # or a DataFrame, a scipy.sparse matrix
>>> model.recommend(["alice", "bob"], top=10).to_pandas()
>>> model.predict("alice", "Heat")
>>> model.save("model")
>>> model = mfgpu.load("model")
"""

from ._errors import (
    DamagedError,
    DataWarning,
    DeviceError,
    DivergedError,
    InputError,
    LockedError,
    QualityWarning,
)
from ._files import load, resume
from ._mfgpu import __version__
from ._recommender import Recommender
from ._table import Table

__all__ = [
    "DamagedError",
    "DataWarning",
    "DeviceError",
    "DivergedError",
    "InputError",
    "LockedError",
    "QualityWarning",
    "Recommender",
    "Table",
    "__version__",
    "load",
    "resume",
]
