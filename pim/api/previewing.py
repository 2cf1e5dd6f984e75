"""The catalogue as it would be with a draft applied: the parameter `draft` of whatever is read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlmodel import Session

from pim.access.model import User
from pim.api.drafts_shown import seen_draft
from pim.api.openapi.operation import Parameter
from pim.base.clock import now
from pim.base.database import Database
from pim.base.errors import InvalidInput, Violation
from pim.versioning.drafts.preview import previewed

DRAFT = Parameter("draft", "As it would be if the draft of this name were applied now; its side wins in conflicts")


@contextmanager
def reading_session(database: Database, user: User, parameters: Mapping[str, str]) -> Iterator[Session]:
    """Raises NotFound for a draft that the user does not see."""
    if "draft" not in parameters:
        with database.snapshot_session() as session:
            yield session
        return
    if "as_of" in parameters:
        raise InvalidInput([Violation("draft", "with_as_of", "ask for `draft` or for `as_of`, not for both")])
    with database.session() as session, previewed(session, seen_draft(session, user, parameters["draft"]), now()):
        yield session
