"""Every wrong value of every parameter on the page, generated from its rows: status, code, parameter, limits.

What is expected comes from ``tests/facts.py``, which was written from the page alone.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from seedream_django import parameters, sandbox

from . import facts
from .sandboxed import connect, error_of, order, post

pytestmark = pytest.mark.once

Case = tuple[str, Any, str, Any, dict[str, Any]]
REFERENCES, SEQUENCE = "inputs.referenceImages", "providerSettings.bytedance.maxSequentialImages"
URL = "https://example.com/a.jpg"

#: Values of another type, by the type that a row has.
OTHERS: dict[str, list[Any]] = {
    "string": [None, 5, True, ["x"], {"x": 1}],
    "integer": [None, "5", 5.5, True, [5], {}],
    "boolean": [None, "true", 0, 1, [], {}],
    "object": [None, "x", 5, [], True],
    "array of strings": [None, URL, {}, [5], [None], [""], [URL, 5], 7],
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> sandbox.App:
    return sandbox.create_app(tmp_path_factory.mktemp("page") / "s", latency=0, plain=True)


@pytest.fixture
def client(app: sandbox.App) -> Iterator[httpx.Client]:
    with connect(app) as client:
        yield client


def code(prefix: str, path: str, suffix: str = "") -> str:
    name = path.rpartition(".")[2]
    return f"{prefix}{name[0].upper()}{name[1:]}{suffix}"


def sized(row: dict[str, Any], size: int) -> Any:
    """A value of this row's type whose size is what its bounds count."""
    return {"integer": size, "string": "x" * size, "array of strings": [URL] * size}[row["type"]]


def wrong_values(path: str, row: dict[str, Any]) -> Iterator[Case]:
    """Each wrong value of one row: label, value, code, parameter, limits."""
    for number, value in enumerate(OTHERS[row["type"]]):
        yield f"type{number}", value, code("invalid", path), path, {}
    bounds = {name: row[name] for name in ("min", "max") if name in row}
    suffix = "Count" if row["type"] == "array of strings" else ""
    if "min" in bounds:
        yield "below", sized(row, bounds["min"] - 1), code("invalid", path, suffix), path, bounds
    if "max" in bounds:
        yield "above", sized(row, bounds["max"] + 1), code("invalid", path, suffix), path, bounds
    if choices := row.get("choices") or ([row["value"]] if "value" in row and path != "taskType" else []):
        for label, value in (("other", "other"), ("empty", ""), ("case", choices[0].swapcase())):
            yield label, value, code("invalid", path), path, {"allowedValues": choices}
    for label, value in FORMATS.get(row.get("format", ""), {}).items():
        yield label, value, code("invalid", path), path, {}


FORMATS: dict[str, dict[str, Any]] = {
    "UUID v4": {
        "empty": "", "words": "no uuid", "version1": str(uuid.uuid1()), "bare": uuid.uuid4().hex,
        "braces": f"{{{uuid.uuid4()}}}", "urn": uuid.uuid4().urn, "space": f"{uuid.uuid4()} ",
    },
    "URI": {
        "empty": "", "words": "no address", "path": "/hook", "ftp": "ftp://example.com/", "bare": "https://",
        "space": "https://example.com/a b", "newline": "https://example.com/\n", "script": "javascript:1",
    },
}  # fmt: skip

#: The task type decides which page applies, so that a wrong one is no parameter of this page.
ROWS = {path: row for path, row in facts.ROWS.items() if path != "taskType"}
CASES = [(path, *case) for path, row in ROWS.items() for case in wrong_values(path, row)]


def changed(path: str, value: Any) -> dict[str, Any]:
    """A right order but for this value."""
    asked = copy.deepcopy(order())
    *parents, name = path.split(".")
    place = asked
    for parent in parents:
        place = place.setdefault(parent, {})
    place[name] = value
    return asked


