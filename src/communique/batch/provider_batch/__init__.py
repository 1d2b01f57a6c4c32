"""The provider's Batch API: requests go up in files, answers come down within a day, at half the price."""

from communique.batch.provider_batch.traffic import ProviderOptions

__all__ = ["ProviderOptions"]
