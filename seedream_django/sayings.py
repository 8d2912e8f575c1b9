"""Styles and templates as one JSON document: written, read with care, looked at before anything changes, taken in.

::

    {"seedream_django": 1,
     "styles": [{"name": "Soft", "words": "soft light"}],
     "templates": [{"name": "Hero", "text": "{subject} in {season}", "style": "Soft", "shape": "16:9"}]}
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import audit, prompts
from .models import PromptTemplate, Style

#: What a document calls its version, and the only one that there is.
MARK, VERSION = "seedream_django", 1
#: What a document may hold at most, in bytes and in styles and templates together.
MOST_BYTES, MOST_ENTRIES = 256 * 1024, 500
#: Characters of what somebody wrote that an error repeats, and of a whole error.
QUOTED, TOLD = 60, 200

#: What an entry may say, and of what type it is; the first two it must. The site's own decisions are no sayings:
#: which style is our look, and where.
KEYS: dict[str, dict[str, type]] = {
    "styles": {"name": str, "words": str, "active": bool},
    "templates": {"name": str, "text": str, "description": str, "style": str, "shape": str, "active": bool},
}
#: The long text of each, which Django holds only forms to the length of.
LONG = {"styles": "words", "templates": "text"}
MODELS: dict[str, type[Style] | type[PromptTemplate]] = {"styles": Style, "templates": PromptTemplate}

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"


class BadDocument(ValueError):
    """What is wrong with a document as a whole, in the reader's language."""


# -- Written -------------------------------------------------------------------------------------------------


def document(styles: Iterable[Style] = (), templates: Iterable[PromptTemplate] = ()) -> dict[str, Any]:
    """These as a document. A template names its style, which need not be among ``styles``."""
    return {
        MARK: VERSION,
        "styles": [_entry(style, KEYS["styles"]) for style in styles],
        "templates": [_entry(template, KEYS["templates"]) for template in templates],
    }


def written(styles: Iterable[Style] = (), templates: Iterable[PromptTemplate] = ()) -> str:
    """The same as text. Raises BadDocument for more than could be read again."""
    whole = document(styles, templates)
    text = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    if len(text.encode()) > MOST_BYTES or len(whole["styles"]) + len(whole["templates"]) > MOST_ENTRIES:
        raise BadDocument(_("This is more than one file holds. Choose fewer.") + " " + _limits())
    return text


def _entry(row: Any, keys: Mapping[str, type]) -> dict[str, Any]:
    values = {key: getattr(row, key) for key in keys}
    said = {key: value.name if isinstance(value, Style) else value for key, value in values.items()}
    # What says nothing is left out.
    return {key: value for key, value in said.items() if value not in ("", None, True)}


def _limits() -> str:
    words = {"kilobytes": MOST_BYTES // 1024, "entries": MOST_ENTRIES}
    return _("A file has %(kilobytes)s KB and %(entries)s entries at most.") % words


# -- Read ----------------------------------------------------------------------------------------------------


@dataclass
class Entry:
    """One style or template of a document, and what taking it in would do."""

    kind: str
    place: str
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    row: Any = None
    #: The labels of what would change, and the columns; and what stands there now.
    changes: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))

    @property
    def quoted(self) -> str:
        return _quoted(self.name)

    @property
    def text(self) -> str:
        """Its long text as it would be; blank where that stays as it is."""
        said = LONG[self.kind] in self.changes or self.state == NEW
        return str(getattr(self.row, LONG[self.kind])) if said else ""

    @property
    def text_before(self) -> str:
        """What stands in its place now."""
        return self.before.get(LONG[self.kind], "")

    @property
    def label(self) -> str:
        """What kind of thing it is."""
        return str(capfirst(MODELS[self.kind]._meta.verbose_name))

    @property
    def state(self) -> str:
        if self.problems:
            return WRONG
        return NEW if self.row.pk is None else CHANGED if self.changes else SAME


