"""What can stand in a scene, and the words that name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import animals, things
from .pen import Pen


@dataclass(frozen=True)
class Motif:
    """One subject. ``where`` is ``ground``, ``water`` or ``sky``; ``size`` a share of the shorter side."""

    name: str
    where: str
    size: float
    shape: Callable[[Pen], None]


_ALL = (
    (Motif("fox", "ground", 0.5, animals.FOX), "fox vixen"),
    (Motif("wolf", "ground", 0.5, animals.WOLF), "wolf wolves husky coyote"),
    (Motif("dog", "ground", 0.48, animals.DOG), "dog puppy hound"),
    (Motif("cat", "ground", 0.46, animals.cat), "cat kitten"),
    (
        Motif("deer", "ground", 0.52, animals.DEER),
        "deer stag elk reindeer moose",
    ),
    (Motif("horse", "ground", 0.52, animals.HORSE), "horse pony stallion"),
    (Motif("camel", "ground", 0.52, animals.camel), "camel dromedary"),
    (Motif("bear", "ground", 0.52, animals.bear), "bear grizzly"),
    (Motif("rabbit", "ground", 0.4, animals.rabbit), "rabbit hare bunny"),
    (Motif("owl", "ground", 0.42, animals.owl), "owl"),
    (Motif("bird", "ground", 0.38, animals.bird), "bird robin kingfisher finch parrot"),
    (Motif("flock", "sky", 0.4, animals.flock), "geese gull seagull swallow crane flock"),
    (Motif("whale", "water", 0.52, animals.whale), "whale orca"),
    (Motif("boat", "water", 0.4, things.boat), "boat sailboat ship sail yacht regatta"),
    (Motif("lighthouse", "ground", 0.7, things.lighthouse), "lighthouse beacon"),
    (Motif("house", "ground", 0.36, things.house), "house cottage cabin hut home farm barn village"),
    (Motif("castle", "ground", 0.6, things.castle), "castle fortress palace"),
    (Motif("balloon", "sky", 0.42, things.balloon), "balloon"),
    (
        Motif("person", "ground", 0.42, things.person),
        "person man woman girl boy child people hiker traveller wanderer editor",
    ),
    (Motif("tree", "ground", 0.66, things.tree), "oak tree willow maple"),
    (
        Motif("flowers", "ground", 0.4, things.flowers),
        "flower tulip rose poppy sunflower daisy garden bouquet",
    ),
    (Motif("cup", "ground", 0.5, things.cup), "coffee tea cup mug espresso"),
    (Motif("rocket", "sky", 0.46, things.rocket), "rocket spaceship spacecraft"),
)

#: word -> what it shows. Plurals are found by their singular.
MOTIFS: dict[str, Motif] = {word: motif for motif, words in _ALL for word in words.split()}
BY_NAME: dict[str, Motif] = {motif.name: motif for motif, _ in _ALL}
