"""How reports are read: one function a format."""

from collections.abc import Callable

from pim.delivery.feedback.formats.amazon import read_amazon
from pim.delivery.feedback.formats.documents import read_documents
from pim.delivery.feedback.formats.sheets import read_google, read_mirakl, read_sheet
from pim.delivery.feedback.model import ReportedIssue
from pim.exports.feedback import Feedback

ReadReport = Callable[[bytes, Feedback], list[ReportedIssue]]
"""Raises InvalidInput with everything that is wrong with a report."""

READERS: dict[str, ReadReport] = {
    "amazon": read_amazon,
    "google": read_google,
    "mirakl": read_mirakl,
    "csv": read_sheet,
    "json": read_documents,
}
