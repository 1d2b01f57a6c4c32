"""`communique show`: what is installed, by group, and what is set; `communique schema`: the JSON Schema of results."""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from communique.cli.command import FILES, SETTINGS, Settings
from communique.cli.options import Json, Types, record_types
from communique.cli.terminal import notice, write_json, write_rows
from communique.errors import CommuniqueError, ConfigurationError, UnknownNameError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from communique.grounding.rules import Reason

ENTRY = "{group:9} {name:20} {object}  ({package})  {state}"


def show(
    ctx: typer.Context,
    group: Annotated[
        str,
        typer.Argument(
            help=(
                "records, readers, sinks, backends, checks, languages; rules for what the checks say; plugins for"
                " third-party ones; config for options set in files and variables."
            )
        ),
    ] = "",
    *,
    json: Json = False,
) -> None:
    """List the records, readers, sinks, backends and checks that are installed, built-in and third-party.

    `show plugins` lists what other packages provide, loads each, and says what is wrong with those that can't be used.
    `show rules` lists each rule of the checks with what it does under each policy, and the sentence that a reader sees.
    `show languages` shows what is known about each language, and which phrase lists it lacks. `show config` shows the
    options that communique.toml, pyproject.toml and variables set, and where each value comes from.
    """
    from communique import plugins

    if group == "config":
        _config(ctx.meta[SETTINGS], as_json=json)
    elif group == "rules":
        _rules(as_json=json)
    elif group == "languages":
        _languages(as_json=json)
    elif group and group not in (*plugins.GROUPS, "plugins"):
        raise UnknownNameError.of("group", group, (*plugins.GROUPS, "config", "languages", "plugins", "rules"))
    else:
        groups = (group,) if group else plugins.GROUPS
        found = (_row(name, key, several[0]) for name in groups for key, several in plugins.offers(name).items())
        rows = list(_third_party() if group == "plugins" else found)
        write_rows(rows, ENTRY, as_json=json)
        if not rows and not json:
            notice("none is installed; docs/guides/plug-ins.md shows how one is made")


def schema(
    record: Types = None,
    full: Annotated[bool, typer.Option("--full", help="Of the complete output, as --full gives it.")] = False,
    json: Json = False,
) -> None:
    """Print the JSON Schema of what `extract` and `batch` give for a document."""
    from communique.schemas.json_schema import output_schema

    write_json(dumps(output_schema(record_types(record), full=full), indent=2, ensure_ascii=False))


def effects(reason: Reason) -> dict[str, str]:
    """Return what a rule does to the verdict and the value, by policy: `flag, left out`."""
    from communique.grounding.policy import NAMES, load_policy

    found = {}
    for policy in map(load_policy, NAMES):
        change = ", left out" * (reason.id in policy.leave_out) or ", corrected" * (reason.id in policy.adopt)
        found[policy.name] = policy.severity.get(reason.id, reason.severity) + change
    return found


def _config(settings: Settings, *, as_json: bool) -> None:
    from communique.observability import redacted

    rows = [
        {
            "verb": verb,
            "option": name.replace("_", "-"),
            "value": redacted(value) if isinstance(value, str) else value,
            "origin": origin,
        }
        for (verb, name), (value, origin) in sorted(settings.items(), key=lambda setting: setting[0])
    ]
    if as_json:
        write_json(dumps({"settings": rows, "files": FILES[::-1]}, indent=2, ensure_ascii=False))
        return
    write_rows(rows, "{verb:9} {option:20} {value!s:30} {origin}", as_json=False)
    notice(
        f"{'every other option has' if rows else 'nothing is set: every option has'} its default; the command line wins"
        " over COMMUNIQUE_EXTRACT_MODEL and the like, those over communique.toml, and that over [tool.communique] in"
        " pyproject.toml, both in this folder"
    )


def _rules(*, as_json: bool) -> None:
    from communique.grounding.policy import NAMES
    from communique.grounding.rules import REASONS

    rows = [{"rule": r.id, **effects(r), "says": r.message} for r in REASONS.values()]
    head = {"rule": "rule", **dict(zip(NAMES, NAMES, strict=True)), "says": "what it says"}
    columns = " ".join(f"{{{policy}:15}}" for policy in NAMES)
    write_rows(rows if as_json else [head, *rows], f"{{rule:26}} {columns} {{says}}", as_json=as_json)


def _third_party() -> Iterator[dict[str, Any]]:
    from communique import plugins
    from communique.languages import built_in, language

    for group in (*plugins.GROUPS, "languages"):
        for key, several in plugins.offers(group).items():
            hidden = plugins.is_ours(several[0]) or (group == "languages" and built_in(key))
            for entry in several:
                if plugins.is_ours(entry):
                    continue
                state = f"HIDDEN: {key!r} is a built-in" if hidden else "ok"
                try:
                    if not hidden:
                        language(key) if group == "languages" else plugins.load(group, key)
                except CommuniqueError as error:
                    state = f"FAULT: {error}"
                yield _row(group, key, entry, state)


def _languages(*, as_json: bool) -> None:
    from communique.languages import LISTS, known_languages, language

    names = ("code", "language", "lists", "roles", "time", "countries", "numbers", "endings", "lists missing")
    line = "{code:4} {language:14} {lists:>6} {roles:>6} {time:>6} {countries:>9} {numbers:>8} {endings:>8}  {lists missing}"
    rows: list[dict[str, Any]] = [] if as_json else [dict(zip(names, names, strict=True))]
    for code in known_languages():
        try:
            known = language(code)
        except ConfigurationError as error:
            rows.append(dict.fromkeys(names, "") | {"code": code, "language": f"FAULT: {error}"})
            continue
        if known is None:
            continue
        missing = known.missing()
        endings = len(known.inflection.whole) + len(known.inflection.stripped) if known.inflection else 0
        numbers = len(known.number_words) + len(known.number_scales)
        counts = (len(known.roles), sum(map(len, known.time.values())), len(known.countries), numbers, endings)
        shown = [count if as_json else count or "-" for count in counts]
        lists = f"{len(LISTS) - len(missing)}/{len(LISTS)}"
        lacks = "all" if len(missing) == len(LISTS) else ", ".join(missing)
        rows.append(dict(zip(names, (code, known.name, lists, *shown, lacks), strict=True)))
    write_rows(rows, line, as_json=as_json)


def _row(group: str, key: str, entry: EntryPoint, state: str = "") -> dict[str, Any]:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "?"
    return {"group": group, "name": key, "object": entry.value, "package": package, "state": state}
