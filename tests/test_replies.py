"""What a reply says: item by item, never raising, never dropping what was paid for."""

from __future__ import annotations

import json
import logging
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedream_django.runware import items, replies
from seedream_django.runware.codes import classify
from seedream_django.runware.replies import Report

TASK = uuid.UUID("6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a01")
OTHER = uuid.UUID("6f1f7c1e-3a52-4f0e-9d3b-0f7f5f1f2a02")
IMAGES = [f"0c7a5f0e-52a5-4d84-9a4a-1c1f2f5f9b0{n}" for n in range(5)]
SECRET = "canary-4f7a1c9e8b2d4e6f-key"
URL = "https://im.runware.ai/image/a.jpg"


def done(number: int = 0, **fields: Any) -> dict[str, Any]:
    item = {
        "taskType": "imageInference",
        "taskUUID": str(TASK),
        "status": "success",
        "imageUUID": IMAGES[number],
    }
    return {**item, "imageURL": f"{URL}?sig={number}", "seed": 7 + number, "cost": 0.035, **fields}


def pending(**fields: Any) -> dict[str, Any]:
    return {"taskType": "imageInference", "taskUUID": str(TASK), "status": "processing", **fields}


def error(code: str = "inferenceError", **fields: Any) -> dict[str, Any]:
    return {
        "code": code,
        "message": "It broke.",
        "taskUUID": str(TASK),
        "taskType": "imageInference",
        **fields,
    }


def say(*items: Any, errors: Any = None, status: int = 200, polling: bool = True) -> Report:
    payload = {"data": list(items)} | ({} if errors is None else {"errors": errors})
    reports, _ = replies.read(payload, [TASK], status=status, polling=polling, secret=SECRET)
    return reports[TASK]


# -- Results -------------------------------------------------------------------------------------------------


def test_a_whole_result() -> None:
    """Every field arrives with its type; money through its text, so 0.035 is exactly that."""
    (result,) = say(done(NSFWContent=True, resultIndex=3)).results
    assert (str(result.image_uuid), result.url, result.seed) == (IMAGES[0], f"{URL}?sig=0", 7)
    assert (result.cost, result.flagged, result.index) == (Decimal("0.035"), True, 3)
    assert "sig" not in repr(result)


def test_cumulative_replies_are_counted_once() -> None:
    """The same picture twice in one reply is one picture."""
    report = say(done(0), done(1), done(0, imageURL=f"{URL}?sig=other"))
    assert [str(r.image_uuid) for r in report.results] == IMAGES[:2]


@pytest.mark.parametrize(
    ("indices", "order"),
    [
        ([2, 0, 1], [1, 2, 0]),
        ([None, None, None], [0, 1, 2]),
        ([None, 1, 0], [2, 1, 0]),
        (["x", True, -1], [0, 1, 2]),
    ],
)
def test_order_is_the_index_else_arrival(indices: list[Any], order: list[int]) -> None:
    """The frames of a sequence stay in order even when they are finished out of it."""
    report = say(*(done(n, resultIndex=index) for n, index in enumerate(indices)))
    assert [str(r.image_uuid) for r in report.results] == [IMAGES[n] for n in order]


@pytest.mark.parametrize("raw", [None, "", "img_17", 17, ["x"], "not\0printable\ud800"])
def test_a_picture_without_a_good_uuid_is_kept(raw: Any) -> None:
    """It was paid for: it gets a name, the same in the next poll, whose signature differs."""
    first, second = (say(done(imageUUID=raw, imageURL=f"{URL}?sig={s}")).results[0] for s in "ab")
    assert first.image_uuid == second.image_uuid
    assert first.image_uuid.version == 5


def test_derived_names_differ_where_pictures_do() -> None:
    """Two pictures without a name stay two, even where only the query of their addresses tells them apart."""
    report = say(done(0, imageUUID=None), done(1, imageUUID=None))
    assert len({r.image_uuid for r in report.results}) == 2


@pytest.mark.parametrize(
    ("cost", "read"),
    [(0.035, "0.035"), (0, "0"), ("0.07", "0.07"), (1, "1"), (None, None), (True, None), (-0.01, None),
     (1000, None), (1e400, None), ("NaN", None), ("Infinity", None), ("x", None), ({}, None), (["1"], None)],
)  # fmt: skip
def test_cost(cost: Any, read: str | None) -> None:
    """Only a finite price from 0 to below 1000 is one; the rest means "not told": never zero, no error."""
    assert say(done(cost=cost)).results[0].cost == (None if read is None else Decimal(read))


