// SPDX-License-Identifier: Apache-2.0
//
// usage: idle [--interval MILLISECONDS] [--group GROUP] [--port PORT]
//
// What mcastd does on a quiet network, and no more: sends a heartbeat a second, receives it, and writes its entry to
// the journal. Runs until it is stopped.

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "heartbeat.h"
#include "journald.h"
#include "moment.h"
#include "multicast.h"

static void send_beat(int timer, int sender, const struct sockaddr_in *group)
{
	uint64_t expirations;
	char beat[HEARTBEAT_SIZE];

	if (read(timer, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	put_heartbeat(beat);
	if (sendto(sender, beat, sizeof(beat), 0, (const struct sockaddr *)group, sizeof(*group)) == -1)
		perror("sendto");
}

static void receive_beats(int receiver, struct batch *batch, struct entry *entry, struct outbox *outbox)
{
	int datagrams = read_batch(batch, receiver);

	for (int i = 0; i < datagrams && outbox->end < BATCH_SIZE; i++) {
		struct datagram datagram = read_datagram(batch, i);

		describe(entry, &datagram);
		add_entry(outbox, entry);
	}
	flush_entries(outbox);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "interval", required_argument, NULL, 'i' },
		{ "group", required_argument, NULL, 'g' },
		{ "port", required_argument, NULL, 'p' },
		{ 0 },
	};
	static struct entry entry;
	const char *group = DEFAULT_GROUP;
	int port = DEFAULT_PORT, option;
	long interval = 1000;
	struct sockaddr_in address;
	struct itimerspec schedule;
	struct batch *batch = new_batch();
	struct outbox *outbox = open_outbox();
	struct epoll_event event = { .events = EPOLLIN };
	int receiver, sender = open_sender(), timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	int poll = epoll_create1(EPOLL_CLOEXEC);

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'i': interval = atol(optarg); break;
		case 'g': group = optarg; break;
		case 'p': port = atoi(optarg); break;
		default: return 64;
		}
	}
	address = group_address(group, port);
	receiver = open_receiver(group, port, 0);
	begin_entries(&entry, "limit-idle", group, port);
	clock_gettime(CLOCK_MONOTONIC, &schedule.it_value);
	schedule.it_interval = (struct timespec){ interval / 1000, interval % 1000 * 1000000 };
	event.data.fd = receiver;
	epoll_ctl(poll, EPOLL_CTL_ADD, receiver, &event);
	event.data.fd = timer;
	if (epoll_ctl(poll, EPOLL_CTL_ADD, timer, &event) == -1 ||
	    timerfd_settime(timer, TFD_TIMER_ABSTIME, &schedule, NULL) == -1) {
		perror("idle");
		return 1;
	}
	for (;;) {
		if (epoll_wait(poll, &event, 1, -1) < 1)
			continue;
		if (event.data.fd == timer)
			send_beat(timer, sender, &address);
		else
			receive_beats(receiver, batch, &entry, outbox);
	}
}
