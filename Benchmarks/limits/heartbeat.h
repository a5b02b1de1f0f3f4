// SPDX-License-Identifier: Apache-2.0

#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#include <time.h>

#include "text.h"

#define HEARTBEAT_SIZE 30

// Writes `ATU YYYY-MM-DD HH:MM:SS.ffffff` for now, in UTC: 30 bytes.
static inline void put_heartbeat(char *out)
{
	// The calendar is worked out once a second.
	static time_t second = -1;
	static char text[HEARTBEAT_SIZE];
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	if (time.tv_sec != second) {
		struct tm calendar;

		second = time.tv_sec;
		gmtime_r(&second, &calendar);
		char head[HEARTBEAT_SIZE + 1];
		strftime(head, sizeof(head), "ATU %Y-%m-%d %H:%M:%S.", &calendar);
		memcpy(text, head, HEARTBEAT_SIZE - 6);
	}
	put_decimal(text + HEARTBEAT_SIZE - 6, time.tv_nsec / 1000, 6);
	memcpy(out, text, HEARTBEAT_SIZE);
}

#endif
