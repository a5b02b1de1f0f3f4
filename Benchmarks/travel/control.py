# SPDX-License-Identifier: Apache-2.0
"""The control socket of mcastd (varlink.org): calls, and the events of Monitor. Connections stay open: a process
for each call would take longer than what is measured."""

import json
import socket
import time

from comparison.processes import Failure

# In seconds.
LONGEST = 10
# mcastd closes a connection on which nothing was asked for a minute.
IDLE = 30


def _connected(path):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(LONGEST)
    client.connect(str(path))
    return client


class Connection:
    """Calls with one reply each."""

    def __init__(self, path):
        self.path = path
        self.socket = _connected(path)
        self._rest = b""
        self._asked = time.monotonic()

    def begin(self, method, **parameters):
        """Asks, and does not wait for the reply."""
        if time.monotonic() - self._asked > IDLE:
            self.socket.close()
            self.socket = _connected(self.path)
        self._asked = time.monotonic()
        request = {"method": f"io.mcastd.{method}", "parameters": parameters}
        self.socket.sendall(json.dumps(request).encode() + b"\0")

    def finish(self):
        while b"\0" not in self._rest:
            part = self.socket.recv(65536)
            if not part:
                raise Failure(f"mcastd closed {self.path}")
            self._rest += part
        reply, self._rest = self._rest.split(b"\0", 1)
        reply = json.loads(reply)
        if "error" in reply:
            raise Failure(f"{self.path}: {reply['error']} {reply.get('parameters')}")
        return reply["parameters"]

    def call(self, method, **parameters):
        self.begin(method, **parameters)
        return self.finish()

    def set(self, **values):
        """Says readings; a dot in a key is `_` here."""
        return self.call("SetReadings", readings=readings(values))

    def close(self):
        self.socket.close()


def readings(values):
    return [{"key": key.replace("_", "."), "value": str(value)} for key, value in values.items()]


class Monitor:
    """The events of a daemon from now on, each with when it was read, in ns of CLOCK_MONOTONIC."""

    def __init__(self, path):
        self.path = path
        self.socket = _connected(path)
        self.socket.sendall(b'{"method":"io.mcastd.Monitor","more":true}\0')
        self._rest = b""
        self.snapshot = []
        while not self.snapshot or self.snapshot[-1]["event"] != "snapshot-complete":
            self.snapshot += [event for event, _ in self.read()]
        self.socket.setblocking(False)

    def fileno(self):
        return self.socket.fileno()

    def read(self):
        """What is there: pairs of an event and when it was read; an empty list where nothing is."""
        try:
            part = self.socket.recv(1 << 20)
        except BlockingIOError:
            return []
        now = time.monotonic_ns()
        if not part:
            raise Failure(f"mcastd closed a stream of {self.path}")
        *replies, self._rest = (self._rest + part).split(b"\0")
        events = []
        for reply in map(json.loads, replies):
            if "error" in reply:
                raise Failure(f"{self.path}: {reply['error']}")
            events.append((reply["parameters"], now))
        return events

    def close(self):
        self.socket.close()
