"""Binds separately typeset PDFs into one: pages, links between them, outline, page labels, metadata, tags.

A link to `to:<name>` in any part leads to the heading so named in any other. The typesetter lists every heading in a
part's outline; read in order beside the names that were sent, it tells each heading's page without a second compile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from pim.syndication.writers.binding_tags import bind_tags

LINK = "to:"


@dataclass(frozen=True, slots=True)
class Heading:
    """One line of the outline, with those below it."""

    title: str
    target: str
    below: tuple["Heading", ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A named place: page counted from 1, and where on it."""

    page: int
    left: float
    top: float


@dataclass(frozen=True, slots=True)
class Sheets:
    """A typeset part: its pages and the named places on them, counted within the part."""

    path: Path
    pages: int
    targets: Mapping[str, Target]


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the file says about itself. `page_word` begins the spoken text of a link: `page 12`."""

    title: str
    author: str
    language: str
    page_word: str


def read_sheets(path: Path, names: Sequence[str]) -> Sheets:
    """`names` are those of the part's headings, in their order."""
    with Pdf.open(path) as pdf:
        numbers = {_identity(page.obj): number for number, page in enumerate(pdf.pages, 1)}
        places = [item["/Dest"] for item in _outline_items(pdf.Root.get("/Outlines"))]
        targets = {
            name: Target(numbers[_identity(place[0])], float(place[2]), float(place[3]))
            for name, place in zip(names, places, strict=True)
        }
        return Sheets(path, len(pdf.pages), targets)


def _identity(obj: Object) -> tuple[int, int]:
    number, generation = obj.objgen
    return number, generation


def _outline_items(parent: Object | None) -> Iterator[Object]:
    """Every line of the outline, in the order of the document."""
    item = parent.get("/First") if parent is not None else None
    while item is not None:
        yield item
        yield from _outline_items(item)
        item = item.get("/Next")


def bind(parts: Sequence[Sheets], outline: Sequence[Heading], imprint: Imprint, out: Path) -> None:
    """The parts in order as one file: same parts, same bytes."""
    sources = [Pdf.open(part.path) for part in parts]
    try:
        book = Pdf.new()
        targets: dict[str, Target] = {}
        for part, source in zip(parts, sources, strict=True):
            before = len(book.pages)
            book.pages.extend(source.pages)
            targets |= {name: Target(t.page + before, t.left, t.top) for name, t in part.targets.items()}
        bind_tags(book, sources)
        _bind_links(book, targets, imprint.page_word)
        _write_outline(book, outline, targets)
        _describe(book, imprint)
        book.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    finally:
        for source in sources:
            source.close()


def _bind_links(book: Pdf, targets: Mapping[str, Target], page_word: str) -> None:
    for page in book.pages:
        for note in page.obj.get("/Annots", Array()):
            action = note.get("/A")
            address = str(action.get("/URI", "")) if action is not None else ""
            if address.startswith(LINK):
                target = targets[address.removeprefix(LINK)]
                del note["/A"]
                note["/Dest"] = _destination(book, target)
                note["/Contents"] = String(f"{page_word} {target.page}")


def _destination(book: Pdf, target: Target) -> Array:
    return Array([book.pages[target.page - 1].obj, Name.XYZ, target.left, target.top, 0])


def _write_outline(book: Pdf, headings: Sequence[Heading], targets: Mapping[str, Target]) -> None:
    """Open at the first level, closed below."""
    with book.open_outline() as outline:
        outline.root.extend(_outline_item(book, heading, targets) for heading in headings)


def _outline_item(book: Pdf, heading: Heading, targets: Mapping[str, Target]) -> pikepdf.OutlineItem:
    item = pikepdf.OutlineItem(heading.title, _destination(book, targets[heading.target]))
    item.is_closed = True
    item.children.extend(_outline_item(book, below, targets) for below in heading.below)
    return item


def _describe(book: Pdf, imprint: Imprint) -> None:
    """Folios are page labels: the cover is 1. No date: the same catalogue is the same file."""
    book.Root["/Lang"] = String(imprint.language)
    book.Root["/PageLabels"] = Dictionary(Nums=Array([0, Dictionary(S=Name.D)]))
    book.Root["/PageMode"] = Name.UseOutlines
    book.Root["/ViewerPreferences"] = Dictionary(DisplayDocTitle=True, Direction=Name.L2R)
    with book.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as metadata:
        metadata["dc:title"] = imprint.title
        metadata["dc:creator"] = [imprint.author]
        metadata["dc:language"] = {imprint.language}
        metadata["pdf:Producer"] = "Typst"
