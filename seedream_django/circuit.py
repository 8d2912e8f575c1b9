"""Stopping in time: while the provider or the storage can serve nobody, no new order is sent.

A circuit is closed as long as all is well, and then lets everything through. It opens

- at once, when the provider refuses the site itself: its key (401, 403) or its empty account (402);
- after ``CIRCUIT_FAILURES`` failures in a row. Only different orders count: the same order failing again and
  again counts once, so that one prompt that always fails does not stop everybody;
- for the storage, after two pictures in a row that it did not take.

While one is open, new orders are taken and wait, in every process, and the clocks of what waits stand still. An
open circuit is tried again after half a minute, then ever more slowly. The account is asked for free; anything
else is tried with one order at a time. What closes it wakes what waits.
"""

from __future__ import annotations

import datetime
import hashlib
import random
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from . import conf, provider, signals, turns
from .exceptions import ProviderError, Refused
from .models import Beat, Circuit, GeneratedImage, Generation, ImageState, State, Switch, after

#: Kinds of trouble that only the account's owner ends, and that a free question finds out about.
ACCOUNT = ("auth", "quota")
#: Kinds that an order shows which could not be handed over; an accepted one shows that they are over.
SENDING = ("network", "server")
#: The kind of what was accepted and then failed; a picture that comes shows that it is over.
MAKING = "provider"
#: Kinds in which the provider cannot be asked about what it has either.
UNANSWERED = (*SENDING, "auth")
#: Pictures in a row that the storage did not take.
STORAGE_FAILURES = 2
#: Letters in a row that the provider and a prompt have in common, from which on it is a quotation.
QUOTED = 16
#: Seconds to the first try, and between two at most.
FIRST_TRY, SLOWEST_TRY = 30.0, 15 * 60.0
#: The longest time that one sweep makes up for: a longer one is a clock that was set, or nobody who swept.
LONGEST_STAND = datetime.timedelta(minutes=10)
#: Clocks that can stand still: of what is to be sent, and of what the provider is asked about.
ORDERS, QUESTIONS = "clock of orders", "clock of questions"


# -- What shows how it stands --------------------------------------------------------------------------------


def refused(error: ProviderError, generation: Generation | None = None) -> None:
    """The provider said no. If it meant the site and not the order, nothing more is sent."""
    if error.kind in ACCOUNT:
        _open(conf.account(), error.kind, error.code, _words(error.kind, error.message, generation))
    else:
        # Whoever judges orders is at work.
        accepted()


def not_sent(generation: Generation, error: ProviderError) -> None:
    """An order could not be handed over, or nobody knows whether it was. "Later" (429) is no failure."""
    if error.kind == "rate_limit":
        return
    kind = "network" if error.kind == "network" else "server"
    if _count(conf.account(), "unsent", generation.digest) >= conf.CIRCUIT_FAILURES:
        _open(conf.account(), kind, error.code, _words(kind, error.message, generation))


def not_made(generation: Generation, kind: str, code: str) -> None:
    """An order was accepted and then ended in an error. The provider's safety check is not one of its failures."""
    if kind not in (MAKING, *SENDING):
        delivered()
    elif _count(conf.account(), "unmade", generation.digest) >= conf.CIRCUIT_FAILURES:
        _open(conf.account(), MAKING, code, "")


def accepted() -> None:
    """The provider took an order: it can be reached, and works as far as that."""
    _went_well(conf.account(), ("unsent",), SENDING)


def delivered() -> None:
    """The provider made a picture."""
    _went_well(conf.account(), ("unsent", "unmade"), (*SENDING, MAKING))


def not_stored(image: GeneratedImage, words: str) -> None:
    """The storage did not take a picture. It is tried again; what is not made yet waits meanwhile."""
    if _count(Circuit.STORAGE, "unstored", str(image.image_uuid)) >= STORAGE_FAILURES:
        _open(Circuit.STORAGE, Circuit.STORAGE, "", words[:500])


def stored() -> None:
    """The storage took a picture."""
    _went_well(Circuit.STORAGE, ("unstored",), (Circuit.STORAGE,))


def _count(name: str, trouble: str, what: str) -> int:
    """Note one failure of a run; tell how many different ones it has. The note's key makes a repeat no other."""
    if Circuit.objects.filter(name=name, opened_at__isnull=False).exists():
        return 0
    mark = hashlib.sha256(f"{name} {what}".encode()).hexdigest()[:20]
    note = {"seen_at": timezone.now(), "holder": name}
    Beat.objects.get_or_create(name=f"{trouble} {mark}", defaults=note)
    run = Beat.objects.filter(holder=name).count()
    Circuit.objects.get_or_create(name=name)
    Circuit.objects.filter(name=name).update(failures=run)
    return run


def _went_well(name: str, troubles: Sequence[str], kinds: Sequence[str]) -> None:
    circuit = Circuit.objects.filter(name=name).first()
    if circuit is None or not (circuit.failures or circuit.probes or circuit.opened_at):
        return
    for trouble in troubles:
        Beat.objects.filter(holder=name, name__startswith=f"{trouble} ").delete()
    left = Beat.objects.filter(holder=name).count()
    if circuit.opened_at is None:
        Circuit.objects.filter(name=name, opened_at=None).update(failures=left, probes=0)
    elif circuit.error_kind in kinds:
        _close(circuit, probes=0)


