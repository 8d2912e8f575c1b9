"""Each row of the provider's parameter page: how it is set, from each door, and the tests that prove it.

docs/parameters.py writes it into docs/reference/parameters.md; tests/test_rows.py runs every example to the wire,
and holds that every door and every test named here exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One row of the page. An example is what one writes there; all of a row's examples send the same.

    ``admin`` is ``{form field: value}``, ``command`` options, ``python`` keywords of ``generate()``, ``setting``
    keys of ``SEEDREAM``; ``app`` says what the app does by itself. ``sends`` is what is then at ``path`` on the
    wire; ``...`` where no two orders send the same. ``ours`` are tests from the door to the stored picture,
    ``theirs`` tests that the sandbox serves it and refuses what is wrong: ``file::function``, below tests/.
    """

    path: str
    sends: Any = ...
    admin: dict[str, str] = field(default_factory=dict)
    command: str = ""
    python: str = ""
    setting: str = ""
    app: str = ""
    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()


SERVED = ("test_rows.py::test_served", "test_rows.py::test_refused")
DOORS = "test_rows.py::test_to_the_wire"
ALONE = "test_rows.py::test_by_itself"
PARTS = "the rows below it"

ROWS = (
    Row(
        "taskType",
        "imageInference",
        app="always `imageInference`",
        ours=(ALONE, "test_delivery.py::test_taskType_taskUUID_and_model_are_the_app_s"),
        theirs=SERVED,
    ),
    Row(
        "taskUUID",
        app="the order's own number",
        ours=(
            "test_rows.py::test_the_number_of_the_order_is_the_task_s",
            "test_flow.py::test_prompt_to_files",
        ),
        theirs=(*SERVED, "test_sandbox.py::test_conflict_survives_case_and_restart"),
    ),
    Row(
        "outputType",
        "dataURI",
        command="--output-type dataURI",
        python='output_type="dataURI"',
        setting='"OUTPUT_TYPE": "dataURI"',
        ours=(DOORS, "test_delivery.py::test_outputType_and_deliveryMethod_all_ways_store_the_same"),
        theirs=(*SERVED, "test_sandbox.py::test_bytes_in_the_reply", "test_witness.py::test_inline_pictures"),
    ),
    Row(
        "outputFormat",
        "WEBP",
        admin={"output_format": "WEBP"},
        command="--format WEBP",
        python='output_format="WEBP"',
        ours=(DOORS, "test_rows.py::test_what_came_is_what_is_stored"),
        theirs=(*SERVED, "test_sandbox.py::test_formats"),
    ),
    Row(
        "outputQuality",
        60,
        admin={"output_quality": "60"},
        command="--quality 60",
        python="output_quality=60",
        ours=(DOORS, "test_rows.py::test_quality_changes_the_stored_file"),
        theirs=(*SERVED, "test_sandbox.py::test_quality_changes_the_file"),
    ),
    Row(
        "webhookURL",
        "https://example.com/made",
        command="--webhook-url https://example.com/made",
        python='webhook_url="https://example.com/made"',
        setting='"WEBHOOK_URL": "https://example.com/made"',
        ours=(DOORS, "test_delivery.py::test_webhookURL_and_uploadEndpoint_reach_a_listener"),
        theirs=(*SERVED, "test_sandbox_courier.py::test_one_post_for_each_result"),
    ),
    Row(
        "deliveryMethod",
        "sync",
        command="--delivery-method sync",
        python='delivery_method="sync"',
        setting='"DELIVERY_METHOD": "sync"',
        ours=(DOORS, "test_delivery.py::test_deliveryMethod_sync_is_one_POST"),
        theirs=(
            *SERVED,
            "test_sandbox.py::test_sync_holds_the_line",
            "test_witness.py::test_both_deliveries_make_the_same",
        ),
    ),
    Row(
        "uploadEndpoint",
        "https://example.com/put",
        command="--upload-endpoint https://example.com/put",
        python='upload_endpoint="https://example.com/put"',
        setting='"UPLOAD_ENDPOINT": "https://example.com/put"',
        ours=(
            DOORS,
            "test_delivery.py::test_an_upload_is_for_one_picture",
            "test_delivery.py::test_webhookURL_and_uploadEndpoint_reach_a_listener",
        ),
        theirs=(*SERVED, "test_sandbox_courier.py::test_the_file_is_put"),
    ),
    Row("safety", app=PARTS, ours=(DOORS,), theirs=SERVED),
    Row(
        "safety.checkContent",
        True,
        setting='"SAFETY_CHECK": True',
        ours=(
            DOORS,
            "test_flow.py::test_flagged",
            "test_review.py::test_both_rows_of_the_page",
            "test_review.py::test_approved_it_moves",
        ),
        theirs=(*SERVED, "test_sandbox.py::test_safety_shows_only_when_on", "test_witness.py::test_flags"),
    ),
    Row(
        "safety.mode",
        "fast",
        setting='"SAFETY_CHECK": "fast"',
        ours=(DOORS, "test_review.py::test_both_rows_of_the_page"),
        theirs=SERVED,
    ),
    Row(
        "ttl",
        3600,
        command="--ttl 3600",
        python="ttl=3600",
        setting='"TTL": 3600',
        ours=(DOORS, "test_delivery.py::test_ttl_an_expired_address_is_asked_for_again"),
        theirs=(*SERVED, "test_sandbox.py::test_ttl"),
    ),
    Row(
        "includeCost",
        True,
        app="always `true`",
        ours=(ALONE, "test_delivery.py::test_includeCost"),
        theirs=(
            *SERVED,
            "test_sandbox.py::test_null_cost",
            "test_witness.py::test_the_cost_stays_away_unless_asked_for",
        ),
    ),
    Row(
        "numberResults",
        3,
        admin={"results": "3"},
        command="--results 3",
        python="results=3",
        ours=(
            DOORS,
            "test_rows.py::test_so_many_results_are_stored",
            "test_command_generate.py::test_some_came",
        ),
        theirs=(
            *SERVED,
            "test_sandbox.py::test_results_come_one_after_another",
            "test_witness.py::test_results",
        ),
    ),
    Row("inputs", app=PARTS, ours=(DOORS,), theirs=SERVED),
    Row(
        "inputs.referenceImages",
        admin={"references": "photo.jpg"},
        command="--reference photo.jpg --reference style=drawing.png",
        python='references=[Path("photo.jpg"), (Path("drawing.png"), "style")]',
        ours=(
            DOORS,
            "test_howtos.py::test_references",
            "test_references.py::test_bytes_in_every_form",
            "test_media.py::test_sent_by_uuid_in_order",
            "test_media.py::test_the_roles_are_told",
            "test_reference_forms.py::test_every_kind",
            "test_reference_forms.py::test_edit_this_picture",
        ),
        theirs=(
            *SERVED,
            "test_sandbox_media.py::test_each_kind_of_reference_has_its_key",
            "test_sandbox_media.py::test_unusable_pictures",
            "test_sandbox_references.py::test_results_are_paired_with_their_references",
            "test_witness.py::test_every_form_of_a_reference",
        ),
    ),
    Row(
        "model",
        "bytedance:seedream@5.0-lite",
        app="always `bytedance:seedream@5.0-lite`",
        ours=(ALONE, "test_delivery.py::test_nobody_chooses_them"),
        theirs=SERVED,
    ),
    Row(
        "positivePrompt",
        "a red fox",
        admin={"prompt": "a red fox"},
        command='"a red fox"',
        python='"a red fox"',
        ours=(DOORS, "test_orders.py::test_prompts_as_they_are_kept"),
        theirs=SERVED,
    ),
    Row(
        "width",
        2848,
        admin={"shape": "16:9", "resolution": "2K"},
        command="--size 2848x1600",
        python='size="2848x1600"',
        ours=(DOORS, "test_rows.py::test_the_size_is_the_file_s", "test_orders.py::test_listed_sizes_only"),
        theirs=(*SERVED, "test_sandbox.py::test_every_listed_size_is_exact"),
    ),
    Row(
        "height",
        1600,
        admin={"shape": "16:9", "resolution": "2K"},
        command="--size 2848x1600",
        python="width=2848, height=1600",
        ours=(DOORS, "test_rows.py::test_the_size_is_the_file_s"),
        theirs=(*SERVED, "test_sandbox.py::test_the_window_is_served_too"),
    ),
    Row("providerSettings", app=PARTS, ours=(DOORS,), theirs=SERVED),
    Row("providerSettings.bytedance", app=PARTS, ours=(DOORS,), theirs=SERVED),
    Row(
        "providerSettings.bytedance.maxSequentialImages",
        4,
        admin={"make": "sequence", "sequence": "4"},
        command="--sequence 4",
        python="sequence=4",
        ours=(
            DOORS,
            "test_rows.py::test_a_sequence_is_stored_in_its_order",
            "test_rows.py::test_fewer_of_a_sequence_is_a_success",
            "test_rows.py::test_references_and_a_sequence_share_fifteen",
        ),
        theirs=(
            *SERVED,
            "test_sandbox.py::test_sequences",
            "test_sandbox_media.py::test_frames_know_their_place",
            "test_witness.py::test_sequence_on_a_held_line",
            "test_sandbox_references.py::test_frames_tell_one_scene",
        ),
    ),
    Row(
        "providerSettings.bytedance.optimizePromptMode",
        "fast",
        admin={"optimize_prompt_mode": "fast"},
        command="--optimize fast",
        python='optimize_prompt_mode="fast"',
        ours=(DOORS,),
        theirs=SERVED,
    ),
)
