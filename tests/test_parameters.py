"""The parameter page as data: the module says what the page says, and checks accordingly."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream_django import parameters
from seedream_django.parameters import BY_KEYWORD, BY_PATH, PAGE, Parameter, Problem, build, check, read

from . import facts

TASK_UUID = "3f0c5e0a-8a1c-4d8e-9a52-0f5b8f1f6d11"
REFERENCES = "inputs.referenceImages"
SEQUENCE = "providerSettings.bytedance.maxSequentialImages"


# -- The module against the page -----------------------------------------------------------------------------


def the_page() -> dict[str, Any]:
    """Every transcribed fact, as one tree of plain data that a test may change."""
    return copy.deepcopy({name: value for name, value in vars(facts).items() if name.isupper()})


def the_module() -> dict[str, Any]:
    """The same tree, read from the module."""
    return {
        "MODEL": parameters.MODEL,
        "TASK_TYPE": parameters.TASK_TYPE,
        "ROWS": {row.path: facts_of(row) for row in PAGE},
        "DIMENSIONS": {
            resolution: {shape: sizes[resolution] for shape, sizes in parameters.DIMENSIONS.items()}
            for resolution in parameters.RESOLUTIONS
        },
        "MIN_PIXELS": parameters.MIN_PIXELS,
        "MAX_PIXELS": parameters.MAX_PIXELS,
        "MIN_ASPECT": (1, parameters.MAX_ASPECT),
        "MAX_ASPECT": (parameters.MAX_ASPECT, 1),
        "MAX_REFERENCES_AND_SEQUENCE": parameters.MAX_REFERENCES_PLUS_SEQUENCE,
        "UNIT_PRICE": str(parameters.PRICE),
    }


def facts_of(row: Parameter) -> dict[str, Any]:
    """A row of the module in the page's words, without what it leaves out."""
    words: dict[str, dict[str, Any]] = {
        "uuid": {"type": "string", "format": "UUID v4"},
        "uri": {"type": "string", "format": "URI"},
        "strings": {"type": "array of strings"},
    }
    fixed = row.choices[0] if row.required and len(row.choices) == 1 else None
    found = {
        **words.get(row.type, {"type": row.type}),
        "required": row.required or None,
        "value": fixed,
        "default": row.default,
        "choices": None if fixed else list(row.choices) or None,
        "min": row.minimum,
        "max": row.maximum,
        "paired": row.pair or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def differences(page: Any, module: Any, where: str = "") -> list[str]:
    """Name every place where the two trees are not the same, the order of rows and choices included."""
    if not isinstance(page, dict) or not isinstance(module, dict):
        same = type(page) is type(module) and page == module
        return [] if same else [f"{where}: {page!r} on the page, {module!r} in the module"]
    found = [] if list(page) == list(module) or set(page) != set(module) else [f"{where}: another order"]
    for name in {**page, **module}:
        found += differences(page.get(name), module.get(name), f"{where} {name}".strip())
    return found


def ordered_alike(tree: dict[str, Any]) -> dict[str, Any]:
    """The facts of one row stand in any order; only rows, tiers and choices have one."""
    return {**tree, "ROWS": {path: dict(sorted(row.items())) for path, row in tree["ROWS"].items()}}


def disagreements(page: dict[str, Any]) -> list[str]:
    return differences(ordered_alike(page), ordered_alike(the_module()))


def test_every_row_and_none_more_and_each_fact_equal() -> None:
    """The module is the page: all rows in the page's order, every bound, choice, default, size and price."""
    assert disagreements(the_page()) == []


def places(tree: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every single fact: each leaf of the tree, and each item of a list or pair."""
    if not isinstance(tree, (dict, list, tuple)):
        yield where
        return
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield from places(value, (*where, key))


def changed(tree: Any, where: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """A copy of the tree with one fact changed."""
    if not where:
        return change(tree)
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    copied = {key: changed(value, where[1:], change) if key == where[0] else value for key, value in pairs}
    return copied if isinstance(tree, dict) else type(tree)(copied.values())


def other(value: Any) -> Any:
    """Another value of the same type."""
    return not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value}x"


PLACES = list(places(the_page()))
ROWS_FACTS = [(path, name) for path, row in facts.ROWS.items() for name in row]


def spelt(where: Any) -> str:
    return " ".join(map(str, where))


def test_the_mutations_reach_every_fact() -> None:
    """The changes below are not an empty list: rows, sizes, window, allowance, model and price are in it."""
    assert {where[0] for where in PLACES} == set(the_page())
    assert len([where for where in PLACES if where[0] == "DIMENSIONS"]) == 16 * 2
    assert {where[1] for where in PLACES if where[0] == "ROWS"} == {row.path for row in PAGE}


@pytest.mark.parametrize("where", PLACES, ids=spelt)
def test_changing_any_one_fact_fails(where: tuple[Any, ...]) -> None:
    """A digit, a word or a flag that differs is found, and nothing else is reported with it."""
    assert len(disagreements(changed(the_page(), where, other))) == 1


@pytest.mark.parametrize("where", ROWS_FACTS, ids=spelt)
def test_leaving_out_any_one_fact_fails(where: tuple[str, str]) -> None:
    """A bound, default or flag that the page had not stated would be found in the module."""
    page = the_page()
    del page["ROWS"][where[0]][where[1]]
    assert len(disagreements(page)) == 1


@pytest.mark.parametrize("path", facts.ROWS)
def test_a_row_too_few_too_many_or_elsewhere_fails(path: str) -> None:
    """A row that only one of the two has is found from both sides, and so is one that moved."""
    page = the_page()
    row = page["ROWS"].pop(path)
    assert len(disagreements(page)) == 1
    page["ROWS"] |= {path: row, "seed": {"type": "integer"}}
    assert any("seed" in line for line in disagreements(page))
    del page["ROWS"]["seed"]
    assert disagreements(page) == ([] if path == list(facts.ROWS)[-1] else ["ROWS: another order"])


@pytest.mark.parametrize("path", [path for path, row in facts.ROWS.items() if "choices" in row])
def test_a_choice_too_few_or_too_many_fails(path: str) -> None:
    """The list of values is held as a whole."""
    choices = facts.ROWS[path]["choices"]
    for wrong in (choices[:-1], [*choices, "other"], choices[::-1]):
        assert disagreements(changed(the_page(), ("ROWS", path, "choices"), lambda _, w=wrong: w))


def test_keywords_and_paths_are_unique() -> None:
    """Each row has one name in Python and one place on the wire."""
    assert len(BY_KEYWORD) == len(BY_PATH) == len(PAGE)


def test_every_row_has_words_for_people() -> None:
    """Forms and docs show them."""
    assert all(row.label and row.help and row.door in {"form", "settings", "app"} for row in PAGE)


# -- Checking ------------------------------------------------------------------------------------------------


def task(**values: Any) -> dict[str, Any]:
    """A valid task; keywords add to it or, with ``...``, take away."""
    whole: dict[str, Any] = {
        "task_type": facts.TASK_TYPE,
        "task_uuid": TASK_UUID,
        "model": facts.MODEL,
        "prompt": "a red fox",
        "width": 2048,
        "height": 2048,
        **values,
    }
    return build({name: value for name, value in whole.items() if value is not ...})


def wrong(checked: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem.parameter, problem.code) for problem in check(checked)]


def at(path: str, value: Any) -> dict[str, Any]:
    return task(**{BY_PATH[path].keyword: value})


def sized(path: str, size: int) -> Any:
    """A value of a bounded parameter that has this size."""
    return {"integer": size, "string": "x" * size, "array of strings": ["https://example.com/a.jpg"] * size}[
        facts.ROWS[path]["type"]
    ]


def code(prefix: str, path: str, suffix: str = "") -> str:
    name = path.rpartition(".")[2]
    return f"{prefix}{name[0].upper()}{name[1:]}{suffix}"


BOUNDS = [(path, bound) for path, row in facts.ROWS.items() for bound in ("min", "max") if bound in row]


def test_a_plain_order_and_a_full_one_are_right() -> None:
    """The smallest task passes, and one that uses every parameter at once."""
    assert wrong(task()) == []
    assert wrong(FULL) == []
    assert set(dict(parameters._flatten(FULL))) == set(facts.ROWS)


FULL = task(
    output_type="URL", output_format="WEBP", output_quality=20, webhook_url="https://example.com/hook?t=1",
    delivery_method="async", upload_endpoint="https://example.com/put?a=b", check_content=True,
    safety_mode="fast", ttl=60, include_cost=True, results=20, references=["a"], sequence=14,
    optimize_prompt_mode="fast",
)  # fmt: skip


@pytest.mark.parametrize(("path", "bound"), BOUNDS, ids=spelt)
def test_each_bound_itself_is_allowed_and_one_beyond_is_not(path: str, bound: str) -> None:
    """Minimum and maximum belong to what is allowed; the problem says which value it is and what is allowed."""
    limit = facts.ROWS[path][bound]
    assert wrong(at(path, sized(path, limit))) == []
    beyond = limit - 1 if bound == "min" else limit + 1
    (problem,) = check(at(path, sized(path, beyond)))
    suffix = "Count" if facts.ROWS[path]["type"] == "array of strings" else ""
    assert (problem.parameter, problem.code) == (path, code("invalid", path, suffix))
    assert problem.limits[bound] == limit
    assert str(beyond) in str(problem)
    assert str(limit) in str(problem)


@pytest.mark.parametrize("path", [path for path, row in facts.ROWS.items() if "choices" in row])
def test_choices(path: str) -> None:
    """Each listed value passes; another case, a blank and a stranger do not, and the list is told."""
    for value in facts.ROWS[path]["choices"]:
        assert wrong(at(path, value)) == []
    for value in ("", "other", facts.ROWS[path]["choices"][0].swapcase()):
        (problem,) = check(at(path, value))
        assert problem.code == code("invalid", path)
        assert problem.limits == {"allowedValues": facts.ROWS[path]["choices"]}


#: For each type of the page, what is not of it.
NOT = {
    "string": (1, True, 1.5, [], ["a"], {}, None),
    "integer": ("2048", 2048.0, True, False, float("nan"), [1], {}, None),
    "boolean": (0, 1, "true", "", [], {}, None),
    "array of strings": ("https://example.com/a.jpg", [1], [None], [["a"]], [""], {}, 1, True, None),
    "object": ("fast", 1, True, [], [{}], None),
}


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, row in facts.ROWS.items() for value in NOT[row["type"]]]
)
def test_wrong_types(path: str, value: Any) -> None:
    """Nothing is taken for what it is not, however near: no number in quotes, no 1 for true, no null."""
    checked = json.loads(json.dumps(FULL))
    *parents, name = path.split(".")
    place = checked
    for parent in parents:
        place = place[parent]
    place[name] = value
    assert wrong(checked)[0] == (path, code("invalid", path))


@pytest.mark.parametrize(
    "value",
    ["", "x", TASK_UUID.replace("-", ""), f"{{{TASK_UUID}}}", f"urn:uuid:{TASK_UUID}", str(uuid.uuid1()),
     "00000000-0000-0000-0000-000000000000", f"{TASK_UUID} "],
)  # fmt: skip
def test_a_task_uuid_is_a_version_4(value: str) -> None:
    """Other versions and other spellings are refused; capitals are the same UUID."""
    assert wrong(task(task_uuid=value)) == [("taskUUID", "invalidTaskUUID")]
    assert wrong(task(task_uuid=TASK_UUID.upper())) == []


@pytest.mark.parametrize("keyword", ["webhook_url", "upload_endpoint"])
@pytest.mark.parametrize(
    "value",
    ["", "example.com", "ftp://example.com/", "https://", "https:///a", "https://a b", "https://a/\n"],
)
def test_an_address_is_one(keyword: str, value: str) -> None:
    """A web address with a host and without blanks."""
    path = BY_KEYWORD[keyword].path
    assert wrong(task(**{keyword: value})) == [(path, code("invalid", path))]


@pytest.mark.parametrize("path", [path for path, row in facts.ROWS.items() if row.get("required")])
def test_what_is_required_is_missed(path: str) -> None:
    """Each required parameter is missed by name, the lone half of a pair too."""
    assert wrong(task(**{BY_PATH[path].keyword: ...})) == [(path, code("missing", path))]


def test_an_empty_task_misses_all_that_is_required() -> None:
    """Everything wrong is told at once."""
    required = [path for path, row in facts.ROWS.items() if row.get("required")]
    assert [parameter for parameter, _ in wrong({})] == required


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ({"seed": 1}, "seed"),
        ({"negativePrompt": "x"}, "negativePrompt"),
        ({"positiveprompt": "x"}, "positiveprompt"),
        ({"referenceImages": ["a"]}, "referenceImages"),
        ({"mode": "fast"}, "mode"),
        ({"": 1}, ""),
        ({"safety": {"level": 1}}, "safety.level"),
        ({"inputs": {"image": "a"}}, "inputs.image"),
        ({"providerSettings": {"openai": {}}}, "providerSettings.openai"),
        ({"providerSettings": {"bytedance": {"seed": 1}}}, "providerSettings.bytedance.seed"),
        ({"settings": {"seed": {"deep": 1}}}, "settings"),
        ({"safety.mode": "fast"}, '"safety.mode"'),
        ({"providerSettings": {"bytedance.seed": 1}}, 'providerSettings."bytedance.seed"'),
    ],
    ids=str,
)
def test_unknown_names_at_every_level(place: dict[str, Any], path: str) -> None:
    """What the model does not have is refused by its path, never ignored; a path is no name."""
    assert wrong({**task(), **place}) == [(path, "unsupportedParameter")]


def test_a_dotted_name_hides_no_wrong_value() -> None:
    """A name spelt like a path does not stand in for the value at that path."""
    checked = {**task(), "safety": {"mode": "loud"}, "safety.mode": "fast"}
    assert ("safety.mode", "invalidMode") in wrong(checked)


# -- Sizes ---------------------------------------------------------------------------------------------------

ALL_SIZES = [size for by_shape in facts.DIMENSIONS.values() for size in by_shape.values()]
UNSUPPORTED = [("width", "unsupportedDimensions")]


@pytest.mark.parametrize("size", ALL_SIZES, ids=spelt)
def test_listed_sizes_pass_and_lie_inside_the_window(size: tuple[int, int]) -> None:
    """All sixteen are taken, also where only the list is."""
    assert wrong(task(width=size[0], height=size[1])) == []
    assert parameters.check_dimensions(*size, exact=True) == []
    assert facts.MIN_PIXELS <= size[0] * size[1] <= facts.MAX_PIXELS


@pytest.mark.parametrize(
    ("width", "height", "right"),
    [
        (2560, 1440, True),  # 3,686,400 pixels: the very least
        (1921, 1919, False),  # one pixel fewer
        (12735, 817, True),  # 10,404,495 pixels: no two sides make one more
        (3322, 3132, False),  # 10,404,504: the next that two sides make
        (7680, 480, True),  # 16:1 and the least
        (480, 7680, True),
        (7681, 480, False),
        (480, 7681, False),
        (12896, 806, True),  # 16:1 and 10,394,176 pixels
        (12912, 807, False),
        (1024, 1024, False),
        (4096, 4096, False),
    ],
)
def test_the_window_s_edges(width: int, height: int, right: bool) -> None:
    """Pixels and aspect may be at the edge itself and not one beyond; the reason names the pair."""
    assert wrong(task(width=width, height=height)) == ([] if right else UNSUPPORTED)
    if not right:
        assert str(width) in str(check(task(width=width, height=height))[0])


@pytest.mark.parametrize("bad", [0, -1, -2048, 1, 10**9, 10**400, -(10**400)])
@pytest.mark.parametrize("keyword", ["width", "height"])
def test_absurd_sides(keyword: str, bad: int) -> None:
    """A side that no picture has is refused like any other, and its reason can be shown."""
    problems = check(task(**{keyword: bad}))
    assert [(p.parameter, p.code) for p in problems] == UNSUPPORTED
    assert str(problems[0])


def test_a_negative_pair_is_not_positive() -> None:
    """Two minus signs make no picture."""
    assert wrong(task(width=-2048, height=-2048)) == UNSUPPORTED


@pytest.mark.parametrize("size", [(2560, 1440), (3024, 1296), (2048, 2049)], ids=spelt)
def test_only_the_list_where_it_is_exact(size: tuple[int, int]) -> None:
    """Inside the window but not on the list: code may, a site that keeps to the list may not."""
    assert all(size != listed for listed in ALL_SIZES)
    (problem,) = parameters.check_dimensions(*size, exact=True)
    assert problem.code == "unsupportedDimensions"


def test_shapes_are_named() -> None:
    """Each listed size is of the shape it is listed under; one between takes the nearest."""
    for by_shape in facts.DIMENSIONS.values():
        for shape, size in by_shape.items():
            assert parameters.shape_of(*size) == shape
    assert parameters.shape_of(2560, 1440) == "16:9"


# -- The shared allowance, and large numbers -----------------------------------------------------------------


@pytest.mark.parametrize("references", range(1, 15))
def test_references_and_sequence_share_fifteen(references: int) -> None:
    """Together they may be fifteen, not sixteen; each alone is bound by its own limit."""
    left = facts.MAX_REFERENCES_AND_SEQUENCE - references
    assert wrong(task(references=["a"] * references, sequence=left)) == []
    (problem,) = check(task(references=["a"] * references, sequence=left + 1))
    assert (problem.parameter, problem.code) == (SEQUENCE, "invalidMaxSequentialImages")
    assert problem.limits == {"max": 15}


def test_one_half_that_is_wrong_is_told_alone() -> None:
    """The sum of something that is no number is nobody's concern."""
    assert wrong(task(references=["a"] * 15, sequence=15)) == [(REFERENCES, "invalidReferenceImagesCount")]
    assert wrong(task(references=["a"] * 14, sequence="15")) == [(SEQUENCE, code("invalid", SEQUENCE))]


@pytest.mark.parametrize(
    "path", [p for p, row in facts.ROWS.items() if row["type"] == "integer" and "max" in row]
)
@pytest.mark.parametrize(
    "huge", [10**18, 2**64, 10**400, -(10**400)], ids=["1e18", "2^64", "1e400", "-1e400"]
)
def test_huge_numbers(path: str, huge: int) -> None:
    """Whole numbers have no end in JSON; here they have, and the reason can be shown."""
    (problem,) = check(at(path, huge))
    assert problem.code == code("invalid", path)
    assert str(huge) in str(problem)


# -- Building and reading ------------------------------------------------------------------------------------


def test_build_puts_each_keyword_in_its_place() -> None:
    """Nested where the page nests; None and strangers are left out."""
    assert build({"prompt": "x", "sequence": 3, "safety_mode": None, "nonsense": 1}) == {
        "positivePrompt": "x",
        "providerSettings": {"bytedance": {"maxSequentialImages": 3}},
    }
    assert build({}) == {}


def test_read_leaves_out_what_it_does_not_know() -> None:
    """A task of a newer version is read as far as it is understood."""
    found = read({"positivePrompt": "x", "seed": 1, "safety": {"mode": "fast", "new": 1}, "inputs.x": 1})
    assert found == {"prompt": "x", "safety": {"mode": "fast", "new": 1}, "safety_mode": "fast"}


def test_a_whole_task_survives_the_way_there_and_back() -> None:
    """What was built is read again, value by value."""
    assert build({k: v for k, v in read(FULL).items() if BY_KEYWORD[k].type != "object"}) == FULL


LEAVES = [row for row in PAGE if row.type != "object"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from([name for path in facts.ROWS for name in (path, path.rpartition(".")[2])])
SCALARS = st.text(max_size=30) | st.integers() | st.booleans() | st.lists(st.text(max_size=5), max_size=16)


@st.composite
def tasks(draw: st.DrawFn) -> dict[str, Any]:
    """Something like a task: known names with any value, at the right place or a wrong one."""
    near = st.dictionaries(NAMES | st.text(max_size=5), JSON | SCALARS, max_size=6)
    whole = draw(near)
    for parent in draw(st.lists(st.sampled_from(["safety", "inputs", "providerSettings"]), max_size=3)):
        whole[parent] = draw(near)
    if draw(st.booleans()):
        whole["providerSettings"] = {"bytedance": draw(near)}
    return {**task(), **whole} if draw(st.booleans()) else whole


def test_price_is_exact() -> None:
    """Money is counted in decimals, never in binary fractions."""
    assert Decimal(facts.UNIT_PRICE) == parameters.PRICE
    assert isinstance(parameters.PRICE, Decimal)


@given(st.dictionaries(st.sampled_from([row.keyword for row in LEAVES]), SCALARS))
def test_build_and_read_are_each_other_s_inverse(values: dict[str, Any]) -> None:
    """For any values of any parameters, right or wrong."""
    back = {k: v for k, v in read(build(values)).items() if BY_KEYWORD[k].type != "object"}
    assert back == values
    assert build(back) == build(values)


@given(tasks() | st.dictionaries(st.text(), JSON))
def test_check_never_raises(checked: dict[str, Any]) -> None:
    """Whatever JSON brings: a list of problems, each with a code, a path and a sentence."""
    for problem in check(checked):
        assert isinstance(problem, Problem)
        assert problem.code
        assert str(problem)


@given(tasks())
def test_what_passes_is_what_the_page_allows(checked: dict[str, Any]) -> None:
    """A task without problems has nothing that a second, plainer reading of the facts would refuse."""
    if check(checked):
        return
    for path, value in parameters._flatten(checked):
        row = facts.ROWS[path]
        assert "choices" not in row or value in row["choices"]
        size = value if row["type"] == "integer" else len(value) if hasattr(value, "__len__") else 0
        assert row.get("min", size) <= size <= row.get("max", size)
