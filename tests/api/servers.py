"""A real server, on a port of its own, in a thread of the test's process."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import uvicorn

from pim.app import Server, create_app
from pim.base.database import Database
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from tests.api.held_to_document import HeldToDocument


@contextmanager
def serving(
    settings: Settings, database: Database, storage: ObjectStorage, environment: Mapping[str, str]
) -> Iterator[str]:
    """The base address while it runs. In the end every answer has to be as the OpenAPI document says."""
    app = create_app(settings, database, storage, environment)
    held = HeldToDocument(app)
    server = Server(uvicorn.Config(app, port=0, log_level="info", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
    assert not held.broken, "\n".join(held.broken)
