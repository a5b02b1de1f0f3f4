# SPDX-License-Identifier: Apache-2.0
"""A daemon that says more than any group does: answers `io.mcastd.Monitor` on a socket.

monitor-flood.py PATH RATE SECONDS: prints `ready`; to the first caller it says a snapshot of 1000 readings, then
RATE changes a second for SECONDS, and `last VALUE`, what each reading is in the end. It never drops a caller.
"""

import json
import socket
import sys
import time

path, rate, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(path)
server.listen(4)
print("ready")


def reply(**parameters):
    return json.dumps({"parameters": {"timeUsec": 0, **parameters}, "continues": True}).encode() + b"\0"


def reading(event, host, value):
    return reply(event=event, host=f"h{host}", address="10.0.0.1", key="n.n", value=str(value), quality="good")


caller, _ = server.accept()
caller.recv(65536)
for host in range(1000):
    caller.sendall(reading("snapshot-reading", host, 0))
caller.sendall(reply(event="snapshot-complete"))
start = time.monotonic()
changes = 0
while changes < rate * seconds:
    due = min(rate * seconds, int((time.monotonic() - start) * rate))
    if due == changes:
        time.sleep(0.001)
        continue
    caller.sendall(b"".join(reading("reading", n % 1000, n // 1000 + 1) for n in range(changes, due)))
    changes = due
print(f"{changes} changes in {time.monotonic() - start:.1f} s")
print(f"last {changes // 1000}")
time.sleep(600)
