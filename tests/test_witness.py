"""The provider's own SDK drives the sandbox over REST: a witness who wrote neither side of ours.

What is asserted is what its callers get: values of its results and of its exceptions. Where the SDK differs from the
parameter page or the contract, the test says so. Its sessions know no name, so that nothing but loopback is reached;
only its patience is shortened: time here is a number that its waits move on.
"""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import runware.client as its_client
import runware.utils.retry as its_retries
from aiohttp.abc import AbstractResolver
from PIL import Image
from runware import RunOptions, RuntimeDependencies, Runware, RunwareError, file_to_base64, file_to_data_uri
from runware.types.task_map import (
    AccountManagementResult,
    BytedanceSeedream50LiteParams,
    BytedanceSeedream50LiteResult,
    GetResponseResult,
    GetTaskDetailsResult,
    ImageUploadResult,
    MediaStorageResultDelete,
    MediaStorageResultUpload,
)

from seedream_django import orders, parameters
from seedream_django.exceptions import ProviderError
from seedream_django.models import Generation, State
from seedream_django.provider import client
from seedream_django.sandbox import App, Books, create_app, running

from .gate import KEY, Gate, answering, slow, speaking_to
from .steps import carry

pytestmark = pytest.mark.once

FOX: dict[str, Any] = {
    "taskType": "imageInference",
    "model": "bytedance:seedream@5.0-lite",
    "positivePrompt": "a red fox",
    "width": 2048,
    "height": 2048,
    "includeCost": True,
}
SYNC = {"deliveryMethod": "sync"}
TASK = "6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a01"

#: What its types say a result of this model may carry; a polled item also says how it stands.
MAY_CARRY = {*BytedanceSeedream50LiteResult.__annotations__}
POLLED_MAY_CARRY = MAY_CARRY | {*GetResponseResult.__annotations__}

Act = Callable[[Runware], Awaitable[Any]]


class Clock:
    """Seconds that pass only while somebody waits for them."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds

    async def wait(self, seconds: float, cancel_event: Any = None) -> None:
        self.pass_by(seconds)
        await asyncio.sleep(0)


class Nameless(AbstractResolver):
    """Finds no name and remembers which were looked for: an address of loopback needs no look."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> Any:
        self.asked.append(host)
        raise OSError(f"{host} is not this machine")

    async def close(self) -> None:
        pass


