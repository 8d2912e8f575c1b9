"""The editors' saved words: styles, which follow a prompt, and templates, which a prompt begins with."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from .. import gaps, parameters, prompts

#: The characters of a prompt.
MOST = int(parameters.BY_KEYWORD["prompt"].maximum or 0)
#: Gaps of one template: more than this nobody fills.
MOST_GAPS = 20
#: What stands for our look where a style is asked for by its name.
HOUSE = "house"

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")


class Style(models.Model):
    """Words that many prompts end with: the look of a site, a series, a season."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    words = models.TextField(
        _("words"),
        max_length=500,
        help_text=_("They follow the prompt, such as “soft light, muted colours”."),
    )
    active = models.BooleanField(_("active"), default=True, help_text=_("Whether it is offered."))
    house = models.BooleanField(
        _("our look"),
        default=False,
        help_text=_("Forms begin with it, and say so. Whoever orders can choose another, or none."),
    )
    host = models.CharField(
        _("at this address only"),
        max_length=253,
        blank=True,
        help_text=_("Of our look: the host, such as “www.example.com”. Blank: wherever no other is ours."),
    )

    class Meta:
        verbose_name = _("style")
        verbose_name_plural = _("styles")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name, self.host = prompts.one_line(self.name), self.host.strip().lower()
        if self.name.casefold() == HOUSE:
            text = _now("“%(name)s” stands for our look, whatever it is called. Choose another name.")
            raise ValidationError({"name": text % {"name": self.name}})
        self.words = prompts.CONTROLS.sub("", prompts.clean(self.words))
        if not self.words:
            raise ValidationError({"words": _now("Write what it adds to a prompt.")})
        if problem := self._problem_of_host():
            raise ValidationError({"host": problem})
        # One for each address; not a constraint with a condition, which MariaDB does not know.
        others = Style.objects.filter(house=True, host=self.host).exclude(pk=self.pk)
        if self.house and (other := others.first()):
            text = _now("“%(other)s” is our look there already. Take that from it first.")
            raise ValidationError({"house": text % {"other": other.name}})

    def _problem_of_host(self) -> str:
        if self.host and not self.house:
            return _now("Only our look is for one address.")
        if self.host and not _HOST.fullmatch(self.host):
            return _now("Write the host alone, such as “www.example.com”: no “https://”, no port, no path.")
        return ""


class PromptTemplate(models.Model):
    """A prompt that is used again and again, with gaps for what changes: ``{subject} in {season}``."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    text = models.TextField(
        _("text"),
        max_length=MOST,
        help_text=_(
            "The prompt. What changes each time stands in braces, such as “{subject} in {season}”: whoever uses the"
            " template is asked for it."
        ),
    )
    description = models.CharField(
        _("description"),
        max_length=200,
        blank=True,
        help_text=_("What it is good for. It is no part of the prompt."),
    )
    style = models.ForeignKey(
        Style,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("style"),
        help_text=_("It is chosen with the template. Without, the chosen one stays."),
    )
    shape = models.CharField(
        _("shape"),
        max_length=8,
        blank=True,
        choices=[(shape, shape) for shape in parameters.DIMENSIONS],
        help_text=_("It is chosen with the template. Without, the chosen one stays."),
    )
    active = models.BooleanField(_("active"), default=True, help_text=_("Whether it is offered."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("written by"),
    )
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def gaps(self) -> list[str]:
        """The names of what is to be filled in; none where the text cannot be read."""
        try:
            return gaps.names_in(self.text)
        except gaps.BadTemplate:
            return []

    @property
    def words(self) -> str:
        """What the style adds to the prompt, or blank: one that is not offered is not chosen with the template."""
        return prompts.clean(self.style.words) if self.style is not None and self.style.active else ""

    def least(self) -> int:
        """The characters of the prompt with nothing in its gaps."""
        bare = gaps.filled(self.text, dict.fromkeys(self.gaps, ""))
        return len(prompts.with_lines(bare, self.words))

    def clean(self) -> None:
        self.name, self.text = prompts.one_line(self.name), prompts.CONTROLS.sub("", prompts.clean(self.text))
        self.description = prompts.one_line(self.description)
        if problem := self.problem():
            raise ValidationError({"text": problem})

    def problem(self) -> str:
        """What is wrong with the text, or blank; also for one that came past every form, as a fixture does."""
        if not self.text.strip():
            return _now("Write what the prompt says.")
        try:
            count = len(gaps.names_in(self.text))
        except gaps.BadTemplate as error:
            return _now(gaps.FOR_PEOPLE[error.text]) % error.params
        if count > MOST_GAPS:
            return _now("It has %(count)s gaps. Nobody fills more than %(most)s.") % {
                "count": count,
                "most": MOST_GAPS,
            }
        if (least := self.least()) > MOST:
            return _now(
                "With its style it has %(count)s characters before a gap is filled, and a prompt has %(most)s at most."
            ) % {"count": least, "most": MOST}
        return ""