@pytest.mark.parametrize(
    ("seed", "read"), [(0, 0), (2**63 - 1, 2**63 - 1), (2**63, None), (-1, None), ("7", None), (1.5, None)]
)
def test_seed_fits_its_column(seed: Any, read: int | None) -> None:
    """A seed that no 64-bit column holds must not cost the picture."""
    assert say(done(seed=seed)).results[0].seed == read


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        5,
        "ftp://x/a",
        "https://",
        "javascript:x",
        "https://a/b c",
        "https://ä/",
        "https://a/" + "x" * 9000,
    ],
)
def test_a_success_without_an_address_is_no_result(url: Any) -> None:
    """It proves that the task is known, and is neither a picture nor work in progress."""
    report = say(done(imageURL=url))
    assert (report.results, report.failures, report.processing, report.known) == ((), (), False, True)


# -- What else an item may be --------------------------------------------------------------------------------


def test_the_echo_of_a_poll_proves_nothing() -> None:
    """Contract 4.5: an unknown task is answered like a queued one, except for the item's task type."""
    echo = say({"taskType": "getResponse", "taskUUID": str(TASK), "status": "processing"})
    assert (echo.processing, echo.known) == (True, False)
    assert say(pending()).known


@pytest.mark.parametrize(
    ("progress", "read"),
    [(40, 40), (99.9, 99), (0, 0), (101, None), (-1, None), (True, None), ("40", None), (1e400, None)],
)
def test_progress(progress: Any, read: int | None) -> None:
    """A percentage or nothing."""
    assert say(pending(progress=progress)).progress == read


def test_finished_and_unfinished_side_by_side() -> None:
    """Two of three are there: both are told, and that work goes on."""
    report = say(done(0), done(1), pending(progress=60))
    assert (len(report.results), report.processing, report.progress) == (2, True, 60)


@pytest.mark.parametrize(
    "item",
    [
        {**pending(status="error"), "code": "inferenceError", "message": "It broke."},
        {**pending(status="ERROR"), "error": {"code": "inferenceError", "message": "It broke."}},
        {**pending(status="error"), "errors": [{"code": "inferenceError", "message": "It broke."}]},
    ],
)
def test_failed_items_flat_and_nested(item: dict[str, Any]) -> None:
    """Clients meet failures in ``data`` in all three shapes."""
    report = say(done(), item)
    assert [(f.kind, f.code, f.message) for f in report.failures] == [
        ("provider", "inferenceError", "It broke.")
    ]
    assert (len(report.results), report.processing, report.known) == (1, False, True)


def test_a_failed_item_with_only_words() -> None:
    """An error that is a bare text is kept as the message."""
    (failure,) = say({**pending(status="error"), "error": "It broke."}).failures
    assert (failure.kind, failure.message) == ("provider", "It broke.")


def test_the_same_failure_twice_is_one() -> None:
    """In ``errors`` and in ``data``: "3 of 4" must not become "2 of 4"."""
    item = {**pending(status="error"), "code": "inferenceError", "message": "It broke."}
    assert len(say(item, errors=[error()]).failures) == 1


# -- Errors and whose they are -------------------------------------------------------------------------------


def test_errors_beside_data_are_judged_by_their_own_uuid() -> None:
    """One of two tasks failed: the other one does not notice."""
    payload = {"data": [done()], "errors": [error(taskUUID=str(OTHER))]}
    reports, strays = replies.read(payload, [TASK, OTHER], polling=True)
    assert (len(reports[TASK].results), reports[TASK].failures) == (1, ())
    assert [f.code for f in reports[OTHER].failures] == ["inferenceError"]
    assert strays == []


def test_an_error_without_a_uuid_belongs_to_the_only_task() -> None:
    """When one task was sent, there is nobody else whose error it could be."""
    reports, _ = replies.read({"errors": [{"code": "invalidApiKey"}]}, [TASK], status=401)
    assert reports[TASK].failures[0].kind == "auth"


def test_an_error_without_a_uuid_is_no_task_s_in_a_poll() -> None:
    """Not even when one task was asked for: it is the question that failed."""
    reports, strays = replies.read({"errors": [{"code": "inferenceError"}]}, [TASK], polling=True)
    assert (reports, len(strays)) == ({}, 1)


def test_somebody_else_s_error_is_not_ours() -> None:
    """Even with one task sent: an error that names another task is counted as a stray one."""
    reports, strays = replies.read({"errors": [error(taskUUID=str(OTHER))]}, [TASK])
    assert (reports, len(strays)) == ({}, 1)


