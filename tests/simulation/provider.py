"""The provider, as its contract has it: accepts, charges, makes, forgets, repeats itself and talks nonsense.

It stands where the network begins (an httpx transport), so that the app's own client reads every reply. It keeps
books of what it accepted and what it charged; the invariants are held against those.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from . import decoder, reading, ways
from .settings import KEY, SEEDREAM, SIGNATURE
from .wire import AFTER, DOWNLOADS, NONSENSE, answer, error, failure, reply
from .world import World, world

HOST = "im.runware.ai"
PRICE = Decimal("0.035")
#: Addresses that lead inward, or nowhere that results come from.
INWARD = ("https://127.0.0.1/a.jpg", "http://im.runware.ai/a.jpg", "https://metadata.internal/a.jpg",
          "https://im.runware.ai:8443/a.jpg", "https://im.runware.ai@10.0.0.1/a.jpg")  # fmt: skip
NEVER = 10.0**9
#: How it answers to a picture that it is to keep, and how often.
KEEPING = {"": 80, "busy": 6, "cut": 7, "nonsense": 7}


@dataclass
class Made:
    """One result: a picture, or an error instead of one."""

    uuid: str
    ready_at: float
    good: bool
    cost: Decimal
    named: bool
    content: bytes
    #: What is wrong with it for good ("inward", "gone", "broken"), and what goes wrong at first.
    fate: str = ""
    troubles: list[str] = field(default_factory=list)
    version: int = 1
    expires_at: float = NEVER
    told: bool = False

    @property
    def url(self) -> str:
        if self.fate == "inward":
            return f"{INWARD[int(self.uuid[0], 16) % len(INWARD)]}?id={self.uuid}"
        return f"https://{HOST}/{self.uuid}.jpg?v={self.version}&sig={SIGNATURE}"


@dataclass
class Task:
    uuid: str
    accepted_at: float
    #: From when on a poll, and the archive, know of it.
    listed_at: float
    archived_at: float
    results: list[Made]
    asked_for: int
    #: Whether its pictures come inside the replies.
    inline: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether some of its pictures fail, or fewer come than were asked for, and some do."""
        good = sum(made.good for made in self.results)
        return 0 < good < self.asked_for


def pictures(sent: dict[str, Any]) -> int:
    """How many are asked for: each result may be a sequence."""
    settings = sent.get("providerSettings", {}).get("bytedance", {})
    return int(sent.get("numberResults", 1)) * int(settings.get("maxSequentialImages", 1))


def _references(sent: list[dict[str, Any]]) -> list[str]:
    """What an order is made from, by the UUIDs that were given for it; all its tasks are made from the same."""
    return list(sent[0].get("inputs", {}).get("referenceImages", []))


