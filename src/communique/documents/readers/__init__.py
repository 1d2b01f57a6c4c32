"""Readers turn files into documents. No reader ever fetches anything."""

from communique.documents.readers.article import Article
from communique.documents.readers.opening import expand, open_documents, read_article
from communique.documents.readers.reader import Reader, ReadOptions, Skipped

__all__ = ["Article", "ReadOptions", "Reader", "Skipped", "expand", "open_documents", "read_article"]