def check(client: httpx.Client, app: sandbox.App, asked: dict[str, Any]) -> dict[str, Any]:
    """Send it; the one error object, whose identity and documentation are right. Nothing is accepted or charged."""
    reply = post(client, asked)
    assert reply.status_code == 400
    error = error_of(reply)
    assert error["message"]
    assert error["documentation"].startswith("https://")
    assert error["taskType"] == "imageInference"
    if isinstance(asked.get("taskUUID"), str):
        assert error["taskUUID"] == asked["taskUUID"]
    assert (app.books.accepted(), app.books.charges()) == ([], [])
    return error


@pytest.mark.parametrize(
    ("path", "label", "value", "expected", "parameter", "limits"),
    CASES,
    ids=[f"{case[0]}-{case[1]}" for case in CASES],
)
def test_a_wrong_value(
    client: httpx.Client,
    app: sandbox.App,
    path: str,
    label: str,
    value: Any,
    expected: str,
    parameter: str,
    limits: dict[str, Any],
) -> None:
    """400, the parameter's own code and path, and exactly the limits that the page names."""
    error = check(client, app, changed(path, value))
    assert (error["code"], error["parameter"]) == (expected, parameter)
    told = {name: error[name] for name in ("min", "max", "allowedValues") if name in error}
    assert told == limits


@pytest.mark.parametrize("path", [path for path, row in ROWS.items() if row.get("required")])
def test_a_missing_value(client: httpx.Client, app: sandbox.App, path: str) -> None:
    """What is required is told by name when it is left out; so is the half of a pair."""
    asked = order()
    del asked[path]
    error = check(client, app, asked)
    assert (error["code"], error["parameter"]) == (code("missing", path), path)


@pytest.mark.parametrize("kind", [None, "", "imageinference", "videoInference", 5, [], {}])
def test_a_wrong_task_type(client: httpx.Client, kind: Any) -> None:
    """An unknown task type is told with those that there are; none at all is missing."""
    error = error_of(post(client, {**order(), "taskType": kind}))
    assert (error["code"], error["parameter"]) == ("invalidTaskType", "taskType")
    assert "imageInference" in error["allowedValues"]
    asked = order()
    del asked["taskType"]
    assert error_of(post(client, asked))["code"] == "missingTaskType"


PLACES = ["", "safety", "inputs", "providerSettings", "providerSettings.bytedance"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["seed", "negativePrompt", "steps", "CFGScale", "strength", "x", "a.b", ""])
def test_an_unknown_neighbour(client: httpx.Client, app: sandbox.App, place: str, name: str) -> None:
    """What the model does not have is refused in every place, never ignored, and named by its path."""
    asked = order()
    inner = asked
    for parent in place.split(".") if place else []:
        inner = inner.setdefault(parent, {})
    inner[name] = 5
    error = check(client, app, asked)
    assert error["code"] == "unsupportedParameter"
    shown = f'"{name}"' if "." in name else name
    assert error["parameter"] == (f"{place}.{shown}" if place else shown)


SIZES = [
    (1919, 1920, {"min": facts.MIN_PIXELS, "max": facts.MAX_PIXELS}),
    (3226, 3226, {"min": facts.MIN_PIXELS, "max": facts.MAX_PIXELS}),
    (479, 7696, {}), (7696, 479, {}), (0, 2048, {}), (2048, -1, {}), (10**17, 1, {}),
    (1, 1, {"min": facts.MIN_PIXELS}),
]  # fmt: skip


@pytest.mark.parametrize(("width", "height", "limits"), SIZES)
def test_a_wrong_size(
    client: httpx.Client, app: sandbox.App, width: int, height: int, limits: dict[str, Any]
) -> None:
    """The pair is told as a pair, with the window in pixels where that is what it breaks."""
    error = check(client, app, order(width=width, height=height))
    assert (error["code"], error["parameter"]) == ("unsupportedDimensions", ["width", "height"])
    assert limits.items() <= error.items()


