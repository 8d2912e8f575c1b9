"""What paints each place."""

from __future__ import annotations

from collections.abc import Callable

from . import aerial, city, indoors, landscape, space, water, woods
from .canvas import Canvas
from .scenes import Scene
from .stage import Stage

PLACES: dict[str, Callable[[Canvas, Scene], Stage]] = {
    "hills": landscape.hills,
    "mountains": landscape.mountains,
    "forest": woods.forest,
    "desert": landscape.desert,
    "fields": landscape.fields,
    "garden": landscape.garden,
    "sea": water.sea,
    "lake": water.lake,
    "river": water.river,
    "underwater": water.underwater,
    "city": city.skyline,
    "street": city.street,
    "table": indoors.table,
    "room": indoors.room,
    "space": space.space,
}


def build(canvas: Canvas, scene: Scene) -> Stage:
    """Paint the place; tell where subjects stand in it."""
    if scene.style == "minimal":
        return landscape.minimal(canvas, scene)
    if scene.view == "aerial" and scene.place not in {"table", "room", "space", "underwater"}:
        above = aerial.town if scene.place in {"city", "street"} else aerial.country
        return above(canvas, scene)
    return PLACES[scene.place](canvas, scene)
