"""A reader: a gazette is a text file with `== TITLE` before each notice."""

from communique.documents import Document
from communique.documents.readers import Skipped


class GazetteReader:
    """Reads `.gazette` files, one document a notice."""

    suffixes = (".gazette",)

    def read(self, path, options):
        text = path.read_text("utf-8")
        if text.startswith("!!"):
            raise RuntimeError("the press broke")
        for number, notice in enumerate(text.split("== ")[1:], 1):
            title, _, body = notice.partition("\n")
            source = f"{options.source or path}:{number}"
            if not body.strip():
                yield Skipped(source, "empty", "a notice without a text")
                continue
            text = f"{title.strip()}\n\n{body.strip()}"
            yield Document.from_text(text, source=source, published=options.published)