def read(data: bytes | str) -> list[Entry]:
    """The entries of a document, each with what is wrong with it by itself. Raises BadDocument."""
    whole = _parsed(data)
    if not isinstance(whole, dict) or MARK not in whole:
        raise BadDocument(
            _("This is no file of styles and templates: it does not begin with {“seedream_django”: 1, …}.")
        )
    version = whole[MARK]
    if type(version) is not int or version != VERSION:
        raise BadDocument(
            _("This site reads version %(version)s of such files, and no other.") % {"version": VERSION}
        )
    if unknown := [key for key in whole if key not in (MARK, *KEYS)]:
        raise BadDocument(_unknown(unknown[0], list(KEYS)))
    lists = {kind: whole.get(kind, []) for kind in KEYS}
    for kind, rows in lists.items():
        if not isinstance(rows, list):
            raise BadDocument(_("“%(key)s” must be a list.") % {"key": kind})
    if sum(map(len, lists.values())) > MOST_ENTRIES:
        raise BadDocument(_("There are too many entries.") + " " + _limits())
    entries = [_read(kind, number, row) for kind, rows in lists.items() for number, row in enumerate(rows, 1)]
    _mark_twins(entries)
    return entries


def _parsed(data: bytes | str) -> Any:
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > MOST_BYTES:
        raise BadDocument(_("The file is too large.") + " " + _limits())
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise BadDocument(_("This is no text in UTF-8.")) from None
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise BadDocument(_("This is no JSON: line %(line)s, column %(column)s.") % where) from None
    except RecursionError:
        raise BadDocument(_("This is no file of styles and templates: its brackets go too deep.")) from None
    except BadDocument:
        raise
    except ValueError:
        # Python reads no number of thousands of digits.
        raise BadDocument(_("A number in it is too long.")) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        # Not each held against each: of a file full of keys that took seconds.
        counts = Counter(key for key, _value in pairs)
        twice = next(key for key, count in counts.items() if count > 1)
        raise BadDocument(_("“%(key)s” is said twice in the same place.") % {"key": _quoted(twice)})
    return found


def _no_number(text: str) -> Any:
    raise BadDocument(_("“%(text)s” is no number in JSON.") % {"text": text})


def _read(kind: str, number: int, row: Any) -> Entry:
    places = {"styles": _("Style %(number)s"), "templates": _("Template %(number)s")}
    entry = Entry(kind, places[kind] % {"number": number})
    if not isinstance(row, dict):
        entry.problems.append(_("It must be an object in braces."))
        return entry
    keys = KEYS[kind]
    # One is told: a file may have thousands, and each that is explained costs.
    if unknown := [key for key in row if key not in keys]:
        entry.problems.append(_unknown(unknown[0], list(keys)))
    for key, value in row.items():
        if key not in keys:
            continue
        if not isinstance(value, keys[key]):
            told = (
                _("“%(key)s” must be true or false.") if keys[key] is bool else _("“%(key)s” must be a text.")
            )
            entry.problems.append(told % {"key": key})
        else:
            entry.values[key] = value
    for key in list(keys)[:2]:
        if key not in row:
            entry.problems.append(_("“%(key)s” is missing.") % {"key": key})
    entry.values |= {
        key: prompts.one_line(entry.values[key]) for key in ("name", "style") if key in entry.values
    }
    return entry


def _mark_twins(entries: list[Entry]) -> None:
    """Say of every second one of a name that it is: which of the two counts nobody knows."""
    seen: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        first = seen.setdefault((entry.kind, entry.name.casefold()), entry) if entry.name else entry
        if first is not entry:
            entry.problems.append(_("It has the same name as “%(place)s”.") % {"place": first.place})


def _unknown(key: str, keys: list[str]) -> str:
    words = {"key": _quoted(key), "there": ", ".join(keys)}
    if near := difflib.get_close_matches(key[:QUOTED], keys, n=1):
        return _("There is no “%(key)s”. Did you mean “%(near)s”?") % {**words, "near": near[0]}
    return _("There is no “%(key)s”. There are: %(there)s.") % words


def _quoted(text: str, length: int = QUOTED) -> str:
    return prompts.shortened(prompts.one_line(text), length)


# -- Looked at -----------------------------------------------------------------------------------------------


@dataclass
class Look:
    """What taking a document in would do now: nothing is changed yet."""

    entries: list[Entry]

    def _of(self, state: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.state == state]

    @property
    def new(self) -> list[Entry]:
        return self._of(NEW)

    @property
    def changed(self) -> list[Entry]:
        return self._of(CHANGED)

    @property
    def same(self) -> list[Entry]:
        return self._of(SAME)

    @property
    def wrong(self) -> list[Entry]:
        return self._of(WRONG)

    @property
    def todo(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.state in (NEW, CHANGED)]

    @property
    def digest(self) -> str:
        """The same as long as taking it in would do the same to the same."""
        said = [[entry.kind, entry.name, entry.state, entry.before, entry.values] for entry in self.entries]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def look(entries: list[Entry], *, user: Any = None) -> Look:
    """Hold the entries against what there is. With ``user`` what this person may not do is a problem of its entry."""
    rows = {kind: _rows(kind, entries) for kind in KEYS}
    for entry in entries:
        if entry.problems:
            continue
        _settle(entry, rows)
        if not entry.problems and user is not None and not _may(user, entry):
            told = _("You may not add any.") if entry.state == NEW else _("You may not change it.")
            entry.problems.append(told)
        if entry.kind == "styles" and not entry.problems:
            # From here on templates may name it.
            rows["styles"].setdefault(entry.name, entry.row)
    return Look(entries)


