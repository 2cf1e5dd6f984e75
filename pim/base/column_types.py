"""Types that columns of several rooms share."""

from sqlalchemy import DateTime, String

INSTANT = DateTime(timezone=True)

BYTEWISE = String(collation="C")
"""A text that is compared and ordered by its bytes, like everything that decides the order of a feed."""
