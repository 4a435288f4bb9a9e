"""Figures and tables: their captions, the region of each, and the rows of print that belong to them and not to the body.

A caption is told by its words. Its picture or table lies next to it, between the caption and the nearest body text; how far it reaches
is told by what is painted there and by rows that are not prose.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from digest.reading.headings import is_references
from digest.reading.page import Page, inside, overlap, union, within, without
from digest.reading.rows import same_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.reading.rows import Print, Row
    from digest.records import Box

_LABEL = re.compile(
    r"^(Figure\.?|Fig\.?|FIGURE|FIG\.?|Table|TABLE|Tab\.|Algorithm|ALGORITHM|Listing|Scheme|Chart|图|表)\s*"
    r"((?:[A-Z]{1,2}[.-]?)?\d+(?:[.-]\d+)*|[IVX]+)(?![\w])\s*([.:|：—–]?)"
)
_NAMES = {"Fig": "Figure", "FIG": "Figure", "FIGURE": "Figure", "TABLE": "Table", "Tab": "Table", "ALGORITHM": "Algorithm"}
_HEADING = re.compile(r"^(\d{1,2}(\.\d{1,2}){0,3}|[A-Z](\.\d{1,2}){1,3})\.?\s+[A-Z]")
_ALONE = re.compile(r"^\d{1,2}(\.\d{1,2}){0,3}\.?$")
_ADDRESS = re.compile(r"@|universi|institut|department|laborator|academy", re.IGNORECASE)
_SMALL_WORD = re.compile(r"(?<![\w-])[a-z]{2,}(?![\w-])|[\u4e00-\u9fff]")
_UPPER = 340.0  # points: names and addresses of a first page stand above
_SMALL = 0.78  # of the body's size: less than footnotes, which TeX sets at 0.8
_OVER = 6.0  # points from the upper rule of a listing to its title
_NEAR, _REACH = 60.0, 26.0  # points: from a caption to its picture; between parts of one picture (LaTeX's \textfloatsep is 20)


class Caption(NamedTuple):
    """The rows of one caption."""

    label: str  # "Figure 2"
    rows: tuple[Row, ...]
    rest: str  # of the first row, after the label
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Float:
    """A caption with its picture or table."""

    caption: Caption
    box: Box | None  # picture and caption; None when nothing was found beside the caption
    rows: tuple[Row, ...] = ()  # print within the picture or table


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The rows of one page, parted."""

    body: list[Row]
    floats: list[Float]
    loose: list[Row]  # print in pictures and tables that have no caption


def part(page: Page, rows: Sequence[Row], made: Print) -> Sorted:
    """Part the *rows* of *page* into body, captioned floats, and loose print of pictures."""
    shown = [graphic for graphic in page.graphics if graphic.kind != "text" and not _is_ground(graphic.box, page)]
    drawn = [graphic.box for graphic in shown]
    captions = _captions(rows, [box for box in drawn if box[3] - box[1] < 2 and box[2] - box[0] > 40], made)
    taken = {id(row) for caption in captions for row in caption.rows}
    pictures = [graphic.box for graphic in shown if graphic.kind == "image" and _large(graphic.box, 40)]
    walls = _walls([row for row in rows if id(row) not in taken], drawn, made) if captions else set()
    floats: dict[int, Float] = {}
    left = drawn
    for place, caption, sure in [(*one, sure) for sure in (True, False) for one in enumerate(captions)]:
        if place in floats:
            continue
        free = [row for row in rows if id(row) not in taken and id(row) not in walls]
        found = _grown(caption, captions, free, [row for row in rows if id(row) in walls], left, made, page, sure=sure)
        if found:  # what is one caption's is no other's: a table close under the caption of a figure
            floats[place] = found
            taken.update(id(row) for row in found.rows)
            left = without(left, found.box) if found.box else left
    rest = [row for row in rows if id(row) not in taken]
    scattered = _scattered(rest, made)
    loose = [row for row in rest if id(row) in scattered or any(inside(row.box, box) for box in pictures)]
    gone = set(map(id, loose))
    return Sorted(body=[row for row in rest if id(row) not in gone], floats=[floats[place] for place in sorted(floats)], loose=loose)