@pytest.mark.parametrize(
    ("code", "task_type", "status", "ends"),
    [
        ("inferenceError", "imageInference", 200, True),
        ("internalServerError", "imageInference", 500, True),
        ("providerRateLimitExceeded", "imageInference", 200, True),
        ("invalidProviderContent", None, 400, True),
        ("timeoutProvider", None, 504, True),
        ("invalidReferenceImages", None, 200, True),
        ("inferenceError", "ImageInference", 200, True),
        ("rateLimitExceeded", None, 429, False),
        ("invalidApiKey", "authentication", 401, False),
        ("rateLimitExceeded", "getresponse", 429, False),
        ("internalServerError", "batch", 200, False),
        ("rateLimitExceeded", "getResponse", 200, False),
        ("invalidApiKey", None, 401, False),
        ("internalServerError", None, 500, False),
        ("tooManyTasks", "getResponse", 400, False),
    ],
)
def test_a_failed_question_does_not_end_the_task(
    code: str, task_type: str | None, status: int, ends: bool
) -> None:
    """Both errors carry the task's UUID; only one of them is the task's, and it is final for a paid row."""
    payload = {"errors": [error(code, taskType=task_type)]}
    reports, strays = replies.read(payload, [TASK], status=status, polling=True)
    assert (TASK in reports, len(strays)) == (ends, 0 if ends else 1)


def test_an_empty_list_of_errors_is_no_failure() -> None:
    """An official SDK trips over ``errors: []``; we do not."""
    assert say(done(), errors=[]).failures == ()


@pytest.mark.parametrize(
    "errors", [{"code": "inferenceError", "taskUUID": str(TASK)}, [error()], "It broke."]
)
def test_errors_in_other_shapes(errors: Any) -> None:
    """A lone object or a bare text count like a list of one."""
    assert len(say(errors=errors, polling=False).failures) == 1


def test_words_are_bounded_and_clean() -> None:
    """No key, no query of an address, no control characters, 500 characters: it goes into rows and pages."""
    message = f"{SECRET} at https://site/hook?token=hidden#x is\0\x1b[31m bad \ud800 " + "x" * 10_000
    (failure,) = say(
        errors=[error(message=message, code="c" * 999, parameter=["a", 5, f"b{SECRET}"])]
    ).failures
    assert failure.message.startswith("[key] at https://site/hook?… is")
    assert len(failure.message) == items.MESSAGE_LENGTH
    assert len(failure.code) == items.CODE_LENGTH
    assert failure.parameter == "a, b[key]"
    assert not re.search(r"hidden|canary|[\x00-\x1f\ud800-\udfff]", repr(failure))


@pytest.mark.parametrize("data", [None, 5, "x", [None], [[done()]], [{"taskUUID": None}], {"taskUUID": "x"}])
def test_rubbish_is_counted_not_raised(data: Any) -> None:
    """What is no item of ours leaves no report."""
    assert replies.read({"data": data, "errors": 7}, [TASK], polling=True) == ({}, [])


def test_the_count_is_logged_without_content(caplog: pytest.LogCaptureFixture) -> None:
    """An operator sees that something came, never what: it may hold a signed address."""
    with caplog.at_level(logging.WARNING):
        replies.read({"data": [5, done(taskUUID=str(OTHER)), done()]}, [TASK], polling=True)
    assert "1 bad items, 1 of other tasks" in caplog.text
    assert "sig" not in caplog.text


# -- The archive ---------------------------------------------------------------------------------------------


def archive(response: Any) -> Report | None:
    item = {"taskType": "getTaskDetails", "taskUUID": str(TASK), "request": [{}], "response": response}
    return replies.archived({"data": [item]}, TASK)


def test_the_archive_tells_what_became_of_a_task() -> None:
    """Results and errors of the archived response are the task's own."""
    report, failed = archive({"data": [done()]}), archive({"errors": [{"code": "internalServerError"}]})
    assert report
    assert (len(report.results), report.known, report.processing) == (1, True, False)
    assert failed
    assert (failed.failures[0].kind, failed.known) == ("server", True)


@pytest.mark.parametrize("response", [None, {}, [], "", 5, {"data": []}, {"data": [pending()]}])
def test_an_archive_without_a_response_means_in_work(response: Any) -> None:
    """A null response is no proof of failure."""
    assert archive(response) == Report(TASK, processing=True, known=True)


def test_the_archive_of_another_task_says_nothing() -> None:
    """Only the record of the task that was asked for counts."""
    assert replies.archived({"data": [{"taskUUID": str(OTHER), "response": None}]}, TASK) is None