def _words(kind: str, message: str, generation: Generation | None) -> str:
    """The provider's words, for owners: only of the site and its account, and none that repeat what somebody wrote."""
    written = [generation.prompt, generation.prompt_sent] if generation else []
    quoted = any(_quotes(message, text) for text in written)
    return "" if quoted or kind not in (*ACCOUNT, "network") else message[:500]


def _quotes(message: str, text: str) -> bool:
    """Whether all of a text is repeated, or any part of it that is long enough to be no accident."""
    message, text = (" ".join(words.casefold().split()) for words in (message, text))
    starts = range(max(1, len(text) - QUOTED + 1))
    return bool(text) and any(text[start : start + QUOTED] in message for start in starts)


# -- Opening and closing -------------------------------------------------------------------------------------


def _open(name: str, kind: str, code: str, words: str) -> None:
    why = {"error_kind": kind, "error_code": code[:100], "error_message": words}
    circuit, _created = Circuit.objects.get_or_create(name=name)
    rows = Circuit.objects.filter(name=name)
    # One that was closed by a free question and opens again at once goes on with the longer wait.
    now = timezone.now()
    start = {"opened_at": now, "probe_at": after(_wait(circuit.probes)), "untold_since": now}
    if rows.filter(opened_at=None).update(**start, **why):
        # Told first: whatever goes wrong with the clocks, the sweep sees to.
        _tell(name)
        stand_still()
    elif kind in ACCOUNT:
        rows.exclude(error_kind__in=ACCOUNT).update(**why)


#: What was said is for as long as it is open.
_CLOSED: dict[str, Any] = {"opened_at": None, "probe_at": None, "failures": 0, "error_message": ""}


def _close(circuit: Circuit, **changes: Any) -> None:
    stand_still()
    rows = Circuit.objects.filter(name=circuit.name, opened_at=circuit.opened_at)
    # Before the step: left behind by a worker that died, one failure would open it again.
    Beat.objects.filter(holder=circuit.name).delete()
    if rows.update(**_CLOSED, untold_since=timezone.now(), **changes):
        _tell(circuit.name)
        stand_still()


def tell_untold() -> None:
    """Tell of what opened or closed and was not told: who was to tell it died. Each sweep does."""
    now = timezone.now()
    for circuit in Circuit.objects.present().filter(untold_since__lt=after(-conf.LEASE)):
        untold = Circuit.objects.filter(name=circuit.name, untold_since=circuit.untold_since)
        if untold.update(untold_since=now):
            _tell(circuit.name)


def _tell(name: str) -> None:
    """Tell the host how it stands, once that is sure; then note that it was told."""
    circuit = Circuit.objects.get(name=name)
    signal = signals.submissions_stopped if circuit.opened_at else signals.submissions_resumed

    def tell() -> None:
        signal.send_robust(sender=Circuit, circuit=circuit)
        Circuit.objects.filter(name=name, untold_since=circuit.untold_since).update(untold_since=None)

    transaction.on_commit(tell)


def _wait(tries: int) -> float:
    """Seconds to the next try: 30, 60, 120 … 900, and up to a quarter more."""
    return min(SLOWEST_TRY, FIRST_TRY * 2.0 ** min(tries, 16)) * (1 + random.random() / 4)


# -- Letting through -----------------------------------------------------------------------------------------


def may_try(stops: Iterable[Circuit]) -> bool:
    """Whether an order may be sent, or may at least be the one that is tried. ``stops``: the open circuits."""
    return all(_is_due(circuit) and _is_tried_with_orders(circuit) for circuit in stops)


def take_turn(stops: Iterable[Circuit]) -> bool:
    """Whether this order is the one that is tried: one at a time, of all processes."""
    return all(_take_turn(circuit) for circuit in stops)


def _is_due(circuit: Circuit) -> bool:
    return circuit.probe_at is None or circuit.probe_at <= timezone.now()


def _is_tried_with_orders(circuit: Circuit) -> bool:
    if circuit.name == Circuit.STORAGE:
        # A picture that waits is tried anyway, and costs nothing more.
        return not _unstored().exists()
    return circuit.error_kind not in ACCOUNT


def _take_turn(circuit: Circuit) -> bool:
    rows = Circuit.objects.filter(name=circuit.name, opened_at=circuit.opened_at, probe_at=circuit.probe_at)
    return bool(rows.update(probes=F("probes") + 1, probe_at=after(_wait(circuit.probes + 1))))


def _unstored() -> Any:
    """Pictures that the storage did not take. One whose bytes wait on a machine that is gone tells nothing of it."""
    return GeneratedImage.objects.filter(state=ImageState.RECEIVED, trouble="store")


# -- Trying --------------------------------------------------------------------------------------------------


def try_now() -> int:
    """Have every open circuit tried at the next probe, which the caller wakes; tell how many there are."""
    return Circuit.objects.open().update(probe_at=timezone.now())


