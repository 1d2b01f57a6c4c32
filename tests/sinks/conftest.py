"""Summaries of three invented articles: English with a denial, a flag and a rejection; Arabic; Chinese."""

import importlib.util
import os
from pathlib import Path

import pytest

from communique.documents import Document
from communique.schemas import (
    Actor,
    Allegation,
    Attribution,
    Check,
    Derived,
    Evidence,
    Judgement,
    Meeting,
    Participant,
    Place,
    Programme,
    Provenance,
    Rejection,
    Response,
    SanctionsConcern,
    Statement,
    Support,
    Usage,
    VerifiedSummary,
)

NO_SKIP = os.environ.get("COMMUNIQUE_NO_SKIP") == "1"
"""Set by `make interop`: where everything is installed, a skipped test is a failed one."""


def forbid_skip(report):
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"COMMUNIQUE_NO_SKIP=1, but: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return forbid_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return forbid_skip((yield))


ENGLISH = (
    "Harbour talks end without a deal\n"
    "Trade minister Ilse Varga met the Norlandian envoy Per Holm in Port Amsel on Tuesday. "
    "They discussed grain transit and port fees. "
    "Norlandia accused Varland of shipping drone engines to the Isk militia. "
    "“It’s a fairy tale,” said a spokesman for Varland, rejecting the charge. "
    "Diplomats fear that the tanker Blue Heron may breach the Council’s oil embargo."
)
ARABIC = (
    "التقى وزير الخارجية سامر الخطيب نظيره في مدينة النخيل يوم الأحد. اتهمت الحكومة شركة الأفق بتهريب النفط. نفت الشركة"
    " ذلك."
)
CHINESE = "林海部长周三在青石市会见了北岛国大使。双方讨论了渔业合作。"


def sentence(document, number, **extra):
    found = document.sentence(number)
    return Evidence(sentence=number, exact=found.text, start=found.start, end=found.end, **extra)


def found(document, words, field):
    start = document.text.index(words)
    return Support(field=field, where="cited", start=start, end=start + len(words), sentence=2)


def english():
    doc = Document.from_text(
        ENGLISH,
        published="2031-03-05",
        outlet="The Amsel Post",
        source="https://post.example/harbour",
        language="en",
    )
    meeting = Meeting(
        id="cmq-m1",
        verdict="supported",
        mode="meeting",
        status="held",
        participants=(
            Participant(name="Ilse Varga", kind="person", role="Trade minister", capacity="host"),
            Participant(name="Per Holm", kind="person", role="envoy", country="Norlandian", capacity="visitor"),
        ),
        place=Place(name="Port Amsel"),
        when="on Tuesday",
        topics=("grain transit", "port fees"),
        attributions=(Attribution(source=(Actor(name="The Amsel Post", kind="media"),), cue="said"),),
        support=(found(doc, "Ilse Varga", "participants[0].name"), found(doc, "on Tuesday", "when")),
        evidence=(sentence(doc, 2, page=1), sentence(doc, 3, page=1)),
        derived=Derived(
            date="2031-03-04",
            precision="day",
            date_basis="on Tuesday, from 2031-03-05",
            group_key="meeting|?",
        ),
    )
    allegation = Allegation(
        id="cmq-a1",
        verdict="flagged",
        claim="Varland shipped drone engines to the Isk militia.",
        activity="arms_transfer",
        accusers=(Actor(name="Norlandia", kind="country"),),
        accused=(Actor(name="Varland", kind="country", country_code="aq"),),
        counterparties=(Actor(name="Isk militia", kind="organization"),),
        objects=("drone engines",),
        commitment="asserted",
        cue="accused",
        responses=(
            Response(
                type="denial",
                responders=(Actor(name="Varland", kind="country"),),
                cue="rejecting",
                evidence=(sentence(doc, 5),),
            ),
        ),
        checks=(
            Check(
                field="accusers[1].name",
                outcome="unsupported",
                reason="not_in_article",
                severity="flag",
                detail="“Ana Lund” is not in the article",
                change="left_out",
                was="Ana Lund",
            ),
            Check(
                field="commitment",
                outcome="contradicted",
                reason="doubt_words",
                severity="flag",
                detail="“fear” indicates possible, not asserted",
                sentences=(4,),
                proposal="possible",
            ),
            Check(
                field="activity",
                outcome="contradicted",
                reason="own_rule",
                severity="flag",
                detail="“drone engines” says arms transfer",
                proposal="arms_transfer",
                change="replaced",
                was="other",
            ),
            Check(
                field="claim",
                outcome="unsupported",
                reason="unsupported_words",
                detail="not in the evidence: shipped",
            ),
        ),
        evidence=(sentence(doc, 4),),
        derived=Derived(
            response_status="denied", not_after="2031-03-05", date_note="no time words", group_key="arms|aq"
        ),
    )
    concern = SanctionsConcern(
        id="cmq-s1",
        verdict="verified",
        judgements=(
            Judgement(
                statement="It is said that Blue Heron may breach an oil embargo.",
                probability=0.97,
                sentences=(6,),
                model="judge-1",
            ),
        ),
        concern="The tanker Blue Heron may break an oil embargo.",
        activity="petroleum_transfer",
        subjects=(Actor(name="Blue Heron", kind="vessel"),),
        regime=("oil embargo",),
        stage="potential",
        commitment="possible",
        cue="may",
        evidence=(sentence(doc, 6),),
        derived=Derived(programs=(Programme(key="XX-OIL", basis="issuer XX"),)),
    )
    return doc, VerifiedSummary(
        document=doc.info(),
        records={"meetings": (meeting,), "allegations": (allegation,), "sanctions_concerns": (concern,)},
        brief=(
            Statement(
                text="Ilse Varga and Per Holm met in Port Amsel (on Tuesday).",
                record="cmq-m1",
                evidence=meeting.evidence,
            ),
        ),
        rejections=(
            Rejection(
                kind="meetings",
                reason="not_in_article",
                field="participants[0].name",
                detail="“Ana Lund” does not occur",
                sentences=(2,),
                draft={"participants": ["Ana Lund"], "status": "held"},
            ),
        ),
        provenance=Provenance(
            communique="0.1.0",
            backend="scripted",
            model="none",
            usage=Usage(input_tokens=5, output_tokens=7),
            seconds=0.5,
        ),
    )


