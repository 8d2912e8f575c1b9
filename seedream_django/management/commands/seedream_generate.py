from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, no_translations
from tqdm import tqdm

from seedream_django import orders, parameters, queue, references, tasks, wording
from seedream_django.diagnosis import diagnose
from seedream_django.drafts import words_of_style
from seedream_django.exceptions import InvalidOrder, NotTaken
from seedream_django.models import GeneratedImage, Generation, PromptTemplate, Reference, Role, State


class Command(BaseCommand):
    help = "Order pictures from a prompt; with --wait, stay until they are saved and print their files."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("prompt", nargs="?", help="What the pictures show.")
        add = parser.add_argument_group("the pictures").add_argument
        add("--size", metavar="WxH", help="Width x height in pixels, such as 2848x1600.")
        add("--results", metavar="N", type=int, default=1, help="How many pictures, 1 to 20.")
        add("--sequence", metavar="N", type=int, help="Up to so many pictures that belong together, 1 to 15.")
        add("--format", metavar="FORMAT", dest="output_format", help="JPG, PNG or WEBP.")
        add("--quality", metavar="N", dest="output_quality", type=int, help="20 to 99.")
        add(
            "--optimize",
            metavar="MODE",
            dest="optimize_prompt_mode",
            help="standard for the better picture, fast for the quicker one.",
        )
        add(
            "--style",
            metavar="NAME",
            help="A saved style, whose words follow the prompt; house for our look.",
        )
        self._add_template(parser.add_argument_group("instead of a prompt"))
        self._add_origins(parser.add_argument_group("what they are made from"))
        self._add_delivery(parser.add_argument_group("how they are delivered, if not as the settings say"))
        add = parser.add_argument_group("the order").add_argument
        add("--user", metavar="NAME", help="Order in this person's name, with this person's rights.")
        add(
            "--anyway",
            action="store_true",
            help="Order also where unused pictures of exactly this are there.",
        )
        add("--wait", action="store_true", help="Stay until the pictures are saved.")
        add("--timeout", metavar="SECONDS", type=float, default=900, help="Seconds to wait at most.")

    def _add_template(self, group: argparse._ArgumentGroup) -> None:
        add = group.add_argument
        add("--template", metavar="NAME", help="A saved template; it may bring a style and a shape.")
        add(
            "--set",
            metavar="GAP=WORDS",
            dest="gaps",
            action="append",
            help="What stands in one of its gaps; repeat it for each.",
        )

    def _add_origins(self, group: argparse._ArgumentGroup) -> None:
        roles = ", ".join(value for value in Role.values if value)
        group.add_argument(
            "--reference",
            metavar="[ROLE=]SOURCE",
            dest="references",
            action="append",
            help=f"A file, an https address or a UUID; repeat it for more, 14 at most. Roles: {roles}.",
        )
        group.add_argument(
            "--edit",
            metavar="UUID",
            help="Change this earlier picture as the prompt says; the UUID is in its file's name.",
        )

    def _add_delivery(self, group: argparse._ArgumentGroup) -> None:
        """Delivery is the site's business; who has a shell of it may say otherwise, as code may."""
        add = group.add_argument
        add("--output-type", metavar="TYPE", help="URL, base64Data or dataURI.")
        add("--delivery-method", metavar="METHOD", help="async, or sync to hold the line.")
        add("--ttl", metavar="SECONDS", type=int, help="How long the addresses of results live, 60 or more.")
        add("--webhook-url", metavar="URL", help="Where the provider posts each finished result.")
        add(
            "--upload-endpoint", metavar="URL", help="Where the provider puts the finished file, by HTTP PUT."
        )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        generation = self._place({**options, **_from_template(options)})
        if not options["wait"]:
            self.stdout.write(str(generation.pk))
            return
        self._wait(generation, options["timeout"])
        if generation.state != State.DONE:
            raise CommandError(str(diagnose(generation, costs=True)))
        for image in generation.images.stored().order_by("position"):
            self.stdout.write(_where(image))
        if generation.stored < generation.expected:
            self.stderr.write(str(diagnose(generation, costs=True)))

    def _place(self, options: dict[str, Any]) -> Generation:
        values = {name: options[name] for name in KEYWORDS if options[name] is not None}
        user = _user(options["user"]) if options["user"] else None
        try:
            if options["size"]:
                values |= orders.read_size(options["size"])
            values |= {"user": user}
            orders.check_allowed(user)
            values["references"] = _edited(options["edit"], user) + _given(options["references"], user)
            style = options["style"]
            added = "" if style is None else words_of_style(style)
            # Before anything is paid for: afterwards it would be no news that helps.
            self._tell_unused(options["prompt"], {**values, "style": style}, anyway=options["anyway"])
            generation = orders.place(options["prompt"], door="command", added=added, **values)
        except InvalidOrder as error:
            texts = (f"{_option(name)}: {' '.join(messages)}" for name, messages in error.errors.items())
            raise CommandError(" ".join(texts)) from error
        except NotTaken as error:
            raise CommandError(str(error)) from error
        return generation

    def _tell_unused(self, prompt: str, values: dict[str, Any], *, anyway: bool) -> None:
        """Say what is there and unused. Raises CommandError unless more is wanted ``anyway``."""
        alike = orders.unused_like(prompt, **values)
        count = alike[: orders.MANY].count()
        if not count:
            return
        said, newest = f"Unused pictures of exactly this order: {count}.", f"The newest: {_where(alike[0])}"
        if not anyway:
            raise CommandError(f"Nothing was ordered. {said} With --anyway others are made. {newest}")
        self.stderr.write(f"{said} Others are made all the same. {newest}")

    def _wait(self, generation: Generation, timeout: float) -> None:
        until = time.monotonic() + timeout
        layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}"
        with tqdm(total=100, desc="Generating", bar_format=layout, file=sys.stderr) as bar:
            while not generation.is_final:
                time.sleep(0.3)
                tasks.tend()
                generation.refresh_from_db()
                self._check_worker(generation)
                bar.update(max(0, _percent(generation) - bar.n))
                if time.monotonic() > until:
                    raise CommandError(f"{diagnose(generation, costs=True)} It goes on; stopped waiting.")

    def _check_worker(self, generation: Generation) -> None:
        said = diagnose(generation, immediate=queue.is_immediate())
        if generation.state == State.QUEUED and said.todo and not generation.error_kind:
            raise CommandError(str(said))


