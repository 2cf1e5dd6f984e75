"""Who may import: rules for those who come over the network, checked when their job begins."""

from collections.abc import Sequence

from sqlmodel import Session

from pim.access.model import User
from pim.access.permissions import EDIT_PRODUCTS, EDIT_STRUCTURE, check_may
from pim.access.store import as_user, user_row
from pim.base.errors import NotPermitted
from pim.intake.model import Part

OPTIONS = "attribute_options"
"""The structure that editors edit."""


def check_import(session: Session, username: str, parts: Sequence[Part]) -> None:
    """Raises NotPermitted: products and options take the right to edit products, the rest that to edit structure. Who
    is no user asked at the keyboard of the server."""
    row = user_row(session, username)
    if row is None:
        return
    if row.disabled is not None:
        raise NotPermitted(f"user `{username}`, who asked for this import, is disabled; ask for it anew")
    user = as_user(row)
    check_unlimited(user)
    of_structure = any(part.of_structure and part.resource != OPTIONS for part in parts)
    check_may(user, EDIT_STRUCTURE if of_structure else EDIT_PRODUCTS)


def check_unlimited(user: User) -> None:
    """An import changes whatever its lines name, and tells of each line what stood in it."""
    if not (user.view.is_everything and user.edit.is_everything):
        raise NotPermitted(
            f"user `{user.username}` has limits, and an import goes past them; write by batches, or ask somebody "
            "without limits to import it"
        )