def once(parted: Sequence[Sorted]) -> list[Sorted]:
    """The pages of a document, *parted*, without captions that have no picture where another of the same label has one.

    They are sentences: "Algorithm 2. For a layer ...", "Figure 2. It comprises ..." at the top of a column.
    """
    drawn = {one.caption.label for page in parted for one in page.floats if one.box}
    found = []
    for page in parted:
        false = [one for one in page.floats if one.box is None and one.caption.label in drawn]
        body = [*page.body, *(row for one in false for row in one.caption.rows)]
        gone = set(map(id, false))
        found.append(Sorted(body=body, floats=[one for one in page.floats if id(one) not in gone], loose=page.loose) if false else page)
    return found


def _captions(rows: Sequence[Row], rules: Sequence[Box], made: Print) -> list[Caption]:
    found: list[Caption] = []
    taken: set[int] = set()
    for index, row in enumerate(rows):
        match = _LABEL.match(row.text.strip())
        if match and id(row) not in taken and _starts_caption(row, rows[index - 1] if index else None, match, made):
            lines = _caption_rows(index, rows, rules, made)
            taken.update(map(id, lines))
            word = match.group(1).rstrip(".")
            rest = row.text.strip()[match.end() :].strip()
            found.append(Caption(f"{_NAMES.get(word, word)} {match.group(2)}", tuple(lines), rest, union([line.box for line in lines])))
    once = Counter(caption.label for caption in found)
    return [caption for caption in found if once[caption.label] == 1 or _is_apart(caption.rows[0], made)]


def _is_apart(row: Row, made: Print) -> bool:
    """Whether *row* is set otherwise than the body."""
    return row.spans[0].bold or row.spans[0].font != made.font or abs(row.size - made.size) > 0.4


def _starts_caption(row: Row, before: Row | None, match: re.Match[str], made: Print) -> bool:
    """Not a sentence of the body that happens to have "Figure 3" at the start of a line."""
    starts_block = before is None or before.block != row.block or row.y0 - before.y0 > 1.35 * made.leading or row.y0 < before.y0
    apart = _is_apart(row, made)
    alone = match.end() == len(row.text.strip())
    return (starts_block and bool(match.group(3) or apart or alone)) or (apart and bool(match.group(3)))


def _caption_rows(index: int, rows: Sequence[Row], rules: Sequence[Box], made: Print) -> list[Row]:
    """The caption's first row, *index*, and those that follow it closely in the same size, not over the rule of a table."""
    lines = [rows[index]]
    line, usual = rows[index], 0.0  # the row that began the last line; the step between lines
    for row in rows[index + 1 :]:
        if row.block == line.block and overlap(row.y0, row.y1, line.y0, line.y1) > 0.25 * (row.y1 - row.y0):  # a part of the same line
            lines.append(row)
            continue
        step = row.y0 - line.y0
        limit = 1.15 * usual or (1.5 if row.block == line.block else 1.28) * max(line.size * 1.2, min(made.leading, line.size * 1.3))
        beside = overlap(row.x0, row.x1, *_width(lines)) > 0
        ruled = any(line.y0 < rule[1] < row.y0 + 2 and _crosses(rule, lines) for rule in rules)
        another = bool(_LABEL.match(row.text.strip())) and row.block != line.block
        if not 0 < step <= limit or not beside or abs(row.size - line.size) > 0.7 or ruled or another:
            break
        usual = usual or step
        line = row
        lines.append(row)
    return lines


def _crosses(rule: Box, lines: Sequence[Row]) -> bool:
    """Whether *rule* is one of a table over which *lines* stand, and no underlined word."""
    left, right = _width(lines)
    return overlap(left, right, rule[0], rule[2]) > 0 and rule[2] - rule[0] > 0.3 * (right - left)


def _width(rows: Sequence[Row]) -> tuple[float, float]:
    return min(row.x0 for row in rows), max(row.x1 for row in rows)


def _walls(rows: Sequence[Row], drawn: list[Box], made: Print) -> set[int]:
    """Ids of rows that end the search for a picture: body text with the short last lines of its paragraphs, and headings."""
    frames = [box for box in drawn if _large(box, 24) and box[2] - box[0] > 60]
    walls: dict[int, list[Row]] = {}
    blocks: dict[int, list[Row]] = {}
    for row in rows:
        blocks.setdefault(row.block, []).append(row)
        if _is_prose(row, made) and not (frames and any(inside(row.box, frame) for frame in frames)):
            walls.setdefault(row.block, []).append(row)
    found = {id(row) for number, prose in walls.items() for row in (blocks[number] if 2 * len(prose) >= len(blocks[number]) else prose)}
    addresses = [row.y1 for row in rows if row.page == 1 and row.y1 < _UPPER and _ADDRESS.search(row.text)]
    found |= {id(row) for row in rows if addresses and row.y1 <= max(addresses)}  # names stand above them
    found |= _front(rows, made)
    return found | _headings([row for row in rows if row.bold and row.size > made.size - 0.3], frames, made)


