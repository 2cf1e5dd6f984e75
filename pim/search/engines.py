"""The engines there are."""

from pim.search import tantivy_engine, whoosh_engine
from pim.search.contract import TANTIVY, WHOOSH, Engine

ENGINES: dict[str, Engine] = {WHOOSH: whoosh_engine.Whoosh(), TANTIVY: tantivy_engine.Tantivy()}
