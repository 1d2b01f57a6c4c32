"""Where the entry point finds the sink until the next install."""

from communique.sinks.plain_text import MarkdownSink

__all__ = ["MarkdownSink"]
