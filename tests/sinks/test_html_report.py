import hashlib
import html.parser
import json
import re
import time
from importlib.resources import files

import pytest

from communique.schemas import Evidence
from communique.sinks import FanOut, SinkOptions, sink_named
from communique.sinks.html_report import only_evidence, stretches

pytest.importorskip("jinja2", reason="the extra html is not installed")


def write(path, results, **options):
    with FanOut([(sink_named("html"), path)], SinkOptions(**options)) as out:
        for document, summary in results:
            out.write(summary, document.text if document else None)
    return path.read_text(encoding="utf-8")


class Page(html.parser.HTMLParser):
    """Elements in order, and the JSON islands."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.islands, self.open = [], {}, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open = dict(attrs).get("id") if tag == "script" and dict(attrs).get("type") else None

    def handle_data(self, data):
        if self.open:
            self.islands[self.open] = self.islands.get(self.open, "") + data

    def handle_endtag(self, tag):
        self.open = None


def test_the_policy_is_the_first_child_of_head_and_names_our_hashes_only(tmp_path, results):
    page = Page(write(tmp_path / "a.html", results))

    names = [tag for tag, _ in page.tags]
    tag, attributes = page.tags[names.index("head") + 1]
    policy = attributes["content"]
    assert (tag, attributes["http-equiv"]) == ("meta", "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.endswith("img-src data:; base-uri 'none'; form-action 'none'")


def test_the_page_refers_to_nothing_outside(tmp_path, results):
    page = Page(write(tmp_path / "a.html", results))

    assert not [a for _, a in page.tags if {"src", "srcset", "style", "data", "action"} & a.keys()]
    assert not [a for _, a in page.tags if any(k.startswith("on") for k in a)]
    assert {t for t, _ in page.tags}.isdisjoint({"link", "img", "iframe", "object", "embed", "base", "form"})
    assert all(a["href"].startswith("#") for _, a in page.tags if "href" in a)


def test_one_document_carries_no_network_library(tmp_path, results):
    one, many = write(tmp_path / "a.html", results[:1]), write(tmp_path / "b.html", results)

    assert "Cytoscape" not in one
    assert "Cytoscape" in many
    assert len(one) < 80_000


def test_the_licence_of_the_library_is_in_the_page_and_in_the_wheel(tmp_path, results):
    assert "Permission is hereby granted, free of charge" in write(tmp_path / "b.html", results)
    assert "The Cytoscape Consortium" in (files("communique.sinks") / "vendor" / "cytoscape.LICENSE").read_text(
        encoding="utf-8"
    )


def test_vendored_and_own_scripts_cannot_end_their_element():
    folder = files("communique.sinks")
    scripts = [(folder / "vendor" / "cytoscape.min.js").read_text("utf-8")]
    scripts += [p.read_text("utf-8") for p in (folder / "templates" / "js").iterdir()]

    for script in scripts:
        assert not re.search(r"</script|<!--", script, re.IGNORECASE)


def test_our_scripts_never_write_mark_up():
    for path in (files("communique.sinks") / "templates" / "js").iterdir():
        script = path.read_text("utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc", script
        )


def test_the_template_marks_nothing_as_safe():
    template = (files("communique.sinks") / "templates" / "report.html.j2").read_text("utf-8")

    assert not re.search(r"\|\s*safe|autoescape", template)


def test_documents_are_inert_json(tmp_path, results):
    page = Page(write(tmp_path / "a.html", results))

    first = json.loads(page.islands["document-0"])
    assert "".join(piece for piece, _ in first["parts"]) == results[0][0].text
    assert [c["denied"] for c in first["cards"]] == [False, True, False]
    assert first["cards"][1]["origin"] == "worded"
    assert first["rejections"][0]["why"].endswith("(“Ana Lund” does not occur; see sentence 2).")
    index = json.loads(page.islands["index"])
    assert len(index["rows"]) == 6
    assert index["documents"][2] == ["林海部长会见大使", "", "", 1]


@pytest.mark.parametrize("basis", ["given", "page metadata", "WARC header", "column day"])
def test_the_page_says_where_the_date_of_publication_comes_from(tmp_path, summaries, basis):
    dated = summaries[0].document.model_copy(update={"published_basis": basis})
    summary = summaries[0].model_copy(update={"document": dated})

    page = Page(write(tmp_path / "a.html", [(None, summary)]))

    assert ["Published", f"2031-03-05 ({basis})"] in json.loads(page.islands["document-0"])["facts"]


def test_a_document_without_a_date_says_so(tmp_path, results):
    page = Page(write(tmp_path / "a.html", results))

    assert ["Published", "date not known"] in json.loads(page.islands["document-2"])["facts"]


def test_without_the_text_only_the_cited_sentences_are_there(tmp_path, summaries):
    page = Page(write(tmp_path / "a.html", [(None, summaries[0])]))

    first = json.loads(page.islands["document-0"])
    assert first["kept"] is False
    assert "Diplomats fear" in "".join(p for p, _ in first["parts"])
    assert "fairy tale" in "".join(p for p, _ in first["parts"])


def test_a_reader_without_javascript_has_the_plain_text(tmp_path, results):
    text = write(tmp_path / "a.html", results)

    assert "<noscript>" in text
    assert "ALLEGATION 1 · arms transfer, asserted, DENIED, PLEASE CHECK" in text


def test_a_title_can_be_given_and_no_results_make_a_page(tmp_path, results):
    assert "<title>My &lt;b&gt;</title>" in write(tmp_path / "a.html", results, title="My <b>")
    assert "communique report" in write(tmp_path / "b.html", [])


def test_stretches_join_to_the_text_and_mark_the_sentences():
    text = "One. Two. Three."
    found = stretches(
        text,
        [
            Evidence(sentence=2, exact="Two.", start=5, end=9),
            Evidence(sentence=2, exact="Two.", start=5, end=9),
        ],
    )

    assert found == [("One. ", ()), ("Two.", (2,)), (" Three.", ())]


def test_evidence_with_wrong_offsets_is_looked_for_or_left_unlit():
    text = "One. Two."

    assert stretches(text, [Evidence(sentence=2, exact="Two.", start=0, end=4)]) == [
        ("One. ", ()),
        ("Two.", (2,)),
    ]
    assert stretches(text, [Evidence(sentence=2, exact="Nine.", start=0, end=4)]) == [("One. Two.", ())]
    assert stretches(text, [Evidence(sentence=2, exact="One.", start=-5, end=999)]) == [
        ("One.", (2,)),
        (" Two.", ()),
    ]


def test_overlapping_evidence_is_cut_at_every_border():
    found = stretches(
        "abcdef",
        [
            Evidence(sentence=1, exact="abcd", start=0, end=4),
            Evidence(sentence=2, exact="cdef", start=2, end=6),
        ],
    )

    assert found == [("ab", (1,)), ("cd", (1, 2)), ("ef", (2,))]


def test_evidence_alone_is_in_text_order_with_gaps_shown():
    found = only_evidence(
        [Evidence(sentence=3, exact="C.", start=9, end=11), Evidence(sentence=1, exact="A.", start=0, end=2)]
    )

    assert found == [("A.", (1,)), (" … ", ()), ("C.", (3,))]


def test_a_thousand_records_are_written_within_a_second(tmp_path, invented):
    many = list(invented.summaries(400))
    assert sum(1 for _, s in many for _ in s.all_records()) >= 1000
    start = time.process_time()

    write(tmp_path / "a.html", many)

    assert time.process_time() - start < 1


def test_the_vendored_library_is_the_one_that_its_readme_names():
    folder = files("communique.sinks") / "vendor"

    digest = hashlib.sha256((folder / "cytoscape.min.js").read_bytes()).hexdigest()

    assert digest in (folder / "README.md").read_text(encoding="utf-8")
