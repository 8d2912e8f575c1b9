"""The storage that the page on storages says to write; a test holds the two against each other."""

from __future__ import annotations

from storages.backends.sftpstorage import SFTPStorage


class PicturesStorage(SFTPStorage):
    def _connect(self) -> None:
        # If this fails, the next call connects, and does not look at a connection that there is not.
        self._sftp = None
        super()._connect()
        self._sftp.get_channel().settimeout(30)
