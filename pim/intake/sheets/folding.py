"""Texts of people, compared as people compare them."""

import unicodedata


def folded(text: str) -> str:
    """Without case, accents, and blanks but one between words: `  Réf.\xa0Article ` is `ref. article`."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())
