import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from communique.schemas import Actor, Derived, DocumentInfo, VerifiedSummary
from communique.sinks import FanOut, sink_named
from communique.sinks.ftm import entities, schema_of
from communique.sinks.identifiers import country_alpha3, language_alpha3, safe_id, safe_link
from communique.sinks.jsonld import annotations_of, nodes
from communique.sinks.plover import events


def written(name, tmp_path, results):
    sink = sink_named(name)
    path = tmp_path / f"out{sink.suffix}"
    with FanOut([(sink, path)]) as out:
        for document, summary in results:
            out.write(summary, document.text)
    return path


def by_schema(found, schema):
    return [e["properties"] for e in found if e["schema"] == schema]


def test_ftm_never_calls_a_worry_of_the_news_a_sanction(results):
    schemas = {e["schema"] for _, s in results for e in entities(s)}

    assert schemas == {
        "Article",
        "Person",
        "PublicBody",
        "Organization",
        "Company",
        "Vessel",
        "Event",
        "Note",
        "Documentation",
    }
    assert not any("topics" in e["properties"] for _, s in results for e in entities(s))


def test_ftm_has_the_article_the_event_the_note_and_their_ties(results):
    document, summary = results[0]

    found = list(entities(summary, document.text))

    (article,) = by_schema(found, "Article")
    assert (article["title"], article["language"], article["publishedAt"]) == (
        [summary.document.title],
        ["eng"],
        ["2031-03-05"],
    )
    (event,) = by_schema(found, "Event")
    ids = {e["properties"]["name"][0]: e["id"] for e in found if e["schema"] == "Person"}
    assert event["involved"] == [ids["Ilse Varga"], ids["Per Holm"]]
    assert event["organizer"] == [ids["Ilse Varga"]]
    assert (event["startDate"], event["location"]) == (["2031-03-04"], ["Port Amsel"])
    note = by_schema(found, "Note")[0]
    assert note["description"] == ["Varland shipped drone engines to the Isk militia."]
    assert "response:denial" in note["keywords"]
    assert note["country"] == ["aq"]
    assert {d["role"][0] for d in by_schema(found, "Documentation")} >= {
        "participants",
        "counterparties",
        "subjects",
    }


def test_ftm_a_denial_has_its_own_sentence(results):
    document, summary = results[1]

    found = list(entities(summary, document.text))

    names = {e["id"]: e["properties"]["name"][0] for e in found if "name" in e["properties"]}
    cited = {d["role"][0]: (names[d["entity"][0]], d["summary"]) for d in by_schema(found, "Documentation")}
    accusation, denial = document.sentence(2).text, document.sentence(3).text
    assert cited["denial"] == ("الشركة", [denial])
    assert cited["accused"] == ("شركة الأفق", [accusation])
    (note,) = by_schema(found, "Note")
    assert note["summary"] == [accusation, denial]


def test_ftm_an_answer_without_a_sentence_of_its_own_cites_those_of_its_record(results):
    document, summary = results[1]
    (accused,) = summary.allegations
    answer = accused.responses[0].model_copy(update={"evidence": ()})
    accused = accused.model_copy(update={"responses": (answer,)})

    found = list(entities(summary.model_copy(update={"records": {"allegations": (accused,)}})))

    (denial,) = (d for d in by_schema(found, "Documentation") if d["role"] == ["denial"])
    assert denial["summary"] == [document.sentence(2).text]


def test_ftm_countries_are_no_entities(results):
    names = {n for _, s in results for e in entities(s) for n in e["properties"].get("name", ())}

    assert "Norlandia" not in names
    assert "Blue Heron" in names


@pytest.mark.parametrize(
    ("actor", "language", "schema"),
    [
        (Actor(name="Ilse Varga", role="minister"), "en", "Person"),
        (Actor(name="Kestrel Optics"), "en", "LegalEntity"),
        (Actor(name="General Motors"), "en", "LegalEntity"),
        (Actor(name="France"), "en", None),
        (Actor(name="Frankreich"), "de", None),
        (Actor(name="French officials"), "en", "LegalEntity"),
        (Actor(name="France", kind="company"), "en", "Company"),
        (Actor(name="Isk", kind="group", role="rebels"), "en", None),
        (Actor(name="The Amsel Post", kind="media"), "en", "Organization"),
    ],
)
def test_ftm_the_schema_of_an_actor_also_where_its_kind_is_open(actor, language, schema):
    assert schema_of(actor, language) == schema


def unclear(results):
    """The first article's summary with actors whose kind nobody stated."""
    _, summary = results[0]
    (meeting,), (accused,) = summary.meetings, summary.allegations
    one, two = meeting.participants
    meeting = meeting.model_copy(
        update={
            "participants": (one.model_copy(update={"kind": None}), two.model_copy(update={"kind": None, "role": None}))
        }
    )
    accused = accused.model_copy(update={"accused": (Actor(name="Kestrel Optics"),)})
    return summary.model_copy(update={"records": {"meetings": (meeting,), "allegations": (accused,)}})


