// SPDX-License-Identifier: Apache-2.0
//
// usage: load --rate RATE [OPTION...]
//
// Sends datagrams to a group on the loopback interface, bounded in time and number, and prints what it did as a line
// of JSON. The payload is `Sender PID 1, count: NNNNNNNNN, ` and padding: mcjoin counts by the same words.
//
//   --rate RATE       datagrams a second; 0 for as many as it can
//   --seconds TIME    at most 120; default 1
//   --count NUMBER    stop after so many
//   --size BYTES      of a payload, 40 to 1472; default 64
//   --first NUMBER    of the first datagram; default 0
//   --sources NUMBER  of source addresses, 127.16.0.1 and up, in turn; default one
//   --segments NUMBER datagrams that one message to the kernel holds (UDP_SEGMENT), which makes them cheap; default 1
//   --sleep           sleeps between bursts, where else it spins for even distances
//   --beats           the payload is a heartbeat of 30 bytes in place of the above
//   --newline         the payload ends in one
//   --group GROUP, --port PORT

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "heartbeat.h"
#include "moment.h"
#include "multicast.h"

#define MESSAGES 64
#define MOST_SECONDS 120
#define HEADLINE "Sender PID 1, count: "
#define DIGITS 9

struct plan {
	const char *group;
	int port;
	double rate, seconds;
	unsigned long count, first;
	int size, segments;
	unsigned sources;
	bool sleeps, beats, newline;
};

// What one sendmmsg(2) sends.
struct burst {
	struct mmsghdr message[MESSAGES];
	struct iovec vector[MESSAGES];
	char control[MESSAGES][CMSG_SPACE(sizeof(struct in_pktinfo))];
	char *payload;
};

static struct plan read_plan(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rate", required_argument, NULL, 'r' },     { "seconds", required_argument, NULL, 't' },
		{ "count", required_argument, NULL, 'n' },    { "size", required_argument, NULL, 'l' },
		{ "first", required_argument, NULL, 'f' },    { "sources", required_argument, NULL, 's' },
		{ "segments", required_argument, NULL, 'k' }, { "group", required_argument, NULL, 'g' },
		{ "port", required_argument, NULL, 'p' },     { "sleep", no_argument, NULL, 'z' },
		{ "beats", no_argument, NULL, 'b' },          { "newline", no_argument, NULL, 'e' },
		{ 0 },
	};
	struct plan plan = {
		.group = DEFAULT_GROUP,
		.port = DEFAULT_PORT,
		.seconds = 1,
		.count = 100000000,
		.size = 64,
		.segments = 1,
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'r': plan.rate = atof(optarg); break;
		case 't': plan.seconds = atof(optarg); break;
		case 'n': plan.count = strtoul(optarg, NULL, 10); break;
		case 'l': plan.size = atoi(optarg); break;
		case 'f': plan.first = strtoul(optarg, NULL, 10); break;
		case 's': plan.sources = strtoul(optarg, NULL, 10); break;
		case 'k': plan.segments = atoi(optarg); break;
		case 'g': plan.group = optarg; break;
		case 'p': plan.port = atoi(optarg); break;
		case 'z': plan.sleeps = true; break;
		case 'b': plan.beats = true; break;
		case 'e': plan.newline = true; break;
		default: exit(64);
		}
	}
	if (plan.beats)
		plan.size = HEARTBEAT_SIZE;
	if (plan.seconds > MOST_SECONDS)
		plan.seconds = MOST_SECONDS;
	if (plan.size < HEARTBEAT_SIZE || plan.size > 1472 || plan.segments < 1 || plan.segments > 64 ||
	    plan.size * plan.segments > 60000 || plan.sources > 1000000 || (!plan.beats && plan.size < 40)) {
		fprintf(stderr, "load: out of bounds\n");
		exit(64);
	}
	return plan;
}

