"""`communique review`: a person decides on records, on a page on loopback; and what follows from the decisions."""

from __future__ import annotations

import contextlib
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from communique.cli.options import Json, OwnTypes
from communique.cli.terminal import notice, write_json, write_rows

if TYPE_CHECKING:
    from communique.review import Queue


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
    from json import dumps

    from communique.cli import endings
    from communique.cli.observing import refuse_same_file
    from communique.cli.record_types import record_types
    from communique.errors import ConfigurationError, UnreadableDocumentError
    from communique.review import DecisionsFile, Queue, decisions_path, write_gold
    from communique.review import figures as figures_of

    if sum((require_all, figures, gold is not None)) > 1:
        raise ConfigurationError("several things at once", hint="give one of --require-all, --figures and --gold")
    if not results.is_file():
        raise UnreadableDocumentError(f"there is no file {results}", hint="pass what `extract` or `batch` wrote")
    decisions = decisions or decisions_path(results)
    refuse_same_file(str(decisions), [results], "the results", "--decisions")
    queue = Queue(results, DecisionsFile(decisions), record_types(record) if record else ())
    if gold is not None:
        line = (
            "wrote {written}, left out {undecided} not decided, {unnamed} without a usable id,"
            " {taken} with other gold in the folder, which stays (delete it, or name another folder)"
        )
        write_rows([write_gold(queue, gold)], line, as_json=json)
    elif figures:
        line = "{of:18} {decided:6,} decided in {articles:5,} articles, accepted {precision:4.0%} ({low:.0%} to {high:.0%})"
        write_rows(rows := figures_of(queue), line, as_json=json)
        if not rows and not json:
            notice("communique: nothing is decided yet")
    elif require_all:
        counts = queue.counts()
        write_json(dumps(counts, indent=2)) if json else notice(f"communique: {queue.progress()}")
        return endings.SOME_FAILED if counts["undecided"] + counts["again"] else endings.OK
    else:
        _serve(queue, reviewer, port, open_page=not no_open, as_json=json)
    return endings.OK


def _serve(queue: Queue, reviewer: str | None, port: int, *, open_page: bool, as_json: bool) -> None:
    import secrets
    import sys
    import tempfile
    import webbrowser

    from communique.cli.options import listening
    from communique.errors import ConfigurationError, MissingExtraError

    try:
        reviewer = reviewer or getuser()
        reviewer.encode()
    except (UnicodeEncodeError, ImportError, KeyError, OSError) as error:  # which one depends on system and Python
        why = "the reviewer's name is not UTF-8" if reviewer else "this user has no login name"
        raise ConfigurationError(why, hint="give --reviewer NAME") from error
    with MissingExtraError.naming("communique review", "review"):
        from communique.review.server import app, serve
    found, place = listening(port, "--port")
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
