"""The one client of this process: the real provider's, or the sandbox inside this process."""

from __future__ import annotations

import functools
from typing import Any

from . import conf, sandbox
from .runware.client import Runware, in_process


def client() -> Runware:
    """The client for the present settings. Kept, because making one costs a tenth of a second."""
    if conf.sandboxed():
        return _sandbox(
            str(conf.sandbox_state()), _pair(conf.SANDBOX_LATENCY), str(conf.PRICE), conf.SANDBOX_PLAIN
        )
    hosts = (conf.RESULT_HOSTS,) if isinstance(conf.RESULT_HOSTS, str) else tuple(conf.RESULT_HOSTS)
    return _provider(conf.API_KEY or "", conf.ENDPOINT, hosts, conf.TIMEOUT)


@functools.lru_cache(maxsize=4)
def _provider(key: str, endpoint: str, hosts: tuple[str, ...], timeout: float) -> Runware:
    return Runware(key, endpoint, hosts=hosts, timeout=timeout)


@functools.lru_cache(maxsize=4)
def _sandbox(state: str, latency: tuple[float, float], price: str, plain: bool) -> Runware:
    app = sandbox.create_app(state, latency=latency, price=price, plain=plain)
    return Runware("sandbox", "http://sandbox/v1", transport=in_process(app))


def _pair(latency: Any) -> tuple[float, float]:
    low, high = latency if isinstance(latency, (tuple, list)) else (latency, latency)
    return float(low), float(high)
