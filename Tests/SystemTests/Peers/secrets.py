# SPDX-License-Identifier: Apache-2.0
"""Looks for secrets in a process, by its number: in all of its memory, its command line and its environment; or in a
file.

Prints a line for each place where one of the patterns (hexadecimal) is found: `memory dd MAPPING` where no core dump
has it (VmFlags of proc_pid_smaps(5)), `memory dumped MAPPING` where one has, or `PATH PATTERN`; and at last
`searched BYTES`.
"""

import re
import sys

place, patterns = sys.argv[1], sys.argv[2:]
searched = 0


def found(content):
    """The patterns that are there."""
    global searched
    searched += len(content)
    return [pattern for pattern in patterns if bytes.fromhex(pattern) in content]


def mappings():
    """First and last address of each mapping that can be read, its name, and its flags."""
    entry = None
    with open(f"/proc/{place}/smaps", encoding="utf-8") as smaps:
        for line in smaps:
            if head := re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)", line):
                entry = (int(head[1], 16), int(head[2], 16), head[3], head[4])
            elif line.startswith("VmFlags:") and entry[2].startswith("r"):
                yield entry[0], entry[1], entry[3] or "anonymous", line.split()[1:]


def search_memory():
    with open(f"/proc/{place}/mem", "rb") as memory:
        for start, end, name, flags in mappings():
            try:
                memory.seek(start)
                content = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                # [vvar] and [vsyscall], which nobody can read so.
                continue
            for _ in found(content):
                print("memory", "dd" if "dd" in flags else "dumped", name)


def search_file(path):
    with open(path, "rb") as file:
        for pattern in found(file.read()):
            print(path, pattern)


if place.isdecimal():
    search_memory()
    search_file(f"/proc/{place}/cmdline")
    search_file(f"/proc/{place}/environ")
else:
    search_file(place)
print("searched", searched)
