"""The states of an order, and the only steps between them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    QUEUED = "queued", _("waiting")
    SUBMITTING = "submitting", _("being sent")
    ASKING = "asking", _("being asked about")
    RUNNING = "running", _("in work")
    STORING = "storing", _("being saved")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")
    LOST = "lost", _("lost")
    #: Never ordered: its picture was made elsewhere, and taken into the library.
    IMPORTED = "imported", _("imported")


#: The doors of the site's own code: it may order without a person, and decide the delivery as well.
CODE = ("python", "command")

FINAL = (State.DONE, State.FAILED, State.CANCELLED, State.LOST, State.IMPORTED)
#: All others.
OPEN = (State.QUEUED, State.SUBMITTING, State.ASKING, State.RUNNING, State.STORING)

#: The only steps there are. ``done`` and the other final states have none: what comes late is kept as such.
STEPS: dict[State, tuple[State, ...]] = {
    State.QUEUED: (State.SUBMITTING, State.CANCELLED, State.FAILED),
    State.SUBMITTING: (State.RUNNING, State.STORING, State.QUEUED, State.ASKING, State.FAILED),
    State.ASKING: (State.RUNNING, State.STORING, State.QUEUED, State.FAILED, State.LOST),
    State.RUNNING: (State.STORING, State.DONE, State.FAILED, State.LOST),
    State.STORING: (State.DONE, State.FAILED),
}
