"""setuptools' build backend, but for one thing: what an earlier build left in ``build/`` stays out of the wheel.

setuptools packs whatever lies there. After ``git pull``, ``pip install path/to/clone`` would once more install modules
and migrations that are gone.
"""

import shutil

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    shutil.rmtree("build", ignore_errors=True)
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)
