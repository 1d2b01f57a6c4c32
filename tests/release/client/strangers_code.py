"""A stranger's program, never run: strict mypy and strict pyright read it against the installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, assert_type

from pydantic import Field

from communique import (
    Allegation,
    AsyncExtractor,
    CommuniqueError,
    Document,
    Extractor,
    Meeting,
    Mentioned,
    Plan,
    Record,
    Rejection,
    StatedNumber,
    VerifiedSummary,
    aextract,
    extract,
)
from communique.backends import AsyncBackend, Backend, connect, connect_async
from communique.backends.scripted import ScriptedBackend
from communique.batch import BatchSettings, Bounds, Report, arun_batch
from communique.errors import BackendError, ResponseError
from communique.testing import FakeServer


class AidPledge(Record):
    """A government or body gives or promises aid to another."""

    donor: Annotated[str, Mentioned(), Field(description="Who gives, copied.")]
    amount: Annotated[str | None, StatedNumber(), Field(description="Sum as written.")] = None


def read(path: Path) -> list[str]:
    document = Document.from_text(path.read_text("utf-8"), published="2024-05-14")
    assert_type(document.sentences[0].start, int)
    with Extractor("local", records=[Meeting, Allegation, AidPledge], plan=Plan(strict=True)) as extractor:
        summary = extractor.extract(document)
    assert_type(summary, VerifiedSummary)
    assert_type(summary.meetings, tuple[Meeting, ...])
    assert_type(summary.of(AidPledge), tuple[AidPledge, ...])
    assert_type(summary.rejections, tuple[Rejection, ...])
    for pledge in summary.of(AidPledge):
        assert_type(pledge.amount, str | None)
    return [evidence.exact for record in summary.all_records() for evidence in record.evidence]


def fail(document: Document) -> str:
    try:
        return extract(document, model=ScriptedBackend([])).document.id
    except (BackendError, ResponseError) as error:
        return f"{error.message} {error.hint} {error.reason}"
    except CommuniqueError as error:
        return str(error)


async def many(folder: Path) -> Report:
    backend: AsyncBackend = connect_async("openai/some-model", base_url="http://127.0.0.1:8000/v1")
    async with AsyncExtractor(backend) as extractor:
        assert_type(await extractor.extract("text"), VerifiedSummary)
    assert_type(await aextract("text", model=backend), VerifiedSummary)
    settings = BatchSettings(bounds=Bounds(8, rpm=100.0))
    return await arun_batch([str(folder)], folder / "out.jsonl", backend, Plan(), settings)


def test_it() -> None:
    with FakeServer(lambda _request: {"meetings": []}) as server:
        backend: Backend = connect("some-model", base_url=server.url)
        assert_type(server.requests, int)
        backend.close()
