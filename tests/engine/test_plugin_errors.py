"""A stranger's backend that fails is named, with its exception; what is ours stays a bug of ours."""

import anyio
import pytest

from communique import AsyncExtractor, Document, Extractor
from communique.backends.backend import Completion
from communique.backends.scripted import ScriptedBackend
from communique.cli.terminal import SOME_FAILED, exit_code_of
from communique.errors import BackendError, ThrottledError

DOCUMENT = Document.from_text("Odo Brask met Ilya Tarn in Szohod on Friday.", id="d1", language="en")


class Acme:
    """What somebody else wrote."""

    name, model, narrows, context_tokens = "acme", "m", False, None

    def __init__(self, gives, at_close=None):
        self.gives, self.at_close = gives, at_close

    def complete(self, _prompt):
        if isinstance(self.gives, BaseException):
            raise self.gives
        return self.gives

    async def acomplete(self, prompt):
        return self.complete(prompt)

    def close(self):
        if self.at_close:
            raise self.at_close

    async def aclose(self):
        self.close()


def sync(backend):
    with Extractor(backend) as extractor:
        return extractor.extract(DOCUMENT)


def awaited(backend):
    async def run():
        async with AsyncExtractor(backend) as extractor:
            return await extractor.extract(DOCUMENT)

    return anyio.run(run)


@pytest.mark.parametrize("read", [sync, awaited])
@pytest.mark.parametrize(
    ("gives", "said"),
    [
        (KeyError("choices"), "failed with KeyError: 'choices'"),
        (RuntimeError("two\nlines"), "failed with RuntimeError: two lines"),
        (ValueError(), "failed with ValueError"),
        (SystemExit(3), "failed with SystemExit: 3"),
        ({"meetings": []}, "returned a dict, not a Completion"),
        (None, "returned a NoneType, not a Completion"),
        (Completion(data=["x"], text="[]", model="m"), "returned data that is a list, not a dict"),
    ],
)
def test_a_backend_that_fails_is_named_with_what_it_raised(read, gives, said):
    with pytest.raises(BackendError) as raised:
        read(Acme(gives))
    error = raised.value
    assert error.message == f"the backend 'acme' ({__name__}:Acme) {said}"
    assert "plug-in" in error.hint
    assert error.document_id == "d1"
    assert exit_code_of(error) == SOME_FAILED
    assert isinstance(gives, BaseException) == (error.__cause__ is not None)


@pytest.mark.parametrize("read", [sync, awaited])
def test_an_error_of_ours_that_a_stranger_raises_stays_as_it_is(read):
    error = ThrottledError("slower, please")
    with pytest.raises(ThrottledError) as raised:
        read(Acme(error))
    assert raised.value is error


@pytest.mark.parametrize("read", [sync, awaited])
def test_a_backend_that_cannot_close_takes_no_result_away(read, caplog):
    answer = Completion(data={}, text="{}", model="m")
    summary = read(Acme(answer, at_close=OSError("gone")))
    assert summary.meetings == ()
    assert "the backend 'acme'" in caplog.text
    assert "OSError: gone" in caplog.text


def test_a_missing_method_is_named():
    class Half(Acme):
        acomplete = None

    with pytest.raises(BackendError, match=r"Half\) failed with TypeError"):
        awaited(Half({}))


@pytest.mark.parametrize("read", [sync, awaited])
def test_a_fault_of_a_built_in_backend_stays_a_bug_of_ours(read):
    def stumble(_prompt):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read(ScriptedBackend(stumble))