def arabic():
    doc = Document.from_text(ARABIC, published="2031-04-01", language="ar", title="لقاء في مدينة النخيل")
    meeting = Meeting(
        id="cmq-m2",
        verdict="supported",
        status="held",
        participants=(Participant(name="سامر الخطيب", kind="person", role="وزير الخارجية"),),
        place=Place(name="مدينة النخيل"),
        when="يوم الأحد",
        evidence=(sentence(doc, 1),),
        derived=Derived(date="2031-03-30", precision="day"),
    )
    allegation = Allegation(
        id="cmq-a2",
        verdict="supported",
        claim="الشركة هرّبت النفط.",
        activity="commodity_trade",
        accusers=(Actor(name="الحكومة", kind="public_body"),),
        accused=(Actor(name="شركة الأفق", kind="company"),),
        commitment="asserted",
        cue="اتهمت",
        responses=(
            Response(
                type="denial",
                responders=(Actor(name="الشركة", kind="company"),),
                cue="نفت",
                evidence=(sentence(doc, 3),),
            ),
        ),
        evidence=(sentence(doc, 2),),
        derived=Derived(response_status="denied"),
    )
    return doc, VerifiedSummary(document=doc.info(), records={"meetings": (meeting,), "allegations": (allegation,)})


def chinese():
    doc = Document.from_text(CHINESE, language="zh", title="林海部长会见大使")
    meeting = Meeting(
        id="cmq-m3",
        verdict="supported",
        mode="meeting",
        status="held",
        participants=(
            Participant(name="林海", kind="person", role="部长", capacity="host"),
            Participant(name="北岛国大使", kind="person", capacity="visitor"),
        ),
        place=Place(name="青石市"),
        when="周三",
        topics=("渔业合作",),
        evidence=(sentence(doc, 1), sentence(doc, 2)),
        derived=Derived(date_note="no publication date given; nothing resolved"),
    )
    return doc, VerifiedSummary(document=doc.info(), records={"meetings": (meeting,)})


@pytest.fixture(scope="session")
def invented():
    """The module `invented`, by its path: the folders of tests are no packages."""
    return beside("invented")


@pytest.fixture(scope="session")
def payloads():
    """The module `payloads`."""
    return beside("payloads")


@pytest.fixture(scope="session")
def latency():
    """The module `latency`."""
    return beside("latency")


def beside(name):
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"communique_tests_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def results():
    """(document, summary) of the three articles."""
    return [english(), arabic(), chinese()]


@pytest.fixture
def summaries(results):
    return [summary for _, summary in results]
