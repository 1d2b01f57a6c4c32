"""For your own tests: an OpenAI-compatible server on loopback that answers by script and fails on demand.

>>> from communique.testing import FakeServer
>>> with FakeServer() as server:
...     server.fail("429", times=1)
...     server.url.startswith("http://127.0.0.1:")
True

With pytest, `pytest_plugins = ["communique.testing.pytest_plugin"]` gives the fixture `fake_server`. For tests without
any server use the backend `scripted`.
"""

from communique.testing.chat_wires import FAULTS, Fault
from communique.testing.fake_server import Arrival, FakeServer

__all__ = ["FAULTS", "Arrival", "FakeServer", "Fault"]