def test_ftm_actors_whose_kind_is_open_take_part(results):
    found = list(entities(unclear(results)))

    names = {e["id"]: (e["schema"], e["properties"]["name"][0]) for e in found if "name" in e["properties"]}
    (event,), note = by_schema(found, "Event"), by_schema(found, "Note")[0]
    assert [names[key] for key in event["involved"]] == [("Person", "Ilse Varga"), ("LegalEntity", "Per Holm")]
    assert [names[key] for key in note["entity"]] == [("LegalEntity", "Kestrel Optics")]
    (person,) = by_schema(found, "Person")
    assert person["position"] == ["Trade minister"]
    tied = {d["entity"][0] for d in by_schema(found, "Documentation")}
    assert {*event["involved"], *note["entity"]} <= tied


def with_id(summary, given):
    """The summary of another document id; its records have ids of that kind, too."""
    records = {
        kind: tuple(r.model_copy(update={"id": f"{given}:{r.id}"}) for r in group)
        for kind, group in summary.records.items()
    }
    document = summary.document.model_copy(update={"id": given})
    return summary.model_copy(update={"document": document, "records": records})


IDS = ["amsel_post_12", "urn:amsel:12", "amsel.", "12-", "..", "a/b", "x" * 500]


@pytest.mark.parametrize("given", IDS)
def test_ftm_an_id_that_it_refuses_is_made_anew(results, given):
    found = list(entities(with_id(results[0][1], given)))

    assert all(re.fullmatch(r"[0-9a-zA-Z]([0-9a-zA-Z.-]*[0-9a-zA-Z])?", e["id"]) for e in found)
    (article,) = (e for e in found if e["schema"] == "Article")
    assert article["properties"]["fileName"] == [given]
    pointing = [e["properties"] for e in found if {"document", "proof"} & {*e["properties"]}]
    assert {value for p in pointing for name in ("document", "proof") for value in p.get(name, ())} == {article["id"]}
    assert [e["id"] for e in found] == [e["id"] for e in entities(with_id(results[0][1], given))]


def test_ftm_a_plain_id_is_kept(results):
    assert next(entities(with_id(results[0][1], "amsel-post-12.txt")))["id"] == "amsel-post-12.txt"


@pytest.mark.parametrize(
    ("name", "kind", "language", "full", "weak"),
    [
        ("Ilse Van Varga", "person", "en", [], ["Ilse", "Varga", "Van Varga"]),
        ("Amsel Shipping Corporation", "company", "en", [], ["Amsel", "ASC"]),
        ("ASC", "company", "en", ["Amsel Shipping Corporation"], []),
        ("Amsel Port Authority (APA)", "public_body", "en", ["Amsel Port Authority"], ["APA"]),
        ("White House", "public_body", "en", [], ["the White House", "United States", "US"]),
        ("차민호", "person", "ko", [], ["차 장관은", "차 장관"]),
        ("林海部长", "person", "zh", [], ["林海"]),
    ],
)
def test_ftm_matches_on_no_alias_that_is_less_than_a_name(results, name, kind, language, full, weak):
    _, summary = results[0]
    actor = Actor(name=name, kind=kind, aliases=(*weak, *full))
    accused = summary.allegations[0].model_copy(update={"accused": (actor,)})
    document = summary.document.model_copy(update={"language": language})
    summary = summary.model_copy(update={"records": {"allegations": (accused,)}, "document": document})

    (found,) = (e["properties"] for e in entities(summary) if e["properties"].get("name") == [name])

    assert (found.get("alias", []), found.get("weakAlias", [])) == (full, weak)


def test_ftm_is_valid_under_the_real_library(tmp_path, results):
    followthemoney = pytest.importorskip("followthemoney", reason="followthemoney is not installed")

    document, summary = results[0]
    dates = ["2024-05-06/2024-05-08", "2023-09~", "2023-24", "199X", "../2024-05", "2024-05-31/..", "soon"]
    more = [
        unclear(results),
        *(with_id(summary, given) for given in IDS),
        *(on(summary, date, "day") for date in dates),
    ]
    results = [*results, *((document, other) for other in more)]
    for line in written("ftm", tmp_path, results).read_text(encoding="utf-8").splitlines():
        entity = json.loads(line)
        schema = followthemoney.model.get(entity["schema"])
        assert set(entity["properties"]) <= set(schema.properties)
        assert schema.validate({"properties": entity["properties"]}) is None  # raises for a value that is not clean
        assert followthemoney.registry.entity.validate(entity["id"])


