"""How the command line shows things: tables, progress, values cut to fit."""

from pim.terminal.access import print_connections, print_users
from pim.terminal.categories import print_category_suggestions
from pim.terminal.deliveries import delivery_progress, print_deliveries, print_delivery, print_paused
from pim.terminal.drafts import print_conflicts, print_draft, print_drafts
from pim.terminal.exports import (
    print_audit,
    print_comparison,
    print_decisions,
    print_explanation,
    print_preview,
    print_report,
    print_run,
    print_status,
)
from pim.terminal.feedback import print_feedback, print_feedback_reports, print_polled, print_taken
from pim.terminal.history import print_diff, print_history, print_prices
from pim.terminal.jobs import print_job, print_jobs
from pim.terminal.progress import export_progress, import_progress
from pim.terminal.schedules import print_schedules
from pim.terminal.sheets import print_mappings, print_written
from pim.terminal.shown import AsJson, author, console, print_json, shortened

__all__ = [
    "AsJson",
    "author",
    "console",
    "delivery_progress",
    "export_progress",
    "import_progress",
    "print_audit",
    "print_category_suggestions",
    "print_comparison",
    "print_conflicts",
    "print_connections",
    "print_decisions",
    "print_deliveries",
    "print_delivery",
    "print_diff",
    "print_draft",
    "print_drafts",
    "print_explanation",
    "print_feedback",
    "print_feedback_reports",
    "print_history",
    "print_job",
    "print_jobs",
    "print_json",
    "print_mappings",
    "print_paused",
    "print_polled",
    "print_preview",
    "print_prices",
    "print_report",
    "print_run",
    "print_schedules",
    "print_status",
    "print_taken",
    "print_users",
    "print_written",
    "shortened",
]
