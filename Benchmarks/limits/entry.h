// SPDX-License-Identifier: Apache-2.0
//
// The journal entry of a received datagram: the same thirteen fields, of the same length, that mcastd writes.

#ifndef ENTRY_H
#define ENTRY_H

#include <sys/uio.h>

#include "batch.h"

#define ENTRY_FIELDS 13
#define LONGEST_FIELD 512
#define LONGEST_PAYLOAD 256
// In the native protocol a field takes at most 10 bytes more than its text.
#define LONGEST_ENTRY (ENTRY_FIELDS * (LONGEST_FIELD + 10))

// Each field is `NAME=value`, as sd_journal_sendv(3) takes it.
struct entry {
	struct iovec field[ENTRY_FIELDS];
	char text[ENTRY_FIELDS][LONGEST_FIELD];
};

// Fills in what is the same for every datagram.
void begin_entries(struct entry *entry, const char *identifier, const char *group, int port);

// Fills in the rest. Of a payload longer than LONGEST_PAYLOAD the rest is left out.
void describe(struct entry *entry, const struct datagram *datagram);

// Writes the entry in the native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL) and returns its length in bytes.
size_t serialise(const struct entry *entry, char *out);

#endif