def test_ftm_validate_accepts_the_file(tmp_path, results):
    pytest.importorskip("followthemoney", reason="followthemoney is not installed")
    ftm = Path(sys.executable).with_name("ftm")
    if not ftm.exists():
        pytest.skip("the ftm command is not installed")
    path = written("ftm", tmp_path, results)

    done = subprocess.run(
        [ftm, "validate", "-i", path, "-o", tmp_path / "valid.json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    ids = {json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()}
    assert {
        json.loads(line)["id"] for line in (tmp_path / "valid.json").read_text(encoding="utf-8").splitlines()
    } == ids


def test_an_actor_that_returns_unchanged_is_written_once(tmp_path, results):
    lines = written("ftm", tmp_path, results + results).read_text(encoding="utf-8").splitlines()

    assert len(lines) == len(set(lines))


def test_plover_speaks_its_vocabulary(results):
    meeting, accusation, concern = events(results[0][1])

    assert (meeting["event"], meeting["date"], meeting["comment"]) == (
        ["CONSULT"],
        "2031-03-04",
        "date: of the event; supported",
    )
    assert [a["entity_text"] for a in meeting["actor"]] == ["Per Holm"]
    assert [a["entity_text"] for a in meeting["recipient"]] == ["Ilse Varga"]
    assert (accusation["event"], accusation["mode"], accusation["context"]) == (
        ["ACCUSE"],
        ["allege"],
        ["military"],
    )
    assert accusation["date"] == "2031-03-05"
    assert "date: of publication" in accusation["comment"]
    assert "denial by Varland" in accusation["comment"]
    assert "please check; Activity: arms transfer instead of other." in accusation["comment"]
    assert "present it only as a possibility" in accusation["comment"]
    assert "unsupported_words" not in accusation["comment"]
    assert concern["mode"] == ["allege", "hypothetical"]


@pytest.mark.parametrize(("status", "event", "mode"), [("planned", "AGREE", []), ("cancelled", "REJECT", ["meet"])])
def test_plover_meetings_to_come_and_cancelled_ones(results, status, event, mode):
    _, summary = results[0]
    meeting = summary.meetings[0].model_copy(update={"status": status, "mode": "visit"})

    (found,) = events(summary.model_copy(update={"records": {"meetings": (meeting,)}}))

    assert (found["event"], found["mode"]) == ([event], mode)


def test_plover_without_any_date_says_so(results):
    (found,) = events(results[2][1])

    assert (found["date"], found["comment"]) == (None, "date: unknown; supported")


def on(summary, date, precision):
    """The summary with that date of its meeting."""
    derived = Derived(date=date, precision=precision)
    meeting = summary.meetings[0].model_copy(update={"derived": derived})
    return summary.model_copy(update={"records": {"meetings": (meeting,)}})


@pytest.mark.parametrize(
    ("date", "precision", "start", "end"),
    [
        ("2024-05-13", "day", "2024-05-13", None),
        ("2024-05-06/2024-05-08", "day", "2024-05-06", "2024-05-08"),
        ("2024-05-06/2024-05-12", "week", "2024-05-06", "2024-05-12"),
        ("2023-09~", "month", "2023-09", None),
        ("2023~", "year", "2023", None),
        ("2023-21", "season", "2023-03", "2023-05"),
        ("199X", "decade", "1990", "1999"),
    ],
)
def test_a_date_of_any_width_is_written_as_plain_dates(results, date, precision, start, end):
    summary = on(results[0][1], date, precision)

    (event,) = by_schema(entities(summary), "Event")
    node = next(n for n in nodes(summary) if n["@type"] == "Event")
    assert (event["startDate"], event.get("endDate")) == ([start], [end] if end else None)
    assert (node["startDate"], node.get("endDate")) == (start, end)


@pytest.mark.parametrize(
    ("date", "precision", "day", "comment"),
    [
        ("2024-05-13", "day", "2024-05-13", "date: of the event"),
        (
            "2024-05-06/2024-05-08",
            "day",
            "2024-05-06",
            "date: first day of 2024-05-06/2024-05-08, the time of the event",
        ),
        ("2024-05-06/2024-05-12", "week", "2031-03-05", "date: of publication, the event's day is not stated"),
    ],
)
def test_plover_has_one_day_and_says_which(results, date, precision, day, comment):
    (event,) = events(on(results[0][1], date, precision))

    assert (event["date"], event["comment"]) == (day, f"{comment}; supported")


def test_jsonld_gives_a_denial_a_claim_of_its_own(tmp_path, results):
    graph = json.loads(written("jsonld", tmp_path, results).read_text(encoding="utf-8"))

    assert graph["@context"] == "https://schema.org"
    claims = [n for n in graph["@graph"] if n["@type"] == "Claim"]
    assert [c["author"][0]["name"] for c in claims if c.get("author")] == [
        "Norlandia",
        "Varland",
        "الحكومة",
        "الشركة",
    ]
    assert claims[1]["text"].startswith("“It’s a fairy tale,”")
    article = next(nodes(results[0][1]))
    assert claims[0]["appearance"] == {"@id": article["@id"]}
    assert [n["@type"] for n in graph["@graph"]].count("Event") == 3


def test_annotations_point_at_the_words(tmp_path, results):
    page = json.loads(written("annotations", tmp_path, results).read_text(encoding="utf-8"))

    assert (page["@context"], page["type"]) == ("http://www.w3.org/ns/anno.jsonld", "AnnotationPage")
    assert len(page["items"]) == sum(len(list(annotations_of(s))) for _, s in results)
    for document, summary in results:
        for annotation in annotations_of(summary, document.text):
            for target in annotation["target"]:
                quote, position = target["selector"]
                assert document.text[position["start"] : position["end"]] == quote["exact"]
                assert quote["prefix"] + quote["exact"] + quote["suffix"] in document.text


def test_each_value_that_the_article_has_is_an_annotation_of_its_own(results):
    document, summary = results[0]

    name, time = [a for a in annotations_of(summary, document.text) if ":support:" in a["id"]]
    assert [b["value"] for b in name["body"]] == ["Participants", "participants[0].name", "cited", "words"]
    assert name["target"][0]["selector"][0]["exact"] == "Ilse Varga"
    assert time["target"][0]["selector"][1]["type"] == "TextPositionSelector"
    (alone,) = next(a for a in annotations_of(summary) if ":support:" in a["id"])["target"][0]["selector"]
    assert document.text[alone["start"] : alone["end"]] == "Ilse Varga"


def test_annotations_without_the_text_have_no_context(results):
    selector = next(annotations_of(results[0][1]))["target"][0]["selector"][0]

    assert set(selector) == {"type", "exact"}


def test_markdown_shows_text_as_it_is(tmp_path, results):
    text = written("markdown", tmp_path, results).read_text(encoding="utf-8")

    assert (
        "- Ilse Varga and Per Holm met in Port Amsel (on Tuesday, 2031-03-04). (meeting, held, **supported**)" in text
    )
    assert "**denied**, **please check**" in text
    assert "  - **Left out** Accusers: This name is not in the article" in text
    assert "  - Judge, 97% sure: It is said that Blue Heron may breach an oil embargo." in text
    assert "\n_supported: every name" in text
    assert "> [3] They discussed grain transit and port fees." in text
    assert "[source](<https://post.example/harbour>)" in text


def test_markdown_lets_no_mark_up_through(tmp_path):
    title = (
        "# <img src=x onerror=alert(1)> [a](javascript:alert(1)) ![b](http://evil.example) @all\n- www.evil.example `x`"
    )
    summary = VerifiedSummary(document=DocumentInfo(id="x", sha256="0", title=title, source="javascript:alert(1)"))
    sink, path = sink_named("markdown"), tmp_path / "out.md"
    with FanOut([(sink, path)]) as out:
        out.write(summary)

    first = path.read_text().splitlines()[0]

    assert first.startswith(
        r"# \# \<img src=x onerror=alert(1)\> \[a\](javascript\:alert(1)) \!\[b\](http\://evil.example) \@all - www\."
    )
    assert "[source]" not in path.read_text()


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        "https:evil",
        "https://user:secret@host.example/",
        "https://host\\@evil.example",
        "https://[",
        "articles/one.txt",
        "",
        None,
    ],
)
def test_only_web_addresses_become_links(address):
    assert safe_link(address) is None


def test_a_web_address_is_a_link():
    assert safe_link(" https://post.example/a?b=c#d\n") == "https://post.example/a?b=c#d"


@pytest.mark.parametrize("given", ["../../x", "a/b", "", "a\nb", "..", "x" * 500, "a b"])
def test_an_id_that_could_do_harm_is_hashed(given):
    assert safe_id(given).startswith("cmq-")
    assert safe_id(given) == safe_id(given)


def test_codes_are_the_ones_that_iso_has():
    assert [country_alpha3(c) for c in ("kp", "US", "fr", "de", "mm", "cd", "zz", None)] == [
        "PRK",
        "USA",
        "FRA",
        "DEU",
        "MMR",
        "COD",
        None,
        None,
    ]
    assert [language_alpha3(c) for c in ("en", "zh", "ar", "ro", "sr", "et", "cy", "bo", "xx", None)] == [
        "eng",
        "zho",
        "ara",
        "ron",
        "srp",
        "est",
        "cym",
        "bod",
        None,
        None,
    ]
