"""What is so, and what to do: a pair for each thing that can be found."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from ..troubles import OWNER_ADVICE

_START = gettext_lazy("Start a worker, and keep it running: “manage.py run_huey”.")
SAME_QUEUE = gettext_lazy(
    "Start a worker: “manage.py run_huey”. If one runs, it reads another queue: HUEY must be the same for it and "
    "here, with SQLite the same file as well."
)
_CHECK = gettext_lazy("“manage.py check” says what to type.")
_NO_KEY = gettext_lazy('Set SEEDREAM["API_KEY"] first.')
_RIGHTS = gettext_lazy(
    "See whether the disk is full, the storage's access was changed or a right is missing for this user; then examine "
    "again."
)
LOOK = gettext_lazy("The page “Money” in the admin lists them, with what to do.")

#: What is so, and what to do: by part and code.
SENTENCES: dict[tuple[str, str], tuple[Any, Any]] = {
    ("settings", "right"): (gettext_lazy("The checks find nothing wrong."), ""),
    ("settings", "warned"): (gettext_lazy("The checks warn of %(ids)s."), _CHECK),
    ("settings", "wrong"): (gettext_lazy("The checks find errors: %(ids)s."), _CHECK),
    ("database", "ready"): (gettext_lazy("%(vendor)s answers, and has all tables."), ""),
    ("database", "unmigrated"): (
        gettext_lazy("The database lacks tables or columns. What it tells was not looked at."),
        gettext_lazy("Make them: “manage.py migrate”. Then examine again."),
    ),
    ("database", "away"): (
        gettext_lazy("The database does not answer (%(error)s). What it tells was not looked at."),
        gettext_lazy("Start it, and look at DATABASES in your settings. Then examine again."),
    ),
    ("database", "deferred"): (
        gettext_lazy("SQLite answers “database is locked” when web server and worker write at once."),
        gettext_lazy(
            'DATABASES["%(alias)s"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}; then restart both.'
        ),
    ),
    ("queue", "works"): (gettext_lazy("A worker answered in %(seconds)s seconds."), ""),
    ("queue", "slow"): (
        gettext_lazy("A worker answered only after %(seconds)s seconds."),
        gettext_lazy("If it is idle, start it with “--max-delay 1”; if it is busy, with more “--workers”."),
    ),
    ("queue", "busy"): (
        gettext_lazy(
            "A worker was seen lately, and answered nothing in %(seconds)s seconds: it is busy, or asleep."
        ),
        gettext_lazy(
            "Start it with “--max-delay 1” and more “--workers”, and see that HUEY is the same here and there."
        ),
    ),
    ("queue", "no_worker"): (
        gettext_lazy("No worker answered in %(seconds)s seconds, so nothing is made."),
        SAME_QUEUE,
    ),
    ("queue", "immediate"): (
        gettext_lazy("Tasks run inside the request (huey's immediate mode): nothing goes on by itself."),
        gettext_lazy(
            'Enough for trying. For a site that others use: "immediate": False in HUEY, and a worker.'
        ),
    ),
    ("queue", "unusable"): (
        gettext_lazy('SEEDREAM["HUEY"] does not lead to a queue, so nothing is made.'),
        _CHECK,
    ),
    ("queue", "not_taken"): (
        gettext_lazy("The queue took no task (%(error)s). Orders are kept, and begin late."),
        gettext_lazy(
            "Start what the queue lies in (Redis, a database, a disk), and look at HUEY in your settings."
        ),
    ),
    ("worker", "seen"): (gettext_lazy("One was seen %(time)s before the examination."), ""),
    ("worker", "never"): (gettext_lazy("None was ever seen, so nothing is made."), _START),
    ("worker", "silent"): (
        gettext_lazy("None was seen for %(time)s, so nothing is made. What waits is kept and not charged."),
        _START,
    ),
    ("worker", "ahead"): (
        gettext_lazy("It was last seen at a moment that is still to come: a clock was set back."),
        gettext_lazy("See whether the clocks of all machines are right. The next sweep sees to what waits."),
    ),
    ("worker", "immediate"): (gettext_lazy("None is needed in huey's immediate mode."), ""),
    ("worker", "no_queue"): (gettext_lazy("There is no queue that one could read."), _CHECK),
    ("key", "present"): (gettext_lazy("There is one, and it looks like one."), ""),
    ("key", "sandbox"): (
        gettext_lazy("None is needed: the sandbox makes the pictures, and nothing is charged."),
        "",
    ),
    ("key", "sandbox_in_production"): (
        gettext_lazy("The sandbox makes the pictures of a site in production; each says so."),
        gettext_lazy(
            'SEEDREAM = {"API_KEY": os.environ["RUNWARE_API_KEY"], "SANDBOX": False}; then restart both.'
        ),
    ),
    ("key", "missing"): (
        gettext_lazy("There is none, and the sandbox is switched off: no picture can be made."),
        gettext_lazy(
            'SEEDREAM = {"API_KEY": os.environ["RUNWARE_API_KEY"], "SANDBOX": False}; then restart both.'
        ),
    ),
    ("key", "bad_form"): (
        gettext_lazy("It has characters that no key has: a blank, a line's end, a quotation mark."),
        gettext_lazy("Copy it from the provider once more, without anything around it."),
    ),
    ("key", "short"): (
        gettext_lazy("It is very short for a key."),
        gettext_lazy("See whether all of it was copied."),
    ),
    ("provider", "sandbox"): (gettext_lazy("The sandbox answers, on this machine."), ""),
    ("provider", "answers"): (
        gettext_lazy("It answered in %(seconds)s seconds, and accepts the key."),
        "",
    ),
    ("provider", "no_key"): (gettext_lazy("It was not asked, because there is no key."), _NO_KEY),
    ("balance", "enough"): (gettext_lazy("The account has %(balance)s: enough for what waits."), ""),
    ("balance", "low"): (
        gettext_lazy("%(balance)s are left: enough for what waits, and for few pictures more."),
        gettext_lazy("Top up the account at the provider soon."),
    ),
    ("balance", "short"): (
        gettext_lazy("%(balance)s are left, and what waits costs %(waiting)s."),
        OWNER_ADVICE["quota"],
    ),
    ("balance", "untold"): (
        gettext_lazy("The provider does not tell the balance to this key."),
        gettext_lazy("Look it up at the provider from time to time, or give the key that right."),
    ),
    ("balance", "no_key"): (gettext_lazy("It was not asked for, because there is no key."), _NO_KEY),
    ("private", "is_public"): (
        gettext_lazy("It is not private: what lies in it can be fetched by everybody."),
        gettext_lazy('Add another alias to STORAGES that nobody serves: "PRIVATE_STORAGE": "private".'),
    ),
    ("private", "has_address"): (
        gettext_lazy("It gives its files addresses without a signature: perhaps everybody can fetch them."),
        gettext_lazy(
            "Have it sign its addresses (S3: querystring_auth), and close the bucket to the public."
        ),
    ),
    ("spool", "full"): (
        gettext_lazy(
            "Its disk is full (%(free)s free): while the storage is away, paid pictures could be lost."
        ),
        gettext_lazy('Make room, or name another folder: SEEDREAM["SPOOL"].'),
    ),
    ("spool", "little"): (
        gettext_lazy("Its disk is nearly full: %(free)s free."),
        gettext_lazy('Make room, or name another folder: SEEDREAM["SPOOL"].'),
    ),
    ("webhook", "came"): (gettext_lazy("The provider told of a result %(time)s before the examination."), ""),
    ("webhook", "none_yet"): (gettext_lazy("None came yet, and no order that one was due for is done."), ""),
    ("webhook", "never"): (
        gettext_lazy("None ever came, although orders are done. Pictures come all the same, a little later."),
        gettext_lazy(
            'See whether the provider reaches SEEDREAM["PUBLIC_URL"]: proxy, firewall, path prefix.'
        ),
    ),
    ("webhook", "missing"): (
        gettext_lazy(
            "The last came %(time)s before the examination, and none for the order that was done last."
        ),
        gettext_lazy(
            'See whether the provider reaches SEEDREAM["PUBLIC_URL"]: proxy, firewall, path prefix.'
        ),
    ),
    ("upload", "through_us"): (
        gettext_lazy("The provider is asked to put files here, and they go into the private storage."),
        "",
    ),
    ("upload", "no_public_url"): (
        gettext_lazy(
            'SEEDREAM["PUBLIC_URL"] is not set: orders go without an upload, and pictures are fetched.'
        ),
        _CHECK,
    ),
    ("upload", "signs"): (
        gettext_lazy("The private storage signs addresses that the provider can put files to."),
        "",
    ),
    ("upload", "missing"): (
        gettext_lazy("The file that was last waited for did not come; the picture was fetched instead."),
        gettext_lazy("See whether the provider reaches the place that it is to put files to."),
    ),
    ("upload", "no_way_in"): (
        gettext_lazy("The private storage takes no file from the provider; pictures are fetched instead."),
        gettext_lazy(
            "Use a folder, S3 or Google Cloud Storage as PRIVATE_STORAGE, or leave UPLOAD_ENDPOINT out."
        ),
    ),
    ("upload", "not_signed"): (
        gettext_lazy("The private storage signs no address (%(error)s); pictures are fetched instead."),
        gettext_lazy("Look at the storage's key and its rights; “manage.py check” may say more."),
    ),
    ("switch", "on"): (gettext_lazy("Generating is on."), ""),
    ("switch", "off"): (
        gettext_lazy("Generating is switched off: no order is taken, and what waits is not sent."),
        gettext_lazy("“Off switch” in the admin switches it on again."),
    ),
    ("sending", "goes"): (gettext_lazy("Nothing stands in the way of new orders."), ""),
    ("pictures", "saved"): (gettext_lazy("All that were paid for are saved."), ""),
    ("lost", "none"): (gettext_lazy("No order waits for a decision."), ""),
    ("budgets", "none"): (gettext_lazy("There is no budget: whoever may order can order without limit."), ""),
}

#: The same of any part.
ANYWHERE: dict[str, tuple[Any, Any]] = {
    "failed": (
        gettext_lazy("It could not be examined (%(error)s)."),
        gettext_lazy("“manage.py check” may say why; else look at the settings of this part."),
    ),
    "too_slow": (
        gettext_lazy("It did not answer in %(seconds)s seconds."),
        gettext_lazy("See whether it runs, and whether this machine reaches it."),
    ),
    "refused": (gettext_lazy("The provider did not accept the site's key."), OWNER_ADVICE["auth"]),
    "empty": (gettext_lazy("The site's account at the provider has no balance left."), OWNER_ADVICE["quota"]),
    "unreachable": (gettext_lazy("The provider cannot be reached."), OWNER_ADVICE["network"]),
    "busy": (gettext_lazy("The provider is busy."), gettext_lazy("Examine again in a few minutes.")),
    "trouble": (gettext_lazy("The provider has trouble."), OWNER_ADVICE["server"]),
    "keeps": (
        gettext_lazy("A file was written, read back the same and removed, in %(seconds)s seconds."),
        "",
    ),
    "not_loaded": (gettext_lazy("It cannot be loaded: no picture could be kept."), _CHECK),
    "not_written": (gettext_lazy("It did not take a file (%(error)s)."), _RIGHTS),
    "not_read": (gettext_lazy("It took a file and did not give it back (%(error)s)."), _RIGHTS),
    "differs": (
        gettext_lazy("It gave back other bytes than it was given."),
        gettext_lazy(
            "Something between changes files: a cache, a compression, another storage. Take it away."
        ),
    ),
    "not_deleted": (gettext_lazy("It took a file and did not remove it."), _RIGHTS),
    "foreign": (
        gettext_lazy("A folder of it belongs to somebody else, or others may write to it."),
        gettext_lazy(
            "Give it to the worker's user (“chown -R”), and run “manage.py” as that user, never as root."
        ),
    ),
    "no_folder": (
        gettext_lazy("It is a file, and should be a folder."),
        gettext_lazy('Name another: SEEDREAM["SPOOL"], on a disk of this machine that outlasts a restart.'),
    ),
    "not_writable": (
        gettext_lazy(
            "This user may not write there: while the storage is away, paid pictures could be lost."
        ),
        gettext_lazy('Name another: SEEDREAM["SPOOL"], on a disk of this machine that outlasts a restart.'),
    ),
}
