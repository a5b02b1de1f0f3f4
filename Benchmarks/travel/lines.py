# SPDX-License-Identifier: Apache-2.0
"""The lines of `mcastd monitor --json`, each as soon as it is there."""

import json
import select
import subprocess
import time

from comparison.processes import Failure, Process


class Lines:
    """What happens from now on."""

    def __init__(self, binary, control):
        self._process = Process([binary, "monitor", "--json", "--control", control], stdout=subprocess.PIPE, bufsize=0)
        self._rest = b""
        while self.next()[0]["event"] != "snapshot-complete":
            pass

    @property
    def pid(self):
        return self._process.pid

    def next(self, limit=None):
        """An event, and when its line was there, in ns of CLOCK_MONOTONIC; none where none comes within the limit."""
        pipe = self._process.child.stdout
        while b"\n" not in self._rest:
            if not select.select([pipe], [], [], limit)[0]:
                return None, time.monotonic_ns()
            part = pipe.read(65536)
            if not part:
                raise Failure("mcastd monitor ended")
            self._rest += part
        now = time.monotonic_ns()
        line, self._rest = self._rest.split(b"\n", 1)
        return json.loads(line), now

    def stop(self):
        self._process.stop()
