// SPDX-License-Identifier: Apache-2.0
//
// What mcastd does on a quiet network, and no more: sends a heartbeat a second, receives it, and writes its entry to
// the journal.

#ifndef REST_H
#define REST_H

#include "journald.h"

struct rest {
	// epoll(7) on the timer and the receiver: readable when there is something to do.
	int poll;
	int timer, sender, receiver;
	struct sockaddr_in group;
	struct batch *batch;
	struct outbox *outbox;
	struct entry entry;
};

// Takes --interval MILLISECONDS, --group GROUP and --port PORT, and starts the timer. Entries stand under
// `identifier`. Exits on failure.
void begin_rest(struct rest *rest, const char *identifier, int argc, char **argv);

// Does the next thing that is due. Waits for it at most `timeout` milliseconds, -1 for ever; false when there is none.
bool serve(struct rest *rest, int timeout);

#endif
