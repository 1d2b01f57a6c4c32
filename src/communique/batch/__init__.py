"""MANY documents: a journal that loses nothing, limits that all requests share, and exports in input order."""

from communique.batch.budget import Price
from communique.batch.front import arun_batch, run_batch
from communique.batch.limits import Bounds
from communique.batch.run import BatchSettings, Report
from communique.batch.worker_pool import Ending

__all__ = ["BatchSettings", "Bounds", "Ending", "Price", "Report", "arun_batch", "run_batch"]
