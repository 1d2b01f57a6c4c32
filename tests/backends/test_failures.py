"""What libraries raise, as errors of ours."""

import ssl

import httpx2
import openai
import pytest

from communique import errors
from communique.backends.failures import translate

REQUEST = httpx2.Request("POST", "https://api.example.org/v1/chat/completions")


def of(error):
    return translate(error, host="api.example.org", model="m1", document_id="doc-1")


def caused(outer, inner):
    outer.__cause__ = inner
    return outer


def status(code, body=None, **headers):
    response = httpx2.Response(code, headers=headers, request=REQUEST)
    return openai.APIStatusError("sk-canary in the message", response=response, body=body)


def test_the_cause_is_dug_out_of_any_wrapping():
    wrapped = caused(
        RuntimeError("retry"), caused(RuntimeError("again"), status(401, {"code": "invalid_api_key"}))
    )
    assert isinstance(of(wrapped), errors.AuthenticationError)


def test_our_own_error_is_passed_through():
    ours = errors.RefusalError("no")
    assert of(caused(RuntimeError("x"), ours)) is ours
    assert ours.document_id == "doc-1"


def test_a_cassette_miss_is_named():
    miss = type("CannotOverwriteExistingCassetteException", (Exception,), {})()
    assert isinstance(of(caused(openai.APIConnectionError(request=REQUEST), miss)), errors.CassetteMissError)


def test_a_bad_certificate_stops_the_run():
    error = caused(openai.APIConnectionError(request=REQUEST), ssl.SSLCertVerificationError(1, "bad"))
    assert isinstance(of(error), errors.PermanentBackendError)


@pytest.mark.parametrize("error", [openai.APITimeoutError(request=REQUEST), TimeoutError()])
def test_time_that_ran_out_is_a_deadline(error):
    assert isinstance(of(error), errors.DeadlineError)


def test_blocked_network_in_a_group_is_a_passing_fault():
    group = ExceptionGroup("x", [openai.APIConnectionError(request=REQUEST)])
    assert isinstance(of(group), errors.TransientBackendError)


@pytest.mark.parametrize(
    ("code", "body", "kind"),
    [
        (402, None, errors.QuotaError),
        (403, None, errors.AuthenticationError),
        (404, {"message": "The model `m1` does not exist"}, errors.UnknownModelError),
        (404, None, errors.PermanentBackendError),
        (408, None, errors.TransientBackendError),
        (409, None, errors.TransientBackendError),
        (422, None, errors.RequestRefusedError),
        (400, {"message": "maximum context length is 8192 tokens"}, errors.DocumentTooLongError),
        (429, {"code": "billing_hard_limit_reached"}, errors.QuotaError),
        (429, {"code": "rate_limit_exceeded"}, errors.ThrottledError),
        (503, None, errors.TransientBackendError),
        (529, None, errors.TransientBackendError),
    ],
)
def test_a_status_has_its_class(code, body, kind):
    assert type(of(status(code, body))) is kind


def test_an_overloaded_server_that_names_a_time_throttles():
    error = of(status(503, None, **{"retry-after": "4"}))
    assert isinstance(error, errors.ThrottledError)
    assert error.retry_after == 4.0


def test_the_servers_words_are_not_repeated():
    error = of(status(401, {"code": "invalid_api_key\x1b[31m", "message": "Incorrect API key: sk-canary"}))
    assert "canary" not in str(error)
    assert "\x1b" not in str(error)
    assert "api.example.org" in str(error)


def test_what_nobody_knows_names_its_class_only():
    assert str(of(ValueError("the minister met"))) == "the call to api.example.org failed: ValueError"
