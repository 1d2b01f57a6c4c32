"""The provider's Batch API: requests go up in files, answers come down within a day, at half the price."""

from communique.batch.provider_batch.run import ProviderOptions, run_provider_batch

__all__ = ["ProviderOptions", "run_provider_batch"]
