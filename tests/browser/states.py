"""Makes a row for every state that an editor may meet: ``python -m tests.browser.states``.

Runs in the served site's environment and prints, as JSON, where each state is and a session for each person.
"""

from __future__ import annotations

import io
import json
import os
import uuid
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.browser.settings")
django.setup()

from django.contrib.auth.models import Group, Permission, User  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image  # noqa: E402

from example_project.magazine import articles, people  # noqa: E402
from example_project.magazine.models import Article  # noqa: E402
from seedream_django import budget, lost, orders, references  # noqa: E402
from seedream_django.models import (  # noqa: E402
    Beat,
    Budget,
    Finding,
    GeneratedImage,
    Generation,
    ImageState,
    Kind,
    LedgerEntry,
    Period,
    Reference,
    Role,
    Slot,
    State,
    Switch,
    after,
)
from seedream_django.parameters import DIMENSIONS  # noqa: E402
from tests.steps import carry  # noqa: E402

FOX = "A red fox in a forest in autumn, golden hour"
HARBOUR = "A harbour at low tide, boats lying on ribbed sand, warm evening light"
ARABIC = "ثعلب أحمر في الثلج بجانب محطة أرصاد بيضاء صغيرة، ضوء الفجر، ألوان مائية"
NEWLINES = "A poster, in three bands:\n\n– the sea 🌊\n– the dunes 🏖️\n– a family of foxes 🦊🦊🦊\n\nNo text."
LONG = ("A wide valley in autumn, a river in five bends, and on each bend a mill. " * 40)[:1999] + "."
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 4

#: What the provider says, by kind of error.
ERRORS = {
    "safety": "The provider's content rules reject this prompt.",
    "validation": "Invalid value for 'height': it must be a multiple of 16.",
    "auth": "Invalid API key.",
    "quota": "Insufficient credits.",
    "rate_limit": "Too many requests.",
    "provider": "The provider failed to generate this image.",
    "server": "Internal error.",
    "network": "Connection refused.",
    "storing": "No space left on device.",
    "deadline": "",
    "timeout": "",
}


# -- People --------------------------------------------------------------------------------------------------

SEES = ("view_generation", "view_generatedimage", "view_article", "change_article")
PEOPLE = {"newcomer": ("generate", *SEES), "reader": SEES, "thrifty": ("generate", *SEES)}


def _people() -> dict[str, str]:
    """A session for each, by name."""
    people.make()
    for name, may in PEOPLE.items():
        user = User.objects.create_user(name, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=may))
    editors = User.objects.get(username="editor")
    editors.user_permissions.set(
        Permission.objects.filter(codename__in=("delete_generation", "delete_generatedimage"))
    )
    return {user.username: _session(user) for user in User.objects.all()}


def _session(user: User) -> str:
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


# -- Rows ----------------------------------------------------------------------------------------------------