def _headings(bold: Sequence[Row], frames: Sequence[Box], made: Print) -> set[int]:
    """Ids of *bold* rows that are headings: numbered in one row or with the number in a row of its own, or large at the left edge."""
    found: set[int] = set()
    for row, after in itertools.pairwise((*bold, None)):
        if row is None or any(inside(row.box, frame) for frame in frames):
            continue
        text = row.text.strip()
        if after and _ALONE.match(text) and after.words and same_line(row, after) and 0 < after.x0 - row.x1 < 3 * row.size:
            found |= {id(row), id(after)}
        elif _HEADING.match(text) or (row.size > 1.15 * made.size and abs(row.x0 - made.left) < 3):
            found.add(id(row))
    return found


def _front(rows: Sequence[Row], made: Print) -> set[int]:
    """Ids of the title's rows on the first page and of the centred rows that follow it closely: names without an address, a date."""
    title = [row for row in rows if row.page == 1 and row.y1 < _UPPER and row.size > 1.3 * made.size and row.words]
    if not title:
        return set()
    found, end = {id(row) for row in title}, max(row.y1 for row in title)
    middle = (made.left + made.right) / 2
    for row in sorted(rows, key=lambda row: row.y0):
        centred = row.x0 < middle < row.x1 and abs((row.x0 + row.x1) / 2 - middle) < 12
        if row.page == 1 and centred and end <= row.y0 + 2 and row.y0 - end < 2 * made.leading:
            found.add(id(row))
            end = max(end, row.y1)
    return found


def _is_prose(row: Row, made: Print) -> bool:
    """A line of running text: as wide and large as the body, with small words in it."""
    if row.words < 5 or abs(row.size - made.size) > 0.6 or row.x1 - row.x0 < 0.6 * made.column:
        return False
    return small_words(row) >= 3 and sum(map(str.isdigit, row.text)) < 0.2 * len(row.text)


def small_words(row: Row) -> int:
    """How many words of *row* are no names: those in small letters; Chinese characters."""
    return len(_SMALL_WORD.findall(row.text))


def _grown(
    caption: Caption, captions: list[Caption], free: list[Row], walls: list[Row], drawn: list[Box], made: Print, page: Page, *, sure: bool
) -> Float | None:
    """The float of *caption*: what lies over or under it; None if *sure* and it may be either.

    Of two a figure has the one over its caption, a table the nearer.
    """
    left, right = _columns(caption, captions, made)
    if any(
        overlap(caption.box[1], caption.box[3], row.y0, row.y1) > 3 and overlap(left, right, row.x0, row.x1) > 9 for row in (*free, *walls)
    ):
        left, right = caption.box[0] - 12, caption.box[2] + 12  # text runs beside the caption: the float is no wider than that
    near = [other for other in captions if other is not caption and other.box[0] < right - 2 and other.box[2] > left + 2]
    others = [other.box for other in near]
    rivals = [other for other in near if other.label.split()[0] != caption.label.split()[0]]
    over = [other.box[3] for other in rivals if not other.label.startswith(("Figure", "图"))]  # a figure has its caption below it
    stops = others + [row.box for row in walls if row.x0 < right - 2 and row.x1 > left + 2]
    above = max([box[3] for box in stops if box[3] <= caption.box[1] + 2], default=0.0)
    below = min([box[1] for box in stops if box[1] >= caption.box[3] - 2], default=page.height)
    if caption.label.startswith("Algorithm") and (
        listing := _listing(caption, min([box[1] for box in others if box[1] > caption.box[1]], default=page.height), drawn)
    ):
        return Float(caption=caption, box=listing, rows=tuple(row for row in (*free, *walls) if inside(row.box, listing)))
    upper, lower = (left, above, right, caption.box[1] + 1), (left, caption.box[3] - 1, right, below)
    sides = [
        _connected(caption.box, upper, free, drawn, rival=above in over),
        _connected(caption.box, lower, free, drawn, rival=any(other.box[1] == below for other in rivals)),
    ]
    top, bottom = (box if distance <= _NEAR else None for distance, box in sides)
    if sure and top and bottom:
        return None
    found = top if top and (not bottom or caption.label.startswith(("Figure", "图")) or sides[0][0] < sides[1][0]) else bottom
    if not found:
        return Float(caption=caption, box=None)
    rows = tuple(row for row in free if inside(row.box, found))
    return Float(caption=caption, box=union([found, caption.box]), rows=rows)


