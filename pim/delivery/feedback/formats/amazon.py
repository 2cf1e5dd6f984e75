"""Amazon's processing report of a listings feed, version 2, held to Amazon's own schema.

https://github.com/amzn/selling-partner-api-models, schemas/feeds/listings-feed-processing-report-schema-v2.json
"""

from typing import Any

import msgspec

from pim.base.errors import InvalidInput, Violation
from pim.base.schema_checking import check_shape
from pim.delivery.feedback.formats.wording import severity_of, text_of
from pim.delivery.feedback.model import ReportedIssue
from pim.exports.feedback import Feedback

SCHEMA = "feedback/amazon_processing_report"


def read_amazon(content: bytes, feedback: Feedback) -> list[ReportedIssue]:
    """An issue without SKU (a message that could not be read at all) concerns the whole feed."""
    report = as_json(content)
    problems = check_shape(SCHEMA, report)
    if problems:
        raise InvalidInput(problems)
    return [_issue(at, issue, feedback) for at, issue in enumerate(report["issues"])]


def _issue(at: int, issue: dict[str, Any], feedback: Feedback) -> ReportedIssue:
    return ReportedIssue(
        item=issue.get("sku", ""),
        message=issue["message"],
        severity=severity_of(issue["severity"], feedback, f"issues.{at}"),
        field=issue.get("attributeName"),
        code=issue.get("code"),
    )


def as_json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(text_of(content))
    except msgspec.DecodeError as error:
        raise InvalidInput([Violation("report", "json", f"the report is no JSON: {error}")]) from error
