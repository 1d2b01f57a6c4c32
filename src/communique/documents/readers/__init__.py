"""Readers turn files into documents. No reader ever fetches anything."""

from communique.documents.readers.opening import expand, input_kind, open_documents, read_article
from communique.documents.readers.reader import Article, Reader, ReadOptions, Skipped

__all__ = ["Article", "ReadOptions", "Reader", "Skipped", "expand", "input_kind", "open_documents", "read_article"]
