"""WHERE it goes: files in many formats, written in one pass, and read back. No sink reaches a network."""

from communique.sinks.cards import CardNote
from communique.sinks.json_files import read_results
from communique.sinks.plain_text import render_text, visible
from communique.sinks.sink import FanOut, Sink, SinkOptions, sink_for, sink_named

__all__ = [
    "CardNote",
    "FanOut",
    "Sink",
    "SinkOptions",
    "read_results",
    "render_text",
    "sink_for",
    "sink_named",
    "visible",
]