class Maker:
    """Orders of one person, put into the state that is wanted; nothing looks at them again."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.stills: dict[str, list[GeneratedImage]] = {}

    def order(self, prompt: str, *, shape: str = "3:2", results: int = 1, **columns: Any) -> Generation:
        width, height = DIMENSIONS[shape]["2K"]
        row = Generation(
            user=self.user, prompt=prompt, expected=results, estimate=orders.estimate(results), look_at=after(86400),
            parameters=orders.task_for({"prompt": prompt, "width": width, "height": height, "results": results}),
            deadline=after(1800), created_at=after(-40),
        )  # fmt: skip
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
        return row

    def made(self, prompt: str, *, shape: str = "3:2", results: int = 1, **columns: Any) -> Generation:
        """Carried out by the sandbox."""
        width, height = DIMENSIONS[shape]["2K"]
        row = carry(orders.place(prompt, user=self.user, width=width, height=height, results=results), 40)
        assert row.state == State.DONE, row.error_message
        Generation.objects.filter(pk=row.pk).update(watch_until=None, **columns)
        row.refresh_from_db()
        self.stills.setdefault(shape, []).extend(row.images.all())
        return row

    def stills_of(self, row: Generation, count: int, shape: str = "3:2", **columns: Any) -> Generation:
        """Give a row finished pictures: rows of its own that share the files of what was made."""
        for position in range(count):
            image = self.stills[shape][position % len(self.stills[shape])]
            image.pk, image.image_uuid, image.generation, image.position = None, uuid.uuid4(), row, position
            image.title = row.prompt.replace("\n", " ")[:60]
            image.save()
            # Older than what was really made, so that lists and fields begin with that.
            earlier = after(-3600 - 60 * position)
            GeneratedImage.objects.filter(pk=image.pk).update(created_at=earlier, **columns)
        Generation.objects.filter(pk=row.pk).update(stored=count, received=count)
        return row

    def lost(self, **columns: Any) -> Generation:
        """Nobody knows what became of it, and its price is reserved."""
        ended = {"finished_at": after(-10), "accepted_at": after(-30), "watch_until": after(86400)}
        row = self.order(FOX, results=2, **{"state": State.LOST, **ended, **columns})
        budget.reserve(row, budget.periods_for(self.user))
        return row

    def failed(self, kind: str, **columns: Any) -> Generation:
        ended = {
            "state": State.FAILED,
            "error_kind": kind,
            "error_message": ERRORS[kind],
            "finished_at": after(-20),
        }
        return self.order(FOX, **{**ended, **columns})


def _under_way(make: Maker) -> dict[str, Generation]:
    sent = {"accepted_at": after(-20), "submitted_at": after(-21), "usual": 30}
    half = make.order(FOX, results=4, state=State.RUNNING, progress=50, **sent)
    slow = {"accepted_at": after(-300), "submitted_at": after(-301), "usual": 30}
    return {
        "queued": make.order(FOX, results=2),
        "submitting": make.order(
            FOX, state=State.SUBMITTING, submitted_at=after(-2), lease_until=after(86400)
        ),
        "running": make.order(HARBOUR, results=4, state=State.RUNNING, **sent),
        "running-tall": make.order(
            HARBOUR, shape="9:16", results=2, state=State.RUNNING, progress=30, **sent
        ),
        "running-half": make.stills_of(half, 2),
        "running-slow": make.order(FOX, state=State.RUNNING, **slow),
        "running-hidden": make.order(FOX, state=State.RUNNING, hidden=True, **sent),
        "storing": make.order(FOX, state=State.STORING, progress=100, received=1, **sent),
        "asking": make.order(FOX, state=State.ASKING, doubtful_since=after(-30), error_kind="server"),
        "retrying": make.order(FOX, error_kind="rate_limit", look_at=after(86400)),
    }


def _at_the_end(make: Maker) -> dict[str, Generation]:
    ended = {"finished_at": after(-10), "accepted_at": after(-30)}
    error = {"error_kind": "provider", "error_message": ERRORS["provider"]}
    rows = {f"failed-{kind}": make.failed(kind) for kind in ERRORS}
    received = {"accepted_at": after(-60), "received": 1}
    rows["failed-storing"] = make.failed("storing", **received)
    rows["cancelled"] = make.order(FOX, state=State.CANCELLED, hidden=True, **{**ended, "accepted_at": None})
    rows["lost"] = make.lost()
    rows["lost-unknown"] = make.lost(asked_at=after(-60), error_kind="unknown")
    rows["lost-written-off"] = make.lost(error_kind="timeout")
    lost.write_off(rows["lost-written-off"], by=User.objects.get(username="owner"))
    rows["lost-failed"] = make.lost(failed=2, **error)
    budget.settle(rows["lost-failed"])
    done = {**ended, "state": State.DONE}
    partly = make.order(FOX, results=4, failed=1, cost="0.105", **done, **error)
    rows["partly"] = make.stills_of(partly, 3)
    rows["hidden"] = make.stills_of(make.order(FOX, hidden=True, cost="0.035", **done), 1)
    rows["shown-after-all"] = make.stills_of(make.order(FOX, cost="0.035", **done), 1)
    rows["late"] = make.stills_of(make.order(FOX, state=State.LOST, cost="0.035", **ended), 1)
    rows["twenty"] = make.stills_of(make.order(FOX, results=20, cost="0.7", **done), 20)
    rows["twenty-tall"] = make.stills_of(
        make.order(HARBOUR, shape="9:16", results=20, cost="0.7", **done), 20, "9:16"
    )
    rows["quarantined"] = make.stills_of(make.order(FOX, results=3, cost="0.105", **done), 3)
    first = rows["quarantined"].images.order_by("position").first()
    GeneratedImage.objects.filter(pk=first.pk).update(flagged=True)
    rows["quarantined-all"] = make.stills_of(make.order(FOX, cost="0.035", **done), 1, flagged=True)
    return rows


#: Names of files, what each is used as, and the colour that it has.
GIVEN = [
    ("the-fox-at-the-station.png", "edit", "#c8641e"),
    (f"{WORD[:80]}.png", "style", "#2b6a88"),
    ("ثعلب.png", "", "#5a7d2a"),
]


def _held_back(make: Maker) -> dict[str, Generation]:
    """Two pictures that the safety check flagged, of which nobody has decided yet: their files are private."""
    rows = {}
    for name, what in (
        ("held-back", "A wolf at the edge of a village"),
        ("held-back-too", "A raven on a gate"),
    ):
        row = carry(
            orders.place(f"{what} at night sandbox:nsfw", user=make.user, width=2496, height=1664), 40
        )
        Generation.objects.filter(pk=row.pk).update(created_at=after(-9000), watch_until=None)
        row.images.update(created_at=after(-9000))
        rows[name] = row
    return rows


def _from_references(make: Maker) -> dict[str, Generation]:
    """A sequence, one that has fewer than it may have, and what is made from five kinds of references."""
    done = {"finished_at": after(-10), "accepted_at": after(-30), "state": State.DONE}
    task = orders.task_for({"prompt": FOX, "width": 2496, "height": 1664, "results": 1, "sequence": 4})
    rows = {
        "sequence": make.stills_of(make.order(FOX, results=4, cost="0.14", parameters=task, **done), 4),
        "sequence-fewer": make.stills_of(
            make.order(FOX, results=4, cost="0.105", parameters=task, **done), 3
        ),
        "sequence-running": make.stills_of(
            make.order(FOX, results=4, parameters=task, state=State.RUNNING, accepted_at=after(-20)), 2
        ),
    }
    changed = make.order("Make it evening, and remove the car", cost="0.035", **done)
    rows["made-from"] = make.stills_of(changed, 1)
    image = make.stills["3:2"][0]
    sources: list[Any] = [(GeneratedImage.objects.get(pk=image.pk), Role.SUBJECT)]
    sources += [(references.keep(_given(name, colour), user=make.user), role) for name, role, colour in GIVEN]
    sources += [
        "https://pictures.example/foxes/fox.jpg?signature=secret",
        str(uuid.UUID(int=7 << 120 | 4 << 76 | 8 << 60)),
    ]
    for row in references.read(sources, user=make.user):
        row.generation = changed
        row.save()
    Reference.objects.create(
        generation=changed, position=6, label="deleted-meanwhile.jpg", role=Role.COMPOSITION
    )
    edit = make.stills_of(make.order("Make it evening", cost="0.035", **done), 1)
    edited = rows["sequence"].images.order_by("position").first()
    Reference.objects.create(generation=edit, position=0, image=edited, role=Role.EDIT, label=str(edited))
    rows["edit"] = edit
    return rows


def _given(name: str, colour: str) -> ContentFile[bytes]:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    return ContentFile(out.getvalue(), name=name)


def _words(make: Maker) -> dict[str, Generation]:
    done = {
        "finished_at": after(-10),
        "accepted_at": after(-30),
        "state": State.DONE,
        "cost": "0.035",
        "created_at": after(-7200),
    }
    prompts = {"prompt-long": LONG, "prompt-word": WORD, "prompt-lines": NEWLINES, "prompt-arabic": ARABIC}
    return {name: make.stills_of(make.order(prompt, **done), 1) for name, prompt in prompts.items()}


def _article(make: Maker, title: str, generation: Generation | None = None, **columns: Any) -> str:
    article = Article.objects.exclude(title__startswith="A story").latest("pk")
    Article.objects.filter(pk=article.pk).update(title=title, **columns)
    if generation is not None:
        place = ContentType.objects.get_for_model(Article)
        Slot.objects.create(
            generation=generation,
            content_type=place,
            object_id=str(article.pk),
            field="cover",
            user=make.user,
        )
    return reverse("admin:magazine_article_change", args=[article.pk])


# -- Money ---------------------------------------------------------------------------------------------------

#: Who else ordered this month, for which article, how many pictures.
SPENT = [
    ("edith", "The fox at the weather station", 31), ("bodo", "Seven hundred and twelve threads", 12),
    ("amina", "A harbour that leaves twice a day", 9), ("a.very.long.name.of.an.account.at.the.desk", WORD, 4),
    ("حنان", ARABIC, 2), ("edith", "", 3),
]  # fmt: skip


def _money(make: Maker) -> dict[str, str]:
    """A month's entries, budgets that are fresh, nearly gone and gone, lost orders and a picture not saved."""
    group = Group.objects.get(name="Editors")
    budgets = [
        Budget.objects.get(group=group),
        Budget.objects.create(period=Period.MONTH, limit=500),
        Budget.objects.create(user=User.objects.get(username="thrifty"), period=Period.DAY, limit="0.035"),
    ]
    for number, (who, label, pictures) in enumerate(SPENT):
        place = {"model": "magazine.article", "object_id": str(number + 1)} if label else {}
        LedgerEntry.objects.create(
            kind=Kind.SETTLE, generation_id=uuid.uuid4(), pictures=pictures, spent=orders.estimate(pictures),
            unconfirmed=orders.estimate(pictures % 3), who=who, label=label[:200], **place,
        )  # fmt: skip
    # Not through orders.place: here orders are carried out at once.
    periods = budget.periods_for(make.user)
    ended = {"state": State.LOST, "finished_at": after(-900), "watch_until": after(86400)}
    for prompt, results in ((FOX, 4), (ARABIC, 1)):
        budget.reserve(make.order(prompt, results=results, **ended), periods)
    # Drawn before, not now: a turn of everything would carry out the orders that wait on their pages.
    done = {"state": State.DONE, "finished_at": after(-900), "accepted_at": after(-930)}
    unsaved = make.stills_of(make.order("A kite over the dunes", **done), 1)
    GeneratedImage.objects.filter(generation=unsaved).update(
        state=ImageState.FAILED, trouble="store", error="No space left on device."
    )
    budget.settle(unsaved)
    entry, page = LedgerEntry.objects.filter(user=make.user).latest("pk"), "admin:seedream_django_"
    return {
        "ledger-entry": reverse(f"{page}ledgerentry_change", args=[entry.pk]),
        "budget": reverse(f"{page}budget_change", args=[budgets[0].pk]),
        "budget-delete": reverse(f"{page}budget_delete", args=[budgets[0].pk]),
    }


