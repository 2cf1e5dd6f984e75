"""Which exports would miss an attribute: told to whoever deletes it."""

from collections.abc import Sequence
from pathlib import Path

from pim.exports.catalogue_check import specifications
from pim.exports.check import names_in
from pim.exports.load import load_definitions
from pim.versioning.model import UsedElsewhere


def exports_in_need(folder: Path) -> UsedElsewhere:
    """Reads the definitions only when something is deleted that a mapping can name."""

    def used(kind: str, code: str) -> Sequence[str]:
        if kind != "attribute":
            return ()
        return [
            f"mapping of export `{name}`"
            for name, definition in load_definitions(folder).items()
            if any(code == named for spec in specifications(definition) for _, named in names_in(spec))
        ]

    return used
