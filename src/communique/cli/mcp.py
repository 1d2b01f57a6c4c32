"""`communique mcp`: what assistants may ask, over the Model Context Protocol."""

from __future__ import annotations

from typing import Annotated

import typer

from communique.cli.options import Asking, Json
from communique.cli.terminal import notice


def mcp(  # noqa: PLR0917 - options of a command
    asking: Asking,
    results: Annotated[
        str | None, typer.Option(help="JSONL or JSON that extract or batch wrote, to look records up in.")
    ] = None,
    http: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Serve HTTP on this port of 127.0.0.1, 0 for a free one; standard input and output if not given.",
        ),
    ] = None,
    record: Annotated[
        list[str] | None, typer.Option("--record", "-r", help="Record type: a name, or package:Class.")
    ] = None,
    max_chars: Annotated[int, typer.Option(min=1, help="Longest text; a longer one is refused.")] = 100_000,
    json: Json = False,
) -> int:
    """Let an assistant extract records from text, look up those of a results file, and ask why a verdict was given."""
    import signal
    from pathlib import Path

    import anyio

    from communique.cli.observing import hooks
    from communique.cli.options import listening
    from communique.cli.record_types import record_types
    from communique.engine import AsyncExtractor, Plan
    from communique.errors import MissingExtraError, MissingKeyError, UnreadableDocumentError

    with MissingExtraError.naming("communique mcp", "mcp"):
        from communique.mcp_server import Tools, serve
    kinds = record_types(record)
    path = Path(results).resolve() if results else None
    if path is not None and not path.is_file():
        raise UnreadableDocumentError(f"there is no file {results}", hint="pass what `extract` or `batch` wrote")
    extractor = None
    try:
        plan = Plan(records=kinds, judge=asking.judge_mode(), effort=asking.effort)
        extractor = AsyncExtractor(
            asking.chosen_model(), plan=plan, base_url=asking.base_url, hooks=hooks(), judge=asking.judge
        )
    except MissingKeyError as error:
        if path is None or asking.model:
            raise
        notice(f"communique: {error}; only the results can be asked about")
    port = None
    if http is not None:
        port, address = listening(http, "--http")
        notice(f"communique: http://{address}/mcp")
    server = Tools(extractor, path, kinds, max_chars).server()

    async def run() -> None:
        try:
            await serve(server, port)
        finally:
            if extractor is not None:
                await extractor.aclose()

    if port is None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a thread that waits for standard input can't be interrupted
    anyio.run(run)
    return 0