class Witness:
    """The SDK as others use it, with its session, address and key given from outside."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.names = Nameless()

    def do(self, act: Act, **config: Any) -> Any:
        return asyncio.run(self._do(act, {"api_key": KEY, "retry_delay": 0, **config}))

    async def _do(self, act: Act, config: dict[str, Any]) -> Any:
        connector = aiohttp.TCPConnector(resolver=self.names)
        async with aiohttp.ClientSession(connector=connector) as session:
            given = RuntimeDependencies(session=session)
            address = {"transport": "rest", "http_base_url": f"{self.root}/v1"}
            async with Runware(**address, dependencies=given, **config) as sdk:
                return await act(sdk)

    def run(self, *, options: RunOptions | None = None, **values: Any) -> list[dict[str, Any]]:
        return self.do(lambda sdk: sdk.run({**FOX, **values}, options))

    def fails(self, act: Act | None = None, **values: Any) -> RunwareError:
        config = values.pop("config", {})
        with pytest.raises(RunwareError) as caught:
            self.do(act or (lambda sdk: sdk.run({**FOX, **values})), **config)
        return caught.value

    def file(self, url: str) -> Image.Image:
        assert url.startswith(f"{self.root}/")

        async def fetch() -> bytes:
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                assert response.status == 200
                return await response.read()

        image = Image.open(io.BytesIO(asyncio.run(fetch())))
        image.load()
        return image


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(its_client, "_interruptible_sleep", clock.wait)
    monkeypatch.setattr(its_retries, "interruptible_sleep", clock.wait)
    return clock


@pytest.fixture
def served(settings: Any, sandbox: Path, clock: Clock) -> Iterator[tuple[Gate, str]]:
    """The sandbox on a loopback port, three seconds to a picture; the app speaks to it as well."""
    state = sandbox / "sandbox.sqlite3"
    app = create_app(state, key=KEY, latency=3, seed=7, plain=True, clock=clock, sleep=clock.pass_by)
    gate = Gate(app)
    with running(gate) as root, speaking_to(settings, f"{root}/v1"):
        yield gate, root


@pytest.fixture
def gate(served: tuple[Gate, str]) -> Gate:
    return served[0]


@pytest.fixture
def app(gate: Gate) -> App:
    return gate.app


@pytest.fixture
def sdk(served: tuple[Gate, str]) -> Iterator[Witness]:
    witness = Witness(served[1])
    yield witness
    assert witness.names.asked == []


def kinds(gate: Gate) -> list[str]:
    return [task["taskType"] for task in gate.posts]


# -- The witness itself --------------------------------------------------------------------------------------


def test_it_reaches_loopback_only(sdk: Witness) -> None:
    """Without a task type it looks for its registry on the internet: the name is refused, and what is built in helps.

    So the guard holds, and is not held by luck: every other test ends with no name looked for at all.
    """
    task = {k: v for k, v in FOX.items() if k != "taskType"} | SYNC
    (item,) = sdk.do(lambda it: it.run(task))
    assert item["taskType"] == "imageInference"
    assert {*sdk.names.asked} == {"schemas.runware.ai"}
    sdk.names.asked.clear()


def test_its_page_is_our_page(sdk: Witness, gate: Gate) -> None:
    """Its generated types name the same parameters, but for the two that the page calls otherwise or not at all.

    ``settings`` is its newer spelling of the provider's settings, ``routing`` is in no page of this model.
    ``advancedFeatures`` neither. Its short name of the model becomes the page's before it is sent.
    """
    ours = {path.partition(".")[0] for path in parameters.BY_PATH}
    theirs = {*BytedanceSeedream50LiteParams.__annotations__}
    assert ours - theirs == {"providerSettings"}
    assert theirs - ours == {"settings", "routing", "advancedFeatures"}
    sdk.run(model="bytedance-seedream-5-0-lite", **SYNC)
    assert gate.posts[0]["model"] == parameters.MODEL
    sdk.names.asked.clear()


# -- Pictures ------------------------------------------------------------------------------------------------


def test_sync(sdk: Witness, gate: Gate, books: Books) -> None:
    """One request holds the line; the item has what its types name, and the address brings the picture."""
    (item,) = sdk.run(**SYNC, outputFormat="PNG", width=2848, height=1600)
    assert {*item} <= MAY_CARRY
    assert item["taskUUID"] == gate.posts[0]["taskUUID"]
    assert (item["cost"], type(item["seed"])) == (0.035, int)
    assert uuid.UUID(item["imageUUID"])
    picture = sdk.file(item["imageURL"])
    assert (picture.format, picture.size) == ("PNG", (2848, 1600))
    assert kinds(gate) == ["imageInference"]
    assert [c.images for c in books.charges()] == [1]


def test_async(sdk: Witness, gate: Gate) -> None:
    """The acknowledgement is not taken for a result; progress is told while it rises, the result once.

    It takes any item with a key that ends in ``URL`` for a result, so that an acknowledgement must not echo one.
    """
    progress: list[float] = []
    told: list[str] = []
    options = RunOptions(
        on_progress=lambda item: progress.append(item["progress"]),
        on_result=lambda item: told.append(item["imageUUID"]),
    )
    (item,) = sdk.run(options=options, webhookURL="https://example.com/hook?token=1")
    assert {*item} <= POLLED_MAY_CARRY
    assert (item["taskType"], item["status"], item["cost"]) == ("imageInference", "success", 0.035)
    assert told == [item["imageUUID"]]
    assert progress == sorted(set(progress))
    assert 0 < progress[0] <= progress[-1] < 100
    assert kinds(gate) == ["imageInference", *["getResponse"] * (len(progress) + 1)]
    assert sdk.file(item["imageURL"]).size == (2048, 2048)


@pytest.mark.parametrize("delivery", ["sync", "async"])
def test_results(delivery: str, sdk: Witness, books: Books) -> None:
    """Twenty are twenty: one task, distinct names and seeds, each told once though replies are cumulative."""
    told: list[str] = []
    options = RunOptions(on_result=lambda item: told.append(item["imageUUID"]))
    items = sdk.run(options=options, numberResults=20, deliveryMethod=delivery)
    assert len({item["imageUUID"] for item in items}) == len({item["seed"] for item in items}) == 20
    assert len({item["taskUUID"] for item in items}) == 1
    assert [item["imageUUID"] for item in items] == told
    assert books.spent() == Decimal("0.7")


def test_both_deliveries_make_the_same(sdk: Witness) -> None:
    """A poll and the archive tell the very pictures that a held line brought, in the same order."""
    items = sdk.run(numberResults=3, **SYNC)
    about = {"taskUUID": items[0]["taskUUID"]}
    polled = sdk.do(lambda it: it.get_response(about))
    (details,) = sdk.do(lambda it: it.get_task_details(about))
    names = [item["imageUUID"] for item in items]
    assert [item["imageUUID"] for item in polled] == names
    assert [item["imageUUID"] for item in details["response"]["data"]] == names
    assert {*details} == {*GetTaskDetailsResult.__annotations__}
    assert details["request"][0]["positivePrompt"] == "a red fox"


@pytest.mark.parametrize(
    ("kind", "key", "start"),
    [("base64Data", "imageBase64Data", "/9j/"), ("dataURI", "imageDataURI", "data:image/jpeg;base64,/9j/")],
)
@pytest.mark.parametrize("delivery", ["sync", "async"])
def test_inline_pictures(delivery: str, kind: str, key: str, start: str, sdk: Witness) -> None:
    """What is not an address is recognised as a result all the same, and stands under its own key."""
    (item,) = sdk.run(outputType=kind, deliveryMethod=delivery)
    assert item[key].startswith(start)
    assert {*item} & {"imageURL", "imageBase64Data", "imageDataURI"} == {key}


@pytest.mark.parametrize(
    "spelling",
    [
        {"providerSettings": {"bytedance": {"maxSequentialImages": 4}}},
        {"settings": {"maxSequentialImages": 4}},
    ],
)
def test_sequence_on_a_held_line(spelling: dict[str, Any], sdk: Witness) -> None:
    """All frames come in one reply, in both spellings of the setting: the page's and the SDK's newer one."""
    items = sdk.run(**SYNC, **spelling)
    assert len({item["imageUUID"] for item in items}) == 4


@pytest.mark.django_db
def test_of_a_polled_sequence_it_takes_the_first(sdk: Witness, books: Books, clock: Clock) -> None:
    """A difference: it expects ``numberResults`` items, so that it stops polling at the first frame of four.

    All four are made and charged; the other three can still be asked for, if somebody thinks of it. Ours waits.
    """
    items = sdk.run(settings={"maxSequentialImages": 4})
    assert len(items) == 1
    assert books.spent() == Decimal("0.14")
    generation = orders.place("a fox", sequence=4)
    for _ in range(8):
        clock.pass_by(1)
        carry(generation, turns=1)
    assert carry(generation).state == State.DONE
    assert [image.position for image in generation.images.order_by("position")] == [0, 1, 2, 3]
    assert books.spent() == Decimal("0.28")


def test_flags(sdk: Witness) -> None:
    """``NSFWContent`` stands on each item when the check was asked for, and on none otherwise."""
    items = sdk.run(
        positivePrompt="a fox sandbox:nsfw", numberResults=2, safety={"checkContent": True}, **SYNC
    )
    assert [item["NSFWContent"] for item in items] == [False, True]
    (item,) = sdk.run(**SYNC)
    assert "NSFWContent" not in item


def test_the_cost_stays_away_unless_asked_for(sdk: Witness) -> None:
    """No ``includeCost``, no cost; and a null one is handed on as it is."""
    (item,) = sdk.run(includeCost=False, **SYNC)
    assert "cost" not in item
    (item,) = sdk.run(positivePrompt="sandbox:nullcost", **SYNC)
    assert item["cost"] is None


# -- Made from pictures --------------------------------------------------------------------------------------


def drawn(colour: str = "red", kind: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def upload(sdk: Witness, media: str) -> dict[str, Any]:
    (item,) = sdk.do(lambda it: it.media_storage({"operation": "upload", "media": media}))
    return item


def made_from(*references: str) -> dict[str, Any]:
    return {"inputs": {"referenceImages": [*references]}, **SYNC}


def test_uploads(sdk: Witness, books: Books) -> None:
    """Its two ways to upload: each reply has exactly the keys of its types, and what was sent lies at the address."""
    kept = upload(sdk, file_to_data_uri(drawn()))
    assert {*kept} == {*MediaStorageResultUpload.__annotations__}
    assert kept["operation"] == "upload"
    (old,) = sdk.do(lambda it: it.image_upload({"image": file_to_base64(drawn())}))
    assert {*old} == {*ImageUploadResult.__annotations__}
    assert uuid.UUID(kept["mediaUUID"]) != uuid.UUID(old["imageUUID"])
    for url in (kept["mediaURL"], old["imageURL"]):
        picture = sdk.file(url)
        assert (picture.format, picture.size, picture.getpixel((0, 0))) == ("PNG", (64, 48), (255, 0, 0))
    assert books.charges() == []


def test_an_upload_is_deleted(sdk: Witness) -> None:
    """By its UUID; then nothing can be made from it any more, and it cannot be deleted again."""
    name = upload(sdk, file_to_base64(drawn()))["mediaUUID"]
    (gone,) = sdk.do(lambda it: it.media_storage({"operation": "delete", "media": name}))
    assert {*gone} == {*MediaStorageResultDelete.__annotations__}
    assert (gone["operation"], gone["mediaUUID"]) == ("delete", name)
    error = sdk.fails(**made_from(name))
    assert (error.code, error.parameter) == ("validation", "inputs.referenceImages")
    assert sdk.fails(lambda it: it.media_storage({"operation": "delete", "media": name})).code == "validation"


def taken(app: App, item: dict[str, Any]) -> tuple[str, ...]:
    """What the sandbox holds this item's task to be made from."""
    found = app.books.task(item["taskUUID"])
    assert found
    return found[0].references


