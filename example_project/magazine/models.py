"""Articles by topic. A GeneratedImageField is all that a place for a picture made to order needs."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone

from seedream_django.fields import GeneratedImageField


class Topic(models.Model):
    name = models.CharField(max_length=60)
    slug = models.SlugField(unique=True)
    description = models.CharField(max_length=200, blank=True)
    picture = GeneratedImageField(verbose_name="picture")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("magazine:topic", args=[self.slug])


class ArticleQuerySet(models.QuerySet["Article"]):
    def for_pages(self) -> ArticleQuerySet:
        """With everything that a page shows of an article, in one query."""
        return self.select_related("topic", "cover")

    def published(self) -> ArticleQuerySet:
        return self.filter(published_at__lte=timezone.now())


class Article(models.Model):
    title = models.CharField(max_length=120)
    slug = models.SlugField(unique=True, max_length=120)
    summary = models.TextField(max_length=300, help_text="One or two sentences, shown on the front page.")
    body = models.TextField(help_text="Paragraphs, with an empty line between them.")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="articles")
    author = models.CharField(max_length=80)
    published_at = models.DateTimeField(default=timezone.now)
    cover = GeneratedImageField(verbose_name="cover")
    quote = models.CharField(
        max_length=100,
        blank=True,
        help_text="One sentence of the text: set large in it, and in place of a cover.",
    )
    inset = GeneratedImageField(verbose_name="picture in the text")
    caption = models.CharField(max_length=160, blank=True, help_text="Under the picture in the text.")

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ("-published_at", "-id")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("magazine:article", args=[self.slug])

    def paragraphs(self) -> list[str]:
        return [text for text in self.body.replace("\r\n", "\n").split("\n\n") if text.strip()]