def _listing(caption: Caption, end: float, drawn: list[Box]) -> Box | None:
    """The box of an algorithm: from its title to the last of the equally long rules under it, above *end*."""
    rules = sorted(
        (box for box in drawn if box[3] - box[1] < 2 and box[2] - box[0] > 100 and caption.box[1] < box[1] < end), key=lambda box: box[1]
    )
    rules = [box for box in rules if box[0] - 4 <= caption.box[0] <= box[2]]
    if not rules or rules[0][1] > caption.box[3] + 15:
        return None
    alike = [box for box in rules if abs(box[0] - rules[0][0]) < 2 and abs(box[2] - rules[0][2]) < 2]
    if len(alike) > 2 and end - alike[-1][3] < _OVER:  # the rule over the title of the next listing
        alike.pop()
    return union([caption.box, *alike]) if len(alike) > 1 else None


def _columns(caption: Caption, captions: list[Caption], made: Print) -> tuple[float, float]:
    """The horizontal extent in which the picture of *caption* may lie."""
    x0, y0, x1, y1 = caption.box
    left, right, middle = made.left - 12, made.right + 12, (made.left + made.right) / 2
    if len(caption.rows) > 2:  # a caption of several full lines is as wide as what it describes
        return x0 - 12, x1 + 12
    if made.column < 0.62 * (made.right - made.left):
        left, right = (left, middle) if x1 < middle + 8 else (middle, right) if x0 > middle - 8 else (left, right)
    for other in captions:
        if other is not caption and overlap(y0, y1, other.box[1], other.box[3]) > 0:
            if other.box[2] <= x0:
                left = max(left, (other.box[2] + x0) / 2)
            elif other.box[0] >= x1:
                right = min(right, (other.box[0] + x1) / 2)
    return left, right


def _connected(caption: Box, region: Box, free: list[Row], drawn: list[Box], *, rival: bool) -> tuple[float, Box | None]:
    """(distance from the caption, box) of what lies together in *region*, starting at the caption.

    With a *rival*, a caption of another kind at the far end of the region, only what comes before the widest white strip is this caption's.
    """
    boxes = within(drawn, region) + within([row.box for row in free], region)
    if not boxes:
        return 1e9, None
    top, bottom = caption[1], caption[3]
    boxes.sort(key=lambda box: max(box[1] - bottom, top - box[3]))
    found_top, found_bottom, end = boxes[0][1], boxes[0][3], len(boxes)
    steps: list[tuple[float, int]] = []
    for index, (_, y0, _, y1) in enumerate(boxes):  # thousands in a drawing
        gap = y0 - found_bottom if y0 > found_bottom else found_top - y1
        if gap > _REACH:
            end = index
            break
        if gap > 2:
            steps.append((gap, index))
        found_top, found_bottom = min(found_top, y0), max(found_bottom, y1)
    if rival and steps and found_bottom - found_top > 0.8 * (region[3] - region[1]):
        end = max(steps, key=lambda step: step[0])[1]
    found = union(boxes[:end])
    return _gap(boxes[0], caption), found if _large(found, 8) else None


def _gap(box: Box, other: Box) -> float:
    return max(0.0, -overlap(box[1], box[3], other[1], other[3]))


def _scattered(rows: Sequence[Row], made: Print) -> set[int]:
    """Ids of rows of drawings and tables: blocks of small print, or of many narrow rows that average under two words."""
    blocks: dict[int, list[Row]] = {}
    for row in rows:
        if not is_references(row.text):
            blocks.setdefault(row.block, []).append(row)
    found: set[int] = set()
    for block in blocks.values():
        formula = any(span.font in made.math for row in block for span in row.spans)
        wide = max(row.x1 - row.x0 for row in block) > 0.5 * made.column
        words = sum(row.words for row in block)
        small = words < 5 * len(block) and all(row.size < _SMALL * made.size for row in block)
        if small or (len(block) > 2 and not formula and not wide and words < 2 * len(block)):
            found.update(map(id, block))
    return found


def _large(box: Box, size: float) -> bool:
    return box[2] - box[0] > size and box[3] - box[1] > size


def _is_ground(box: Box, page: Page) -> bool:
    """Whether a painted box is the ground of the page or the picture of a scan, not a figure on it."""
    return (box[2] - box[0]) * (box[3] - box[1]) > 0.6 * page.width * page.height or box[0] > page.width or box[1] > page.height
