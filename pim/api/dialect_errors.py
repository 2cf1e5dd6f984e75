"""What is wrong, as the REST dialect tells it: `code` and `message`, with `errors` or a link to the documentation."""

from collections.abc import Sequence
from typing import Any

from pim.base.errors import Violation
from pim.catalog.model import Document
from pim.versioning.model import Outcome

BASE = "/api/rest/v1"
DOCUMENTATION = {"documentation": {"href": BASE}}
"""The index of routes."""

SUBJECT_GONE = {"missing": 404, "rejected": 422}


def told(violations: Sequence[Violation]) -> Document:
    """Without its status. A property nobody knows is told in the message, as clients of the dialect expect."""
    unknown = [violation for violation in violations if violation.code == "unknown_property"]
    if unknown:
        message = ". ".join(violation.message for violation in unknown)
        answer: Document = {"message": f"{message}. Check the documentation.", "_links": DOCUMENTATION}
    else:
        answer = {"message": "Validation failed."}
    if len(unknown) < len(violations):
        answer["errors"] = told_each(violations)
    return answer


def told_each(violations: Sequence[Violation]) -> list[Document]:
    return [_error(violation) for violation in violations]


def status_of_outcome(outcome: Outcome) -> int:
    """Of a refused one: 404, 409 (in use), 412 (somebody was faster) or 422; of any other what a writer gets."""
    if outcome.status == "conflict":
        return 412 if any(violation.code == "changed_meanwhile" for violation in outcome.violations) else 409
    if outcome.refused:
        return SUBJECT_GONE[outcome.status]
    return 201 if outcome.status == "created" else 204


def told_outcome(outcome: Outcome) -> Document:
    """Why an edit was refused, without its status."""
    if outcome.status == "rejected":
        return told(outcome.violations)
    return {"message": "; ".join(violation.message for violation in outcome.violations)}


def _error(violation: Violation) -> dict[str, Any]:
    """A value's error names its attribute, locale and scope beside the property `values`."""
    subject = {"subject": violation.subject} if violation.subject else {}
    if violation.attribute is None:
        return {"property": violation.path, "message": violation.message, **subject}
    return {
        "property": violation.path.partition(".")[0] or "values",
        "message": violation.message,
        "attribute": violation.attribute,
        "locale": violation.locale,
        "scope": violation.scope,
        **subject,
    }
