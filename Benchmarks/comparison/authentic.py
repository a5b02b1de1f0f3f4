# SPDX-License-Identifier: Apache-2.0
"""What authentication costs: true heartbeats and forged ones, beside the same daemon without it."""

import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import time

from . import table, tools
from .network import GROUP, Socket
from .processes import Failure, Process, cpu_seconds, eventually, pinned, processors, run
from .resources import memory

MODES = ("off", "sign", "require")
KEY = bytes(range(32))
SEED = bytes(range(32, 64))
# Of another who has a key of that name.
WRONG_SEED = bytes(range(64, 96))
FIRST_PORT, OWN_PORT = 5001, 5031
# In ms; of our own beats and of the real peers'.
INTERVAL = 100
TRUE_RATES = (1_000, 10_000)
FORGED_RATE = 50_000
FORGED_LINES = 10_000
# As in `flood`: the first beats are those of a start.
SETTLED, LATE_BOUND = 5, 5


def _url(code):
    return base64.urlsafe_b64encode(code).rstrip(b"=")


def _covered(domain, port, beat):
    return domain + b"\0" + f"{GROUP}:{port}".encode() + b"\0" + beat


def _beat(host, run, number, moment):
    text = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    return f"ATU {text} host={host} run={run:x} seq={number} every={INTERVAL}ms z=+0000".encode()


def _with_mac(beat, port, key=KEY):
    code = hmac.digest(key, _covered(b"mcastd 1", port, beat), hashlib.sha256)[:16]
    return beat + b" mac=m:" + _url(code)


class Keys:
    """A file of keys that every daemon has: it sends with the mac, and checks signatures too."""

    def __init__(self, scratch):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        self.path = pathlib.Path(scratch) / "keys"
        self.wrong = Ed25519PrivateKey.from_private_bytes(WRONG_SEED)
        public = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
        lines = [f"m hmac-sha256 {base64.b64encode(KEY).decode()}",
                 f"s ed25519-public {base64.b64encode(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()}"]
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")

    def with_forged_signature(self, beat, port):
        """One by another seed: a random one fails before the expensive part of the check."""
        return beat + b" sig=s:" + _url(self.wrong.sign(_covered(b"mcastd 1 sig", port, beat)))


class Daemon:
    """A daemon with one mode on a port of its own, whose entries are counted and not written."""

    def __init__(self, setup, keys, mode, port, *options):
        self.setup, self.mode, self.port = setup, mode, port
        self.control = f"{setup.scratch}/control-{port}"
        self.events = open(f"{setup.scratch}/events-{port}", "w+", encoding="utf-8")
        authentication = [f"--auth-mode={mode}", f"--auth-keys={keys.path}"] if mode != "off" else []
        self.process = Process(setup.place.command([
            setup.binary, "run", "--interface=lo", f"--port={port}", f"--control={self.control}",
            f"--receive-buffer={tools.receive_buffer()}", "--log-level=notice", *authentication, *options],
            processors()[0]), stdout=self.events, stderr=subprocess.STDOUT)
        self.socket = Socket(self.process.pid, port)

    def __enter__(self):
        eventually(f"mcastd with auth.mode={self.mode} to open its socket", self.socket.is_open)
        return self

    def __exit__(self, *_):
        self.process.stop()
        self.events.close()

    def ask(self, command):
        return json.loads(run(self.setup.place.command(
            [self.setup.binary, command, "--json", f"--control={self.control}"])))

    def told(self, words):
        """How many lines of events have these words."""
        self.events.flush()
        with open(self.events.name, encoding="utf-8") as lines:
            return sum(words in line for line in lines)

    def offer(self, file, rate, *options):
        """CPU a datagram in µs while it is sent a file, the part that the kernel dropped, and the rate."""
        dropped, before = self.socket.dropped(), cpu_seconds(self.process.pid)
        load = json.loads(run(self.setup.place.command(pinned(processors()[1]) + [
            tools.limit("replay"), f"--rate={rate}", f"--port={self.port}", *options, file]), limit=150))
        self.socket.settle()
        used = cpu_seconds(self.process.pid) - before
        return used / load["sent"] * 1e6, (self.socket.dropped() - dropped) / load["sent"], load["rate"]


