// SPDX-License-Identifier: Apache-2.0
//
// usage: receive [--group GROUP] [--port PORT] [--buffer BYTES]
//
// The least that a receiver can do: epoll(7), recvmmsg(2), all control messages read, everything counted. Runs until
// SIGTERM and prints what it counted as a line of JSON.

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "batch.h"
#include "moment.h"
#include "multicast.h"

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

struct counts {
	unsigned long datagrams, bytes, batches, foreign;
	// Reading the control messages must not be optimised away.
	int64_t newest;
};

static void count_batch(struct counts *counts, struct batch *batch, int datagrams, in_addr_t group)
{
	counts->batches++;
	for (int i = 0; i < datagrams; i++) {
		struct datagram datagram = read_datagram(batch, i);

		if (datagram.destination.s_addr != group || datagram.interface == 0) {
			counts->foreign++;
			continue;
		}
		counts->datagrams++;
		counts->bytes += datagram.size;
		if (datagram.received > counts->newest)
			counts->newest = datagram.received;
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "group", required_argument, NULL, 'g' },
		{ "port", required_argument, NULL, 'p' },
		{ "buffer", required_argument, NULL, 'b' },
		{ 0 },
	};
	const char *group = DEFAULT_GROUP;
	int port = DEFAULT_PORT, buffer = 0, option;
	struct sigaction action = { .sa_handler = stop };
	struct epoll_event event = { .events = EPOLLIN };
	struct counts counts = { 0 };
	struct batch *batch = new_batch();
	int receiver, poll, datagrams;
	in_addr_t wanted;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'g': group = optarg; break;
		case 'p': port = atoi(optarg); break;
		case 'b': buffer = atoi(optarg); break;
		default: return 64;
		}
	}
	wanted = group_address(group, port).sin_addr.s_addr;
	receiver = open_receiver(group, port, buffer);
	poll = epoll_create1(EPOLL_CLOEXEC);
	if (poll == -1 || epoll_ctl(poll, EPOLL_CTL_ADD, receiver, &event) == -1) {
		perror("epoll");
		return 1;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (!stopped) {
		// A signal that comes just before the wait is seen a second later.
		if (epoll_wait(poll, &event, 1, 1000) < 1)
			continue;
		do {
			datagrams = read_batch(batch, receiver);
			count_batch(&counts, batch, datagrams, wanted);
		} while (datagrams == BATCH_SIZE && !stopped);
	}
	printf("{\"received\": %lu, \"bytes\": %lu, \"batches\": %lu, \"foreign\": %lu, \"kernelDropped\": %u, "
	       "\"newest\": %lld}\n",
	       counts.datagrams, counts.bytes, counts.batches, counts.foreign, batch->dropped,
	       (long long)counts.newest);
	return 0;
}
