// SPDX-License-Identifier: Apache-2.0

#include "rest.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "heartbeat.h"
#include "moment.h"
#include "multicast.h"

void begin_rest(struct rest *rest, const char *identifier, int argc, char **argv)
{
	static const struct option options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "group", required_argument, NULL, 'g' },
		{ "port", required_argument, NULL, 'p' },
		{ 0 },
	};
	const char *group = DEFAULT_GROUP;
	int port = DEFAULT_PORT, option;
	long interval = 1000;
	struct itimerspec schedule;
	struct epoll_event event = { .events = EPOLLIN };

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'i': interval = atol(optarg); break;
		case 'g': group = optarg; break;
		case 'p': port = atoi(optarg); break;
		default: exit(64);
		}
	}
	rest->batch = new_batch();
	rest->outbox = open_outbox();
	rest->sender = open_sender();
	rest->receiver = open_receiver(group, port, 0);
	rest->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	rest->poll = epoll_create1(EPOLL_CLOEXEC);
	rest->group = group_address(group, port);
	begin_entries(&rest->entry, identifier, group, port);
	clock_gettime(CLOCK_MONOTONIC, &schedule.it_value);
	schedule.it_interval = (struct timespec){ interval / 1000, interval % 1000 * 1000000 };
	event.data.fd = rest->receiver;
	epoll_ctl(rest->poll, EPOLL_CTL_ADD, rest->receiver, &event);
	event.data.fd = rest->timer;
	if (epoll_ctl(rest->poll, EPOLL_CTL_ADD, rest->timer, &event) == -1 ||
	    timerfd_settime(rest->timer, TFD_TIMER_ABSTIME, &schedule, NULL) == -1) {
		perror(identifier);
		exit(1);
	}
}

static void send_beat(const struct rest *rest)
{
	uint64_t expirations;
	char beat[HEARTBEAT_SIZE];

	if (read(rest->timer, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	put_heartbeat(beat);
	if (sendto(rest->sender, beat, sizeof(beat), 0, (const struct sockaddr *)&rest->group,
		   sizeof(rest->group)) == -1)
		perror("sendto");
}

static void receive_beats(struct rest *rest)
{
	int datagrams = read_batch(rest->batch, rest->receiver);

	for (int i = 0; i < datagrams && rest->outbox->end < BATCH_SIZE; i++) {
		struct datagram datagram = read_datagram(rest->batch, i);

		describe(&rest->entry, &datagram);
		add_entry(rest->outbox, &rest->entry);
	}
	flush_entries(rest->outbox);
}

bool serve(struct rest *rest, int timeout)
{
	struct epoll_event event;

	if (epoll_wait(rest->poll, &event, 1, timeout) < 1)
		return false;
	if (event.data.fd == rest->timer)
		send_beat(rest);
	else
		receive_beats(rest);
	return true;
}
