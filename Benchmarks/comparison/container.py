# SPDX-License-Identifier: Apache-2.0
"""A booted Debian with its real systemd and journald, whose file system is an overlay in memory."""

import os
import pathlib
import shutil
import signal
import socket
import time

from .network import Place
from .processes import Failure, Process, eventually, run
from .tools import BENCHMARKS, REPOSITORY

HIERARCHIES = [path for path in map(pathlib.Path, (
    "/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd")) if (path / "cgroup.procs").exists()]
ENVIRONMENT = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root"]
# What journald may hold, without a limit on the rate: the limit is what is measured.
JOURNALD = "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nRateLimitBurst=0\nRuntimeMaxUse=1G\n"


class Container:
    """Runs for the time of a block. `place` is its network, for programs of this machine."""

    def __init__(self, scratch):
        self.name = f"mcastd-bench-{os.getpid()}"
        self._notify = scratch / "notify"
        self.leader = None

    def __enter__(self):
        tree = run([BENCHMARKS / "container-tree"], limit=900).splitlines()[-1]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notification:
            notification.bind(str(self._notify))
            notification.settimeout(60)
            self._log = open(self._notify.with_name("console"), "wb")
            self._supervisor = Process(
                [BENCHMARKS / "in-control-group", self.name,
                 "systemd-nspawn", f"--directory={tree}", "--boot", f"--machine={self.name}", "--read-only",
                 "--volatile=overlay", "--register=no", "--keep-unit", "--notify-ready=yes", "--private-network",
                 "--capability=CAP_BPF", "--system-call-filter=bpf", "--link-journal=no", "--resolv-conf=off",
                 "--timezone=off"],
                env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "NOTIFY_SOCKET": str(self._notify)},
                stdout=self._log, stderr=self._log)
            try:
                self._wait(notification)
            except BaseException:
                self.__exit__()
                raise
        self.place = Place(["nsenter", f"--target={self.leader}", "--net"])
        self.root = pathlib.Path(f"/proc/{self.leader}/root")
        self.write("/etc/systemd/journald.conf.d/benchmark.conf", JOURNALD)
        self.run("systemctl", "restart", "systemd-journald")
        return self

    def _wait(self, notification):
        """nspawn tells the number of the container's first process, and then when its systemd is ready."""
        while True:
            try:
                lines = notification.recv(4096).decode().splitlines()
            except TimeoutError:
                raise Failure(f"the container did not boot; see {self._log.name}") from None
            for line in lines:
                if line.startswith("X_NSPAWN_LEADER_PID="):
                    self.leader = int(line.partition("=")[2])
                if line == "READY=1" and self.leader:
                    return

    def __exit__(self, *_):
        if self.leader:
            os.kill(self.leader, signal.SIGKILL)
        else:
            self._supervisor.stop(signal.SIGKILL)
        self._supervisor.child.wait(20)
        self._log.close()
        for hierarchy in HIERARCHIES:
            _remove_control_group(hierarchy / self.name)

    # Inside.

    def inside(self, arguments):
        """A command as it must be written to run inside."""
        return ["nsenter", f"--target={self.leader}", "--all", "--root", "--wd=/", *ENVIRONMENT, *map(str, arguments)]

    def run(self, *arguments, limit=60):
        return run(self.inside(arguments), limit)

    def write(self, path, text, mode=0o644):
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def put(self, source, path):
        """Copies a program of this machine into it."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o755)

    def install(self, binary, unit="mcastd"):
        """Puts mcastd in place as a package would; another build of it as another unit beside it."""
        self.put(binary, f"/usr/bin/{unit}")
        systemd = REPOSITORY / "systemd"
        text = (systemd / "mcastd.service").read_text()
        text = text.replace("/usr/bin/mcastd", f"/usr/bin/{unit}")
        text = text.replace("RuntimeDirectory=mcastd", f"RuntimeDirectory={unit}")
        self.write(f"/usr/lib/systemd/system/{unit}.service", text)
        self.write("/usr/lib/sysusers.d/mcastd.conf", (systemd / "mcastd.sysusers").read_text())
        self.run("systemd-sysusers")
        self.run("systemctl", "daemon-reload")

    def configure(self, unit="mcastd", /, **environment):
        """Gives the service its settings by a drop-in: MCASTD_ variables without the prefix, in lower case."""
        lines = [f"Environment=MCASTD_{name.upper()}={value}" for name, value in environment.items()]
        self.drop_in(unit, "settings", "\n".join(["[Service]", *lines, ""]))

    def drop_in(self, unit, name, text):
        """Adds to the packaged unit."""
        self.write(f"/etc/systemd/system/{unit}.service.d/{name}.conf", text)
        self.run("systemctl", "daemon-reload")

    def show(self, unit, name):
        """A property of a unit."""
        return self.run("systemctl", "show", f"--property={name}", "--value", unit).strip()

    def has(self, path):
        return (self.root / path.lstrip("/")).exists()

    def pids(self, unit):
        """The numbers of a service's processes on this side: the main one, and below it."""
        pids = [self.main_pid(unit)]
        for pid in pids:
            pids += _children(pid)
        return pids

    def main_pid(self, unit):
        """The number of a service's process on this side."""
        inner = int(self.show(unit, "MainPID"))
        return eventually(f"the process of {unit}", lambda: self._outer(inner))

    def _outer(self, inner):
        for child in _children(self.leader):
            try:
                with open(f"/proc/{child}/status", encoding="utf-8") as status:
                    numbers = next(line for line in status if line.startswith("NSpid:")).split()
            except (OSError, StopIteration):
                continue
            if int(numbers[-1]) == inner:
                return child
        return None


def _children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
        return [int(child) for child in children.read().split()]


def _remove_control_group(path):
    """Systemd's own groups below it are empty once its first process is gone; the last ends a moment later."""
    for _ in range(200):
        for group in sorted(path.glob("**/"), reverse=True):
            try:
                group.rmdir()
            except OSError:
                pass
        if not path.exists():
            return
        time.sleep(0.02)
