// SPDX-License-Identifier: Apache-2.0

#ifndef MOMENT_H
#define MOMENT_H

#include <stdint.h>
#include <time.h>

#define NANOSECONDS 1000000000ll

static inline int64_t nanoseconds(struct timespec time)
{
	return time.tv_sec * NANOSECONDS + time.tv_nsec;
}

// Nanoseconds of a clock: CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_PROCESS_CPUTIME_ID.
static inline int64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return nanoseconds(time);
}

#endif