def _pages(make: Maker, rows: dict[str, Generation]) -> dict[str, str]:
    page = {
        name: reverse("admin:seedream_django_generation_change", args=[row.pk]) for name, row in rows.items()
    }
    images = {
        "image": rows["done"].images.order_by("position").first(),
        "image-flagged": GeneratedImage.objects.filter(flagged=True).first(),
        "image-tall": rows["tall"].images.first(),
    }
    for name, image in images.items():
        assert image
        page[name] = reverse("admin:seedream_django_generatedimage_change", args=[image.pk])
    held = rows["held-back"].images.get()
    for name in ("change", "review", "look"):
        page[f"held-back-{name}"] = reverse(f"admin:seedream_django_generatedimage_{name}", args=[held.pk])
    sequence = rows["sequence"].images.order_by("position").first()
    assert sequence
    page["image-edited"] = reverse("admin:seedream_django_generatedimage_change", args=[sequence.pk])
    add = reverse("admin:seedream_django_generation_add")
    page["order-edit"] = f"{add}?edit={sequence.pk}"
    page["order-references"] = f"{add}?from={rows['made-from'].pk}"
    page["delete"] = reverse("admin:seedream_django_generation_delete", args=[rows["done"].pk])
    page["history"] = reverse("admin:seedream_django_generation_history", args=[rows["done"].pk])
    page["switch"] = reverse("admin:seedream_django_switch_change", args=[1])
    page["field"] = _article(make, "A story that has its picture", cover=images["image"])
    page["field-flagged"] = _article(make, "A story whose picture was flagged", cover=images["image-flagged"])
    page["field-pending"] = _article(make, "A story that waits for its picture", rows["running"])
    page["field-failed"] = _article(make, "A story whose picture failed", rows["failed-safety"])
    page["field-empty"] = _article(make, "A story without a picture")
    return page


