// SPDX-License-Identifier: Apache-2.0
//
// usage: stamps --count NUMBER --seconds TIME [--beats] [--source ADDRESS] [--group GROUP] [--port PORT]
//
// Prints of each datagram to a group when the kernel received it, in nanoseconds of CLOCK_REALTIME, and its payload.
// With --beats only of heartbeats: the kernel keeps the others out of the socket, so that a flood of them does not
// have to be read. With --source only of that sender.

#include <arpa/inet.h>
#include <getopt.h>
#include <linux/filter.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "batch.h"
#include "moment.h"
#include "multicast.h"

// A filter on a UDP socket sees the datagram from its header of 8 bytes on (socket(7), SO_ATTACH_FILTER).
static void accept_only_beats(int receiver)
{
	static struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'A' << 24 | 'T' << 16 | 'U' << 8 | ' ', 0, 1),
		BPF_STMT(BPF_RET | BPF_K, -1u),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { sizeof(instructions) / sizeof(*instructions), instructions };

	if (setsockopt(receiver, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == -1) {
		perror("SO_ATTACH_FILTER");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ "beats", no_argument, NULL, 'b' },
		{ "source", required_argument, NULL, 's' },
		{ "group", required_argument, NULL, 'g' },
		{ "port", required_argument, NULL, 'p' },
		{ 0 },
	};
	const char *group = DEFAULT_GROUP;
	int port = DEFAULT_PORT, option;
	long count = 10;
	double seconds = 10;
	bool only_beats = false;
	in_addr_t source = INADDR_ANY;
	struct batch *batch = new_batch();
	struct pollfd receiver = { .events = POLLIN };
	int64_t end;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'n': count = atol(optarg); break;
		case 't': seconds = atof(optarg); break;
		case 'b': only_beats = true; break;
		case 's': source = inet_addr(optarg); break;
		case 'g': group = optarg; break;
		case 'p': port = atoi(optarg); break;
		default: return 64;
		}
	}
	// What was seen is there for a reader who stops it.
	setlinebuf(stdout);
	receiver.fd = open_receiver(group, port, 0);
	if (only_beats) {
		accept_only_beats(receiver.fd);
		// What came before there was a filter.
		while (read_batch(batch, receiver.fd) > 0)
			continue;
	}
	end = now(CLOCK_MONOTONIC) + seconds * NANOSECONDS;
	while (count > 0 && now(CLOCK_MONOTONIC) < end) {
		int datagrams;

		if (poll(&receiver, 1, 100) < 1)
			continue;
		datagrams = read_batch(batch, receiver.fd);
		for (int i = 0; i < datagrams && count > 0; i++) {
			struct datagram datagram = read_datagram(batch, i);

			if (source != INADDR_ANY && datagram.source.sin_addr.s_addr != source)
				continue;
			count--;
			printf("%lld %.*s\n", (long long)datagram.received, (int)datagram.size, datagram.payload);
		}
	}
	return 0;
}
