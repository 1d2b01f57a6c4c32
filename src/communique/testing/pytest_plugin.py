"""The pytest fixture `fake_server`: a fresh `FakeServer` for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from communique.testing.fake_server import FakeServer


@pytest.fixture
def fake_server() -> Iterator[FakeServer]:
    """Give a running server on loopback; `fake_server.url` is its base URL."""
    with FakeServer() as server:
        yield server