def test_every_form_of_a_reference(sdk: Witness, app: App) -> None:
    """The same picture as upload, older upload, data URI, base64 and address of ours is the same to the sandbox.

    The SDK calls every data URI of bytes ``application/octet-stream``: the content decides, not that word.
    """
    kept = upload(sdk, file_to_data_uri(drawn()))
    (old,) = sdk.do(lambda it: it.image_upload({"image": file_to_data_uri(drawn())}))
    forms = [kept["mediaUUID"], old["imageUUID"], file_to_data_uri(drawn()), file_to_base64(drawn())]
    items = [sdk.run(**made_from(form))[0] for form in (*forms, kept["mediaURL"], old["imageURL"])]
    assert len({taken(app, item) for item in items}) == 1
    assert len({sdk.file(item["imageURL"]).tobytes() for item in items}) == 1
    (other,) = sdk.run(**made_from(file_to_base64(drawn("blue"))))
    assert taken(app, other) != taken(app, items[0])


def test_made_from_a_result(sdk: Witness, app: App) -> None:
    """A result is a reference by its UUID and by its address; another's address is taken as it is, and not opened."""
    (first,) = sdk.run(**SYNC)
    texts = (first["imageUUID"], first["imageURL"], "https://example.com/a.jpg?sig=1")
    by_name, by_address, outside = (taken(app, sdk.run(**made_from(text))[0]) for text in texts)
    assert by_name == by_address != outside


