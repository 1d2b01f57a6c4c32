"""Cores that this process may compute on: hyper-threads of one core don't help a model."""

from __future__ import annotations

import os
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")


def physical_cores(cpus: Path = _CPUS) -> int:
    """Return the number of physical cores among the CPUs that this process may use; at least 1.

    Args:
        cpus: Where Linux describes them; elsewhere, and where it doesn't, each CPU counts as a core.
    """
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))
    cores: set[str] = set()
    for cpu in allowed:
        try:
            cores.add((cpus / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text("ascii").strip())
        except OSError:
            cores.add(str(cpu))
    return max(len(cores), 1)
