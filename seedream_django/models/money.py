"""Money: what may be spent, what is spent, and who spent it on what."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: One US dollar in the database.
MICRO = 1_000_000


if TYPE_CHECKING:
    _WholeNumbers = models.BigIntegerField[Decimal | int | str | Combinable, Decimal]
else:
    _WholeNumbers = models.BigIntegerField


class MoneyField(_WholeNumbers):
    """US dollars as a Decimal; in the database a whole number of millionths.

    Every database adds and compares whole numbers exactly; SQLite keeps decimals as floating point, where thirty
    times 0.035 is more than 1.05.
    """

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / MICRO

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None or value == "" else Decimal(str(value))

    def get_prep_value(self, value: Any) -> int | None:
        if value is None or hasattr(value, "resolve_expression"):
            return value  # type: ignore[no-any-return]
        return int((Decimal(str(value)) * MICRO).to_integral_value())

    def formfield(self, **kwargs: Any) -> Any:
        options = {"form_class": forms.DecimalField, "max_digits": 12, "decimal_places": 6, **kwargs}
        # Straight to Field: an IntegerField would limit the dollars to what the millionths may be.
        return models.Field.formfield(self, **options)


def dollars(amount: Decimal) -> models.Value:
    """An amount for use in an expression beside a MoneyField."""
    return models.Value(amount, output_field=MoneyField())


# -- Budgets -------------------------------------------------------------------------------------------------


class Period(models.TextChoices):
    DAY = "day", _("a day")
    MONTH = "month", _("a month")
    EVER = "ever", _("for good")


class BudgetQuerySet(models.QuerySet["Budget"]):
    def for_user(self, user: Any) -> BudgetQuerySet:
        """Those that an order by this person counts towards; for the site's own code the installation's alone."""
        everybody = Q(user__isnull=True, group__isnull=True)
        if user is None:
            return self.filter(everybody)
        # Groups by a subquery: a join would repeat the rows, and not every user model has groups.
        groups = user.groups.values("pk") if hasattr(user, "groups") else []
        return self.filter(everybody | Q(user_id=user.pk) | Q(group__in=groups))

    def with_present(self) -> BudgetQuerySet:
        """Each with what is ``spent``, ``reserved`` and ``left`` now, whether its period has a row or not."""
        present = BudgetPeriod.objects.present().filter(budget=OuterRef("pk")).order_by()
        sums = {
            name: Coalesce(Subquery(present.values(name)), dollars(Decimal(0)), output_field=MoneyField())
            for name in ("spent", "reserved")
        }
        left = models.ExpressionWrapper(F("limit") - F("spent") - F("reserved"), output_field=MoneyField())
        return self.annotate(**sums).annotate(left=left)


class Budget(models.Model):
    """What a person, a group or the whole installation may spend in a day, a month or for good.

    A group's budget is one pool that all its members share. An order counts towards every budget that applies
    to who placed it, and each of them must have room for it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+",
        verbose_name=_("person"), help_text=_("Leave person and group empty for the whole installation."),
    )  # fmt: skip
    group = models.ForeignKey(
        Group, models.CASCADE, null=True, blank=True, related_name="+",
        verbose_name=_("group"), help_text=_("All members share it."),
    )  # fmt: skip
    period = models.CharField(_("period"), max_length=5, choices=Period.choices, default=Period.MONTH)
    limit = MoneyField(_("limit"), help_text=_("In US dollars."))

    objects = BudgetQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        ordering = ("period", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(user__isnull=True) | Q(group__isnull=True), name="seedream_budget_one_owner"
            ),
            models.CheckConstraint(condition=Q(limit__gte=0), name="seedream_budget_limit"),
        )

    def __str__(self) -> str:
        return str(_("%(whose)s, %(period)s") % {"whose": self.whose, "period": self.get_period_display()})

    @property
    def whose(self) -> str:
        return str(self.user or self.group or _("the whole installation"))

    def clean(self) -> None:
        if self.user_id is not None and self.group_id is not None:
            raise ValidationError({"group": _("Choose a person or a group, not both.")})
        if self.limit is not None and self.limit < 0:
            raise ValidationError({"limit": _("A limit is zero or more.")})
        same = Budget.objects.filter(user=self.user, group=self.group, period=self.period)
        if same.exclude(pk=self.pk).exists():
            raise ValidationError(_("There is such a budget already. Change its limit instead."))

    def start(self, day: datetime.date | None = None) -> datetime.date:
        """The first day of the period that this day (default: today, where the project is) lies in."""
        day = day or today()
        if self.period == Period.EVER:
            return datetime.date(1970, 1, 1)
        return day.replace(day=1) if self.period == Period.MONTH else day

    def end(self, day: datetime.date | None = None) -> datetime.date | None:
        """The last day of that period; None for one that never ends."""
        start = self.start(day)
        if self.period == Period.EVER:
            return None
        return next_month(start) - datetime.timedelta(days=1) if self.period == Period.MONTH else start


