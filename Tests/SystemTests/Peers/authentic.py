# SPDX-License-Identifier: Apache-2.0
"""Seals heartbeats, and checks those of others, by Python's hmac and by the Ed25519 of OpenSSL.

`send` sends heartbeats with host, run, seq, every and z, sealed by the first of the keys of each algorithm.
`receive` prints `ready`, then for each heartbeat a line: source address, the proof of each of its codes as in
`mac=ID:ok` or `sig=ID:wrong`, text.

A key is ID:ALGORITHM:BASE64, as in a file of keys.
"""

import argparse
import base64
import hashlib
import hmac
import socket
import struct
import time
from datetime import datetime, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

parser = argparse.ArgumentParser()
parser.add_argument("action", choices=["send", "receive"])
parser.add_argument("--key", action="append", default=[])
parser.add_argument("--host", default="python")
parser.add_argument("--interval", type=float, default=0.1, help="seconds")
parser.add_argument("--count", type=int, default=0, help="0: until killed")
parser.add_argument("--copies", type=int, default=1, help="of each")
parser.add_argument("--ahead", type=float, default=0, help="of the right time, in seconds")
parser.add_argument("--group", default="239.1.1.1")
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--sealed-for", default="", help="another group and port, as text")
arguments = parser.parse_args()

group = (arguments.sealed_for or f"{arguments.group}:{arguments.port}").encode()
keys = [(name, kind, base64.b64decode(key)) for name, kind, key in (key.split(":") for key in arguments.key)]


def encode(code):
    return base64.urlsafe_b64encode(code).rstrip(b"=")


def decode(text):
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def covered(domain, beat):
    return domain + b"\0" + group + b"\0" + beat


def mac(key, beat):
    return hmac.new(key, covered(b"mcastd 1", beat), hashlib.sha256).digest()[:16]


def seal(beat):
    for name, kind, key in keys:
        if kind == "ed25519":
            signature = Ed25519PrivateKey.from_private_bytes(key).sign(covered(b"mcastd 1 sig", beat))
            beat += b" sig=" + name.encode() + b":" + encode(signature)
            break
    for name, kind, key in keys:
        if kind == "hmac-sha256":
            return beat + b" mac=" + name.encode() + b":" + encode(mac(key, beat))
    return beat


def send():
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    run = int(time.time() * 1000)
    every = f"{round(arguments.interval * 1000)}ms"
    number = 0
    while arguments.count == 0 or number < arguments.count:
        number += 1
        now = datetime.fromtimestamp(time.time() + arguments.ahead, timezone.utc).replace(tzinfo=None)
        text = f"ATU {now.isoformat(' ', 'microseconds')} host={arguments.host} run={run:x} seq={number} every={every} z=+0000"
        beat = seal(text.encode())
        for _ in range(arguments.copies):
            sender.sendto(beat, (arguments.group, arguments.port))
        print(beat.decode(), flush=True)
        time.sleep(arguments.interval)


def verify(beat):
    """What each code proves, the last one first."""
    found = []
    while (word := beat.rpartition(b" ")[2]).startswith((b"mac=", b"sig=")):
        beat = beat.rpartition(b" ")[0]
        label, _, rest = word.partition(b"=")
        name, _, code = rest.partition(b":")
        found.append(f"{label.decode()}={name.decode()}:{prove(label, name.decode(), decode(code), beat)}")
    return ",".join(found) or "none"


def prove(label, name, code, beat):
    kind = {b"mac": "hmac-sha256", b"sig": "ed25519-public"}[label]
    key = next((key for other, algorithm, key in keys if (other, algorithm) == (name, kind)), None)
    if key is None:
        return "unknown"
    if label == b"mac":
        return "ok" if hmac.compare_digest(code, mac(key, beat)) else "wrong"
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(code, covered(b"mcastd 1 sig", beat))
        return "ok"
    except InvalidSignature:
        return "wrong"


def receive():
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    receiver.bind(("", arguments.port))
    membership = struct.pack("4sl", socket.inet_aton(arguments.group), socket.INADDR_ANY)
    receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    print("ready", flush=True)
    while True:
        beat, source = receiver.recvfrom(1024)
        print(f"{source[0]} {verify(beat)} {beat.decode('ascii', 'backslashreplace')}", flush=True)


{"send": send, "receive": receive}[arguments.action]()