class Provider(httpx.BaseTransport):
    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}
        #: The tasks of each POST that was taken, under the first of them.
        self.posts: dict[str, list[Task]] = {}
        self.courier = ways.Courier()
        self.pictures: dict[str, Made] = {}
        #: The tasks of which it said that it has them already.
        self.conflicts: set[str] = set()
        #: What it was sent to be referred to, and has not dropped: UUID -> SHA-256.
        self.media: dict[str, str] = {}
        #: Accepted by something in between, to arrive later.
        self.late: list[tuple[float, list[dict[str, Any]]]] = []

    # -- Books -----------------------------------------------------------------------------------------------

    def results(self, order: str) -> list[Made]:
        """What it makes, or fails to make, of all tasks of an order."""
        return [made for task in self.posts.get(order, ()) for made in task.results]

    def charged(self, order: str) -> list[Made]:
        """The results that it has made and charged by now."""
        return [r for r in self.results(order) if r.good and r.ready_at <= self.now]

    def last_word(self) -> float:
        """When it has nothing more to tell."""
        moments = [
            max(t.listed_at, t.archived_at, *(r.ready_at for r in t.results)) for t in self.tasks.values()
        ]
        return max([*moments, *(due for due, _ in self.late)], default=0.0)

    @property
    def now(self) -> float:
        return world().clock.elapsed

    def arrive(self) -> None:
        """What lingered on the way is there now."""
        for due, sent in [entry for entry in self.late if entry[0] <= self.now]:
            self.late.remove((due, sent))
            world().tell(f"{sent[0]['taskUUID']} arrives at last")
            # What it is made from may have been dropped meanwhile: then it is refused, and nobody hears of it.
            if all(one in self.media for one in _references(sent)):
                self._take(sent, sent[0]["taskUUID"])

    # -- The wire --------------------------------------------------------------------------------------------

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        here = world()
        here.look(f"wire {request.method}")
        self.arrive()
        if request.url.host not in (HOST, "api.runware.ai"):
            here.breaks("I7", f"{request.url.host} was opened.")
        got = request.method == "GET"
        given = self._file(here, request) if got else self._api(here, json.loads(request.read()))
        here.clock.sleep(here.rng.choice((0.05, 0.1, 0.5)))
        here.look(f"wire {request.method}, answered")
        return given

    def _api(self, here: World, tasks: list[dict[str, Any]]) -> httpx.Response:
        kind = tasks[0]["taskType"]
        if here.is_away("provider"):
            if kind in AWAY:
                here.count(AWAY[kind])
            raise httpx.ConnectTimeout("No answer.")
        if kind == "imageInference":
            return self._submit(here, tasks)
        if kind == "mediaStorage":
            return self._keep(here, tasks[0])
        if kind == "getResponse":
            return self._poll(here, [task["taskUUID"] for task in tasks])
        if kind == "getTaskDetails":
            return self._details(here, tasks[0]["taskUUID"])
        if here.is_away("account"):
            return self._refusal(here, [])
        if kind == "ping":
            return reply({"data": [{"taskType": "ping", "pong": True}]})
        return reply({"data": [{"taskType": kind, "taskUUID": tasks[0].get("taskUUID"), "balance": 12.5}]})

    # -- Submitting ------------------------------------------------------------------------------------------

    def _submit(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        if here.is_away("account"):
            return self._refusal(here, sent)
        fate = "" if here.calm else here.rng.choices(list(SUBMITTING), list(SUBMITTING.values()))[0]
        if fate:
            here.tell(f"provider: {fate}")
        if here.current and fate != "killed before":
            here.current.sent = True
        if fate in _BEFORE:
            return _BEFORE[fate](self, here, sent)
        if (unknown := self._unknown(here, sent)) is not None:
            return unknown
        had = [task["taskUUID"] for task in sent if task["taskUUID"] in self.tasks]
        taken = sent
        if len(sent) > 1 and here.chance("submit-part", 0.4):
            taken = sorted(here.rng.sample(sent, here.rng.randint(1, len(sent) - 1)), key=sent.index)
        self._take(taken, sent[0]["taskUUID"])
        given = self._answer(here, sent, had)
        return AFTER[fate](here, given) if fate in AFTER else given

    def _answer(self, here: World, sent: list[dict[str, Any]], had: list[str]) -> httpx.Response:
        """To each task its own: that it is taken, what it makes where that is waited for, or that it is there."""
        data: list[Any] = []
        errors: list[Any] = []
        if had:
            here.tell("provider: conflictTaskUUID")
            self.conflicts |= set(had)
        waited = sent[0].get("deliveryMethod") == "sync" and self._wait(here, sent)
        for task_uuid in (task["taskUUID"] for task in sent):
            if task_uuid in had:
                errors.append(error("conflictTaskUUID", "It is in use.", task_uuid))
            elif task_uuid not in self.tasks:
                if here.rng.random() < 0.7:
                    code = here.rng.choice(("rateLimitExceeded", "invalidWidth"))
                    errors.append(error(code, "Not this one.", task_uuid))
            elif waited:
                self._tell_of(task_uuid, data, errors)
            else:
                data.append({"taskType": "imageInference", "taskUUID": task_uuid})
        said = {"data": data} if data else {}
        return reply(said | ({"errors": errors} if errors else {}), 200 if data else 400)

    def _wait(self, here: World, sent: list[dict[str, Any]]) -> bool:
        """Until all is made, or nobody holds the line any more."""
        results = self.results(sent[0]["taskUUID"])
        wait = max((made.ready_at - self.now for made in results), default=NEVER)
        wait = max(wait, 0.0)
        if wait > SEEDREAM["SYNC_TIMEOUT"]:
            here.count("submit-unclear")
            here.clock.sleep(SEEDREAM["SYNC_TIMEOUT"])
            raise httpx.ReadTimeout("The read operation timed out.")
        here.clock.sleep(wait + 0.001)
        for task in self.posts.get(sent[0]["taskUUID"], ()):
            task.listed_at = min(task.listed_at, self.now)
        return True

    def _keep(self, here: World, sent: dict[str, Any]) -> httpx.Response:
        """It keeps a picture; or it is busy, in trouble, cut off after it, or talks nonsense."""
        if here.is_away("account"):
            return self._refusal(here, [])
        fate = "" if here.calm else here.rng.choices(list(KEEPING), list(KEEPING.values()))[0]
        if fate == "busy":
            return reply({"errors": [error("rateLimitExceeded", f"Later, {KEY}.", sent["taskUUID"])]}, 429)
        if fate == "nonsense":
            return NONSENSE[here.rng.choice(list(NONSENSE))](here)
        picture = base64.b64decode(sent["media"].partition(",")[2])
        kept = str(uuid.uuid4())
        self.media[kept] = hashlib.sha256(picture).hexdigest()
        if fate == "cut":
            raise httpx.ReadError("Connection reset by peer.")
        item = {"taskType": "mediaStorage", "taskUUID": sent["taskUUID"], "operation": "upload"}
        return reply({"data": [{**item, "mediaUUID": kept}]})

    def _unknown(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response | None:
        """A refusal of references that it has dropped, now and then, or never had."""
        named = _references(sent)
        if named and sent[0]["taskUUID"] not in self.tasks and here.chance("reference-dropped", 0.25):
            self.media.pop(named[0], None)
        if all(one in self.media for one in named):
            return None
        said = [error("invalidReferenceImages", "It does not know it.", task["taskUUID"]) for task in sent]
        return reply({"errors": [{**one, "parameter": "inputs.referenceImages"} for one in said]}, 400)

    def _take(self, sent: list[dict[str, Any]], order: str) -> None:
        for task in sent:
            if task["taskUUID"] not in self.tasks:
                self._accept(task, order)

    def _accept(self, sent: dict[str, Any], order: str) -> None:
        here, task_uuid = world(), sent["taskUUID"]
        named = [self.media.get(one) for one in _references([sent])]
        reading.check_references(here, order, named)
        lag = here.rng.choice((0, 0, 20, 100, 200))
        archive = here.rng.choice((0, lag, lag + 10, lag + 60))
        asked_for = count = pictures(sent)
        if count > 1 and not here.calm and here.rng.random() < 0.1:
            count -= 1  # it makes fewer than were asked for
        results = [self._plan(here) for _ in range(count)]
        if here.chance("poll-never", 0.06):
            results = []
        for made in results:
            self.pictures[made.uuid] = made
        times = (self.now, self.now + lag, self.now + archive)
        task = Task(task_uuid, *times, results, asked_for, sent.get("outputType", "URL") != "URL")
        self.tasks[task_uuid] = task
        self.posts.setdefault(order, []).append(task)
        self.courier.expect(here, sent, [made for made in results if made.good])

    def _plan(self, here: World) -> Made:
        rng = here.rng
        made = Made(
            uuid=str(uuid.uuid4()),
            ready_at=self.now + rng.choices((rng.uniform(1, 30), 300, 650, 900), (85, 5, 5, 5))[0],
            good=rng.random() >= 0.18,
            cost=rng.choices((PRICE, PRICE * 2, Decimal("0.03")), (80, 10, 10))[0],
            named=rng.random() >= 0.2,
            content=b"",
        )
        pixels, poison = 4_000_000, False
        if not here.calm and rng.random() < 0.04:
            pixels = 10**12  # its header claims more than any memory holds
        elif not here.calm:
            poison = rng.random() < 0.04
        if not here.calm and rng.random() < 0.07:
            made.fate = "inward"
        elif not here.calm and rng.random() < 0.12:
            made.fate = rng.choice(("", "", "gone"))
            made.expires_at = made.ready_at + rng.choice((0, 5, 30))
        made.content = decoder.draw(made.uuid, pixels=pixels, poison=poison)
        if not here.calm and rng.random() < 0.35:
            made.troubles = rng.choices(list(DOWNLOADS), k=rng.randint(1, 2))
        return made

    def _refusal(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        """Of an order, or of a question about the account, which is none."""
        if sent:
            here.count("submit-refused")
            here.count("secret-told")
        status, code = here.rng.choice(((401, "invalidApiKey"), (402, "insufficientCredits")))
        named = [task["taskUUID"] for task in sent] or [None]
        return reply({"errors": [error(code, f"No: {KEY}.", task_uuid) for task_uuid in named]}, status)

    def _refuse(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        status, code = here.rng.choice(
            ((400, "invalidWidth"), (403, "forbidden"), (400, "nsfwContentDetected"))
        )
        had = {task["taskUUID"] for task in sent} & self.tasks.keys()
        if had:
            self.conflicts |= had
            status, code = 400, "conflictTaskUUID"
        else:
            here.count("submit-refused")
            here.count("secret-told")
        said = [error(code, f"Not with {KEY}.", task["taskUUID"]) for task in sent]
        return reply({"errors": said}, status)

    def _close_account(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        here.away["account"] = self.now + here.rng.choice((1, 60, 400))
        return self._refusal(here, sent)

    def _too_many(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        here.count("submit-later")
        status = here.rng.choice((429, 200))
        headers = {"Retry-After": str(here.rng.choice((1, 30, 120)))} if here.rng.random() < 0.5 else {}
        said = [error("rateLimitExceeded", "Later.", task["taskUUID"]) for task in sent]
        return reply({"errors": said}, status, headers)

    def _no_connection(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        here.count("submit-later")
        raise httpx.ConnectError("No route to host.")

    def _lost_on_the_way(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        here.count("submit-unclear")
        here.clock.sleep(30)
        raise httpx.ReadTimeout("The read operation timed out.")

    def _lingers(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        here.count("submit-unclear")
        self.late.append((self.now + here.rng.choice((31, 60, 200)), sent))
        raise httpx.ReadError("Connection reset by peer.")

    def _killed_before(self, here: World, sent: list[dict[str, Any]]) -> httpx.Response:
        here.count("submit-killed")
        here.kill("before the POST arrived")
        raise AssertionError

    # -- Asking ----------------------------------------------------------------------------------------------

    def _poll(self, here: World, task_uuids: list[str]) -> httpx.Response:
        if not here.calm and here.rng.random() < 0.25:
            here.count("poll-nonsense")
            nonsense = here.rng.choice(list(NONSENSE))
            here.tell(f"provider: {nonsense}")
            return NONSENSE[nonsense](here)
        data: list[Any] = []
        errors: list[Any] = []
        for task_uuid in task_uuids:
            if here.chance("reply-partial", 0.05):
                continue  # it says nothing of this one
            self._tell_of(task_uuid, data, errors)
        if here.chance("poll-foreign", 0.1):
            data.insert(0, self._item(str(uuid.uuid4()), self._plan(here)))
        if here.chance("poll-nonsense", 0.1):
            data.insert(
                0, here.rng.choice((None, 7, "item", [], {"taskUUID": 5}, {"taskUUID": task_uuids[0][:9]}))
            )
        return reply({"data": data} | ({"errors": errors} if errors else {}))

    def _tell_of(self, task_uuid: str, data: list[Any], errors: list[Any]) -> None:
        task = self.tasks.get(task_uuid)
        if task is None or task.listed_at > self.now:
            data.append({"taskType": "getResponse", "taskUUID": task_uuid, "status": "processing"})
            return
        for made in task.results:
            if made.ready_at > self.now:
                continue
            if not made.good:
                errors.append(failure(task_uuid))
            else:
                self._renew(made)
                self._count_first(made)
                data.append(self._item(task_uuid, made, inline=task.inline))
        if not task.results or any(made.ready_at > self.now for made in task.results):
            data.append({"taskType": "imageInference", "taskUUID": task_uuid, "status": "processing"})
        elif task.is_partial:
            world().count("poll-partial")
            task.asked_for = 0  # told once

    def _count_first(self, made: Made) -> None:
        if made.fate == "inward" and not made.told:
            world().count("download-inward")
        made.told = True

    def _renew(self, made: Made) -> None:
        if made.expires_at <= self.now and made.fate != "gone":
            made.version += 1
            made.expires_at = NEVER

    def _item(self, task_uuid: str, made: Made, *, inline: bool = False) -> dict[str, Any]:
        item = {"taskType": "imageInference", "taskUUID": task_uuid, "imageUUID": made.uuid, "seed": 42,
                "status": "success", "cost": None}  # fmt: skip
        picture = {"imageURL": made.url}
        if inline:
            picture = {"imageBase64Data": base64.b64encode(made.content).decode()}
        item |= picture
        return item | ({"cost": float(made.cost)} if made.named else {})

    def _details(self, here: World, task_uuid: str) -> httpx.Response:
        if here.chance("poll-nonsense", 0.15):
            return NONSENSE[here.rng.choice(list(NONSENSE))](here)
        task = self.tasks.get(task_uuid)
        if task is None or task.archived_at > self.now:
            return reply({"errors": [error("taskFailedOrNotFound", "There is none.", task_uuid)]}, 404)
        data: list[Any] = []
        errors: list[Any] = []
        if task.results and all(made.ready_at <= self.now for made in task.results):
            self._tell_of(task_uuid, data, errors)
        response = {"data": data, **({"errors": errors} if errors else {})} if data or errors else None
        return reply({"data": [{"taskType": "getTaskDetails", "taskUUID": task_uuid, "response": response}]})

    # -- Files -----------------------------------------------------------------------------------------------

    def _file(self, here: World, request: httpx.Request) -> httpx.Response:
        made = self.pictures[urlsplit(str(request.url)).path[1:].removesuffix(".jpg")]
        version = int(parse_qs(urlsplit(str(request.url)).query)["v"][0])
        if made.expires_at <= self.now or version < made.version:
            here.count("download-expired")
            return answer(b"<Error/>", here.rng.choice((403, 404, 410)))
        trouble = made.troubles.pop(0) if made.troubles and not here.calm else ""
        if trouble:
            here.count(BROKEN.get(trouble, "download-broken"))
            here.tell(f"provider: {trouble}")
            return DOWNLOADS[trouble](here, made.content)
        return answer(made.content, 200, {"Content-Length": str(len(made.content))})


# -- What becomes of a submission ----------------------------------------------------------------------------

#: Which line of the table it is that there is no connection for this, and that a download goes wrong so.
AWAY = {"imageInference": "submit-later", "getResponse": "poll-nonsense", "getTaskDetails": "poll-nonsense"}
BROKEN = {"endless": "download-endless", "too large": "download-endless", "elsewhere": "download-inward"}
#: With their weights; "" is that all goes well.
SUBMITTING = {"": 50, "too many": 5, "no connection": 5, "refused": 6, "account closed": 3, "lost on the way": 5,
              "lingers": 4, "killed before": 4, "killed after": 5, "timeout": 6, "bad gateway": 5, "error": 4,
              "unnamed": 4}  # fmt: skip

_BEFORE: dict[str, Callable[[Provider, World, list[dict[str, Any]]], httpx.Response]] = {
    "too many": Provider._too_many,
    "no connection": Provider._no_connection,
    "refused": Provider._refuse,
    "account closed": Provider._close_account,
    "lost on the way": Provider._lost_on_the_way,
    "lingers": Provider._lingers,
    "killed before": Provider._killed_before,
}
