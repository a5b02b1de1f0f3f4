// SPDX-License-Identifier: Apache-2.0
//
// usage: stamps --count NUMBER --seconds TIME [--group GROUP] [--port PORT]
//
// Prints of each datagram to a group when the kernel received it, in nanoseconds of CLOCK_REALTIME, and its payload.

#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "batch.h"
#include "moment.h"
#include "multicast.h"

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 't' },
		{ "group", required_argument, NULL, 'g' },
		{ "port", required_argument, NULL, 'p' },
		{ 0 },
	};
	const char *group = DEFAULT_GROUP;
	int port = DEFAULT_PORT, option;
	long count = 10;
	double seconds = 10;
	struct batch *batch = new_batch();
	struct pollfd receiver = { .events = POLLIN };
	int64_t end;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'n': count = atol(optarg); break;
		case 't': seconds = atof(optarg); break;
		case 'g': group = optarg; break;
		case 'p': port = atoi(optarg); break;
		default: return 64;
		}
	}
	receiver.fd = open_receiver(group, port, 0);
	end = now(CLOCK_MONOTONIC) + seconds * NANOSECONDS;
	while (count > 0 && now(CLOCK_MONOTONIC) < end) {
		int datagrams;

		if (poll(&receiver, 1, 100) < 1)
			continue;
		datagrams = read_batch(batch, receiver.fd);
		for (int i = 0; i < datagrams && count > 0; i++, count--) {
			struct datagram datagram = read_datagram(batch, i);

			printf("%lld %.*s\n", (long long)datagram.received, (int)datagram.size, datagram.payload);
		}
	}
	return 0;
}