@contextlib.contextmanager
def _daemons(setup, keys, *options):
    """One of each mode, one beside the other."""
    with contextlib.ExitStack() as stack:
        daemons = {mode: stack.enter_context(Daemon(setup, keys, mode, port, *options))
                   for port, mode in enumerate(MODES, FIRST_PORT)}
        # A start's own work is not to be measured.
        time.sleep(1)
        yield daemons


def measure_true(setup):
    """CPU a datagram of true heartbeats, which are the same bytes for every mode but for the code."""
    keys = Keys(setup.scratch)
    with _daemons(setup, keys, "--publish-enabled=no") as daemons:
        for rate in TRUE_RATES:
            hosts, numbers, run_number = rate * INTERVAL // 1000, {mode: 0 for mode in MODES}, int(time.time() * 1000)
            costs = {mode: [] for mode in MODES}
            for turn in range(setup.rounds + 1):
                for mode, daemon in daemons.items():
                    count = int(rate * setup.seconds(4))
                    file = pathlib.Path(setup.scratch) / "true"
                    _write_true(file, daemon.port, hosts, run_number, numbers[mode], count, rate)
                    numbers[mode] += count
                    before = daemon.ask("status")
                    cost, lost, _ = daemon.offer(file, rate)
                    after = daemon.ask("status")
                    if lost or after["unauthenticated"] != before["unauthenticated"]:
                        raise Failure(f"{mode}: {lost:.2%} lost, "
                                      f"{after['unauthenticated'] - before['unauthenticated']} refused")
                    # In the first turn the peers are new.
                    if turn > 0:
                        costs[mode].append(cost)
            for mode in ("sign", "require"):
                yield table.compared(
                    f"CPU a true heartbeat with a mac at {rate:,}/s, {mode} against off", costs[mode], costs["off"],
                    " µs", table.NO_GOAL)