def test_results_pair_with_what_they_are_made_from(sdk: Witness) -> None:
    """One prompt, three references: whoever sees only the pictures knows which was made from which."""
    colours = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)}

    def distance(picture: Image.Image, name: str) -> int:
        mean = picture.convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
        assert isinstance(mean, tuple)
        return sum(abs(a - b) for a, b in zip(mean, colours[name], strict=True))

    for name in colours:
        (item,) = sdk.run(**made_from(file_to_base64(drawn(name))))
        picture = sdk.file(item["imageURL"])
        assert min(colours, key=lambda other: distance(picture, other)) == name


def test_many_references_and_a_sequence(sdk: Witness, books: Books) -> None:
    """Eleven references and four frames are fifteen, and all four come; with one more nothing is made."""
    texts = [file_to_base64(drawn(f"#0000{n:02x}")) for n in range(11)]
    items = sdk.run(**made_from(*texts), settings={"maxSequentialImages": 4})
    assert len(items) == 4
    error = sdk.fails(**made_from(*texts), settings={"maxSequentialImages": 5})
    assert (error.code, error.status_code) == ("validation", 400)
    assert sdk.fails(**made_from(*[texts[0]] * 15)).parameter == "inputs.referenceImages"
    assert [c.images for c in books.charges()] == [4]


