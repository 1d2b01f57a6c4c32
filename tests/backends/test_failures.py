"""What libraries raise, as errors of ours."""

import json
import ssl

import httpx2
import openai
import pytest

from communique import errors
from communique.backends.failures import reason_of, refusal_of, translate
from communique.backends.refusals import ErrorInAnswer
from communique.prompts.prompt import Message, Prompt

REQUEST = httpx2.Request("POST", "https://api.example.org/v1/chat/completions")


def of(error):
    return translate(error, host="api.example.org", model="m1", keys="OPENAI_API_KEY")


def caused(outer, inner):
    outer.__cause__ = inner
    return outer


def status(code, body=None, **headers):
    response = httpx2.Response(code, headers=headers, request=REQUEST)
    return openai.APIStatusError("sk-canary in the message", response=response, body=body)


def test_the_cause_is_dug_out_of_any_wrapping():
    wrapped = caused(RuntimeError("retry"), caused(RuntimeError("again"), status(401, {"code": "invalid_api_key"})))
    assert isinstance(of(wrapped), errors.AuthenticationError)


def test_our_own_error_is_passed_through():
    ours = errors.RefusalError("no")
    assert of(caused(RuntimeError("x"), ours)) is ours


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
        (400, {"message": "maximum context length is 8192 tokens"}, errors.ContextExceededError),
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


def said(code, body, text="", **headers):
    """An answer as the SDK reads it: `body` is JSON, or `text` a page."""
    request = httpx2.Response(code, headers=headers, request=REQUEST)
    return openai.APIStatusError("x", response=request, body=text or body)


def test_a_refusal_of_the_form_of_answers_says_so():
    for body in (
        {"message": "This response_format type is unavailable now"},
        {"message": "no", "param": "response_format"},
        {"message": "No endpoints found that support the requested parameters."},
        {"message": "does not support response format `json_schema`"},
    ):
        for code in (400, 404):
            assert "may not support JSON Schema" in of(said(code, body)).hint
    assert "JSON Schema" not in of(said(422, {"detail": "x" * 300 + "response_format"})).hint
    assert of(said(413, None, "<html>Request Entity Too Large</html>")).hint == ""
    assert "COMMUNIQUE_LOG=debug" in of(said(400, {"message": "Stream must be set to true"})).hint


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (None, True),
        ({"message": "File Not Found", "type": "not_found_error"}, True),
        ({"message": "Invalid URL (POST /v1/v1/chat/completions)"}, True),
        ({"message": "Unexpected endpoint or method. (POST /chat/completions)"}, True),
        ({"message": "No endpoints found matching your data policy"}, False),
    ],
)
def test_an_address_is_called_wrong_only_where_the_server_doesnt_say_something_else(body, path):
    error = of(said(404, body))
    assert type(error) is errors.PermanentBackendError
    assert ("it usually ends in /v1" in error.hint) is path


@pytest.mark.parametrize("message", ["m1 is not a valid model ID", "invalid model ID", "Invalid model name: model=m1"])
def test_a_model_that_a_server_doesnt_know_is_told_from_a_request_that_it_refuses(message):
    assert type(of(said(400, {"message": message}))) is errors.UnknownModelError


ARTICLE = "[1] Oleg Kozhemyako met the Botschafter in Tromsø, 14 envoys said. 大使会见了部长。"
PROMPT = Prompt(
    (Message("system", "Read the article; it is met with silence."), Message("user", ARTICLE)),
    {},
    "0" * 16,
    static_messages=1,
)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("This response_format type is unavailable now", "This response_format type is unavailable now"),
        ("refused: 'Oleg Kozhemyako met the Botsch' (400)", "refused: '… … met the …' (400)"),
        ("body: \\nKozhemyako\\u5927 Troms\\u00f8 部长", "body: ……… …… …"),
        ("Stream must be\nset to true, not 14", "Stream must be set to true, not …"),
        ("for org a1b2c3d4e5f6a7b8c9d0 and max_completion_tokens", "for org … and max_completion_tokens"),
        ("Incorrect API key provided: sk-canary", ""),
        ("", ""),
    ],
)
def test_the_servers_reason_is_told_without_a_word_of_the_article(message, told):
    assert reason_of(said(400, {"message": message}), PROMPT) == told


def test_nothing_is_told_of_keys_and_of_what_no_server_said():
    for code, message in ((401, "secret"), (403, "permission denied for secret"), (400, "credential secret")):
        assert reason_of(said(code, {"message": message}), PROMPT) == ""
        assert "COMMUNIQUE_LOG" not in of(said(code, {"message": message})).hint
    assert reason_of(ValueError("x"), PROMPT) == ""


FLAGGED = {"code": 403, "message": "Your chosen model requires moderation and your input was flagged"}
FILTERED = {"code": "content_filter", "param": "prompt", "message": "The response was filtered"}