def _write_true(path, port, hosts, run_number, first, count, rate):
    start = time.time() + 0.5
    with open(path, "wb") as file:
        for place in range(first, first + count):
            moment = start + (place - first) / rate
            beat = _beat(f"h{place % hosts}", run_number, place // hosts + 1, moment)
            file.write(_with_mac(beat, port) + b"\n")


def measure_forged(setup):
    """CPU a forged datagram, our own beats and the verdicts on two real peers meanwhile."""
    keys = Keys(setup.scratch)
    for kind in ("mac", "sig"):
        costs, late, reached, faults = {mode: [] for mode in MODES}, {mode: [] for mode in MODES}, [], []
        for _ in range(setup.rounds):
            for port, mode in enumerate(MODES, FIRST_PORT):
                cost, lost, rate, lateness, fault = _forged_trial(setup, keys, kind, mode, port)
                costs[mode].append(cost)
                late[mode] += lateness
                reached.append(rate)
                faults += fault
                if lost:
                    faults.append(f"{mode}: {lost:.2%} lost")
        for mode in ("sign", "require"):
            yield table.compared(
                f"CPU a forged {kind} at {FORGED_RATE:,}/s, {mode} against off", costs[mode], costs["off"], " µs",
                table.NO_GOAL)
        row = table.spread(
            f"lateness of beats at {INTERVAL} ms beside forged {kind}s at {FORGED_RATE:,}/s, require beside off",
            late["require"], late["off"], " ms", 0.99, LATE_BOUND)
        if min(reached) < 0.9 * FORGED_RATE:
            row.met = f"cannot tell: the load reached {min(reached):,.0f}/s"
        yield row
        yield table.Row(f"verdicts on two real peers at 10 Hz meanwhile, forged {kind}s, require",
                        "; ".join(faults) or "unchanged", goal="unchanged", met="**no**" if faults else "yes")


def _forged_trial(setup, keys, kind, mode, port):
    seconds = setup.seconds(4)
    with contextlib.ExitStack() as stack:
        daemon = stack.enter_context(Daemon(
            setup, keys, mode, port, "--name=h0", f"--publish-port={OWN_PORT}", f"--interval={INTERVAL}ms",
            "--timestamp=utc"))
        for peer in ("p1", "p2"):
            stack.enter_context(Process(setup.place.command([
                setup.binary, "run", "--interface=lo", f"--port={port}", f"--name={peer}", "--subscribe-enabled=no",
                f"--control={setup.scratch}/control-{peer}", f"--interval={INTERVAL}ms", "--auth-mode=sign",
                f"--auth-keys={keys.path}"])))
        watcher = stack.enter_context(Process(setup.place.command([
            tools.limit("stamps"), "--count=100000", f"--seconds={seconds + 6}", f"--port={OWN_PORT}"]),
            stdout=subprocess.PIPE, text=True))
        eventually("two peers", lambda: _alive(daemon) == {"p1", "p2"}, pause=0.2)
        eventually("the watcher", Socket(watcher.pid, OWN_PORT).is_open)
        file = pathlib.Path(setup.scratch) / "forged"
        _write_forged(file, keys, kind, port)
        cost, lost, rate = daemon.offer(file, FORGED_RATE, "--again", f"--seconds={seconds}")
        faults = _verdict_faults(daemon) if mode == "require" else []
        watcher.stop()
        output = watcher.child.stdout.read()
    return cost, lost if mode == "require" else 0, rate, _lateness(output), faults


def _alive(daemon):
    return {peer["host"] for peer in daemon.ask("peers")["peers"] if peer["state"] == "alive"}


def _verdict_faults(daemon):
    """What is not as it would be without a flood."""
    # A listing is at most a second old.
    time.sleep(1.2)
    faults = [f"{peer['host']} is {peer['state']}, missed {peer['missed']}, restarts {peer['restarts']}"
              for peer in daemon.ask("peers")["peers"]
              if peer["state"] not in ("alive", "self") or peer["missed"] or peer["restarts"] or peer["duplicates"]]
    if _alive(daemon) != {"p1", "p2"}:
        faults.append(f"alive are {_alive(daemon)}")
    silent = daemon.told("is silent")
    return faults + ([f"{silent} called silent"] if silent else [])


def _write_forged(path, keys, kind, port):
    """Of a real peer's name, a later run and the right time, so that only the code tells."""
    # Fresh for some seconds to come.
    moment, run_number = time.time() + 3, int(time.time() * 1000) + 1_000_000
    with open(path, "wb") as file:
        for number in range(FORGED_LINES):
            beat = _beat("p1", run_number, number + 1, moment)
            forged = _with_mac(beat, port, SEED) if kind == "mac" else keys.with_forged_signature(beat, port)
            file.write(forged + b"\n")


def _lateness(output):
    """How late each beat reached the kernel, in ms, on the schedule of the most punctual one."""
    stamps = [int(line.split(" ", 1)[0]) / 1e6 for line in output.splitlines()][SETTLED:]
    if len(stamps) < 10:
        raise Failure(f"{len(stamps)} of our own beats were seen")
    phases = [(stamp - stamps[0] + INTERVAL / 2) % INTERVAL for stamp in stamps]
    skipped = round((stamps[-1] - stamps[0]) / INTERVAL) + 1 - len(stamps)
    # One that is left out is as late as can be.
    return [phase - min(phases) for phase in phases] + [float(INTERVAL)] * skipped


def measure_size(setup):
    """Resident memory at rest with one beat a second, and the program's size."""
    keys = Keys(setup.scratch)
    bound = table.at_most(18.5, " MB")
    with _daemons(setup, keys, "--name=h0") as daemons:
        time.sleep(setup.seconds(20))
        for mode, daemon in daemons.items():
            used = memory([daemon.process.pid])
            row = table.alone(f"resident at rest, auth.mode={mode}", [used.resident], " MB", bound)
            row.ours += f", anonymous {used.anonymous:.3g} MB"
            yield row
    stripped = f"{setup.scratch}/stripped"
    run(["strip", "-o", stripped, setup.binary])
    yield table.alone("size of the program, stripped", [os.path.getsize(stripped) / 1e6], " MB",
                      table.at_most(20, " MB"))
