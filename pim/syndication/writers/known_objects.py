"""What a writer made of an object. Mappings give the very same one again where it says the same."""

from typing import Any

MOST = 2_000


class KnownObjects(dict[int, tuple[Any, str]]):
    """Id of an object → the object, kept so that no other takes its id, and the text made of it. Ask with `get`."""

    def keep(self, thing: Any, text: str) -> str:
        """Remembers and answers `text`."""
        if len(self) >= MOST:
            self.clear()
        self[id(thing)] = (thing, text)
        return text
