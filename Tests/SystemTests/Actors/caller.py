# SPDX-License-Identifier: Apache-2.0
"""A bad client of a Varlink socket.

caller.py PATH send: sends standard input as it is, and prints each reply, then `closed` at the end.
caller.py PATH idle COUNT: opens COUNT connections, prints `ready` and says nothing on any of them.
caller.py PATH deaf COUNT: asks for the status COUNT times on one connection and never reads; then `ready`.
"""

import socket
import sys
import time

path, mode = sys.argv[1:3]


def connect():
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect(path)
    return client


if mode == "send":
    client = connect()
    try:
        client.sendall(sys.stdin.buffer.read())
    except BrokenPipeError:
        pass  # the answer may still be there
    received = b""
    try:
        while data := client.recv(65536):
            received += data
    except ConnectionResetError:
        pass
    for reply in received.split(b"\0")[:-1]:
        print(reply.decode())
    print("closed", flush=True)
elif mode == "idle":
    clients = [connect() for _ in range(int(sys.argv[3]))]
    print("ready", flush=True)
    time.sleep(60)
elif mode == "deaf":
    client = connect()
    client.setblocking(False)
    try:
        for _ in range(int(sys.argv[3])):
            client.send(b'{"method":"io.mcastd.GetStatus"}\0')
    except (BlockingIOError, BrokenPipeError, ConnectionResetError):
        pass
    print("ready", flush=True)
    time.sleep(60)
