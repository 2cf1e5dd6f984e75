"""Keeps a bound PDF readable aloud: joins the structure trees of its parts into one.

Each part numbers its pages and links on its own (ISO 32000-1, 14.7.4.4); here the numbers are shifted so that one
parent tree serves all. Table cells name their header cells by identifiers that are unique only within a part.
"""

from collections.abc import Iterator, Sequence

from pikepdf import Array, Dictionary, Name, NumberTree, Object, Pdf, String


def bind_tags(book: Pdf, sources: Sequence[Pdf]) -> None:
    """Call after the pages of every source were added to the book, in the same order."""
    document = book.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, K=Array()))
    numbers, identifiers, roles = Array(), Array(), Dictionary()
    first_page, first_number = 0, 0
    for at, source in enumerate(sources):
        tree = book.copy_foreign(source.Root["/StructTreeRoot"])
        pages = [page.obj for page in list(book.pages)[first_page : first_page + len(source.pages)]]
        _shift(pages, first_number)
        for number, element in NumberTree(tree["/ParentTree"]).items():
            numbers.append(number + first_number)
            numbers.append(element)
        for name, cell in _renamed_cells(tree, f"p{at:04}-"):
            identifiers.append(String(name))
            identifiers.append(cell)
        _adopt(document, tree)
        roles.update(dict(tree.get("/RoleMap", Dictionary()).items()))
        first_page += len(source.pages)
        first_number += int(tree.get("/ParentTreeNextKey", 0))
    root = book.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([document]), RoleMap=roles))
    root["/ParentTree"] = book.make_indirect(Dictionary(Nums=numbers))
    root["/ParentTreeNextKey"] = first_number
    if len(identifiers):
        root["/IDTree"] = book.make_indirect(Dictionary(Kids=Array([_leaf(book, identifiers)])))
    document["/P"] = root
    book.Root["/StructTreeRoot"] = root
    book.Root["/MarkInfo"] = Dictionary(Marked=True)


def _shift(pages: Sequence[Object], by: int) -> None:
    for page in pages:
        if "/StructParents" in page:
            page["/StructParents"] = int(page["/StructParents"]) + by
        for note in page.get("/Annots", Array()):
            if "/StructParent" in note:
                note["/StructParent"] = int(note["/StructParent"]) + by


def _adopt(document: Object, tree: Object) -> None:
    """What was a document of its own becomes a part of this one."""
    children = tree["/K"]
    for child in children if isinstance(children, Array) else [children]:
        if child.get("/S") == Name.Document:
            child["/S"] = Name.Part
        child["/P"] = document
        document["/K"].append(child)


def _leaf(book: Pdf, identifiers: Array) -> Object:
    return book.make_indirect(Dictionary(Names=identifiers, Limits=Array([identifiers[0], identifiers[-2]])))


def _renamed_cells(tree: Object, prefix: str) -> Iterator[tuple[bytes, Object]]:
    """Header cells under new identifiers, in the order of these; the cells below follow."""
    tables: dict[tuple[int, int], Object] = {}
    cells = list(_identified(tree.get("/IDTree")))
    for cell in cells:
        cell["/ID"] = String(prefix.encode() + bytes(cell["/ID"]))
        table = _table_of(cell)
        tables[table.objgen] = table
    for table in tables.values():
        _rename_headers(table, prefix.encode())
    yield from sorted(((bytes(cell["/ID"]), cell) for cell in cells), key=lambda pair: pair[0])


def _identified(node: Object | None) -> Iterator[Object]:
    if node is None:
        return
    names = node.get("/Names", Array())
    yield from (names[at] for at in range(1, len(names), 2))
    for kid in node.get("/Kids", Array()):
        yield from _identified(kid)


def _table_of(cell: Object) -> Object:
    element = cell
    while element["/S"] != Name.Table:
        element = element["/P"]
    return element


def _rename_headers(element: Object, prefix: bytes) -> None:
    for attributes in _listed(element.get("/A")):
        headers = attributes.get("/Headers", Array())
        for at in range(len(headers)):
            headers[at] = String(prefix + bytes(headers[at]))
    for child in _listed(element.get("/K")):
        if isinstance(child, Dictionary) and child.get("/Type") == Name.StructElem:
            _rename_headers(child, prefix)


def _listed(value: Object | None) -> list[Object]:
    if value is None:
        return []
    return list(value) if isinstance(value, Array) else [value]
