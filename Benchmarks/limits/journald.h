// SPDX-License-Identifier: Apache-2.0
//
// Entries on their way to journald by its native protocol, many in one system call, without waiting.

#ifndef JOURNALD_H
#define JOURNALD_H

#include <stdbool.h>

#include "entry.h"

// Entries that journald's socket has not taken yet: those from `first` to `end`.
struct outbox {
	int journal, first, end;
	struct mmsghdr message[BATCH_SIZE];
	struct iovec vector[BATCH_SIZE];
	char text[BATCH_SIZE][LONGEST_ENTRY];
};

// Connects to journald. Exits on failure; never returns NULL.
struct outbox *open_outbox(void);

// Adds an entry to an outbox that holds fewer than BATCH_SIZE.
void add_entry(struct outbox *outbox, const struct entry *entry);

// Hands over what the socket takes; true when that was all.
bool flush_entries(struct outbox *outbox);

#endif
