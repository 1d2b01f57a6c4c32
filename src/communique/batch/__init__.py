"""MANY documents: a journal that loses nothing, limits that all requests share, and exports in input order."""

from communique.batch.limits import Bounds
from communique.batch.runner import Ending, RunOptions
from communique.batch.session import BatchSettings, Report, run_batch

__all__ = ["BatchSettings", "Bounds", "Ending", "Report", "RunOptions", "run_batch"]