@pytest.mark.parametrize(("references", "sequence"), [(14, 2), (1, 15), (8, 8)])
def test_references_and_sequence_share_fifteen(
    client: httpx.Client, app: sandbox.App, references: int, sequence: int
) -> None:
    """One more than fifteen is refused, with the maximum; exactly fifteen is taken, and priced."""
    sizes = {
        "inputs": {"referenceImages": [URL] * references},
        "providerSettings": {"bytedance": {"maxSequentialImages": sequence}},
    }
    error = check(client, app, order(**sizes))
    assert (error["code"], error["parameter"]) == ("invalidMaxSequentialImages", SEQUENCE)
    assert error["max"] == facts.MAX_REFERENCES_AND_SEQUENCE
    sizes["providerSettings"]["bytedance"]["maxSequentialImages"] -= 1
    assert price(client, order(**sizes)) == pytest.approx(0.035 * (sequence - 1))


def price(client: httpx.Client, asked: dict[str, Any]) -> float:
    """What a dry run says; it leaves no trace."""
    (item,) = post(client, asked, headers={"X-Runware-Dry-Run": "1"}).json()["data"]
    assert item.keys() == {"taskType", "taskUUID", "cost"}
    return float(item["cost"])


@pytest.mark.parametrize(("results", "sequence"), [(1, 1), (20, 1), (1, 15), (20, 15), (3, 4)])
def test_a_dry_run_prices_sequences(
    client: httpx.Client, app: sandbox.App, results: int, sequence: int
) -> None:
    """Each result is a whole sequence, each picture 0.035; nothing is accepted, charged or kept."""
    settings = {"bytedance": {"maxSequentialImages": sequence}}
    cost = price(client, order(numberResults=results, providerSettings=settings))
    assert cost == pytest.approx(0.035 * results * sequence)
    assert (app.books.accepted(), app.books.charges()) == ([], [])


def test_a_dry_run_checks_everything(client: httpx.Client, app: sandbox.App) -> None:
    """References too, which it does not keep; words that refuse act as well."""
    dry = {"X-Runware-Dry-Run": "1"}
    for asked in (
        order(inputs={"referenceImages": [str(uuid.uuid4())]}),
        order("sandbox:refused"),
        order(numberResults=0),
    ):
        assert post(client, asked, headers=dry).status_code == 400
    assert app.books.one("SELECT count(*) FROM blob") == 0


def test_every_edge_is_right(client: httpx.Client) -> None:
    """What the page allows at its very ends is taken."""
    for path, row in ROWS.items():
        values = [sized(row, row[name]) for name in ("min", "max") if name in row and path != "ttl"]
        for value in [*values, *row.get("choices", [])]:
            assert price(client, changed(path, value)) > 0, (path, value)
    assert price(client, order(ttl=60)) > 0


def test_several_wrong_values_are_all_told(client: httpx.Client) -> None:
    """One error object each, in one reply."""
    errors = post(client, order("", numberResults=0, seed=1, ttl=1)).json()["errors"]
    told = {error["parameter"] for error in errors}
    assert told == {"positivePrompt", "numberResults", "seed", "ttl"}


# -- Spellings -----------------------------------------------------------------------------------------------

SPELLINGS = [
    {"providerSettings": {"bytedance": {"maxSequentialImages": 3}}},
    {"settings": {"maxSequentialImages": 3}},
]
OLD_AND_NEW = [{"inputs": {"referenceImages": [URL]}}, {"referenceImages": [URL]}]


@pytest.mark.parametrize("spelt", SPELLINGS)
@pytest.mark.parametrize("references", OLD_AND_NEW)
def test_each_spelling_means_the_same(tmp_path: Path, spelt: Any, references: Any) -> None:
    """Whatever is sent, the books have the page's spelling, three pictures and one reference."""
    app = sandbox.create_app(tmp_path / "s", latency=0, plain=True)
    with connect(app) as client:
        asked = order(**spelt, **references)
        assert post(client, asked).status_code == 200
        assert [charge.images for charge in app.books.charges()] == [3]
        (details,) = post(client, {**asked, "taskType": "getTaskDetails"}).json()["data"]
    (kept,) = details["request"]
    assert kept["providerSettings"] == SPELLINGS[0]["providerSettings"]
    assert kept["inputs"] == OLD_AND_NEW[0]["inputs"]
    assert not kept.keys() & {"settings", "referenceImages"}


