// SPDX-License-Identifier: Apache-2.0
//
// usage: replay --rate RATE [--seconds TIME] [--again] [--group GROUP] [--port PORT] FILE
//
// Sends each line of a file as a datagram to a group on the loopback interface, evenly spaced, and prints what it did as
// a line of JSON. With --again it begins anew at the end of the file, up to --seconds (default and at most 120).

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "moment.h"
#include "multicast.h"

#define MESSAGES 64
#define MOST_SECONDS 120

struct lines {
	struct iovec *line;
	size_t count;
};

static struct lines read_lines(const char *path)
{
	struct lines lines = { 0 };
	size_t capacity = 0, room = 0;
	ssize_t length;
	char *text = NULL;
	FILE *file = fopen(path, "r");

	if (!file) {
		perror(path);
		exit(1);
	}
	while ((length = getline(&text, &room, file)) > 1) {
		if (lines.count == capacity) {
			capacity = capacity ? 2 * capacity : 1024;
			lines.line = realloc(lines.line, capacity * sizeof(*lines.line));
		}
		lines.line[lines.count++] = (struct iovec){ text, length - 1 };
		text = NULL;
		room = 0;
	}
	fclose(file);
	if (lines.count == 0) {
		fprintf(stderr, "replay: %s has no lines\n", path);
		exit(1);
	}
	return lines;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rate", required_argument, NULL, 'r' },  { "seconds", required_argument, NULL, 't' },
		{ "group", required_argument, NULL, 'g' }, { "port", required_argument, NULL, 'p' },
		{ "again", no_argument, NULL, 'a' },       { 0 },
	};
	static struct mmsghdr message[MESSAGES];
	const char *group_text = DEFAULT_GROUP;
	double rate = 1000, seconds = MOST_SECONDS;
	int port = DEFAULT_PORT, option, sender;
	struct timespec pause = { 0, 100000 };
	unsigned long sent = 0, errors = 0;
	struct sockaddr_in group;
	struct lines lines;
	bool again = false;
	int64_t start, time;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'r': rate = atof(optarg); break;
		case 't': seconds = atof(optarg); break;
		case 'g': group_text = optarg; break;
		case 'p': port = atoi(optarg); break;
		case 'a': again = true; break;
		default: return 64;
		}
	}
	if (optind + 1 != argc || rate <= 0)
		return 64;
	if (seconds > MOST_SECONDS)
		seconds = MOST_SECONDS;
	lines = read_lines(argv[optind]);
	group = group_address(group_text, port);
	sender = open_sender();
	// Otherwise each sleep takes 50 µs longer (PR_SET_TIMERSLACK(2const)).
	prctl(PR_SET_TIMERSLACK, 1);
	start = now(CLOCK_MONOTONIC);
	while ((again || sent < lines.count) && (time = now(CLOCK_MONOTONIC)) - start < seconds * NANOSECONDS) {
		double due = rate * (time - start) / NANOSECONDS - (double)sent;
		int messages = due > MESSAGES ? MESSAGES : (int)due, taken;

		if (!again && (size_t)messages > lines.count - sent)
			messages = lines.count - sent;
		if (messages == 0) {
			nanosleep(&pause, NULL);
			continue;
		}
		for (int i = 0; i < messages; i++)
			message[i].msg_hdr = (struct msghdr){
				.msg_name = &group, .msg_namelen = sizeof(group),
				.msg_iov = &lines.line[(sent + i) % lines.count], .msg_iovlen = 1,
			};
		taken = sendmmsg(sender, message, messages, 0);
		if (taken > 0)
			sent += taken;
		else if (errno != EINTR && ++errors > 1000)
			break;
	}
	time = now(CLOCK_MONOTONIC);
	printf("{\"sent\": %lu, \"seconds\": %.6f, \"rate\": %.0f, \"errors\": %lu}\n", sent,
	       (double)(time - start) / NANOSECONDS, sent * (double)NANOSECONDS / (time - start), errors);
	return errors > 1000;
}