def _from_template(options: dict[str, Any]) -> dict[str, Any]:
    """The options that a template stands for: the prompt, and what is not said besides. Raises CommandError."""
    if options["template"] is None:
        return _without_template(options)
    if options["prompt"] is not None:
        raise CommandError("Write a prompt or --template, not both.")
    try:
        template = wording.named(options["template"])
        prompt = _filled(template, dict(_gap(text) for text in options["gaps"] or ()))
    except InvalidOrder as error:
        texts = (f"{_option(name)}: {' '.join(messages)}" for name, messages in error.errors.items())
        raise CommandError(" ".join(texts)) from error
    style = template.style.name if template.style is not None and template.style.active else None
    width, height = parameters.DIMENSIONS[template.shape or "1:1"]["2K"]
    size = f"{width}x{height}" if template.shape else None
    return {"prompt": prompt, "style": options["style"] or style, "size": options["size"] or size}


def _without_template(options: dict[str, Any]) -> dict[str, Any]:
    if options["prompt"] is None:
        raise CommandError("Write a prompt, or --template with the name of one.")
    if options["gaps"]:
        raise CommandError("--set is for --template.")
    return {}


def _filled(template: PromptTemplate, values: dict[str, str]) -> str:
    try:
        return wording.filled(template, values)
    except InvalidOrder as error:
        ours = {"template", "prompt"} - set(template.gaps)
        named = {name if name in ours else f"--set {name}": texts for name, texts in error.errors.items()}
        raise InvalidOrder(named) from error


def _gap(text: str) -> tuple[str, str]:
    name, equals, words = text.partition("=")
    if not equals:
        raise CommandError(f"--set: Write a gap, “=” and its words, not “{text}”.")
    return name.strip(), words


def _percent(generation: Generation) -> int:
    """Never full before it is stored."""
    if generation.is_final:
        return 100
    return {State.QUEUED: 0, State.STORING: 95}.get(
        State(generation.state), max(5, generation.progress * 9 // 10)
    )


def _where(image: Any) -> str:
    """The path of its file; of one that nobody approved yet, its number and what it waits for."""
    if image.is_held_back:
        return f"{image.image_uuid}: {image.why_held_back}"
    try:
        return str(image.file.path)
    except NotImplementedError:
        return str(image.file.name)


#: What a keyword of an order is called on the command line.
OPTIONS = {
    "width": "--size",
    "height": "--size",
    "size": "--size",
    "results": "--results",
    "sequence": "--sequence",
    "output_format": "--format",
    "output_quality": "--quality",
    "optimize_prompt_mode": "--optimize",
    "references": "--reference",
    "edit": "--edit",
    "style": "--style",
    "template": "--template",
    **{keyword: f"--{keyword.replace('_', '-')}" for keyword in orders.DELIVERY},
}
#: Those that an option gives as they are.
KEYWORDS = (
    *("results", "sequence", "output_format", "output_quality", "optimize_prompt_mode"),
    *orders.DELIVERY,
)


#: Also a source that has an equals sign in it is told from a role.
_ROLE = re.compile(rf"({'|'.join(filter(None, Role.values))})=(.+)")
_WORD = re.compile(r"([a-z]+)=(.+)")
_TEXT = re.compile(r"https?://|data:|[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)


def _given(texts: list[str] | None, user: Any) -> list[Reference]:
    """Raises InvalidOrder with all that is wrong, by number."""
    return references.read([_source(text) for text in texts or ()], user=user)


def _source(text: str) -> Any:
    match = _ROLE.match(text)
    if match is None and not _TEXT.match(text) and not Path(text).exists():
        match = _WORD.match(text)  # a role that there is not, rather than a file
    role, source = match.groups() if match else (None, text)
    return source if _TEXT.match(source) else Path(source), role


def _edited(text: str | None, user: Any) -> list[Reference]:
    """The picture to change, as the first reference, or none. Raises InvalidOrder."""
    if text is None:
        return []
    image = GeneratedImage.objects.filter(image_uuid=text).first() if _TEXT.match(text) else None
    if image is None:
        raise InvalidOrder({"edit": [f"There is no picture with the UUID “{text}”."]})
    try:
        return references.read([(image, Role.EDIT)], user=user)
    except InvalidOrder:
        words = "This picture cannot be changed: it is not finished, or it is not yours."
        raise InvalidOrder({"edit": [words]}) from None


def _option(keyword: str) -> str:
    return OPTIONS.get(keyword, keyword)


def _user(username: str) -> Any:
    model: Any = get_user_model()
    try:
        return model.objects.get_by_natural_key(username)
    except model.DoesNotExist:
        raise CommandError(f"There is no user “{username}”.") from None
