"""Reports as operators write them."""

import json
from pathlib import Path
from typing import Any

from pim.base.installation import Installation
from pim.delivery.feedback.state import FeedbackIssue, feedback
from pim.delivery.feedback.take_report import Taken, take_report
from tests.makers import NOW

SHEET = {"format": "csv", "columns": {"item": "SKU", "field": "Field", "message": "Reason"}}


def a_sheet(*lines: tuple[str, str, str]) -> bytes:
    return "\n".join(["SKU;Field;Reason", *(";".join(line) for line in lines)]).encode()


def amazon(*issues: dict[str, Any]) -> bytes:
    counts = {"errors": len(issues), "warnings": 0, "messagesProcessed": 3, "messagesAccepted": 0, "messagesInvalid": 3}
    header = {"sellerId": "A1", "version": "2.0", "feedId": "17"}
    return json.dumps({"header": header, "issues": list(issues), "summary": counts}).encode()


def take(here: Installation, content: bytes, **given: Any) -> Taken:
    return take_report(here, "shop", content, name="report", by="mirakl", at=NOW, **given)


def told(here: Installation, **asked: Any) -> list[FeedbackIssue]:
    with here.database.snapshot_session() as session:
        return list(feedback(here, session, ["shop"], **asked))


def states(here: Installation, **asked: Any) -> dict[str, str]:
    return {issue.their_item: issue.state for issue in told(here, **asked)}


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()
