// SPDX-License-Identifier: Apache-2.0
//
// usage: beat --interval MILLISECONDS --count NUMBER [--source ADDRESS] [--group GROUP] [--port PORT]
//
// Sends a heartbeat each time a timerfd(2) with an absolute schedule goes off: as punctual as a process can be. The
// source is an address of 127.0.0.0/8, by which it is a peer of its own; 127.0.0.1 unless told.

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "heartbeat.h"
#include "moment.h"
#include "multicast.h"

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "count", required_argument, NULL, 'n' },
		{ "source", required_argument, NULL, 's' },
		{ "group", required_argument, NULL, 'g' },
		{ "port", required_argument, NULL, 'p' },
		{ 0 },
	};
	const char *group = DEFAULT_GROUP;
	int port = DEFAULT_PORT, option;
	long interval = 1000, count = 10;
	struct itimerspec schedule;
	struct sockaddr_in address, source = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int sender = open_sender(), timer;
	uint64_t expirations;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'i': interval = atol(optarg); break;
		case 'n': count = atol(optarg); break;
		case 's': source.sin_addr.s_addr = inet_addr(optarg); break;
		case 'g': group = optarg; break;
		case 'p': port = atoi(optarg); break;
		default: return 64;
		}
	}
	if (interval < 1 || interval > 3600000 || count < 1 || count > 100000)
		return 64;
	address = group_address(group, port);
	if (bind(sender, (struct sockaddr *)&source, sizeof(source)) == -1) {
		perror("bind");
		return 1;
	}
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	clock_gettime(CLOCK_MONOTONIC, &schedule.it_value);
	schedule.it_interval = (struct timespec){ interval / 1000, interval % 1000 * 1000000 };
	if (timer == -1 || timerfd_settime(timer, TFD_TIMER_ABSTIME, &schedule, NULL) == -1) {
		perror("timerfd");
		return 1;
	}
	while (count-- > 0 && read(timer, &expirations, sizeof(expirations)) == sizeof(expirations)) {
		char beat[HEARTBEAT_SIZE];

		put_heartbeat(beat);
		if (sendto(sender, beat, sizeof(beat), 0, (struct sockaddr *)&address, sizeof(address)) == -1)
			perror("sendto");
	}
	return 0;
}
