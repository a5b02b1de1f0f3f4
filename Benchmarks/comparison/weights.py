# SPDX-License-Identifier: Apache-2.0
"""How a container's services share the processors, where its systemd has no cpu controller since this machine has it in
cgroup v1: made as systemd does it where it can."""

import contextlib
import pathlib

V1 = pathlib.Path("/sys/fs/cgroup/cpu")


@contextlib.contextmanager
def weighed(container, units):
    """For the time of a block. All are in one group, as in system.slice while somebody is logged in: there each process
    counts alike and Nice= has a meaning, which it does not in the scheduler's autogroups (sched(7)). Once one unit has
    a CPUWeight=, each is in a group of its own, of weight 100 unless it says otherwise. A process that systemd starts
    meanwhile is in none of them."""
    if not V1.is_dir():
        yield
        return
    weights = {unit: container.show(unit, "CPUWeight") for unit in units}
    has_weights = any(map(str.isdigit, weights.values()))
    slice_ = V1 / container.name
    groups = {unit: slice_ / unit if has_weights else slice_ for unit in units}
    try:
        for unit, group in groups.items():
            group.mkdir(parents=True, exist_ok=True)
            if has_weights:
                # Systemd's own translation: 100 is 1024 shares.
                weight = int(weights[unit]) if weights[unit].isdigit() else 100
                (group / "cpu.shares").write_text(str(1024 * weight // 100))
            _move(container, unit, group)
        yield
    finally:
        for group in dict.fromkeys([*groups.values(), slice_]):
            if group.exists():
                for pid in (group / "cgroup.procs").read_text().split():
                    (V1 / "cgroup.procs").write_text(pid)
                group.rmdir()


def _move(container, unit, group):
    """What a process starts before it is moved stays behind: until there is no such process."""
    moved = set()
    while fresh := set(container.pids(unit)) - moved:
        for pid in fresh:
            (group / "cgroup.procs").write_text(str(pid))
        moved |= fresh
