// SPDX-License-Identifier: Apache-2.0
//
// Datagrams read many at a time with recvmmsg(2), and what the kernel says about each in control messages.

#ifndef BATCH_H
#define BATCH_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#define BATCH_SIZE 64
#define SLOT_SIZE 2048
#define CONTROL_SIZE 128

struct datagram {
	const char *payload;
	unsigned size;
	struct sockaddr_in source;
	struct in_addr destination;
	int interface;
	// CLOCK_REALTIME in nanoseconds.
	int64_t received;
};

struct batch {
	struct mmsghdr message[BATCH_SIZE];
	struct iovec vector[BATCH_SIZE];
	struct sockaddr_in source[BATCH_SIZE];
	char control[BATCH_SIZE][CONTROL_SIZE];
	char payload[BATCH_SIZE][SLOT_SIZE];
	// The socket's drop count as it rode on the newest datagram (SO_RXQ_OVFL).
	uint32_t dropped;
};

// Never returns NULL.
struct batch *new_batch(void);

// Reads what is there, BATCH_SIZE datagrams at most, without waiting; 0 when there is nothing.
int read_batch(struct batch *batch, int socket);

// One datagram of the batch that was read last.
struct datagram read_datagram(struct batch *batch, int index);

#endif
