"""Keeps a layer behind Vulkan quiet, which prints an error of its own where there is no desktop."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

RUNTIME = "XDG_RUNTIME_DIR"

_lock = threading.Lock()
_users = 0


@contextmanager
def quiet() -> Iterator[None]:
    """Sets ``XDG_RUNTIME_DIR`` to a directory that holds nothing while devices are opened, where it is not
    set."""
    global _users
    if sys.platform in ("win32", "darwin") or os.environ.get(RUNTIME, "").startswith("/") and _users == 0:
        yield
        return
    with _lock:
        _users += 1
        os.environ[RUNTIME] = os.devnull
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0 and os.environ.get(RUNTIME) == os.devnull:
                del os.environ[RUNTIME]
