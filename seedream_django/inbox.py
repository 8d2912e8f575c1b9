"""The inbox: files that the provider puts here itself, each under a name of its task's in the private storage.

Private, because nobody has looked at them: they are neither checked nor marked, and may be flagged. A storage that can
sign an address for one PUT takes them directly; to a folder they come through ``uploads``. Whatever does not come, or
is wrong, is fetched as if there were no inbox.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import sys
import uuid
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, Storage

from . import conf
from .models import Beat, inbox_name, private_storage

logger = logging.getLogger(__name__)

#: What the private storage is, as far as an inbox goes; of all others ``""``.
FOLDER, S3, GOOGLE = "folder", "s3", "google"
#: No storage signs an address for longer, in seconds.
LONGEST = 7 * 24 * 60 * 60
#: An order that takes all its time is put late, in seconds.
MARGIN = 60 * 60
_PIECE = 1 << 16


def kind(storage: Storage | None = None) -> str:
    """How files come into the private storage, or ``""``: it has no way in that one bare PUT could take."""
    storage = storage or private_storage()
    if isinstance(storage, FileSystemStorage):
        return FOLDER
    for module, name, found in (("s3", "S3Storage", S3), ("gcloud", "GoogleCloudStorage", GOOGLE)):
        # Whoever made such a storage has imported its module; without the extra there is none.
        loaded = sys.modules.get(f"storages.backends.{module}")
        if loaded is not None and isinstance(storage, getattr(loaded, name)):
            return found
    return ""


def seconds() -> int:
    """How long an address for a PUT lives."""
    return int(min(LONGEST, conf.RUN_DEADLINE + MARGIN))


def signed(task_uuid: uuid.UUID) -> str:
    """The storage's own address for one PUT of this task's file; ``""`` where it signs none.

    Raises what the storage's client raises.
    """
    storage: Any = private_storage()
    how = kind(storage)
    if how not in (S3, GOOGLE):
        return ""
    key = storage._normalize_name(inbox_name(task_uuid))
    return _signed_by_s3(storage, key) if how == S3 else _signed_by_google(storage, key)


def signs_for_strangers(storage: Any) -> bool:
    """Whether an S3 storage signs so that a PUT may have headers that the signature does not know."""
    return getattr(storage.client_config, "signature_version", None) == "s3v4"


def _signed_by_s3(storage: Any, key: str) -> str:
    if not signs_for_strangers(storage):
        # Version 2 signs the content type as well, and nobody knows which one the provider sends.
        raise ValueError('The storage needs "signature_version": "s3v4".')
    # Not by storage.url(): that may be unsigned, or name the host of a CDN.
    address = storage.connection.meta.client.generate_presigned_url(
        "put_object", Params={"Bucket": storage.bucket_name, "Key": key}, ExpiresIn=seconds()
    )
    return str(address)


def _signed_by_google(storage: Any, key: str) -> str:
    params: dict[str, Any] = {"version": "v4", "method": "PUT", "expiration": seconds()}
    # First: who signs is known once there is a client.
    blob = storage.bucket.blob(key)
    if getattr(storage, "iam_sign_blob", False):
        # As storage.url() does it; this asks Google.
        params["service_account_email"], params["access_token"] = storage._get_iam_sign_blob_params()
    return str(blob.generate_signed_url(**params))


# -- What came -----------------------------------------------------------------------------------------------


def size(task_uuid: uuid.UUID) -> int | None:
    """Bytes of what was put for this task; None if nothing was, or the storage does not say."""
    try:
        return int(private_storage().size(inbox_name(task_uuid)))
    except FileNotFoundError:
        return None
    except Exception as error:
        # Every storage has errors of its own, and their texts may carry signed addresses. Nothing depends on it.
        logger.debug("The inbox does not tell of a file (%s).", type(error).__name__)
        return None


def take(task_uuid: uuid.UUID, path: Path) -> str | None:
    """Copy what was put for this task to the new file ``path``; return its SHA-256, or None where there is nothing.

    What cannot be a picture, by its size, is removed.
    """
    found = size(task_uuid)
    if found is None:
        return None
    if not 0 < found <= conf.MAX_BYTES:
        remove(task_uuid)
        return None
    try:
        return _copied(task_uuid, path, found)
    except Exception as error:
        logger.warning("The inbox did not give a file (%s).", type(error).__name__)
    path.unlink(missing_ok=True)
    return None


def _copied(task_uuid: uuid.UUID, path: Path, expected: int) -> str:
    digest, count = hashlib.sha256(), 0
    with private_storage().open(inbox_name(task_uuid)) as source, path.open("xb") as target:
        path.chmod(0o600)
        while count <= expected and (piece := source.read(_PIECE)):
            digest.update(piece)
            target.write(piece)
            count += len(piece)
    if count != expected:
        raise OSError("Another one was put meanwhile.")
    return digest.hexdigest()


def remove(task_uuid: uuid.UUID) -> None:
    """Remove what was put for this task, if the storage does it: what stays is removed with the order's inbox."""
    with contextlib.suppress(Exception):
        private_storage().delete(inbox_name(task_uuid))


# -- Whether anything comes ----------------------------------------------------------------------------------

#: Signs of life: when a file came last, and when one was last waited for in vain.
CAME, MISSED = "upload", "no upload"


def came() -> None:
    Beat.mark(CAME)


def missed() -> None:
    Beat.mark(MISSED)


def comes() -> bool:
    """Whether uploads arrive here, as far as the last one tells."""
    seen = dict(Beat.objects.filter(name__in=(CAME, MISSED)).values_list("name", "seen_at"))
    return MISSED not in seen or (CAME in seen and seen[CAME] >= seen[MISSED])
