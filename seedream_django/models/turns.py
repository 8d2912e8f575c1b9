"""Whose turn it is: a row for everybody who waits."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Priority(models.IntegerChoices):
    """The place of an order among those of its line."""

    NORMAL = 0, _("as ordered")
    RAISED = 1, _("first of its person's")


class Turn(models.Model):
    """One that waits in the round: a person with orders, by a digest of the key, or the site's own code.

    Whose ``since`` is the oldest comes next. Those who wait for nothing have no row.
    """

    #: Orders without a person.
    SITE = "site"
    #: Orders that come before everybody's: a line of their own, which never had its turn.
    FIRST = "first"

    line = models.CharField(primary_key=True, max_length=20)
    since = models.DateTimeField(
        default=timezone.now, help_text=_("Its last turn, or when it came into the round.")
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        indexes = (models.Index(fields=("since",), name="seedream_turn_since"),)

    def __str__(self) -> str:
        return self.line
