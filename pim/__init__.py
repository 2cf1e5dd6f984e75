"""Product information management: one catalogue with its whole history, consistent feeds for every channel."""

__version__ = "0.1.0"
