"""The options of reading: where the text of an input is, and what holds for all of it."""

from __future__ import annotations

from typing import Annotated

import typer

TextField = Annotated[str, typer.Option(help="Key or column of the text.")]
IdField = Annotated[str | None, typer.Option(help="Key or column of the id.")]
TitleField = Annotated[str | None, typer.Option(help="Key or column of the title.")]
DateField = Annotated[str | None, typer.Option(help="Key or column of the date of publication.")]
UrlField = Annotated[str | None, typer.Option(help="Key or column of the address.")]
Outlet = Annotated[str | None, typer.Option(help="Publisher of everything.")]
Encoding = Annotated[str | None, typer.Option(help="Encoding of text files; found out if none.")]
Language = Annotated[str | None, typer.Option(help="ISO 639-1 code of everything.")]
ClaimLanguage = Annotated[
    str, typer.Option(help="Language of claim and concern, by ISO 639-1 code, or `article` for the article's own.")
]
MaxChars = Annotated[int, typer.Option(min=1, help="Longest text; a longer one is skipped.")]
LongestArticle = Annotated[int, typer.Option(min=1, help="Longest text; a longer one is refused.")]
