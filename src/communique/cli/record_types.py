"""Record types and checks by name, for `--record` and `--check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from communique.grounding.rules import RecordCheck
    from communique.schemas import Record


def record_types(names: list[str] | None) -> tuple[type[Record], ...]:
    """Return the record types that the names ask for; the three standard ones if there are none.

    Args:
        names: An entry point's name (`meeting`), `standard` for our three, or `package.module:Class`, where the class
            may be a plain Pydantic model.

    Raises:
        UnknownNameError: There is no such record type; the hint has the nearest name.
        ConfigurationError: What the name leads to is not a record type.
    """
    from communique.schemas import STANDARD_RECORDS
    from communique.schemas.record_type import record_type

    if not names:
        return STANDARD_RECORDS
    found: list[type[Record]] = []
    for name in names:
        kinds = STANDARD_RECORDS if name == "standard" else (record_type(_loaded("record", name)),)
        found += kinds
    return tuple(dict.fromkeys(found))


def checks(names: list[str] | None) -> tuple[RecordCheck, ...]:
    """Return the checks that the names ask for: an entry point's name, or `package.module:function`.

    Raises:
        UnknownNameError: There is no such check; the hint has the nearest name.
        ConfigurationError: What the name leads to can't be called.
    """
    from communique.errors import ConfigurationError

    found: list[RecordCheck] = []
    for name in names or ():
        check = _loaded("check", name)
        try:
            check = check() if isinstance(check, type) else check
        except Exception as error:
            raise ConfigurationError(f"the check {name!r} can't be made: {type(error).__name__}: {error}") from error
        if not callable(check):
            raise ConfigurationError(f"{name!r} is no check", hint="give a function of a record and its document")
        found.append(cast("RecordCheck", check))
    return tuple(dict.fromkeys(found))


def _loaded(kind: str, name: str) -> Any:
    import importlib
    import sys

    from communique import plugins
    from communique.errors import ConfigurationError, UnknownNameError

    if ":" not in name:
        return plugins.load(f"{kind}s", name.lower().replace("-", "_") if kind == "record" else name)
    module, _, attribute = name.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")  # a record in a file beside the user, as `python -m` would find it
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and module.split(".")[0] == error.name.split(".")[0]:
            raise ConfigurationError(
                f"the {kind} {name!r} can't be loaded: there is no module {error.name!r}",
                hint="name it as `package.module:Name`, from the folder that holds it",
            ) from error
        raise ConfigurationError(
            f"the {kind} {name!r} can't be loaded: it needs the module {error.name!r}",
            hint=f"pip install {error.name}",
        ) from error
    except (Exception, SystemExit) as error:
        raise ConfigurationError(f"the {kind} {name!r} can't be loaded: {type(error).__name__}: {error}") from error
    if not hasattr(found, attribute):
        public = [n for n in vars(found) if not n.startswith("_")]
        raise UnknownNameError.of(kind, attribute, public)
    return getattr(found, attribute)