@pytest.mark.parametrize(
    ("both", "pair"),
    [
        ({**SPELLINGS[0], **SPELLINGS[1]}, ["settings", "providerSettings.bytedance"]),
        ({"providerSettings": {"bytedance": {}}, "settings": {}}, ["settings", "providerSettings.bytedance"]),
        ({**OLD_AND_NEW[0], **OLD_AND_NEW[1]}, ["referenceImages", REFERENCES]),
    ],
)
def test_both_spellings_at_once(
    client: httpx.Client, app: sandbox.App, both: dict[str, Any], pair: list[str]
) -> None:
    """400 on the pair."""
    error = check(client, app, order(**both))
    assert (error["code"], error["parameter"]) == ("invalidParameters", pair)


@pytest.mark.parametrize(
    ("change", "expected", "parameter"),
    [
        ({"settings": {"maxSequentialImages": 16}}, "invalidMaxSequentialImages", SEQUENCE),
        ({"settings": {"seed": 1}}, "unsupportedParameter", "providerSettings.bytedance.seed"),
        ({"settings": "x"}, "invalidBytedance", "providerSettings.bytedance"),
        ({"referenceImages": []}, "invalidReferenceImagesCount", REFERENCES),
        ({"referenceImages": URL}, "invalidReferenceImages", REFERENCES),
    ],
)
def test_wrong_values_in_another_spelling(
    client: httpx.Client, app: sandbox.App, change: dict[str, Any], expected: str, parameter: str
) -> None:
    """They are told by the page's path."""
    error = check(client, app, order(**change))
    assert (error["code"], error["parameter"]) == (expected, parameter)


def test_a_spelling_beside_a_broken_place(client: httpx.Client) -> None:
    """Where the page's own place is no object, that is told too."""
    errors = post(client, order(settings={}, providerSettings=5)).json()["errors"]
    assert {error["parameter"] for error in errors} == {"settings", "providerSettings"}


# -- Batches -------------------------------------------------------------------------------------------------


def test_a_mixed_batch(tmp_path: Path) -> None:
    """Orders, questions and uploads, right and wrong: 200, each error its own task's, each order charged once."""
    app = sandbox.create_app(tmp_path / "s", latency=0, plain=True)
    good = [order(), order(numberResults=2)]
    bad = [
        order(numberResults=0), order("sandbox:nobalance"), order(inputs={"referenceImages": ["x"]}),
        {"taskType": "mediaStorage", "taskUUID": str(uuid.uuid4()), "operation": "upload", "media": "x"},
        {"taskType": "getTaskDetails", "taskUUID": str(uuid.uuid4())},
    ]  # fmt: skip
    with connect(app) as client:
        reply = post(client, bad[0], good[0], *bad[1:3], good[1], *bad[3:], good[0])
        assert reply.status_code == 200
        assert [item["taskUUID"] for item in reply.json()["data"]] == [one["taskUUID"] for one in good]
        told = [(error["code"], error["taskUUID"]) for error in reply.json()["errors"]]
    expected = [
        "invalidNumberResults", "insufficientCredits", "invalidReferenceImages", "invalidMedia",
        "taskFailedOrNotFound", "conflictTaskUUID",
    ]  # fmt: skip
    assert told == list(zip(expected, [one["taskUUID"] for one in [*bad, good[0]]], strict=True))
    assert sorted(charge.images for charge in app.books.charges()) == [1, 2]


STATUSES = {"sandbox:nobalance": 402, "sandbox:forbidden": 403, "sandbox:refused": 400, "sandbox:down": 503}


@pytest.mark.parametrize("first", STATUSES)
@pytest.mark.parametrize("second", STATUSES)
def test_a_batch_that_failed(client: httpx.Client, first: str, second: str) -> None:
    """The status of the first error; with one success beside them, 200."""
    assert post(client, order(first), order(second)).status_code == STATUSES[first]
    ping = {"taskType": "ping", "ping": True}
    assert post(client, order(first), order(second), ping).status_code == 200


def test_the_page_here_is_the_page_there() -> None:
    """Every row of the page has wrong values here."""
    assert {case[0] for case in CASES} == {row.path for row in parameters.PAGE} - {"taskType"}
