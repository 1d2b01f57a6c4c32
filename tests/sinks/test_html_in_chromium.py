"""The page in a real browser: nothing runs, nothing is fetched, everything answers."""

import contextlib
import shutil

import pytest

from communique.schemas import Derived
from communique.sinks import FanOut, sink_named

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("jinja2", reason="the extra html is not installed")
expect = playwright.expect
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # playwright's own pipes at exit
]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Watched:
    """A page with what it asked for outside, and what it complained of."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**({"viewport": {"width": 1400, "height": 900}} | options))
        self.page = self.context.new_page()
        self.outside, self.complaints = [], []
        self.context.on("request", self._asked)
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("dialog", lambda d: d.dismiss())

    def _asked(self, request):
        if not request.url.startswith(("file:", "data:", "about:")):
            self.outside.append(request.url)

    @property
    def hits(self):
        return self.page.evaluate("window.hit || 0")


@pytest.fixture
def watched(chromium):
    opened = []

    def open_page(path, view="", **options):
        found = Watched(chromium, **options)
        opened.append(found)
        found.page.goto(f"{path.as_uri()}{view}")
        return found

    yield open_page
    for found in opened:
        found.context.close()


def write(path, results):
    with FanOut([(sink_named("html"), path)]) as out:
        for document, summary in results:
            out.write(summary, document if isinstance(document, str) or document is None else document.text)
    return path


def test_the_detector_sees_scripts_and_requests_on_a_careless_page(tmp_path, watched, payloads):
    hits = fetching = 0
    for number, payload in enumerate(payloads.PAYLOADS):
        path = tmp_path / f"{number}.html"
        path.write_text(f"<!doctype html><meta charset=utf-8><p>{payload}", "utf-8")
        found = watched(path)
        found.page.wait_for_timeout(50)
        with contextlib.suppress(playwright.Error):  # a refresh took the page away
            hits += bool(found.hits)
        fetching += bool(found.outside)
        found.context.close()

    assert hits >= 12
    assert fetching >= 5


def test_no_payload_runs_or_fetches_in_any_field_of_any_view(tmp_path, watched, payloads):
    assert len(payloads.PAYLOADS) >= 31
    results = [(p, payloads.hostile(p)) for p in payloads.PAYLOADS]
    found = watched(write(tmp_path / "set.html", results))
    page = found.page
    for view in ("records", "timeline", "network", "documents"):
        page.evaluate("view => { location.hash = view }", view)
        page.wait_for_timeout(100)
        expect(page.locator(".count").first).to_be_visible()
    for number, payload in enumerate(payloads.PAYLOADS):
        page.evaluate("n => { location.hash = `d/${n}` }", number)
        page.wait_for_selector(f"#view[data-document='{number}'] .card")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        page.locator(".card").first.hover()
        page.evaluate("document.querySelectorAll('mark, .quote').forEach(m => m.click())")
        assert page.locator(".source h2").text_content() != "" or not payload.strip()
    page.evaluate("location.hash = 'records'")
    page.fill("#search", payloads.PAYLOADS[0])

    expect(page.locator("tbody tr").first).to_be_visible()
    assert found.hits == 0
    assert found.outside == []
    assert found.complaints == []


@pytest.mark.parametrize("view", ["records", "timeline", "network", "documents"])
def test_no_view_writes_out_what_is_not_there(tmp_path, watched, results, view):
    found = watched(write(tmp_path / "a.html", results), f"#{view}")
    expect(found.page.locator(".count").first).to_be_visible()

    said = found.page.locator("#view").inner_text().split()
    assert not {"null", "undefined", "NaN"} & set(said)
    assert found.complaints == []


def test_no_payload_runs_on_the_page_of_one_document(tmp_path, watched, payloads):
    for number, payload in enumerate(payloads.PAYLOADS[::4]):
        found = watched(write(tmp_path / f"{number}.html", [(payload, payloads.hostile(payload))]))

        expect(found.page.locator(".card")).to_have_count(3)
        assert (found.hits, found.outside, found.complaints) == (0, [], [])
        expect(found.page.locator("a[href^='javascript' i], a[href^='data' i]")).to_have_count(0)


def test_nothing_runs_without_javascript_and_the_text_is_there(tmp_path, watched, results, payloads):
    found = watched(
        write(tmp_path / "a.html", [*results, (None, payloads.hostile(payloads.PAYLOADS[0]))]),
        java_script_enabled=False,
    )

    assert "Denial by Varland" in found.page.locator("noscript").inner_text()
    assert found.outside == []


def test_a_card_lights_its_sentences_and_the_reverse(tmp_path, watched, results):
    page = watched(write(tmp_path / "a.html", results[:1])).page

    page.locator("#card-1 h3").hover()
    assert page.locator("mark.lit").all_inner_texts()[0].startswith("Norlandia accused Varland")
    expect(page.locator("mark.lit.is-denial")).to_have_count(1)
    expect(page.locator(".card.lit")).to_have_count(1)

    page.locator("mark[data-s='6']").hover()
    expect(page.locator(".card.lit")).to_have_id("card-2")

    page.locator("#card-0").focus()
    expect(page.locator("mark.lit")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "card-1"
    page.locator("mark[data-s='2']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card.lit")).to_have_id("card-0")


def test_denials_flags_and_origins_are_to_be_seen(tmp_path, watched, results):
    page = watched(write(tmp_path / "a.html", results[:1])).page

    assert page.locator("#card-1 .pill").all_inner_texts() == ["DENIED", "PLEASE CHECK"]
    assert page.locator("#card-1 .answer.denial").inner_text().startswith("Denial by Varland")
    style = "n => getComputedStyle(document.querySelector(`#card-${n} h3`)).fontStyle"
    assert [page.evaluate(style, n) for n in (0, 1)] == ["normal", "italic"]
    assert (
        page.locator("#card-0 h3").inner_text() == "Ilse Varga and Per Holm met in Port Amsel (on Tuesday, 2031-03-04)."
    )
    expect(page.locator("#card-0 .f-derived .name").first).to_have_text("2031-03-04")
    expect(page.locator("#card-0 .o-copied .name").first).to_have_text("Ilse Varga")
    assert page.locator("#card-1 .remarks h4").all_inner_texts() == ["Corrected", "Left out", "Please check"]
    expect(page.locator("#card-1 .remarks.check")).to_contain_text("The words suggest: possible.")
    expect(page.locator("#card-1 .notes li")).to_be_hidden()
    page.locator("#card-1 .notes summary").click()
    expect(page.locator("#card-1 .notes li")).to_contain_text("not in the evidence: shipped")
    expect(page.locator("#card-2 .judged")).to_contain_text("97 % sure that the article says this (sentence 6)")
    assert page.locator(".legend .meaning .pill").all_inner_texts() == [
        "SUPPORTED",
        "VERIFIED",
        "PLEASE CHECK",
    ]
    expect(page.locator(".rejection")).to_be_hidden()
    page.locator(".rejections summary").click()
    expect(page.locator(".rejection")).to_contain_text("“Ana Lund” does not occur")


def test_arabic_runs_from_right_to_left(tmp_path, watched, results):
    page = watched(write(tmp_path / "a.html", results), "#d/1").page

    assert page.evaluate("getComputedStyle(document.querySelector('.source h2')).direction") == "rtl"
    assert page.evaluate("getComputedStyle(document.querySelector('.body p')).direction") == "rtl"
    assert page.evaluate("getComputedStyle(document.querySelector('.card .o-worded')).fontStyle") == "normal"


def test_the_set_can_be_searched_filtered_sorted_and_opened(tmp_path, watched, invented):
    found = watched(write(tmp_path / "a.html", invented.summaries(60)))
    page = found.page
    rows = page.locator("tbody tr")
    expect(page.locator(".v-records .count")).to_have_text("150 records in 60 documents")
    expect(rows).to_have_count(50)

    page.get_by_role("button", name="Next").click()
    expect(page.locator(".pager")).to_contain_text("Page 2 of 3")
    page.get_by_role("button", name="Meetings").click()
    expect(page.locator(".v-records .count")).to_have_text("60 records of 150")
    page.get_by_role("button", name="Meetings").click()
    page.get_by_role("button", name="Denied").click()
    assert all("DENIED" in t for t in rows.all_inner_texts())
    page.get_by_role("button", name="Denied").click()
    page.get_by_role("button", name="What").click()
    texts = page.locator("td.what a").all_inner_texts()
    assert texts == sorted(texts, key=lambda t: t.replace(")", "~"))  # a browser sorts a comma before a bracket
    page.keyboard.press("Escape")
    page.locator("main").focus()
    page.keyboard.press("/")
    page.keyboard.type("kestrel denied")
    expect(page.locator(".v-records .empty")).to_have_text("No record matches these filters.")
    page.fill("#search", "kestrel optics")
    expect(rows.first).to_be_visible()
    assert 0 < rows.count() < 50
    rows.first.locator("a").click()
    page.wait_for_selector("#view[data-document] .card")
    assert "Kestrel Optics" in page.locator(".card").all_inner_texts()[int(page.url.rpartition("/")[2])]
    page.keyboard.press("Escape")
    expect(page.locator(".v-records")).to_be_visible()
    assert found.complaints == []


def test_the_timeline_and_the_network_answer(tmp_path, watched, invented):
    found = watched(write(tmp_path / "a.html", invented.summaries(60)), "#timeline")
    page = found.page
    bar = page.locator(".bar:not([disabled])").first
    month = bar.get_attribute("aria-label")[:7]
    bar.click()
    assert all(t.startswith(month) for t in page.locator(".moment .when").all_inner_texts())

    page.get_by_role("link", name="Network").click()
    page.wait_for_selector(".graph[data-nodes]")
    assert int(page.locator(".graph").get_attribute("data-nodes")) == 20
    assert page.locator(".graph canvas").count() > 0
    page.locator(".ties button").first.click()
    assert page.locator(".chosen li").count() > 0
    assert (found.complaints, found.outside) == ([], [])


@pytest.mark.parametrize(
    ("dates", "periods"),
    [
        (
            ["2024", "2024-05-13", "2024-04-20", "2023-23", "2024-04-28/2024-05-03", "2023-11~"],
            ["2023: 1 meeting", "2023-11: 1 meeting", "2024: 1 meeting", "2024-04: 2 meetings", "2024-05: 1 meeting"],
        ),
        (["199X", "198X/199X", "2024-05-13"], ["1980s: 1 meeting", "1990s: 1 meeting", "2024-05: 1 meeting"]),
        (["199X", "2015-05-13", "2024-05"], ["1990s: 1 meeting", "2015: 1 meeting", "2024: 1 meeting"]),
        (["199X"], ["1990s: 1 meeting"]),
    ],
)
def test_a_bar_of_the_timeline_lists_the_records_that_it_counts(tmp_path, watched, results, dates, periods):
    document, summary = results[0]
    told = [summary.meetings[0].model_copy(update={"derived": Derived(date=date)}) for date in dates]
    each = [(document, summary.model_copy(update={"records": {"meetings": (meeting,)}})) for meeting in told]
    without = (document, summary.model_copy(update={"records": {}}))
    found = watched(write(tmp_path / "a.html", [*each, without]), "#timeline")
    bars = found.page.locator(".bar:not([disabled])")

    expect(bars).to_have_count(len(periods))
    assert [bar.get_attribute("aria-label") for bar in bars.all()] == periods
    assert "without a stated date" not in found.page.locator(".count").inner_text()
    for number, period in enumerate(periods):
        bars.nth(number).click()
        listed = found.page.locator(".moment .when").all_inner_texts()
        assert f"{len(listed)} meeting{'s' * (len(listed) > 1)}" == period.partition(": ")[2]
        assert all(date.startswith(period.partition(":")[0].removesuffix("0s")) for date in listed)
    assert found.complaints == []


def test_a_narrow_screen_has_no_sideways_scroll(tmp_path, watched, results, invented):
    path = write(tmp_path / "a.html", [*results, *invented.summaries(30)])

    for view in ("#records", "#timeline", "#network", "#documents", "#d/0", "#d/1", "#d/2"):
        page = watched(path, view, viewport={"width": 360, "height": 740}).page
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, view


def test_dark_mode_and_print_have_their_own_colours(tmp_path, watched, results):
    path = write(tmp_path / "a.html", results[:1])
    paper = "getComputedStyle(document.documentElement).backgroundColor"

    light, dark = (watched(path, color_scheme=s).page for s in ("light", "dark"))
    assert light.evaluate(paper) == "rgb(246, 244, 239)"
    assert dark.evaluate(paper) == "rgb(20, 23, 26)"
    dark.emulate_media(media="print")
    assert dark.evaluate(paper) == "rgb(255, 255, 255)"


def test_ten_thousand_records_open_and_answer(tmp_path, watched, invented, latency):
    found = watched(write(tmp_path / "a.html", invented.summaries(4000)))
    expect(found.page.locator(".count").first).to_have_text("10,000 records in 4,000 documents")

    waits = latency.latencies(found.page)

    print({what: round(ms) for what, ms in waits.items()})  # milliseconds, for whoever looks
    expect(found.page.locator("tbody tr")).to_have_count(50)
