# SPDX-License-Identifier: Apache-2.0
"""The usual Python receiver, which learns of each datagram what the others do: its source and destination, when it
was received, and what was dropped. It counts them, or with `--print` writes each as a line, as a service does."""

import argparse
import socket
import struct

# Names that Python's socket module does not have (asm-generic/socket.h, linux/in.h).
SO_TIMESTAMPNS, SO_RXQ_OVFL, IP_PKTINFO = 35, 40, 8

parser = argparse.ArgumentParser()
parser.add_argument("--group", default="239.1.1.1")
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--buffer", type=int, default=0)
parser.add_argument("--print", action="store_true")
arguments = parser.parse_args()

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
if arguments.buffer:
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, arguments.buffer)
receiver.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
receiver.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
receiver.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
receiver.bind((arguments.group, arguments.port))
membership = struct.pack("4s4s", socket.inet_aton(arguments.group), socket.inet_aton("127.0.0.1"))
receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)

count = dropped = 0
received = interface = None
while True:
    data, messages, _, source = receiver.recvmsg(1024, 128)
    count += 1
    for level, kind, value in messages:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            received = struct.unpack("@qq", value)
        elif level == socket.SOL_SOCKET and kind == SO_RXQ_OVFL:
            dropped, = struct.unpack("@I", value)
        elif level == socket.IPPROTO_IP and kind == IP_PKTINFO:
            interface, _, destination = struct.unpack("@i4s4s", value)
    if arguments.print:
        print(f"received {len(data)} bytes from {source[0]}: {data.decode('ascii', 'replace').rstrip()}", flush=True)
