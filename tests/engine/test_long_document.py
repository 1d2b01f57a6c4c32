"""A report of sixty pages: 30,000 words of our own with known facts far apart, read window by window."""

import itertools
import random
import re

import pytest

from communique import Document, Extractor, Plan
from communique.backends.scripted import ScriptedBackend
from communique.errors import (
    AuthenticationError,
    BudgetExceededError,
    ContentFilterError,
    ContextExceededError,
    DeadlineError,
    EngineError,
    MalformedResponseError,
    RefusalError,
    RequestRefusedError,
    RunStoppedError,
    ThrottledError,
    TransientBackendError,
    TruncatedResponseError,
)

PAGES = 60
CONTEXT = 32_000
FILLER = [
    "The price of grain rose for the third week in a row, traders in the harbour at {town} wrote.",
    "Rain fell on the hills behind {town}, and the road over the pass stayed shut until the evening of the next day.",
    "Engineers are to look at the bridge of {town} before the winter, the local paper wrote on its second page.",
    "Schools in {town} opened an hour later, since the buses could not cross the flooded fields north of the river.",
    "Nobody in {town} expects a quick end to the argument over the reservoir, which has gone on for many years.",
]
FACTS = {
    (2, 3): "Odo Brask met Ilya Tarn in Szohod on Friday.",
    (2, 4): "Brask and Tarn spoke for three hours at the meeting, and signed nothing.",
    (17, 1): "Freedonia accused Borduria of theft of grain.",
    (17, 2): "Borduria denied the claim.",
    (30, 5): "Odo Brask met Ilya Tarn in Klow on Monday.",
    (31, 5): "Odo Brask met Ilya Tarn.",
    (44, 2): "Sylvania fears that Borduria may be breaching the grain embargo.",
    (59, 9): "Odo Lind met Ilya Moor in Zenda in May.",
}


def report():
    """Return the raw text and the offsets at which its pages begin."""
    chance = random.Random(7)
    pages, starts, length = [], [], 0
    for number in range(PAGES):
        lines = [chance.choice(FILLER).format(town=f"Tamm{chance.choice('abcdefgh')}ow") for _ in range(27)]
        for (page, line), fact in FACTS.items():
            if page == number:
                lines.insert(line, fact)
        text = "\n".join(lines) + "\n"
        starts.append(length)
        length += len(text)
        pages.append(text)
    return "".join(pages), tuple(starts)


RAW, STARTS = report()
DOCUMENT = Document.from_text(RAW, language="en", pages=STARTS)
NUMBER = {s.text: s.number for s in DOCUMENT.sentences if s.text in FACTS.values()}
FACT = list(FACTS.values())


def drafted(line):
    """Return what a model that reads well would say of one sentence."""
    if met := re.fullmatch(
        r"(?:Both )?(\w+(?: \w+)?) (?:met|and) (\w+(?: \w+)?)(?: in (\w+) (\w+ \w+))?(?: spoke .*)?\.", line
    ):
        first, second, place, when = met.groups()
        return "meetings", {"status": "held", "participants": [first, second], "place": place, "when": when}
    if accused := re.fullmatch(r"(\w+) accused (\w+) of (.*)\.", line):
        who, whom, act = accused.groups()
        return "allegations", {
            "claim": f"{whom} committed {act}.",
            "accusers": [who],
            "accused": [whom],
            "cue": "accused",
        }
    if fear := re.fullmatch(r"(\w+) fears that (\w+) may .*\.", line):
        said = {"concern": line, "raised_by": [fear[1]], "subjects": [fear[2]], "regime": ["grain embargo"]}
        return "sanctions_concerns", {**said, "stage": "potential", "commitment": "possible", "cue": "fears"}
    return None


def lines_of(prompt):
    return [(int(n), text) for n, text in re.findall(r"^\[(\d+)\] (.*)$", prompt.messages[-1].content, re.MULTILINE)]


def reader(prompt):
    answer = {"meetings": [], "allegations": [], "sanctions_concerns": []}
    for number, line in lines_of(prompt):
        if said := drafted(line):
            before = answer[said[0]][-1:]
            if before and before[0]["evidence"] == [number - 1]:  # what goes on with the sentence before is one record
                before[0]["evidence"].append(number)
            else:
                answer[said[0]].append({"evidence": [number], **said[1]})
    return answer


def read(function=reader, **plan):
    backend = ScriptedBackend(function)
    backend.context_tokens = CONTEXT
    with Extractor(backend, plan=Plan(**plan), clock=lambda: 0.0) as extractor:
        return extractor.extract(DOCUMENT), backend


@pytest.fixture(scope="module")
def summary_and_backend():
    return read()


def facts(summary):
    return [[DOCUMENT.sentence(e.sentence).text for e in r.evidence] for r in summary.all_records()]


EXPECTED = [[FACT[0], FACT[1]], [FACT[4]], [FACT[5]], [FACT[7]], [FACT[2]], [FACT[6]]]


def test_the_report_is_as_long_as_sixty_pages():
    assert len(RAW.split()) > 30_000
    assert DOCUMENT.sentences[-1].number > 1_600


def test_every_fact_is_found_once_with_all_its_evidence_and_no_two_events_are_fused(summary_and_backend):
    summary, _ = summary_and_backend
    assert facts(summary) == EXPECTED
    assert summary.rejections == ()
    assert {r.verdict for r in summary.all_records()} == {"supported"}
    assert summary.allegations[0].responses == ()  # what a strong model drafts without a denial stays without one


