"""Where the entry point finds the sink until the next install."""

from communique.sinks.jsonld import AnnotationsSink

__all__ = ["AnnotationsSink"]
