# SPDX-License-Identifier: Apache-2.0

# usage: hanging.py DIRECTORY [PROCESS]
#
# A file system in which every name is a file, and reading it does not return; a name that begins with "lost" is not
# even looked up. It prints "mounted", and "NAME" for each of them that waits. With a line "answer TEXT" on the standard
# input all that wait are answered, and from then on at once; with its end the file system is gone. With a PROCESS the
# directory is in the mount namespace of that, and every user there may look into it.
import ctypes
import os
import select
import struct
import sys
import time

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE = 1, 2, 3, 14, 15, 17, 18
FLUSH, INIT, INTERRUPT, BATCH_FORGET = 25, 26, 36, 42
ENOSYS = 38
ROOT = 1
SILENT = {FORGET, INTERRUPT, BATCH_FORGET}

libc = ctypes.CDLL(None, use_errno=True)
directory = sys.argv[1].encode()
fuse = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
# Held, for another mount namespace may have another /proc.
parent = os.open("/proc/%d/stat" % os.getppid(), os.O_RDONLY | os.O_CLOEXEC)
options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % fuse
if len(sys.argv) > 2:
    options += b",allow_other"
    namespace = os.open("/proc/%s/ns/mnt" % sys.argv[2], os.O_RDONLY | os.O_CLOEXEC)
    if libc.setns(namespace, 0x20000) != 0:  # CLONE_NEWNS
        sys.exit("setns: " + os.strerror(ctypes.get_errno()))
# MS_NOSUID | MS_NODEV
if libc.mount(b"hanging", directory, b"fuse", 2 | 4, options) != 0:
    sys.exit("mount: " + os.strerror(ctypes.get_errno()))
print("mounted", flush=True)

nodes = {ROOT: ""}
waiting = []
text = None


def attributes(node):
    now = int(time.time())
    mode, size = (0o040755, 0) if node == ROOT else (0o100644, 4096)
    return struct.pack("<6Q10I", node, size, 0, now, now, now, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def reply(unique, data=b"", error=0):
    try:
        os.write(fuse, struct.pack("<IiQ", 16 + len(data), -error, unique) + data)
    except FileNotFoundError:
        pass  # Who asked was killed meanwhile.


def look_up(unique, name):
    node = next((number for number, known in nodes.items() if known == name), None)
    if node is None:
        node = len(nodes) + 1
        nodes[node] = name
    reply(unique, struct.pack("<4Q2I", node, 0, 0, 0, 0, 0) + attributes(node))


def wait(answer, name):
    if text is None:
        waiting.append(answer)
        print(name, flush=True)
    else:
        answer()


def is_abandoned():
    """Whether who started us was killed: as long as it waits for us it cannot end, and close our input."""
    try:
        return os.pread(parent, 4096, 0).rsplit(b")", 1)[1].split()[0] == b"Z"
    except ProcessLookupError:
        return True


def handle(request):
    _, opcode, unique, node = struct.unpack_from("<IIQQ", request)
    body = request[40:]
    if opcode == INIT:
        reply(unique, struct.pack("<4I2H2I2H2I6I", 7, 31, 0, 0, 8, 6, 4096, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    elif opcode == LOOKUP:
        name = body.rstrip(b"\0").decode()
        if name.startswith("lost"):
            wait(lambda: look_up(unique, name), name)
        else:
            look_up(unique, name)
    elif opcode == GETATTR:
        reply(unique, struct.pack("<Q2I", 0, 0, 0) + attributes(node))
    elif opcode == OPEN:
        reply(unique, struct.pack("<Q2I", 0, 1, 0))  # FOPEN_DIRECT_IO
    elif opcode == READ:
        offset = struct.unpack_from("<QQ", body)[1]
        wait(lambda: reply(unique, text.encode()[offset:]), nodes[node])
    elif opcode == STATFS:
        reply(unique, struct.pack("<5Q4I24x", 0, 0, 0, 0, 0, 4096, 255, 4096, 0))
    elif opcode in (RELEASE, FLUSH):
        reply(unique)
    elif opcode not in SILENT:
        reply(unique, error=ENOSYS)


try:
    while not is_abandoned():
        ready = select.select([fuse, sys.stdin], [], [], 1)[0]
        if sys.stdin in ready:
            try:
                line = sys.stdin.readline()
            except ConnectionResetError:
                break
            if not line:
                break
            text = line.rstrip("\n").split(" ", 1)[1]
            for answer in waiting:
                answer()
            waiting = []
        elif fuse in ready:
            handle(os.read(fuse, 1 << 20))
finally:
    libc.umount2(directory, 2)  # MNT_DETACH
