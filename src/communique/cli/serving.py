"""Verbs that serve somebody on this machine: `mcp` an assistant, `review` a person who decides on records."""

from __future__ import annotations

import contextlib
import sys
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.options import Asking, Json, OwnTypes, Types, record_types
from communique.cli.terminal import OK, SOME_FAILED, hooks, notice, refuse_same_file, write_json, write_rows
from communique.errors import ConfigurationError, MissingExtraError, MissingKeyError, UnreadableDocumentError

if TYPE_CHECKING:
    import socket

    from communique.review import Queue


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
    record: Types = None,
    max_chars: Annotated[int, typer.Option(min=1, help="Longest text; a longer one is refused.")] = 100_000,
    json: Json = False,
) -> int:
    """Let an assistant extract records from text, look up those of a results file, and ask why a verdict was given."""
    import signal

    import anyio

    from communique.engine import AsyncExtractor, Plan

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
        port, address = _listening(http, "--http")
        notice(f"communique: http://{address}/mcp")
    server = Tools(extractor, path, kinds, max_chars).server()

    async def run() -> None:
        async with extractor or contextlib.nullcontext():
            await serve(server, port)

    if port is None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a thread that waits for standard input can't be interrupted
    anyio.run(run)
    return OK


def review(  # noqa: PLR0917 - options of a command
    results: Annotated[Path, typer.Argument(help="JSONL or JSON that extract or batch wrote.")],
    decisions: Annotated[Path | None, typer.Option(help="Decisions; RESULTS.decisions.jsonl if not given.")] = None,
    reviewer: Annotated[str | None, typer.Option(help="Who decides; your login name if not given.")] = None,
    require_all: Annotated[bool, typer.Option("--require-all", help="Exit code 3 if any is still to decide.")] = False,
    figures: Annotated[bool, typer.Option("--figures", help="Show how often the verdicts were right.")] = False,
    gold: Annotated[Path | None, typer.Option(help="Folder for the decided articles, as gold for evaluate.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of 127.0.0.1; 0 takes a free one.")] = 0,
    record: OwnTypes = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address, don't open it.")] = False,
    json: Json = False,
) -> int:
    """Decide on records on a page in the browser. Each decision is kept at once, and survives new runs."""
    from communique import review as room

    if sum((require_all, figures, gold is not None)) > 1:
        raise ConfigurationError("several things at once", hint="give one of --require-all, --figures and --gold")
    if not results.is_file():
        raise UnreadableDocumentError(f"there is no file {results}", hint="pass what `extract` or `batch` wrote")
    decisions = decisions or room.decisions_path(results)
    refuse_same_file(str(decisions), [results], "the results", "--decisions")
    queue = room.Queue(results, room.DecisionsFile(decisions), record_types(record) if record else ())
    if gold is not None:
        line = (
            "wrote {written}, left out {undecided} not decided, {unnamed} without a usable id,"
            " {taken} with other gold in the folder, which stays (delete it, or name another folder)"
        )
        write_rows([room.write_gold(queue, gold)], line, as_json=json)
    elif figures:
        line = "{of:18} {decided:6,} decided in {articles:5,} articles, accepted {precision:4.0%} ({low:.0%} to {high:.0%})"
        write_rows(rows := room.figures(queue), line, as_json=json)
        if not rows and not json:
            notice("communique: nothing is decided yet")
    elif require_all:
        counts = queue.counts()
        write_json(dumps(counts, indent=2)) if json else notice(f"communique: {queue.progress()}")
        return SOME_FAILED if counts["undecided"] + counts["again"] else OK
    else:
        _serve(queue, reviewer, port, open_page=not no_open, as_json=json)
    return OK


def _serve(queue: Queue, reviewer: str | None, port: int, *, open_page: bool, as_json: bool) -> None:
    import secrets
    import tempfile
    import webbrowser
    from getpass import getuser

    try:
        reviewer = reviewer or getuser()
        reviewer.encode()
    except (UnicodeEncodeError, ImportError, KeyError, OSError) as error:  # which one depends on system and Python
        why = "the reviewer's name is not UTF-8" if reviewer else "this user has no login name"
        raise ConfigurationError(why, hint="give --reviewer NAME") from error
    with MissingExtraError.naming("communique review", "review"):
        from communique.review.server import app, serve
    found, place = _listening(port, "--port")
    token = secrets.token_urlsafe(32)
    address = f"http://{place}/#token={token}"
    write_rows([{"address": address}], "{address}", as_json=as_json)
    sys.stdout.flush()
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):  # the usual end
        if open_page:
            # The address has the token: in a folder of the user's own, it isn't in the list of processes.
            page = Path(folder) / "open.html"
            page.write_text(f'<meta http-equiv="refresh" content="0;url={address}">', "utf-8")
            webbrowser.open(page.as_uri())
        serve(app(queue, reviewer, token, found.getsockname()[1]), found)


def _listening(port: int, option: str) -> tuple[socket.socket, str]:
    """Return a socket that listens on a port of loopback, 0 for a free one, and its address: `127.0.0.1:8000`."""
    import socket

    try:
        found = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise ConfigurationError(
            f"port {port} can't be used: {error.strerror or error}", hint=f"{option} 0 takes a free one"
        ) from error
    return found, f"127.0.0.1:{found.getsockname()[1]}"
