"""A plug-in that raises when it is imported."""

raise RuntimeError("out of ink")
