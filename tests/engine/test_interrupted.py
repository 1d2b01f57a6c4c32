"""An extraction that is interrupted, as a notebook's kernel does it: SIGINT while a model is waited for."""

import os
import signal
import threading

import pytest

from communique import Extractor
from communique.testing import FakeServer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a process")


def test_the_request_is_given_up_no_thread_hangs_and_the_extractor_reads_on():
    def interrupt(_body):
        os.kill(os.getpid(), signal.SIGINT)
        return True

    with FakeServer() as server:
        before = set(threading.enumerate())
        with Extractor("any-model", base_url=server.url) as extractor:
            server.fail("hang", times=1, when=interrupt)
            with pytest.raises(KeyboardInterrupt):
                extractor.extract("It rained in Lund all day.")
            assert list(extractor.extract("It snowed in Lund all day.").all_records()) == []
        assert set(threading.enumerate()) == before
        assert len(server.arrivals) == 2
