# SPDX-License-Identifier: Apache-2.0
"""The programs that are compared: built, or found on this machine."""

import os
import pathlib
import shutil
import tempfile

from .processes import Failure, run

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = BENCHMARKS.parent
LIMITS = BENCHMARKS / ".build" / "limits"


def build_limits():
    run(["make", "--silent", "-C", BENCHMARKS / "limits", f"OUT={LIMITS}"], limit=120)


def limit(name):
    """One of the C programs."""
    return LIMITS / name


def mcastd():
    """The release binary: MCASTD_BINARY, or built."""
    return run([REPOSITORY / "packaging" / "build-release"], limit=1800).splitlines()[-1]


def receive_buffer():
    """Bytes of receive buffer that everybody gets: mcastd's default, or what the kernel allows."""
    with open("/proc/sys/net/core/rmem_max", encoding="ascii") as text:
        return min(4 << 20, int(text.read()))


def mcjoin(scratch):
    """mcjoin: MCJOIN names the program or its source tree, which is built; else as installed, else None."""
    place = os.environ.get("MCJOIN")
    if not place:
        return shutil.which("mcjoin")
    if os.path.isfile(place) and os.access(place, os.X_OK):
        return os.path.abspath(place)
    if not os.path.isfile(os.path.join(place, "autogen.sh")):
        raise Failure(f"MCJOIN={place} is neither a program nor mcjoin's source tree")
    tree = tempfile.mkdtemp(prefix="mcjoin-", dir=scratch)
    shutil.copytree(place, tree, dirs_exist_ok=True, symlinks=True)
    for command in (["./autogen.sh"], ["./configure", "--quiet"], ["make", "--silent"]):
        run(command, limit=300, cwd=tree)
    return os.path.join(tree, "src", "mcjoin")
