"""What is done inside a site: orders placed or made up, and moments read from its rows. Prints JSON.

python -m benchmarks.rows place 200      order as a site's code does; nothing is sent
python -m benchmarks.rows running 5000   rows that the provider has had for no time; tells their tasks
python -m benchmarks.rows begin          these begin now
python -m benchmarks.rows stored         how many pictures are stored
python -m benchmarks.rows moments        when each order's picture was noticed, and stored
"""

from __future__ import annotations

import json
import sys
import uuid
from datetime import timedelta
from typing import Any

import django

from .order import PROMPT


def place(count: str, *options: str) -> int:
    from django.db import transaction

    from seedream_django import orders

    values = json.loads(options[0]) if options else {}
    with transaction.atomic():
        for _ in range(int(count)):
            orders.place(PROMPT, **values)
    return int(count)


def running(count: str) -> list[dict[str, Any]]:
    from django.utils import timezone

    from seedream_django import orders
    from seedream_django.models import Generation, Kind, LedgerEntry, State, after

    with_all = orders.place(PROMPT)
    orders.cancel(with_all)
    now = timezone.now()
    same = {
        "prompt": PROMPT,
        "parameters": with_all.parameters,
        "digest": with_all.digest,
        "state": State.RUNNING,
    }
    same |= {"attempts": 1, "accepted_at": now, "submitted_at": now, "deadline": after(1800)}
    same |= {"look_at": now + timedelta(hours=1), "estimate": with_all.estimate}
    rows = [Generation(id=uuid.uuid4(), **same) for _ in range(int(count))]
    Generation.objects.bulk_create(rows, batch_size=500)
    held = {"kind": Kind.RESERVE, "reserved": with_all.estimate, "prompt": PROMPT}
    LedgerEntry.objects.bulk_create(
        [LedgerEntry(generation_id=row.pk, **held) for row in rows], batch_size=500
    )
    return [{"taskUUID": str(row.pk), "taskType": "imageInference", "width": 2048} for row in rows]


def begin() -> int:
    from django.utils import timezone

    from seedream_django import tasks
    from seedream_django.models import Beat, Generation

    now = timezone.now()
    count = Generation.objects.in_flight().update(look_at=now, accepted_at=now)
    # As whoever sends an order does.
    Beat.objects.filter(name="poller").update(lease_until=None)
    tasks.start_collecting()
    return count


def stored() -> int:
    from seedream_django.models import GeneratedImage, ImageState

    return GeneratedImage.objects.filter(state=ImageState.STORED).count()


def moments() -> dict[str, list[Any]]:
    from seedream_django.models import GeneratedImage

    rows = GeneratedImage.objects.values_list("generation_id", "created_at", "stored_at")
    return {str(pk): [made.timestamp(), kept and kept.timestamp()] for pk, made, kept in rows}


def main() -> None:
    django.setup()
    acts: dict[str, Any] = {each.__name__: each for each in (place, running, begin, stored, moments)}
    print(json.dumps(acts[sys.argv[1]](*sys.argv[2:])))


if __name__ == "__main__":
    main()
