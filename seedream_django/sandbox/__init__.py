"""The provider's HTTP contract, served on this machine: no key, no network, no charge.

>>> from pathlib import Path
>>> import httpx
>>> app = create_app(Path("state.sqlite3"), latency=0)
>>> client = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://sandbox")

As a server on a socket: ``serve(app, 8765)``. Nothing here knows Django, and nothing runs in the background:
a task is ready when it is asked about after its time.
"""

from __future__ import annotations

from .app import App, create_app
from .books import Books, Charge
from .server import PortTaken, bind, running, serve
from .triggers import TRIGGERS, Trigger

__all__ = [
    "TRIGGERS",
    "App",
    "Books",
    "Charge",
    "PortTaken",
    "Trigger",
    "bind",
    "create_app",
    "running",
    "serve",
]
