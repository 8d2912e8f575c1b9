"""The official SDK's part of ``against_sdk``: orders so many pictures at once and writes each to disk.

As its own examples do it: ``run`` over REST for each order, all in one event loop, then the address is fetched with
the session that the SDK uses. Prints, at the end, when each file was there.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver
from runware import RuntimeDependencies, Runware

from .order import TASK


class Nameless(AbstractResolver):
    """Finds no name: nothing but loopback is reached."""

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> Any:
        raise OSError(f"{host} is not this machine")

    async def close(self) -> None:
        pass


async def one(sdk: Runware, session: aiohttp.ClientSession, folder: Path) -> tuple[str, float]:
    (item,) = await sdk.run(dict(TASK))
    path = folder / f"{item['imageUUID']}.jpg"
    async with session.get(item["imageURL"]) as response:
        with path.open("wb") as file:
            async for chunk in response.content.iter_any():
                file.write(chunk)
    return item["taskUUID"], time.time()


async def run(root: str, count: int, folder: Path) -> list[tuple[str, float]]:
    connector = aiohttp.TCPConnector(resolver=Nameless(), limit=100)
    async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:
        given = RuntimeDependencies(session=session)
        address = {"transport": "rest", "http_base_url": f"{root}/v1"}
        async with Runware(api_key="a-key-for-benchmarks", dependencies=given, **address) as sdk:
            return await asyncio.gather(*(one(sdk, session, folder) for _ in range(count)))


def main() -> None:
    root, count, folder = sys.argv[1:]
    print(json.dumps(asyncio.run(run(root, int(count), Path(folder)))), flush=True)
    # Until it was looked at what this process has used.
    sys.stdin.readline()


if __name__ == "__main__":
    main()
