// SPDX-License-Identifier: Apache-2.0
//
// Sockets for multicast on the loopback interface. Nothing here can send to, or hear from, another machine.

#ifndef MULTICAST_H
#define MULTICAST_H

#include <netinet/in.h>

#define DEFAULT_GROUP "239.1.1.1"
#define DEFAULT_PORT 5001

// The address of a group and port.
struct sockaddr_in group_address(const char *group, int port);

// A socket that is bound to the group, joined on lo, non-blocking, and delivers receive time, destination and
// drop count with each datagram. `buffer` is asked for by SO_RCVBUF, 0 for the kernel's default. Exits on failure.
int open_receiver(const char *group, int port, int buffer);

// A socket that sends to groups on lo, with TTL 1 and looped back. Exits on failure.
int open_sender(void);

#endif