def _findings() -> None:
    """What an examination of a site in trouble finds: all three levels, long sentences and lists."""
    full = {"full": [["edda", "month"]], "nearly": [["", "day"], ["Chief editors", "ever"]], "count": 1}
    for name, level, code, facts in (
        ("database", "well", "ready", {"vendor": "SQLite"}),
        ("queue", "ill", "no_worker", {"seconds": 10.0}),
        ("worker", "ill", "silent", {"seconds": 7300}),
        ("provider", "ill", "refused", {}),
        ("balance", "doubtful", "low", {"balance": "0.49", "waiting": "0.035"}),
        ("storage", "well", "keeps", {"seconds": 0.2}),
        ("sending", "ill", "stopped", {"kinds": ["auth", "storage"]}),
        ("budgets", "doubtful", "full", full),
    ):
        Finding.objects.create(name=name, level=level, code=code, facts=facts)


def main() -> None:
    call_command("migrate", verbosity=0)
    articles.seed()
    Article.objects.update(cover=None)
    sessions = _people()
    Switch.objects.get_or_create(pk=1)
    Beat.objects.update_or_create(name="worker", defaults={"seen_at": after(86400)})
    make = Maker(User.objects.get(username="editor"))
    rows = {"done": make.made(FOX, results=4), "wide": make.made(HARBOUR, shape="21:9")}
    rows["tall"] = make.made("A lighthouse at dusk, tall, in pastel colours", shape="9:16")
    make.made("A bowl of lemons on a blue table, line art", shape="1:1")
    make.made("A city by the sea at night, poster", shape="16:9")
    rows |= _held_back(make)
    rows |= _under_way(make) | _at_the_end(make) | _words(make) | _from_references(make)
    make.user = User.objects.get(username="thrifty")
    rows["without-costs"] = make.stills_of(make.order(FOX, state=State.DONE, finished_at=timezone.now()), 1)
    make.user = User.objects.get(username="editor")
    pages = _pages(make, rows) | _money(make)
    _findings()
    print(json.dumps({"sessions": sessions, "pages": pages}))


if __name__ == "__main__":
    main()
