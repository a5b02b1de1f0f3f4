# SPDX-License-Identifier: Apache-2.0
"""The ledger of a running mcastd, from its control socket (varlink.org)."""

import json
import socket


def ledger(path):
    """GetStatus. A process for each reading, as `mcastd status` is one, would disturb what is measured."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(str(path))
        client.sendall(b'{"method": "io.mcastd.GetStatus"}\0')
        reply = bytearray()
        while not reply.endswith(b"\0"):
            if not (part := client.recv(65536)):
                raise ConnectionError("mcastd closed its control socket")
            reply += part
    return json.loads(reply[:-1])["parameters"]
