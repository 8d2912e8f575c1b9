"""A storage in memory that can be away, slow, full, or in doubt about what it took."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

from .world import world


class Disk(Storage):
    """Knows no folder, like an object store. Its files belong to the schedule that runs."""

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        world().look("disk open")
        return ContentFile(world().files[name], name=name)

    def _save(self, name: str, content: Any) -> str:
        here = world()
        here.look("disk put")
        data = b"".join(content.chunks())
        if here.chance("store-ambiguous", 0.08):
            # Half of it is there under its name, and who wrote it is gone.
            here.files[name] = data[: len(data) // 2]
            here.kill("half of a file was written")
        here.files[name] = data
        if here.chance("store-ambiguous", 0.08):
            here.tell("the storage took it, and says that it did not")
            raise TimeoutError("The storage did not answer.")
        if name.endswith(".jpg") and here.chance("row-database-away", 0.4):
            here.kill("the file is stored, its row does not say so")
        here.look("disk put, done")
        return name

    def exists(self, name: str) -> bool:
        world().look("disk exists")
        return name in world().files

    def delete(self, name: str) -> None:
        world().look("disk delete")
        world().files.pop(name, None)

    def size(self, name: str) -> int:
        return len(world().files[name])

    def url(self, name: str | None) -> str:
        return f"/media/{name}"

    def get_alternative_name(self, file_root: str, file_ext: str) -> str:
        return f"{file_root}_{world().number()}{file_ext}"
