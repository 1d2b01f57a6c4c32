"""Drop from a page what its reader doesn't see.

Instructions that a page hides from people and shows to machines are dropped here, before any text is taken. What hides
most of a page is no hiding place: its script shows it, or a style sheet that is not in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from tinycss2.color3 import parse_color

from communique.documents.readers.styles import Styles, Values

_HIDDEN_CLASSES = {"hidden", "d-none", "visually-hidden", "sr-only", "screen-reader-text", "screen-reader-only",
"hide", "invisible"}  # fmt: skip
_SHOWN_AGAIN = re.compile(r"(^|:|-)(block|flex|grid|inline|inline-block|inline-flex|visible|not-sr-only|contents)$")
_INVISIBLE_TAGS = {"script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "svg", "math",
    "canvas", "datalist", "noframes", "noembed", "select", "textarea"}  # fmt: skip
_FRAME = {"html", "body", "head"}
_BESIDE = {"footer", "nav", "aside", "form", "button", "a", "script", "style", "select", "textarea", "head"}
_MOST, _NEARLY_ALL, _ALL = 0.6, 0.8, 0.9
_SHORT_ARTICLE = 1000  # code points: where more are seen, what is hidden may be a copy of them
_ROUNDS = 4
_LENGTH = re.compile(r"(-?\d*\.?\d+)\s*(px|pt|em|rem|%|vw|vh|ex|ch|in|cm|mm)?")
_PIXELS = {"px": 1.0, "pt": 1.33, "em": 16.0, "rem": 16.0, "%": 10.0, "vw": 10.0, "vh": 10.0, "ex": 8.0, "ch": 8.0}
_FAR_AWAY = -900.0
_SMALLEST = 2.0
_CLIPPED = re.compile(
    r"rect\(\s*[01](px)?[ ,]+[01](px)?|inset\(\s*(50|100)%|circle\(\s*0|scale[xy3d]*\(\s*0\s*[,)]"
    r"|translate[xy3d]*\(\s*-(\d{4,}(\.\d+)?px|\d{3,}(\.\d+)?r?em)"
)
_FAINT = re.compile(r"opacity\(\s*0*\.?0+%?\s*\)")
_PLACES = ("left", "top", "right", "bottom", "margin-left", "text-indent")
_OVERFLOWS = ("overflow", "overflow-x", "overflow-y")
_SIZES = ("width", "height", "max-height", "max-width")
_BACKGROUND = re.compile(r"url\(|gradient\(")

_Found = tuple[Any, Any, bool]  # an element, the element whose style hides it, and whether with all that is below it
_Kind = tuple[str, ...]


class _State(NamedTuple):
    """What an element hands down; `cause` is the element that hides the text that stands in it."""

    unseen: Any = None
    tiny: Any = None
    size: float = 16.0
    colour: tuple[float, ...] = (0.0, 0.0, 0.0, 1.0)
    painted: Any = None
    ground: tuple[float, ...] | None = (1.0, 1.0, 1.0, 1.0)

    @property
    def cause(self) -> Any:
        if self.unseen is not None or self.tiny is not None:
            return self.unseen if self.unseen is not None else self.tiny
        if self.painted is None or self.ground is None:
            return None
        near = all(abs(a - b) < 0.03 for a, b in zip(self.colour[:3], self.ground[:3], strict=True))
        return self.painted if near or self.colour[3] < 0.05 else None


def drop_hidden(tree: Any) -> tuple[str, ...]:
    """Drop hidden elements, and hidden text of elements that are shown, from an lxml tree, in place.

    The notes say how many code points style or attribute hid (tags that never show text don't count), and how many
    were read although the page hides them.
    """
    _put_streamed(tree)
    found, spared = _decided(tree)
    dropped = sum(_drop(*each) for each in found)
    for element in tree.iter(*_INVISIBLE_TAGS) if spared else ():
        if _kind(element) in spared:
            element.tag = "div"
    notes = {
        f"{dropped} characters of hidden text dropped": dropped,
        f"{sum(spared.values())} characters read although the page's styles hide them: they are most of its text": spared,
    }
    return tuple(note for note, applies in notes.items() if applies)


def weigh(tree: Any) -> dict[Any, int]:
    """Return, for each element, the code points of text in it that stand neither in links nor in headers and footers."""
    weights: dict[Any, int] = {}
    for element in reversed(list(tree.iter())):
        if element.tag in _BESIDE:
            weights[element] = 0
        else:
            own = len((element.text or "").strip())
            weights[element] = own + sum(weights[child] + len((child.tail or "").strip()) for child in element)
    return weights


def _put_streamed(tree: Any) -> None:
    """Put what a page streams behind its end to its place, as React's script does."""
    for waiting in tree.xpath("//template[starts-with(@id, 'B:')]"):
        part = next(iter(tree.xpath("//*[@hidden][@id = $id]", id="S:" + waiting.get("id")[2:])), None)
        if part is not None and waiting.getparent() is not None and part not in waiting.iterancestors():
            part.drop_tree()
            part.tail = None  # it stays where it was
            del part.attrib["hidden"]
            waiting.addprevious(part)


def _decided(tree: Any) -> tuple[list[_Found], dict[_Kind, int]]:
    """Return what to drop, and what is spared, with the weight of its text, as it holds most of the page."""
    weights, styles = weigh(tree), Styles(tree)
    spared: dict[_Kind, int] = {}
    while True:
        found = list(_hidden(styles, spared))
        hidden: dict[_Kind, int] = {}
        whole_text = weights[tree]
        for element, cause, whole in found:
            below = 0 if whole else sum(weights[child] for child in element)
            hidden[_kind(cause)] = hidden.get(_kind(cause), 0) + weights[element] - below
        for tag_kind in [k for k in hidden if k[0] in _INVISIBLE_TAGS and hidden[k] < _ALL * weights[tree]]:
            whole_text -= hidden.pop(tag_kind)  # such as pictures and copies for browsers without scripts
        largest = max(hidden, key=lambda kind: hidden[kind], default=None)
        unseen = sum(hidden.values())
        few = unseen < (_MOST if whole_text - unseen < _SHORT_ARTICLE else _NEARLY_ALL) * whole_text
        if largest is None or few or largest in spared or not hidden[largest] or len(spared) == _ROUNDS:
            return found, spared
        spared[largest] = hidden[largest]


def _drop(element: Any, cause: Any, whole: bool) -> int:
    """Drop an element, or its own text; return the code points that counts as hidden."""
    if not whole:
        dropped = sum(len((t or "").strip()) for t in (element.text, *(c.tail for c in element)))
        element.text = None
        for child in element:
            child.tail = None
        return dropped
    dropped = 0 if cause.tag in _INVISIBLE_TAGS else len("".join(element.itertext()).strip())
    if element.tag != "script":  # JSON-LD is read before; the rest is dropped by the extractor
        element.drop_tree()
    return dropped


def _kind(element: Any) -> _Kind:
    """Return what elements have in common that one rule hides."""
    return element.tag, element.get("class") or element.get("id", ""), element.get("style", "")


def _hidden(styles: Styles, spared: Any) -> Iterator[_Found]:
    stack = [(styles.root, _State())]
    while stack:
        wrapper, before = stack.pop()
        element = wrapper.etree_element
        if element.tag == "head":
            continue
        values = styles.of(wrapper)
        if element.tag not in _FRAME and _kind(element) not in spared and _is_gone(element, values, styles):
            yield element, element, True
            continue
        state = _handed_down(element, values, before, spared)
        if state.cause is not None and element.tag not in _FRAME:
            yield element, state.cause, False
        stack.extend((child, state) for child in reversed(list(wrapper.iter_children())))


def _is_gone(element: Any, values: Values, styles: Styles) -> bool:
    """Tell whether an element is hidden with all that is below it."""
    attributes = element.attrib
    if element.tag in _INVISIBLE_TAGS and "shadowrootmode" not in attributes:
        return True
    if element.tag == "dialog" and "open" not in attributes:
        return True
    display = values.get("display", "")
    if display:
        return display == "none" or _is_cut_away(element, values, styles)
    if "hidden" in attributes and attributes["hidden"].lower() != "until-found":
        return True
    classes = attributes.get("class", "")[:2000].split()
    if _HIDDEN_CLASSES.intersection(classes) and not any(_SHOWN_AGAIN.search(c) for c in classes):
        return "visibility" not in values and "opacity" not in values
    return bool(values) and _is_cut_away(element, values, styles)


def _is_cut_away(element: Any, values: Values, styles: Styles) -> bool:
    """Tell whether an element has a place on the page where nothing of it is seen."""
    if values.get("content-visibility") == "hidden":
        return True
    opacity = _LENGTH.fullmatch(values.get("opacity", ""))
    faint = (opacity and float(opacity.group(1)) == 0) or _FAINT.search(values.get("filter", ""))
    moves = any(values.get(name, "none") != "none" for name in ("transition", "animation", "animation-name"))
    if faint and not moves and not styles.shows_again(element):
        return True
    if any(_CLIPPED.search(values.get(name, "")) for name in ("clip", "clip-path", "transform")):
        return True
    if any(_pixels(values.get(name, "")) <= _FAR_AWAY for name in _PLACES):
        return True
    sizes = [values[name] for name in _SIZES if name in values]
    clips = any("hidden" in values.get(name, "") or "clip" in values.get(name, "") for name in _OVERFLOWS)
    return clips and any(0 <= _pixels(size) <= 1 and size[0].isdigit() for size in sizes)


def _handed_down(element: Any, values: Values, before: _State, spared: Any) -> _State:
    if not values:
        return before
    own = None if _kind(element) in spared else element
    changes: dict[str, Any] = {}
    if visibility := values.get("visibility"):
        hides = visibility in {"hidden", "collapse"}
        changes["unseen"] = own if hides else before.unseen if visibility == "inherit" else None
    if "font-size" in values:
        size = _font_size(values["font-size"], before.size)
        changes |= {"size": size, "tiny": own if size < _SMALLEST else None}
    if "color" in values and (colour := _colour(values["color"])) is not None:
        clipped = "text" in (values.get("background-clip"), values.get("-webkit-background-clip"))
        changes |= {"colour": colour, "painted": None if clipped else own}
    ground = values.get("background-color") or values.get("background", "")
    if _BACKGROUND.search(values.get("background", "") + values.get("background-image", "")):
        changes["ground"] = None
    elif ground and (colour := _colour(ground)) is not None and colour[3] > 0.5:
        changes["ground"] = colour
    return before._replace(**changes) if changes else before


def _font_size(value: str, before: float) -> float:
    match = _LENGTH.match(value)
    if not match:
        return before if value in {"inherit", "smaller", "larger"} else 16.0
    unit = match.group(2) or "px"
    return float(match.group(1)) * (_PIXELS | {"em": before, "%": before / 100}).get(unit, 16.0)


def _pixels(value: str) -> float:
    match = _LENGTH.match(value)
    return float(match.group(1)) * _PIXELS.get(match.group(2) or "px", 38.0) if match else 0.0


def _colour(value: str) -> tuple[float, ...] | None:
    for part in [value, *value.split()]:
        found = parse_color(part)
        if isinstance(found, tuple):
            return tuple(found)
    return None
