"""Ray Data: many documents on many machines, with the keys and the rows of `communique batch`."""

from communique.batch.ray.dataset import extract_dataset, write_jsonl

__all__ = ["extract_dataset", "write_jsonl"]