// With several sources each message carries the one it is sent from (IP_PKTINFO).
static void prepare(struct burst *burst, const struct plan *plan, struct sockaddr_in *group)
{
	size_t length = (size_t)plan->size * plan->segments;

	burst->payload = malloc(MESSAGES * length);
	if (!burst->payload) {
		perror("malloc");
		exit(1);
	}
	memset(burst->payload, 'x', MESSAGES * length);
	for (int i = 0; i < MESSAGES * plan->segments; i++) {
		char *payload = burst->payload + (size_t)i * plan->size;

		memcpy(payload, HEADLINE, sizeof(HEADLINE) - 1);
		memcpy(payload + sizeof(HEADLINE) - 1 + DIGITS, ", ", 2);
		if (plan->newline)
			payload[plan->size - 1] = '\n';
	}
	for (int i = 0; i < MESSAGES; i++) {
		struct msghdr *header = &burst->message[i].msg_hdr;

		burst->vector[i] = (struct iovec){ burst->payload + i * length, length };
		*header = (struct msghdr){
			.msg_name = group, .msg_namelen = sizeof(*group), .msg_iov = &burst->vector[i], .msg_iovlen = 1,
		};
		if (plan->sources == 0)
			continue;
		header->msg_control = burst->control[i];
		header->msg_controllen = sizeof(burst->control[i]);
		struct cmsghdr *control = CMSG_FIRSTHDR(header);
		control->cmsg_level = IPPROTO_IP;
		control->cmsg_type = IP_PKTINFO;
		control->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
		memset(CMSG_DATA(control), 0, sizeof(struct in_pktinfo));
	}
}

// Writes what tells the datagrams apart: `sent` were sent before them.
static void fill(struct burst *burst, const struct plan *plan, int messages, unsigned long sent)
{
	for (int i = 0; i < messages * plan->segments; i++) {
		char *payload = burst->payload + (size_t)i * plan->size;

		if (plan->beats)
			put_heartbeat(payload);
		else
			put_decimal(payload + sizeof(HEADLINE) - 1, plan->first + sent + i, DIGITS);
	}
	if (plan->sources == 0)
		return;
	for (int i = 0; i < messages; i++) {
		unsigned long number = (plan->first + sent) / plan->segments + i;
		struct in_addr source = { htonl(0x7f100001u + number % plan->sources) };
		char *information = (char *)CMSG_DATA(CMSG_FIRSTHDR(&burst->message[i].msg_hdr));

		memcpy(information + offsetof(struct in_pktinfo, ipi_spec_dst), &source, sizeof(source));
	}
}

// How many messages are due `elapsed` nanoseconds after the start.
static int due_messages(const struct plan *plan, unsigned long sent, int64_t elapsed)
{
	double left = (double)(plan->count - sent), due = left;

	if (plan->rate > 0)
		due = plan->rate * elapsed / NANOSECONDS - (double)sent;
	if (due > left)
		due = left;
	if (due > MESSAGES * plan->segments)
		due = MESSAGES * plan->segments;
	return (int)(due / plan->segments);
}

int main(int argc, char **argv)
{
	static struct burst burst;
	struct plan plan = read_plan(argc, argv);
	struct sockaddr_in group = group_address(plan.group, plan.port);
	struct timespec pause = { 0, 100000 };
	unsigned long sent = 0, errors = 0;
	int sender = open_sender(), size = plan.size;
	int64_t start, time;

	if (plan.segments > 1 && setsockopt(sender, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)) == -1) {
		perror("UDP_SEGMENT");
		return 1;
	}
	// Otherwise each sleep takes 50 µs longer (PR_SET_TIMERSLACK(2const)).
	prctl(PR_SET_TIMERSLACK, 1);
	prepare(&burst, &plan, &group);
	start = now(CLOCK_MONOTONIC);
	while (sent + plan.segments <= plan.count &&
	       (time = now(CLOCK_MONOTONIC)) - start < plan.seconds * NANOSECONDS) {
		int messages = due_messages(&plan, sent, time - start), taken;

		if (messages == 0) {
			if (plan.sleeps)
				nanosleep(&pause, NULL);
			continue;
		}
		fill(&burst, &plan, messages, sent);
		taken = sendmmsg(sender, burst.message, messages, 0);
		if (taken > 0)
			sent += (unsigned long)taken * plan.segments;
		else if (errno != EINTR && ++errors > 1000)
			break;
	}
	time = now(CLOCK_MONOTONIC);
	printf("{\"sent\": %lu, \"seconds\": %.6f, \"rate\": %.0f, \"errors\": %lu, \"start\": %.6f}\n", sent,
	       (double)(time - start) / NANOSECONDS, sent * (double)NANOSECONDS / (time - start), errors,
	       (double)start / NANOSECONDS);
	return errors > 1000;
}