@pytest.mark.parametrize(
    "text",
    [
        "no picture",
        str(uuid.UUID(int=7, version=4)),
        "data:image/png;base64,AAAA",
        "data:image/png,plain",
        file_to_base64(drawn(size=(10, 10))),
        file_to_base64(drawn(size=(340, 20))),
        file_to_base64(drawn(kind="GIF")),
        file_to_base64(drawn()[:60]),
    ],
    ids=["words", "nobody's UUID", "no content", "no base64", "too small", "too long", "GIF", "half"],
)
def test_a_wrong_reference(text: str, sdk: Witness, books: Books) -> None:
    """Said of the right parameter, before anything is made or paid."""
    error = sdk.fails(**made_from(text))
    assert (error.code, error.parameter, error.status_code) == ("validation", "inputs.referenceImages", 400)
    assert error.message.startswith("Reference 1: ")
    assert books.accepted() == []


# -- Errors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "code", "again", "status"),
    [
        ("badkey", "auth", False, 401),
        ("forbidden", "auth", False, 403),
        ("nobalance", "quota", False, 402),
        ("refused", "safety", False, 400),
        ("flagged-late", "safety", False, 400),
        ("always429", "rateLimit", True, 429),
        ("fails", "provider", True, 500),
        ("down", "serverError", True, 503),
    ],
)
def test_classes_of_errors(
    word: str, code: str, again: bool, status: int, sdk: Witness, books: Books
) -> None:
    """Each class of the contract arrives as the SDK's own, with its HTTP status; none is charged."""
    error = sdk.fails(positivePrompt=f"a fox sandbox:{word}", config={"max_retries": 0}, **SYNC)
    assert (error.code, error.retryable, error.status_code) == (code, again, status)
    assert error.message
    assert books.spent() == 0


@pytest.mark.parametrize(
    ("values", "parameter"),
    [
        ({"width": 10}, "width"),
        ({"numberResults": 21}, "numberResults"),
        ({"outputQuality": 5}, "outputQuality"),
        ({"outputFormat": "GIF"}, "outputFormat"),
        ({"ttl": 1}, "ttl"),
        ({"positivePrompt": ""}, "positivePrompt"),
        ({"seed": 7}, "seed"),
        ({"safety": {"mode": "slow"}}, "safety.mode"),
        ({"taskUUID": "6f1f7c1e-3a52-1f0e-9d3b-0f7f5f1f2a01"}, "taskUUID"),
        ({"inputs": {"referenceImages": []}}, "inputs.referenceImages"),
        ({"settings": {"maxSequentialImages": 16}}, "providerSettings.bytedance.maxSequentialImages"),
    ],
)
def test_validation(values: dict[str, Any], parameter: str, sdk: Witness, gate: Gate, books: Books) -> None:
    """A wrong value is a validation error that names its parameter, is not sent again and not charged."""
    error = sdk.fails(**values, **SYNC)
    assert (error.code, error.parameter, error.status_code) == ("validation", parameter, 400)
    assert (error.task_type, error.task_uuid) == ("imageInference", gate.posts[0]["taskUUID"])
    assert len(gate.posts) == 1
    assert books.accepted() == []


