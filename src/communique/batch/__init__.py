"""MANY documents: a journal that loses nothing, limits that all requests share, and exports in input order."""

from communique.batch.budget import Bounds, Price
from communique.batch.front import arun_batch, run_batch
from communique.batch.run import BatchSettings, Ending, Report

__all__ = ["BatchSettings", "Bounds", "Ending", "Price", "Report", "arun_batch", "run_batch"]
