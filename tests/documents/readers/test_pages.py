"""Real pages of other people, where they are beside the checkout; none is kept here."""

import collections
import gzip
import io
import json
import re
from pathlib import Path

import pytest
from fastwarc.warc import WarcRecord, WarcRecordType

from communique.documents.readers import read_article

FOLDER = next(
    (
        p / "shared" / "eval" / "dev"
        for p in Path(__file__).resolve().parents
        if (p / "shared" / "eval" / "dev").is_dir()
    ),
    None,
)
PAGES = sorted(FOLDER.glob("*.html.gz")) if FOLDER else []
pytestmark = pytest.mark.skipif(not PAGES, reason="../shared/eval/dev is not here")


def f1(found, gold):
    a, b = (collections.Counter(re.findall(r"\w+", text.lower())) for text in (found, gold))
    return 2 * (a & b).total() / (a.total() + b.total())


def told(path, ending):
    return Path(str(path).replace(".html.gz", ending)).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_text_title_and_date_of_a_real_page_are_right(path):
    found = read_article(path)
    meta = json.loads(told(path, ".meta.json"))
    assert f1(found.text, told(path, ".txt")) >= 0.95
    assert found.title == meta["title"]
    assert (str(found.published), found.published_basis) == (meta["published"][:10], "page metadata")
    assert (found.source, found.language) == (meta["url"], meta["language"])


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_of_the_pages_gives_the_same_documents(write, read, packed):
    out = io.BytesIO()
    for path in PAGES:
        record = WarcRecord()
        record.init_headers(record_type=WarcRecordType.response)
        record.headers["WARC-Target-URI"] = json.loads(told(path, ".meta.json"))["url"]
        record.headers["Content-Type"] = "application/http; msgtype=response"
        record.headers["WARC-Date"] = "2026-06-01T00:00:00Z"
        page = gzip.decompress(path.read_bytes())
        record.set_bytes_content(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page)
        member = io.BytesIO()
        record.write(member)
        out.write(gzip.compress(member.getvalue()) if packed else member.getvalue())
    found = read(write("pages.warc.gz" if packed else "pages.warc", out.getvalue()))
    assert [d.model_dump() for d in found] == [read_article(p).model_dump() for p in PAGES]