def test_a_rule_across_several(sdk: Witness) -> None:
    """A difference: where the error names a list of parameters, it keeps the first."""
    error = sdk.fails(width=5000, height=5000, **SYNC)
    assert (error.code, error.parameter) == ("validation", "width")


def test_a_wrong_key(sdk: Witness) -> None:
    """The key is looked at before the task: 401, whatever was asked."""
    error = sdk.fails(config={"api_key": "wrong"}, **SYNC)
    assert (error.code, error.status_code, error.parameter) == ("auth", 401, "apiKey")


def test_a_time_out_of_the_provider(sdk: Witness, books: Books) -> None:
    """504 with one scoped error; the task is accepted, and it says only that it is unknown what went wrong."""
    error = sdk.fails(positivePrompt="sandbox:stuck", config={"max_retries": 0}, **SYNC)
    assert (error.code, error.status_code, error.task_type) == ("unknown", 504, "imageInference")
    assert len(books.accepted()) == 1


CODES = [
    # The contract's code and class, its HTTP status, and what the SDK calls it where that is another class.
    ("invalidTaskUUID", "validation", 400, None),
    ("conflictTaskUUID", "validation", 400, None),
    ("unsupportedDimensions", "validation", 400, None),
    ("unsupportedParameter", "validation", 400, None),
    ("missingPositivePrompt", "validation", 400, None),
    ("invalidReferenceImagesCount", "validation", 400, None),
    ("invalidApiKey", "auth", 401, None),
    ("missingApiKey", "auth", 401, None),
    ("insufficientCredits", "quota", 402, None),
    ("invalidProviderContent", "safety", 400, None),
    ("contentPolicyViolation", "safety", 400, None),
    ("nsfwContentDetected", "safety", 400, None),
    ("rateLimitExceeded", "rate_limit", 429, None),
    ("providerRateLimitExceeded", "rate_limit", 429, None),
    ("inferenceError", "provider", 200, None),
    ("noAvailableServer", "provider", 200, None),
    # It looks for a "Timeout" with a capital letter: one of the two is "timeout" to it, the other nothing it knows.
    ("failedProviderTimeout", "provider", 504, "timeout"),
    ("timeoutProvider", "provider", 504, "unknown"),
    ("internalServerError", "server", 500, None),
    ("serviceUnavailable", "server", 503, None),
]
ITS_NAMES = {"rate_limit": "rateLimit", "server": "serverError"}


@pytest.mark.parametrize(("code", "kind", "status", "other"), CODES, ids=[row[0] for row in CODES])
def test_every_code_of_the_contract(
    code: str, kind: str, status: int, other: str | None, sdk: Witness, gate: Gate
) -> None:
    """Both clients, given the same reply, put it into the same class, but for two that the SDK names otherwise."""
    error = {"code": code, "message": "No.", "taskUUID": TASK, "taskType": "imageInference"}
    reply = answering(f"{status} Whatever", {"errors": [error]})
    gate.spoil["imageInference"] = [reply, reply]
    its = sdk.fails(taskUUID=TASK, config={"max_retries": 0}, **SYNC)
    assert (its.code, its.message, its.task_uuid) == (other or ITS_NAMES.get(kind, kind), "No.", TASK)
    with pytest.raises(ProviderError) as caught:
        client().submit({**FOX, "taskUUID": TASK})
    assert (caught.value.kind, caught.value.code, caught.value.message) == (kind, code, "No.")