@pytest.mark.parametrize(
    ("code", "body", "kind"),
    [
        (403, FLAGGED, errors.ContentFilterError),
        (403, {"message": "no", "metadata": {"flagged_input": "x"}}, errors.ContentFilterError),
        (400, FILTERED, errors.ContentFilterError),
        (400, {"innererror": {"code": "ResponsibleAIPolicyViolation"}}, errors.ContentFilterError),
        (400, {"code": "data_inspection_failed"}, errors.ContentFilterError),
        (422, {"message": "Your prompt was flagged by our usage policies"}, errors.ContentFilterError),
        (403, {"message": "Something else"}, errors.RequestRefusedError),
        (403, {"code": "permission_denied"}, errors.AuthenticationError),
        (403, {"message": "You are not authorized to use this key"}, errors.AuthenticationError),
        (403, {"message": "Your organization must be verified"}, errors.PermanentBackendError),
        (403, {"code": "unsupported_country_region_territory"}, errors.PermanentBackendError),
        (403, {"code": "insufficient_quota"}, errors.QuotaError),
        (403, {"message": "Insufficient balance"}, errors.QuotaError),
        (400, {"message": "API key not valid. Please pass a valid API key."}, errors.AuthenticationError),
        (400, {"message": "Your credit balance is too low"}, errors.QuotaError),
        (400, {"message": "The model `m1` does not exist"}, errors.UnknownModelError),
        (400, {"message": "the model of the ship does not exist"}, errors.RequestRefusedError),
        (404, {"code": "DeploymentNotFound"}, errors.UnknownModelError),
        (407, None, errors.PermanentBackendError),
        (413, {"message": "Please reduce the length of the messages"}, errors.ContextExceededError),
        (500, {"message": "the request exceeds the available context size"}, errors.ContextExceededError),
        (400, {"type": "exceed_context_size_error"}, errors.ContextExceededError),
        (429, {"message": "See the billing page for higher limits"}, errors.ThrottledError),
    ],
)
def test_what_a_server_says_tells_key_account_model_and_article_apart(code, body, kind):
    assert type(of(said(code, body))) is kind


@pytest.mark.parametrize(("code", "kind"), [(403, errors.RequestRefusedError), (404, errors.PermanentBackendError)])
def test_a_page_says_nothing_of_keys_and_models(code, kind):
    page = "<html>Access denied: see the API keys and models that we moderate in our account area</html>"

    assert type(of(said(code, None, page))) is kind


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (400, "API key not valid. Please pass a valid API key.", errors.AuthenticationError),
        (404, "models/m1 is not found for API version v1main", errors.UnknownModelError),
        (400, "Invalid JSON payload received", errors.RequestRefusedError),
    ],
)
def test_an_error_in_a_list_of_one_is_read_as_one_alone(code, message, kind):
    error = {"error": {"code": code, "message": message, "status": "INVALID_ARGUMENT"}}
    assert type(of(said(code, [error]))) is kind
    assert type(of(said(code, None, json.dumps([error])))) is kind


def test_a_plain_line_is_read_as_what_the_server_says():
    assert type(of(said(403, None, "Forbidden"))) is errors.AuthenticationError
    assert type(of(said(404, None, "unknown model"))) is errors.UnknownModelError


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 402, "message": "Insufficient credits"}, 402),
        ({"code": "429"}, 429),
        ({"code": "rate_limit_exceeded"}, 429),
        ({"type": "invalid_api_key"}, 401),
        ({"message": "Upstream error"}, 500),
        ({"code": 502, "message": "invalid answer from upstream"}, 502),
        ("model overloaded", 500),
        ({"type": "invalid_request_error"}, 400),
        ({"code": 200}, 500),
    ],
)
def test_an_error_in_an_answer_has_the_status_that_it_means(error, status):
    assert ErrorInAnswer(error).status_code == status


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"param": "temperature", "message": "max_tokens"}, "temperature"),
        ({"param": None, "message": "'max_tokens' is not supported. Use 'max_completion_tokens'"}, "max_tokens"),
        ({"param": "None", "message": "max_completion_tokens: use max_tokens"}, "max_completion_tokens"),
        ({"message": "the maximum of tokens"}, ""),
        ({"param": "reasoning.effort"}, "effort"),
        ({"message": "Unrecognized request argument supplied: reasoning_effort"}, "effort"),
        ({"detail": [{"loc": ["body", "prompt_cache_key"], "msg": "extra"}]}, "prompt_cache_key"),
    ],
)  # fmt: skip
def test_the_parameter_that_a_server_refuses_is_found_where_it_names_it(body, parameter):
    assert refusal_of(said(400, body)).param == parameter
    assert refusal_of(said(500, body)) is None
