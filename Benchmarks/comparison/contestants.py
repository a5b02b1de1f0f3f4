# SPDX-License-Identifier: Apache-2.0
"""Receivers side by side, each with a port of its own, all on the same processor."""

import contextlib
import pathlib
import shutil
import time

from . import tools
from .network import GROUP, Socket
from .processes import Process, eventually, processors

HERE = pathlib.Path(__file__).resolve().parent
SAME_BUFFER = " with the same buffer"
# mcastd with its log budget spent at once: everything is counted, nothing written.
COUNTING = ["--interface=lo", "--log-rate=1", "--log-burst=1", "--publish-enabled=no"]


class Receiver:
    """A running receiver, by the number of its process."""

    def __init__(self, name, pid, port):
        self.name, self.pid, self.port = name, pid, port
        self.socket = Socket(pid, port)
        # All that it was offered, and what of that the kernel dropped.
        self.sent = self.dropped = 0

    def offer(self, place, processes=1, **options):
        """Sends it a load from one or two processes, waits until it has read it, and returns the load's own figures
        with `lost`, the part of it that the kernel dropped."""
        before = self.socket.dropped()
        load = place.load(processors()[1:1 + processes], port=self.port, **options)
        self.socket.settle()
        dropped = self.socket.dropped() - before
        self.sent += load["sent"]
        self.dropped += dropped
        return load | {"lost": dropped / max(load["sent"], 1)}


def commands(binary, mcjoin, scratch):
    """The command of each receiver that is at hand, for its port.

    socat, mcjoin and Python run as they come, with the kernel's default receive buffer (mcjoin cannot be told
    another); where they can be given as much as mcastd and C have, they run so as well.
    """
    buffer = tools.receive_buffer()

    def python(*options):
        return lambda port: ["python3", HERE / "receiver.py", f"--port={port}", *options]

    def socat(*options):
        options = ",".join(["", f"bind={GROUP}", "reuseaddr", f"ip-add-membership={GROUP}:127.0.0.1", *options])
        return lambda port: ["socat", "-u", f"UDP4-RECV:{port}{options}", "OPEN:/dev/null"]

    everybody = {
        "mcastd": lambda port: [
            binary, "run", f"--port={port}", f"--receive-buffer={buffer}",
            f"--control={scratch}/control-{port}", *COUNTING],
        "C": lambda port: [tools.limit("receive"), f"--port={port}", f"--buffer={buffer}"],
        "Python": python(),
        f"Python{SAME_BUFFER}": python(f"--buffer={buffer}"),
    }
    if shutil.which("socat"):
        everybody |= {"socat": socat(), f"socat{SAME_BUFFER}": socat(f"rcvbuf={buffer}")}
    if mcjoin:
        everybody["mcjoin"] = lambda port: [mcjoin, "-o", "-l", "none", "-i", "lo", "-p", port, GROUP]
    return everybody


@contextlib.contextmanager
def receiving(place, wanted, first_port=5001):
    """Runs receivers, given as name and function of a port, for the time of a block."""
    with contextlib.ExitStack() as stack:
        receivers = []
        for port, (name, command) in enumerate(wanted.items(), first_port):
            process = stack.enter_context(Process(place.command(command(port), processors()[0])))
            receiver = Receiver(name, process.pid, port)
            eventually(f"{name} to open its socket", receiver.socket.is_open)
            receivers.append(receiver)
        # Bound is not yet joined, and a start's own work is not to be measured.
        time.sleep(0.5)
        yield {receiver.name: receiver for receiver in receivers}