def test_a_rate_limit_that_passes(sdk: Witness, gate: Gate, books: Books) -> None:
    """429 twice, then the picture: sent again under the same UUID, charged once.

    A difference: over REST it does not look at ``Retry-After``, but at its own jitter.
    """
    (item,) = sdk.run(positivePrompt="sandbox:429", **SYNC)
    assert gate.submitted() == [item["taskUUID"]] * 3
    assert [c.images for c in books.charges()] == [1]
    assert sdk.fails(positivePrompt="sandbox:always429", **SYNC).retry_after is None


def test_a_failure_met_while_polling(sdk: Witness) -> None:
    """An error of the task in a reply with status 200: the class is there, the status is not."""
    error = sdk.fails(positivePrompt="sandbox:fails")
    assert (error.code, error.status_code, error.task_type) == ("provider", None, "imageInference")
    assert error.message == "The provider failed to generate this image."


def test_an_unknown_task(sdk: Witness) -> None:
    """A poll for it looks like work in progress; the archive says that there is none."""
    stranger = {"taskUUID": str(uuid.uuid4())}
    assert sdk.do(lambda it: it.get_response(stranger)) == [
        {"taskType": "getResponse", "taskUUID": stranger["taskUUID"], "status": "processing"}
    ]
    error = sdk.fails(lambda it: it.get_task_details(stranger))
    assert (error.code, error.status_code, error.task_uuid) == ("notFound", 404, stranger["taskUUID"])


def test_of_a_partial_failure_it_keeps_nothing(sdk: Witness, books: Books) -> None:
    """A difference: one of four failed, and it throws the whole reply away, though three are there and paid.

    Ours keeps the three: ``test_pipeline``. The contract puts ``data`` and ``errors`` side by side in one reply.
    """
    told: list[Any] = []
    options = RunOptions(on_result=told.append)
    with pytest.raises(RunwareError) as caught:
        sdk.run(options=options, positivePrompt="sandbox:partial", numberResults=4, **SYNC)
    assert caught.value.code == "provider"
    assert told == []
    assert [c.images for c in books.charges()] == [3]


@pytest.mark.django_db
def test_an_empty_list_of_errors(sdk: Witness, gate: Gate, books: Books) -> None:
    """A difference, and why the sandbox leaves out what is empty: to the SDK ``errors: []`` is a failure.

    The reply is one of a finished task. Ours takes the picture out of the same.
    """
    (item,) = sdk.run(**SYNC)
    gate.spoil["imageInference"] = [answering("200 OK", {"data": [item], "errors": []})]
    assert sdk.fails(**SYNC).code == "unknown"
    generation = orders.place("a fox")
    gate.spoil["imageInference"] = [
        answering("200 OK", {"data": [{**item, "taskUUID": str(generation.pk)}], "errors": []})
    ]
    assert carry(generation).state == State.DONE
    assert generation.images.get().image_uuid == uuid.UUID(item["imageUUID"])


def test_a_lone_object(sdk: Witness, gate: Gate) -> None:
    """A difference: the contract knows ``data`` as one object, and to the SDK there is nothing then. Ours reads it."""
    details = {"taskType": "accountManagement", "operation": "getDetails", "balance": 12.5}
    gate.spoil["accountManagement"] = [answering("200 OK", {"data": details})] * 2
    assert sdk.do(lambda it: it.account_management({"operation": "getDetails"})) == []
    assert client().balance() == Decimal("12.5")


# -- Accepted, and nobody knows ------------------------------------------------------------------------------


