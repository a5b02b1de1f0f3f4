# SPDX-License-Identifier: Apache-2.0
"""A bad client of a Varlink socket.

caller.py PATH send: sends standard input as it is, and prints each reply, then `closed` at the end.
caller.py PATH idle COUNT: opens COUNT connections, prints `ready` and says nothing on any of them.
caller.py PATH deaf COUNT: asks for the status COUNT times on one connection and never reads; then `ready`.
caller.py PATH mute: calls Monitor with more, says `ready`, and reads only after SIGUSR1: then prints each
  reply's event or error, then `closed`.
caller.py PATH crowd USER: as that user, opens a connection each 2 ms for 10 s and keeps the last 200; `ready` after 500.
caller.py PATH late USER: as that user, four times, asks for the status 0.5 s after connecting; prints `answered` or why not.
"""

import json
import os
import signal
import socket
import sys
import time

path, mode = sys.argv[1:3]


def connect():
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect(path)
    return client


def become(user):
    # The path may lead through directories that only root may pass (/proc/PID/root).
    global path
    os.chdir(os.path.dirname(path))
    path = os.path.basename(path)
    os.setuid(int(user))


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
elif mode == "crowd":
    become(sys.argv[3])
    clients = []
    opened = 0
    end = time.monotonic() + 10
    while time.monotonic() < end:
        clients.append(connect())
        opened += 1
        if len(clients) > 200:
            clients.pop(0).close()
        if opened == 500:
            print("ready", flush=True)
        time.sleep(0.002)
elif mode == "late":
    become(sys.argv[3])
    for _ in range(4):
        client = connect()
        time.sleep(0.5)
        try:
            client.sendall(b'{"method":"io.mcastd.GetStatus"}\0')
            reply = b""
            while not reply.endswith(b"\0"):
                data = client.recv(65536)
                if not data:
                    raise ConnectionResetError("closed")
                reply += data
            print("answered" if b"startedUsec" in reply else reply, flush=True)
        except OSError as error:
            print(error, flush=True)
elif mode == "mute":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    client = connect()
    client.sendall(b'{"method":"io.mcastd.Monitor","more":true}\0')
    print("ready", flush=True)
    signal.sigwait([signal.SIGUSR1])
    received = b""
    while data := client.recv(65536):
        received += data
    for reply in received.split(b"\0")[:-1]:
        message = json.loads(reply)
        print(message.get("error") or message["parameters"]["event"])
    print("closed", flush=True)
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
