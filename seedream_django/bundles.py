"""A sequence as one file: its pictures in order, byte for byte, with their captions.

Nothing is packed tighter, since pictures are packed already, and no picture is ever in memory as a whole.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable
from typing import IO, Any

from django.utils.translation import gettext as _

from . import describing, marks, pictures, prompts, storyboards
from .exceptions import StorageAway
from .models import GeneratedImage, Generation
from .storyboards import Shot

#: Bytes that are read at once.
PIECE = 1 << 18


def write(out: IO[bytes], generation: Generation, *, user: Any = None) -> int:
    """Write a ZIP of what stands in the frames of a sequence; return how many pictures are in it.

    With ``user`` of what this person may see; of what is held back, or missing, the captions tell. Raises StorageAway
    where a picture cannot be read whole: then what was written is of no use.
    """
    shots = storyboards.frames(generation, user=user)
    shown = [(shot, shot.image) for shot in shots if shot.image is not None and shot.is_shown]
    names = {shot.number: _name(shot.number, image) for shot, image in shown}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for shot, image in shown:
            _copy(archive, names[shot.number], image)
        captions = [_caption(shot, names.get(shot.number, "")) for shot in shots]
        archive.writestr("captions.txt", _text(captions))
        archive.writestr("captions.json", json.dumps(captions, ensure_ascii=False, indent=2) + "\n")
    return len(shown)


def file_name(generation: Generation) -> str:
    """What the file is called for people."""
    return "-".join(filter(None, (prompts.slug(generation.prompt), "storyboard.zip")))


def _name(number: int, image: GeneratedImage) -> str:
    slug = prompts.slug(_title(image) or image.alt or image.generation.prompt)
    ending = pictures.EXTENSIONS.get(image.format, "jpg")
    return f"{'-'.join(filter(None, (f'{number:02}', slug)))}.{ending}"


def _copy(archive: zipfile.ZipFile, name: str, image: GeneratedImage) -> None:
    info = zipfile.ZipInfo(name, date_time=image.created_at.timetuple()[:6])
    info.external_attr = 0o644 << 16
    digest = hashlib.sha256()
    with archive.open(info, "w") as target:
        for piece in _pieces(image):
            digest.update(piece)
            target.write(piece)
    if digest.hexdigest() != image.sha256:
        raise StorageAway("The storage has another file than was saved there.")


def _pieces(image: GeneratedImage) -> Iterable[bytes]:
    try:
        with image.file.storage.open(image.file.name or "") as file:
            while piece := file.read(PIECE):
                yield piece
    except Exception as error:
        # Every storage has errors of its own, and their texts may carry signed addresses.
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise StorageAway(f"The storage did not give the file ({reason}).") from None


# -- Captions ------------------------------------------------------------------------------------------------


def _caption(shot: Shot, name: str) -> dict[str, Any]:
    image = shot.image
    if image is None or not name:
        return {"number": shot.number, "file": "", "missing": why_missing(shot)}
    return {
        "number": shot.number,
        "file": name,
        "title": _title(image),
        "alt": "" if image.decorative else image.alt,
        "decorative": image.decorative,
        "caption": caption_of(image),
        "made_with_ai": True,
        "digital_source_type": marks.SOURCE_TYPE,
    }


def _text(captions: list[dict[str, Any]]) -> str:
    told = [
        _("%(number)s. %(words)s") % {"number": each["number"], "words": _words(each)} for each in captions
    ]
    made = _("Made by AI (%(tool)s). Each file carries the mark of it.") % {"tool": marks.TOOL}
    return "\n".join([*told, "", made, ""])


def _words(caption: dict[str, Any]) -> str:
    if not caption["file"]:
        return str(caption["missing"])
    return " – ".join(filter(None, (caption["file"], caption["title"], caption["alt"])))


def why_missing(shot: Shot) -> str:
    """Why nobody can take along what stands in a frame, in a sentence."""
    image = shot.image
    if shot.is_hidden:
        return _("What stands here is somebody else's.")
    if image is None:
        return _("There is no picture in this frame.")
    return image.why_held_back or _("This picture cannot be used: it is not finished.")


def caption_of(image: GeneratedImage) -> str:
    """What is read under a picture: its title if somebody wrote one, else its alternative text."""
    return _title(image) or ("" if image.decorative else image.alt)


def _title(image: GeneratedImage) -> str:
    # Every picture is given the beginning of its prompt, which is no reader's.
    return image.title if describing.is_written(image) else ""