LOST = {
    "503": ("sandbox:503-after", []),
    "502 and HTML": ("sandbox:html-reply", []),
    "cut": ("sandbox:cut-after", []),
    "cut within": ("sandbox:cut-within", []),
    "time-out": ("a fox", [slow]),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", LOST)
def test_the_known_flaw(
    case: str, sdk: Witness, gate: Gate, books: Books, clock: Clock, settings: Any
) -> None:
    """A difference, and the one that matters: paid for, and no picture.

    The submission is accepted and the answer lost. The SDK sends the same UUID again, is told that it is in use, and
    reports a validation error, which it calls final; it never asks. In the same situation ours asks, and ends with
    the picture and one charge.
    """
    prompt, spoils = LOST[case]
    patience = {"timeout": 300} if spoils else {}
    gate.spoil["imageInference"] = [*spoils]
    error = sdk.fails(positivePrompt=prompt, config=patience)
    assert (error.code, error.retryable, error.parameter) == ("validation", False, "taskUUID")
    assert kinds(gate) == ["imageInference"] * 2
    assert len(set(gate.submitted())) == 1
    assert [c.images for c in books.charges()] == [1]

    settings.SEEDREAM |= {"TIMEOUT": 0.3} if spoils else {}
    gate.posts.clear()
    gate.spoil["imageInference"] = [*spoils]
    generation = orders.place(prompt)
    for _ in range(4):
        clock.pass_by(5)
        carry(generation, turns=3)
    generation = Generation.objects.get()
    assert (generation.state, generation.stored) == (State.DONE, 1)
    assert gate.submitted() == [str(generation.pk)]
    assert [c.images for c in books.charges()] == [1, 1]


def test_a_poll_without_end(sdk: Witness, books: Books) -> None:
    """It gives up by its own clock; the task stays at the provider, and paid."""
    error = sdk.fails(positivePrompt="sandbox:stuck", config={"poll_timeout": 50})
    assert (error.code, error.retryable) == ("timeout", True)
    assert len(books.accepted()) == 1


def test_down_is_down(sdk: Witness, gate: Gate, books: Books) -> None:
    """503 before anything was accepted: four tries under one UUID, and no charge."""
    error = sdk.fails(positivePrompt="sandbox:down")
    assert (error.code, error.status_code) == ("serverError", 503)
    assert len(gate.submitted()) == 4
    assert len(set(gate.submitted())) == 1
    assert books.accepted() == []


# -- Around it -----------------------------------------------------------------------------------------------


def test_account(sdk: Witness) -> None:
    """The balance, an object as in its types, goes down by what was charged; every part is one that they name."""

    def details() -> dict[str, Any]:
        (item,) = sdk.do(lambda it: it.account_management({"operation": "getDetails"}))
        assert {*item} <= {*AccountManagementResult.__annotations__}
        assert item["operation"] == "getDetails"
        return item

    before = details()
    sdk.run(numberResults=2, **SYNC)
    after = details()
    assert before["balance"]["amount"] - after["balance"]["amount"] == pytest.approx(0.07)
    assert client().balance() == Decimal(str(after["balance"]["amount"]))
    assert after["usage"]["total"] == {"credits": 0.07, "requests": 1}


def test_usage(sdk: Witness, clock: Clock) -> None:
    """What was used, by day and key: the sums are what was charged, for each of its groups and for a range of days."""
    for days in (0, 1):
        clock.pass_by(days * 24 * 60 * 60)
        sdk.run(numberResults=2 - days, **SYNC)

    def used(**values: Any) -> dict[str, Any]:
        asked = {"operation": "getUsageActivity", **values}
        (item,) = sdk.do(lambda it: it.account_management(asked))
        assert {*item} <= {*AccountManagementResult.__annotations__}
        assert item["operation"] == "getUsageActivity"
        return item["usage"]

    whole = used(groupBy=["day"])
    assert [day["images"] for day in whole["activity"]] == [2, 1]
    assert (whole["total"]["images"], whole["total"]["credits"]) == (3, 0.105)
    last = whole["activity"][-1]["date"]
    assert used(startDate=last, endDate=last)["total"]["images"] == 1
    assert [key["images"] for key in used(groupBy=["apiKey"])["activity"]] == [3]
    error = sdk.fails(
        lambda it: it.account_management({"operation": "getUsageActivity", "startDate": "soon"})
    )
    assert (error.code, error.parameter) == ("validation", "startDate")