class BudgetPeriodQuerySet(models.QuerySet["BudgetPeriod"]):
    def present(self) -> BudgetPeriodQuerySet:
        """Those that today lies in."""
        now = Q()
        for period in Period:
            now |= Q(budget__period=period, start=Budget(period=period).start())
        return self.filter(now)

    def with_room_for(self, amount: Decimal) -> BudgetPeriodQuerySet:
        """Those that this amount still fits in; a condition that an UPDATE can carry on every database."""
        limit = Budget.objects.filter(pk=OuterRef("budget_id")).order_by().values("limit")
        return self.alias(wanted=F("spent") + F("reserved") + dollars(amount)).filter(
            wanted__lte=Subquery(limit, output_field=MoneyField())
        )


class BudgetPeriod(models.Model):
    """What is spent and reserved of a budget in one period: one row, which one conditional UPDATE decides on."""

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="periods", verbose_name=_("budget"))
    start = models.DateField(_("first day"))
    spent = MoneyField(_("spent"), default=Decimal(0))
    reserved = MoneyField(_("reserved"), default=Decimal(0))

    objects = BudgetPeriodQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("budget period")
        verbose_name_plural = _("budget periods")
        ordering = ("-start", "pk")
        constraints = (models.UniqueConstraint(fields=("budget", "start"), name="seedream_period_once"),)

    def __str__(self) -> str:
        return f"{self.budget} {self.start}"

    @property
    def left(self) -> Decimal:
        """What may still be ordered; nothing where the provider billed more than was thought."""
        return max(Decimal(0), self.budget.limit - self.spent - self.reserved)


def today() -> datetime.date:
    """The date in the project's time zone, whatever the zone of whoever asks."""
    if not settings.USE_TZ:
        return timezone.now().date()
    return timezone.localdate(timezone=timezone.get_default_timezone())


def midnight(day: datetime.date) -> datetime.datetime:
    """The moment at which this day begins, where the project is."""
    moment = datetime.datetime.combine(day, datetime.time.min)
    return timezone.make_aware(moment, timezone.get_default_timezone()) if settings.USE_TZ else moment


def next_month(day: datetime.date) -> datetime.date:
    """The first day of the month after this day's."""
    return (day.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)


# -- The ledger ----------------------------------------------------------------------------------------------


class Kind(models.TextChoices):
    RESERVE = "reserve", _("reserved")
    SETTLE = "settle", _("settled")
    RELEASE = "release", _("released")
    WRITE_OFF = "write_off", _("written off")


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def update(self, **kwargs: Any) -> int:
        raise TypeError("Ledger entries are never changed: write others.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Ledger entries are never deleted: write others.")

    def of(self, generation: Any) -> LedgerQuerySet:
        return self.filter(generation_id=getattr(generation, "pk", generation))

    def balance(self) -> dict[str, Decimal]:
        """``{"reserved", "spent", "unconfirmed"}``: the sums of these entries."""
        sums = self.order_by().aggregate(**{name: Sum(name) for name in ("reserved", "spent", "unconfirmed")})
        return {name: amount or Decimal(0) for name, amount in sums.items()}


class LedgerEntry(models.Model):
    """One movement of money. Append-only: it stays as it is, and it outlives its order.

    ``reserved``, ``spent`` and ``unconfirmed`` say by how much this entry changes each, so that the plain sums of
    any set of entries are the state of it.
    """

    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    at = models.DateTimeField(pgettext_lazy("moment", "when"), default=timezone.now)
    reserved = MoneyField(_("reserved"), default=Decimal(0))
    spent = MoneyField(_("spent"), default=Decimal(0))
    unconfirmed = MoneyField(
        _("unconfirmed"), default=Decimal(0), help_text=_("Of what is spent: by our estimate, not the bill.")
    )
    pictures = models.PositiveSmallIntegerField(_("pictures"), default=0)

    generation_id = models.UUIDField(pgettext_lazy("of pictures", "order"), db_index=True)
    image_uuid = models.UUIDField(
        _("image UUID"), null=True, help_text=_("Of the picture whose cost this is.")
    )
    # The index that begins with it does.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+",
        verbose_name=_("who"),
    )  # fmt: skip
    who = models.CharField(_("name"), max_length=150, blank=True, help_text=_("Stays when the account goes."))
    door = models.CharField(_("ordered through"), max_length=32, blank=True)
    prompt = models.TextField(_("prompt"), blank=True)
    model = models.CharField(_("model"), max_length=200, blank=True, help_text=_("Of the object it is for."))
    object_id = models.CharField(_("object"), max_length=64, blank=True)
    label = models.CharField(_("for what"), max_length=200, blank=True)
    periods = models.JSONField(default=list, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    account = models.CharField(
        max_length=32, blank=True, editable=False, help_text=_("The key that it was made with, by a digest.")
    )

    objects = LedgerQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("ledger entry")
        verbose_name_plural = _("money")
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=("-at", "-id"), name="seedream_ledger_latest"),
            models.Index(fields=("kind", "-at", "-id"), name="seedream_ledger_kind"),
            models.Index(fields=("user", "-at", "-id"), name="seedream_ledger_user"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.label or self.who or self.generation_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A ledger entry is never changed: write another.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("A ledger entry is never deleted: write another.")

    @staticmethod
    def redact(entries: models.QuerySet[LedgerEntry]) -> int:
        """Take the prompts away, and nothing else: the one change that the ledger ever sees. Return how many."""
        return models.QuerySet.update(entries, prompt="")