def next_try() -> float | None:
    """Seconds until something is to be tried, or None while all is well."""
    moments = [circuit.probe_at or timezone.now() for circuit in Circuit.objects.open()]
    return max(0.0, (min(moments) - timezone.now()).total_seconds()) if moments else None


def probe() -> tuple[list[Any], list[int]]:
    """Try what is due: ask the account, or name the order or picture that is to be tried (their keys)."""
    orders: list[Any] = []
    pictures: list[int] = []
    for circuit in filter(_is_due, Circuit.objects.open()):
        found = list(_unstored().order_by("look_at").values_list("pk", flat=True)[:1])
        if circuit.name == Circuit.STORAGE and found:
            if _take_turn(circuit):
                GeneratedImage.objects.filter(pk__in=found).update(look_at=timezone.now())
                pictures += found
        elif _is_tried_with_orders(circuit) and (waiting := _oldest_waiting()):
            # It takes its turn itself, as it is sent.
            orders += waiting
        elif _take_turn(circuit) and (circuit.name == Circuit.STORAGE or _account_works()):
            # With nothing there to try, the storage is believed until it fails again.
            _close(circuit, probes=circuit.probes + 1)
    return list(dict.fromkeys(orders)), pictures


def _oldest_waiting() -> list[Any]:
    return list(Generation.objects.to_submit().order_by("look_at").values_list("pk", flat=True)[:1])


def _account_works() -> bool:
    """Whether the provider accepts the key and the balance is enough for what is sent next. Asking is free."""
    client = provider.client()
    try:
        balance = client.balance()
        if balance is None:
            client.ping()
    except Refused as error:
        if error.kind in ACCOUNT and error.status != 403:
            return False
        return _answers()
    except ProviderError:
        return False
    return balance is None or balance >= _price_of_the_next()


def _price_of_the_next() -> Decimal:
    """What the order whose turn it is will cost, and one picture at least: refused, it would be lost."""
    chosen = turns.next_up() or Generation.objects.filter(state=State.QUEUED).order_by("look_at").first()
    return max(Decimal(str(conf.PRICE)), chosen.estimate if chosen else Decimal(0))


def _answers() -> bool:
    """Whether a key that may not see the balance is accepted all the same."""
    try:
        provider.client().ping()
    except ProviderError:
        return False
    return True


# -- Clocks that stand still ---------------------------------------------------------------------------------


def stand_still() -> None:
    """Put off the deadlines of what waits by the time that passed while it could not go on.

    Each sweep does; also when a circuit opens and closes, so that not even a minute of it counts.
    """
    switch, stops = Switch.current(), list(Circuit.objects.open())
    moments = [circuit.opened_at for circuit in stops]
    unanswered = [circuit.opened_at for circuit in stops if circuit.error_kind in UNANSWERED]
    _put_off(ORDERS, moments if switch.on else [*moments, switch.changed_at])
    _put_off(QUESTIONS, unanswered)


def stands_still(clock: str) -> bool:
    """Whether time does not count now, or the sweep has not made up for it yet."""
    return Beat.objects.filter(name=clock).exists()


def is_over(moment: datetime.datetime | None, clock: str = QUESTIONS, *, ahead: float = 0) -> bool:
    """Whether this moment is past (in ``ahead`` seconds), on a clock that does not stand still just now."""
    return moment is not None and moment < after(ahead) and not stands_still(clock)


def _put_off(clock: str, stops: Sequence[datetime.datetime | None]) -> None:
    last, now = Beat.last(clock), timezone.now()
    if last is None and not stops:
        return
    since = last or min(moment or now for moment in stops)
    stood = min(max(now - since, datetime.timedelta(0)), LONGEST_STAND)
    with transaction.atomic():
        if _wind(clock, last, now, goes_on=not stops):
            _SHIFTS[clock](stood)


def _wind(clock: str, last: datetime.datetime | None, now: datetime.datetime, *, goes_on: bool) -> bool:
    """Note up to when it was made up for; tell whether it is ours to do, as one of several that look at once."""
    if last is None:
        return Beat.objects.get_or_create(name=clock, defaults={"seen_at": now})[1]
    rows = Beat.objects.filter(name=clock, seen_at=last)
    return bool(rows.delete()[0] if goes_on else rows.update(seen_at=now))


def _shift_orders(stood: datetime.timedelta) -> None:
    later = {"deadline": F("deadline") + stood}
    unsent = Generation.objects.filter(state__in=(State.QUEUED, State.SUBMITTING))
    unsent.update(**later, ask_until=F("ask_until") + stood)
    Generation.objects.filter(state=State.ASKING).update(**later)
    # While nobody swept, more time may have passed than one sweep makes up for.
    late = Generation.objects.filter(state=State.QUEUED, deadline__lt=timezone.now())
    late.update(deadline=after(conf.QUEUE_DEADLINE))


def _shift_questions(stood: datetime.timedelta) -> None:
    Generation.objects.filter(state=State.RUNNING).update(deadline=F("deadline") + stood)
    Generation.objects.filter(state=State.ASKING).update(ask_until=F("ask_until") + stood)


_SHIFTS = {ORDERS: _shift_orders, QUESTIONS: _shift_questions}