# -- Codes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status", "kind", "outcome"),
    [
        ("invalidTaskUUID", 400, "validation", "refused"),
        ("conflictTaskUUID", 400, "validation", "refused"),
        ("unsupportedParameter", 400, "validation", "refused"),
        ("missingPositivePrompt", 400, "validation", "refused"),
        ("invalidSomethingNew", 200, "validation", "refused"),
        ("invalidApiKey", 401, "auth", "refused"),
        ("invalidApiKey", 200, "auth", "refused"),
        ("insufficientCredits", 402, "quota", "refused"),
        ("invalidProviderContent", 200, "safety", "refused"),
        ("nsfwContentDetected", 400, "safety", "refused"),
        ("rateLimitExceeded", 200, "rate_limit", "not_run"),
        ("providerRateLimitExceeded", 429, "rate_limit", "not_run"),
        ("RATELIMITEXCEEDED", 200, "rate_limit", "not_run"),
        ("timeoutProvider", 504, "provider", "unclear"),
        ("inferenceError", 200, "provider", "unclear"),
        ("internalServerError", 500, "server", "unclear"),
        ("invalidWidth", 503, "validation", "unclear"),
        ("brandNew", 400, "validation", "refused"),
        ("brandNew", 401, "auth", "refused"),
        ("brandNew", 402, "quota", "refused"),
        ("brandNew", 403, "auth", "refused"),
        ("brandNew", 408, "server", "unclear"),
        ("brandNew", 429, "rate_limit", "not_run"),
        ("brandNew", 500, "server", "unclear"),
        ("brandNew", 504, "provider", "unclear"),
        ("brandNew", 200, "provider", "unclear"),
        ("", None, "provider", "unclear"),
    ],
)
def test_classify(code: str, status: int | None, kind: str, outcome: str) -> None:
    """The contract's table, and what becomes of codes that nobody has published yet."""
    assert classify(code, status) == (kind, outcome)


# -- Bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"[]", b"5", b"null", b"NaN", b'{"a":nan}', b'{"a":' + b"[" * 500_000, b"\xff\xfe\xff",
     b"9" * 5000, b'{"a":1', b'{"a":\xff}'],
)  # fmt: skip
def test_what_is_no_reply(body: bytes) -> None:
    """One error, with nothing of the body in it: bodies hold addresses."""
    with pytest.raises(ValueError, match=r"^it is [a-zA-Z ]+$") as caught:
        replies.decode(body)
    assert caught.value.__context__ is None


def test_what_is_no_json_in_one_item_is_nothing() -> None:
    """The others beside it are read all the same: a reply may carry a hundred tasks."""
    body = b'{"a": [NaN, -Infinity, %s, -%s, 1e999], "b": "\xfc", "c": 7}' % ((b"9" * 5000,) * 2)
    assert replies.decode(body) == {"a": [None] * 4 + [float("inf")], "b": "\ufffd", "c": 7}


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=8), v, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({*done(), *error(), "progress", "resultIndex", "NSFWContent", "error", "errors", "parameter"})
mutated = st.builds(
    lambda base, changes, gone: {k: v for k, v in {**base, **changes}.items() if k not in gone},
    st.sampled_from([done(0), done(1), pending(), error()]),
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=3),
    st.sets(st.sampled_from(FIELDS), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(
    data=st.lists(mutated | values, max_size=4) | values,
    errors=st.lists(mutated | values, max_size=3) | values,
    status=st.sampled_from([200, 400, 401, 429, 500, 504]),
    polling=st.booleans(),
)
def test_mutated_replies_never_raise_and_never_invent(
    data: Any, errors: Any, status: int, polling: bool
) -> None:
    """Whatever comes: reports only of what was asked, each result with a usable address and a sane price."""
    payload = {"data": data, "errors": errors}
    reports, strays = replies.read(payload, [TASK], status=status, polling=polling, secret=SECRET)
    assert set(reports) <= {TASK}
    for result in (r for report in reports.values() for r in report.results):
        assert result.url.startswith(("http://", "https://"))
        assert isinstance(result.image_uuid, uuid.UUID)
        assert result.cost is None or 0 <= result.cost < 1000
    for failure in [f for report in reports.values() for f in report.failures] + strays:
        assert len(failure.message) <= 500
        failure.message.encode()
    replies.archived({"data": [{"taskUUID": str(TASK), "response": payload}]}, TASK)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100) | values.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_a_mapping_or_a_value_error(body: bytes) -> None:
    """Nothing else leaves ``decode``."""
    try:
        assert isinstance(replies.decode(body), dict)
    except ValueError as problem:
        assert str(problem).startswith("it is ")  # noqa: PT017  both outcomes are right
