"""Log lines: JSON objects or text, one line each, without keys; and the command line's switches."""

import io
import json
import logging

import pytest

from communique.cli.app import run
from communique.errors import ConfigurationError
from communique.observability import hooks_from_environment, redacted, set_up_logging

KEY = "sk-proj-abcdefghijklmnop1234"


@pytest.fixture(autouse=True)
def as_before():
    logger = logging.getLogger("communique")
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield
    logger.handlers[:], logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


def lines(form, say, level="info"):
    stream = io.StringIO()
    set_up_logging(level, form, stream)
    say(logging.getLogger("communique.test"))
    return stream.getvalue().splitlines()


def test_a_json_line_has_time_level_logger_message_and_what_was_given():
    (line,) = lines("json", lambda log: log.info("read %s", "d1", extra={"document": "d1", "n": 3}))

    data = json.loads(line)
    assert data.pop("time").endswith("+00:00")
    assert data == {
        "level": "info",
        "logger": "communique.test",
        "message": "read d1",
        "document": "d1",
        "n": 3,
    }


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_a_library_puts_on_every_record_is_not_in_the_line(form):
    made = logging.getLogRecordFactory()

    def marked(*args, **kwargs):
        record = made(*args, **kwargs)
        record.mark_of_a_library = 7
        return record

    logging.setLogRecordFactory(marked)
    try:
        (line,) = lines(form, lambda log: log.info("read %s", "d1", extra={"document": "d1"}))
    finally:
        logging.setLogRecordFactory(made)
    assert "document" in line
    assert "mark_of_a_library" not in line


def test_an_exception_stays_inside_its_json_line():
    def say(log):
        try:
            int(f"refused key {KEY}")
        except ValueError:
            log.exception("a bug\nwith a break")

    (line,) = lines("json", say)
    data = json.loads(line)
    assert data["message"] == "a bug\nwith a break"
    assert "ValueError: invalid literal" in data["exception"]
    assert KEY not in line


def test_a_text_line_is_one_line_and_shows_control_characters():
    (line,) = lines("text", lambda log: log.warning("bad\nname \x1b[31m", extra={"document": "d\u202e1"}))

    assert "WARNING" in line
    assert "\x1b" not in line
    assert "\u202e" not in line


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {KEY}",
        f"https://user:hunter2secret@example.org/v1?api_key={KEY}",
        f"api_key={KEY}, model=x",
        f"the key {KEY} is refused",
        "GET /v1?key=abcdefgh12345678&x=1",
        "password:hunter2secret",
    ],
)
def test_what_looks_like_a_key_is_masked(text):
    masked = redacted(text, {})
    assert "[redacted]" in masked
    for secret in (KEY, "hunter2secret", "abcdefgh12345678"):
        assert secret not in masked


def test_the_value_of_a_variable_that_is_named_as_a_secret_is_masked_wherever_it_stands():
    environment = {"MY_API_KEY": "plainvalue99", "OPENAI_API_KEY": "short", "HOME": "/home/plainhome"}

    assert redacted("sent plainvalue99 from /home/plainhome", environment) == "sent [redacted] from /home/plainhome"


@pytest.mark.parametrize("text", ["task-force-alpha-bravo", "risk-averse", "the token count is 300", "monkey=banana"])
def test_ordinary_words_stay(text):
    assert redacted(text, {}) == text


@pytest.mark.parametrize(
    ("asked", "form", "level", "kind"),
    [
        ("info", None, "INFO", "TextFormatter"),
        ("debug:json", None, "DEBUG", "JsonFormatter"),
        ("json", None, "INFO", "JsonFormatter"),
        ("warning", "json", "WARNING", "JsonFormatter"),
        ("", "json", "INFO", "JsonFormatter"),
    ],
)
def test_level_and_format_come_from_the_variable_and_the_option_wins(asked, form, level, kind):
    hooks = hooks_from_environment(form, {"COMMUNIQUE_LOG": asked})

    logger = logging.getLogger("communique")
    (handler,) = [h for h in logger.handlers if getattr(h, "communique", False)]
    assert logging.getLevelName(logger.level) == level
    assert type(handler.formatter).__name__ == kind
    assert len(hooks.listeners) == 1


@pytest.mark.parametrize("asked", ["loud", "info:xml"])
def test_what_cannot_be_meant_is_refused(asked):
    with pytest.raises(ConfigurationError):
        hooks_from_environment(environment={"COMMUNIQUE_LOG": asked})


def test_the_command_line_logs_every_event_of_a_batch_as_json(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("Odo Brask met Ilya Tarn in Lund.")
    (tmp_path / "answer.json").write_text("{}")
    monkeypatch.setenv("COMMUNIQUE_LOG", "debug")

    assert run(["--log-format", "json", "batch", "a.txt", "-o", "o.jsonl", "-m", "scripted/answer.json", "-q"]) == 0
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    told = [line["event"] for line in logged if line["logger"] == "communique.events"]
    assert told == ["asked", "answered", "verified", "stored"]
    assert logged[1]["usage"]["input_tokens"] > 0
    assert "Brask" not in json.dumps(logged)


def test_a_wrong_format_is_one_line(capsys):
    assert run(["--log-format", "xml", "show", "records"]) == 2
    assert capsys.readouterr().err == "communique: unknown log format 'xml' (use text or json)\n"