def _rows(kind: str, entries: list[Entry]) -> dict[str, Any]:
    """What there is of these names, whatever their capitals, by name; of styles those that templates name, too."""
    names = {entry.name for entry in entries if entry.kind == kind}
    if kind == "styles":
        names |= {entry.values["style"] for entry in entries if entry.values.get("style")}
    rows: Any = MODELS[kind]._default_manager.annotate(lower=Lower("name"))
    found = rows.filter(lower__in={name.lower() for name in names}) | rows.filter(name__in=names)
    if kind == "templates":
        found = found.select_related("style")
    return {row.name: row for row in found}


def _settle(entry: Entry, rows: dict[str, dict[str, Any]]) -> None:
    """Give the entry its row, with what it says in place, and note what is wrong or would change."""
    own = rows[entry.kind]
    twins = [name for name in own if name.casefold() == entry.name.casefold() and name != entry.name]
    if entry.name not in own and twins:
        entry.problems.append(_("“%(name)s” is there already, with other capitals.") % {"name": twins[0]})
        return
    row = entry.row = own.get(entry.name) or MODELS[entry.kind]()
    before = {key: getattr(row, key) for key in KEYS[entry.kind]} if row.pk else {}
    said = {**entry.values}
    if "style" in said:
        said["style"] = _style(entry, rows["styles"])
    for key, value in said.items():
        setattr(row, key, value)
    _check(entry)
    changed = [key for key, value in before.items() if getattr(row, key) != value]
    entry.changes = {key: _label(row, key) for key in changed}
    entry.before = {key: str(before[key]) for key in changed}


def _style(entry: Entry, styles: dict[str, Any]) -> Any:
    name = entry.values["style"]
    if name and name not in styles:
        text = _("There is no style “%(name)s”, neither here nor in this file, or it is wrong there.")
        entry.problems.append(text % {"name": _quoted(name)})
    return styles.get(name)


def _check(entry: Entry) -> None:
    """What the form would say. Names are unique here by what was looked up, at once for all."""
    row = entry.row
    try:
        long = LONG[entry.kind]
        if len(getattr(row, long)) > (most := row._meta.get_field(long).max_length):
            raise ValidationError({long: _("It has more than %(most)s characters.") % {"most": most}})
        row.clean_fields(exclude={"style", "created_by"})
        row.clean()
    except ValidationError as error:
        for key, messages in error.message_dict.items():
            label = "" if key == NON_FIELD_ERRORS else f"{_label(row, key)}: "
            # Some of Django's repeat what was written, whatever it was.
            entry.problems += [f"{label}{_quoted(message, TOLD)}" for message in messages]


def _label(row: Any, key: str) -> str:
    return str(capfirst(row._meta.get_field(key).verbose_name))


def _may(user: Any, entry: Entry) -> bool:
    if entry.state == SAME:
        return True
    action = "add" if entry.state == NEW else "change"
    return bool(user.has_perm(f"seedream_django.{action}_{MODELS[entry.kind]._meta.model_name}"))


# -- Taken in ------------------------------------------------------------------------------------------------


def take(found: Look, *, user: Any = None) -> int:
    """Save what is new and what changed, all or nothing, and tell how many. Nothing else is touched."""
    todo = found.todo
    with transaction.atomic():
        # Styles come first in a document, so that templates find theirs saved.
        for entry in todo:
            _save(entry, user)
    return len(todo)


def _save(entry: Entry, user: Any) -> None:
    row, is_new = entry.row, entry.row.pk is None
    if entry.kind == "templates":
        # A style of the same document had no key before.
        row.style = row.style
        row.created_by = user if is_new else row.created_by
    row.save(update_fields=None if is_new else list(entry.changes))
    if user is not None:
        audit.made(row, user) if is_new else audit.changed(row, list(entry.changes.values()), user)
