# SPDX-License-Identifier: Apache-2.0
"""A part of the wire on which frames overtake one another, for kernels without netem: each waits for a time of its own.
Arguments: where frames come from, where they go to, the longest wait in ms, and the seed.

Prints `ready`, and at the end of its input how many frames there were, and how many came after one sent later."""

import heapq
import random
import select
import socket
import sys
import time

ETH_P_ALL = 3
ETHERTYPE_IPV4, UDP = 0x0800, 17


def raw(interface):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.bind((interface, 0))
    return sock


def main(source, destination, longest, seed):
    generator = random.Random(int(seed))
    inward, outward = raw(source), raw(destination)
    waiting, count, overtaken, latest = [], 0, 0, -1
    print("ready", flush=True)
    while True:
        limit = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select([inward, sys.stdin], [], [], limit)
        if sys.stdin in ready:
            break
        if inward in ready:
            frame, address = inward.recvfrom(65536)
            # Not those that this end of the wire sends itself.
            if address[2] != socket.PACKET_OUTGOING:
                due = time.monotonic() + generator.uniform(0, float(longest) / 1000)
                heapq.heappush(waiting, (due, count, without_checksum(frame)))
                count += 1
        while waiting and waiting[0][0] <= time.monotonic():
            _, number, frame = heapq.heappop(waiting)
            overtaken += number < latest
            latest = max(latest, number)
            outward.send(frame)
    print(count, overtaken, flush=True)


def without_checksum(frame):
    """The one of UDP is not computed before the frame leaves for a real wire; none is allowed."""
    if len(frame) < 42 or int.from_bytes(frame[12:14], "big") != ETHERTYPE_IPV4 or frame[23] != UDP:
        return frame
    place = 14 + 4 * (frame[14] & 0xf) + 6
    return frame[:place] + b"\0\0" + frame[place + 2:]


main(*sys.argv[1:])
