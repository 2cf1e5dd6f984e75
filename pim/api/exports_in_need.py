"""Which exports would miss an attribute: told to whoever deletes it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pim.catalog.attribute_paths import attribute_path
from pim.catalog.linked import ATTRIBUTE_KINDS
from pim.catalog.structure import Structure
from pim.exports.catalogue_check import specifications
from pim.exports.check import names_in
from pim.exports.load import load_definitions
from pim.versioning.model import UsedElsewhere


def exports_in_need(folder: Path, structure: Structure) -> UsedElsewhere:
    """Reads the definitions only when something is deleted that a mapping can name."""

    def used(kind: str, owner: str, code: str) -> Sequence[str]:
        if kind not in ATTRIBUTE_KINDS:
            return ()
        key = f"{kind.removesuffix('_attribute')}/{owner}/{code}" if owner else code
        return [
            f"mapping of export `{name}`"
            for name, definition in load_definitions(folder).items()
            if any(
                key in (named, *_keys(named, structure))
                for spec in specifications(definition)
                for _, named in names_in(spec)
            )
        ]

    return used


def _keys(name: str, structure: Structure) -> Iterator[str]:
    """The attributes that a name, perhaps with dots, passes."""
    return (attribute.key for attribute in attribute_path(name, structure))
