"""What the host may listen to. Receivers run in the process that caused the event.

``generation_queued``    sender Generation; ``generation``. On commit, once the order is taken.
``image_stored``         sender GeneratedImage; ``image``. The file is complete and on its row.
``image_reviewed``       sender GeneratedImage; ``image``. On commit, once somebody approved or rejected one.
``image_released``       sender GeneratedImage; ``image``. Approved, and moved to where everybody may see it.
``image_replaced``       sender GeneratedImage; ``image``, ``replaced``, ``frame``. On commit, once another picture
                         stands in a frame of a sequence; ``replaced`` is None where none stood there.
``generation_finished``  sender Generation; ``generation``. It is done, failed, cancelled or lost.
``image_waiting``        sender GeneratedImage; ``image``. A file of somebody's is there that only a worker takes in.
``files_discarded``      sender DiscardedFile. On commit, when rows were deleted and files are left to remove.
``slot_waiting``         sender Slot; ``slot``. On commit, when a picture is there that only a worker puts in place.
``slot_settled``         sender Slot; ``slot``. On commit, once a place was filled, or given up: its ``note`` says why.
``submissions_stopped``  sender Circuit; ``circuit``. New orders wait from now on; once for each time.
``submissions_resumed``  sender Circuit; ``circuit``. What stood in the way of new orders is over.
"""

from __future__ import annotations

from django.dispatch import Signal

generation_queued = Signal()
image_stored = Signal()
image_reviewed = Signal()
image_released = Signal()
image_replaced = Signal()
generation_finished = Signal()
image_waiting = Signal()
files_discarded = Signal()
slot_waiting = Signal()
slot_settled = Signal()
submissions_stopped = Signal()
submissions_resumed = Signal()
