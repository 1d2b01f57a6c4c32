"""What a page's style sheets say of each element: the cascade of CSS over the properties that can hide text."""

from __future__ import annotations

import re
from typing import Any

import cssselect2
import tinycss2

_PROPERTIES = {"display", "visibility", "content-visibility", "opacity", "font-size", "color",
    "background", "background-color", "background-image", "background-clip", "-webkit-background-clip",
    "width", "height", "max-width", "max-height", "overflow", "overflow-x", "overflow-y", "left", "top",
    "right", "bottom", "margin-left", "text-indent", "clip", "clip-path", "transform", "filter", "transition",
    "animation", "animation-name"}  # fmt: skip
_FONT_SIZE = re.compile(r"(?:^|\s)(\d*\.?\d+(?:px|pt|r?em|%|vw|vh|ex|ch|in|cm|mm)|0)(?=\s*/|\s)")
_BLOCK = re.compile(r"[^{};]*\{[^{}]*\}")
_TELLING = re.compile(
    r"display|visib|opacity|font-size|color|background|width|height|overflow|left|top|right|bottom|indent|clip|transform"
    r"|filter|inset|font\s*:|transition|animation",
    re.IGNORECASE,
)
_MAX_STYLE = 400_000
_MAX_INLINE = 2000
_MAX_RULES = 20_000
_LONGEST_SELECTOR = 6
_NOT_HERE = re.compile(r"\b(print|speech|not)\b|prefers-|max-width|portrait|hover\s*:\s*none|pointer\s*:\s*coarse")
_NARROW = re.compile(r"max-(?:device-)?width\s*:\s*([\d.]+)(px|r?em)|width\s*<=?\s*([\d.]+)(px|r?em)")
_WINDOW = 1280
_PARSING = {"skip_comments": True, "skip_whitespace": True}

Values = dict[str, str]


class Styles:
    """The style sheets of a page, an lxml tree."""

    def __init__(self, tree: Any) -> None:
        self._matcher = cssselect2.Matcher()
        self._faded: set[str] = set()
        self._size = 0
        css = "".join(style.text or "" for style in tree.iter("style"))[:_MAX_STYLE]
        if css.strip():
            css = re.sub(r"/\*.*?\*/|<!--|-->", "", css, flags=re.DOTALL)
            css = _BLOCK.sub(lambda m: m.group() if _TELLING.search(m.group()) else "", css)
            self._add(tinycss2.parse_stylesheet(css, **_PARSING), depth=3)
        self.root = cssselect2.ElementWrapper.from_html_root(tree)

    def of(self, wrapper: Any) -> Values:
        """Return the declared values of an element, by the cascade: sheets, its attribute, what is important."""
        found: Values = {}
        important: Values = {}
        if self._size:
            for _, _, pseudo, (usual, strong) in sorted(self._matcher.match(wrapper), key=lambda m: m[:2]):
                if pseudo is None:
                    found |= usual
                    important |= strong
        inline = wrapper.etree_element.get("style")
        if inline and _TELLING.search(inline):
            usual, strong = _declared(inline[:_MAX_INLINE])
            return found | usual | important | strong
        return found | important

    def shows_again(self, element: Any) -> bool:
        """Tell whether a rule for another state of the page gives the element back its opacity, as scripts do."""
        names = ["#" + element.get("id", ""), *("." + c for c in element.get("class", "").split())]
        return not self._faded.isdisjoint(names)

    def _add(self, rules: Any, depth: int) -> None:
        for rule in rules:
            if rule.type == "qualified-rule" and self._size < _MAX_RULES:
                self._add_rule(rule)
            elif rule.type == "at-rule" and rule.content is not None and depth and _applies(rule):
                self._add(tinycss2.parse_rule_list(rule.content, **_PARSING), depth - 1)

    def _add_rule(self, rule: Any) -> None:
        declared = _declared(rule.content)
        if not any(declared):
            return
        try:
            selectors = cssselect2.compile_selector_list(rule.prelude)
        except cssselect2.SelectorError:
            return
        opacity = declared[0].get("opacity") or declared[1].get("opacity")
        text = "".join(token.serialize() for token in rule.prelude)
        if opacity and not re.match(r"0*\.?0*$|0%", opacity):
            self._faded.update(re.findall(r"[.#][\w-]+(?=\s*(?:[,.:#\[]|$))", text))
        if any(len(part.split()) > _LONGEST_SELECTOR for part in text.split(",")):
            return  # a page must not cost more than it holds
        for selector in selectors:
            self._matcher.add_selector(selector, declared)
            self._size += 1


def _declared(content: Any) -> tuple[Values, Values]:
    """Return the usual and the important values of a block of declarations."""
    found: tuple[Values, Values] = ({}, {})
    for each in tinycss2.parse_blocks_contents(content, **_PARSING):
        if each.type != "declaration":
            continue
        into, name = found[each.important], each.lower_name
        if name not in _PROPERTIES and name not in {"font", "inset"}:
            continue
        value = tinycss2.serialize(each.value).strip().lower()
        if name == "font":
            if size := _FONT_SIZE.search(value):
                into["font-size"] = size.group(1)
        elif name == "inset":
            sides = value.split()
            sides = sides * (4 // (len(sides) or 1)) if len(sides) != 3 else [*sides, sides[1]]
            into |= dict(zip(("top", "right", "bottom", "left"), sides, strict=False))
        else:
            into[name] = value
    return found


def _applies(rule: Any) -> bool:
    """Tell whether the rules inside an at-rule hold on a wide screen."""
    name, prelude = rule.lower_at_keyword, tinycss2.serialize(rule.prelude).lower()
    if name == "media":
        return any(not _NOT_HERE.search(_NARROW.sub(_kept, query)) for query in prelude.split(","))
    return name in {"supports", "layer", "scope"}


def _kept(bound: re.Match[str]) -> str:
    """Return the upper bound of a window's width, or nothing where a wide window keeps it."""
    size, unit = next((s, u) for s, u in (bound.groups()[:2], bound.groups()[2:]) if s)
    return "" if float(size) * (1 if unit == "px" else 16) >= _WINDOW else "max-width"