def test_numbers_offsets_and_pages_are_those_of_the_whole_report(summary_and_backend):
    summary, _ = summary_and_backend
    for record in summary.all_records():
        for evidence in record.evidence:
            assert evidence.sentence == NUMBER[evidence.exact]
            assert DOCUMENT.text[evidence.start : evidence.end] == evidence.exact
            page = next(p for (p, _), fact in FACTS.items() if fact == evidence.exact)
            assert evidence.page == page + 1


def test_every_window_fits_the_context_and_overlaps_the_next(summary_and_backend):
    summary, backend = summary_and_backend
    windows = [[n for n, _ in lines_of(p)] for p in backend.prompts]
    assert summary.provenance.windows == len(windows) >= 3
    assert sorted({n for w in windows for n in w}) == list(range(1, len(DOCUMENT.sentences) + 1))
    for before, after in itertools.pairwise(windows):
        assert after[0] == before[-1] - 1
    for prompt in backend.prompts:
        assert sum(len(m.content) for m in prompt.messages) / 2.5 + prompt.max_tokens < CONTEXT


@pytest.mark.parametrize("chars", [700, 3_000, 11_000, 50_000])
def test_where_the_windows_end_changes_nothing(chars):
    assert facts(read(window_chars=chars)[0]) == EXPECTED


def test_the_token_limit_in_the_middle_of_an_answer_splits_and_goes_on():
    def cut(prompt):
        answer = reader(prompt)
        return TruncatedResponseError("cut off") if sum(map(len, answer.values())) > 1 else answer

    summary, backend = read(cut)
    assert facts(summary) == EXPECTED
    assert len(backend.prompts) > summary.provenance.windows >= 6
    assert summary.provenance.warnings == ()


def test_one_stretch_that_is_cut_off_to_the_last_sentence_is_told_and_the_rest_is_kept():
    def cut(prompt):
        return TruncatedResponseError("cut off") if FACT[2] in prompt.messages[-1].content else reader(prompt)

    summary, _ = read(cut)
    assert facts(summary) == [f for f in EXPECTED if f != [FACT[2]]]
    assert summary.provenance.warnings == ("answer_cut_off",)


@pytest.mark.parametrize(
    "kind",
    [
        ContentFilterError,
        RefusalError,
        MalformedResponseError,
        RequestRefusedError,
        TransientBackendError,
        ThrottledError,
        DeadlineError,
    ],
)
@pytest.mark.parametrize("lost", [FACT[0], FACT[2], FACT[7]], ids=["first", "middle", "last"])
def test_a_window_without_an_answer_costs_itself_only_and_is_told(kind, lost, summary_and_backend):
    def fail(prompt):
        return kind("no answer") if lost in prompt.messages[-1].content else reader(prompt)

    whole, backend = summary_and_backend
    windows = [(p, [n for n, _ in lines_of(p)]) for p in backend.prompts]
    window = next(numbers for p, numbers in windows if lost in p.messages[-1].content)
    others = {n for _, numbers in windows if numbers != window for n in numbers}
    unread = sorted({*window} - others)
    summary, _ = read(fail)
    assert list(summary.all_records()) == [r for r in whole.all_records() if r.evidence[0].sentence not in unread]
    assert summary.provenance.warnings == (f"not_read: sentences {unread[0]}-{unread[-1]} ({kind.reason})",)


@pytest.mark.parametrize("kind", [AuthenticationError, BudgetExceededError, RunStoppedError])
def test_what_stops_a_run_stops_it_in_a_later_window_too(kind):
    with pytest.raises(kind):
        read(lambda prompt: kind("stop") if FACT[7] in prompt.messages[-1].content else reader(prompt))


def test_a_sentence_that_is_too_long_for_the_context_costs_itself_only():
    def fail(prompt):
        return ContextExceededError("too long") if FACT[2] in prompt.messages[-1].content else reader(prompt)

    summary, _ = read(fail)
    assert facts(summary) == [f for f in EXPECTED if f != [FACT[2]]]
    assert summary.provenance.warnings == (f"not_read: sentences {NUMBER[FACT[2]]} (too_long)",)


@pytest.mark.parametrize("kind", [EngineError, DeadlineError, MalformedResponseError])
def test_one_question_of_many_without_an_answer_costs_its_sentence_only(kind):
    text = "\n".join(f"Odo Brask{n} met Ilya Tarn{n} in May." for n in range(1, 9))

    def answer(prompt):
        number = int(re.search(r"Sentence: Odo Brask(\d)", prompt.messages[-1].content)[1])
        if number in {3, 5, 6}:
            return kind("no answer")
        return {"meeting": {"participants": [f"Odo Brask{number}", f"Ilya Tarn{number}"], "status": "held"}}

    backend = ScriptedBackend(answer, narrows=True)
    with Extractor(backend, plan=Plan(repair_rounds=0)) as extractor:
        summary = extractor.extract(text)
    read_too = {7, 8} if kind is MalformedResponseError else set()  # two failures of a server in a row end the asking
    assert {m.evidence[0].sentence for m in summary.meetings} == {1, 2, 4} | read_too
    unread = "3, 5-6" if read_too else "3, 5-8"
    assert summary.provenance.warnings == (f"not_read: sentences {unread} ({kind.reason})",)
