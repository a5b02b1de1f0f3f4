// SPDX-License-Identifier: Apache-2.0

#include "journald.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

struct outbox *open_outbox(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket" };
	struct outbox *outbox = calloc(1, sizeof(*outbox));
	int buffer = 8 << 20;

	if (!outbox) {
		perror("calloc");
		exit(1);
	}
	outbox->journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (outbox->journal == -1 || connect(outbox->journal, (struct sockaddr *)&address, sizeof(address)) == -1) {
		perror("journald");
		exit(1);
	}
	// As sd_journal_sendv(3) does; the number of messages has a bound of its own (net.unix.max_dgram_qlen).
	setsockopt(outbox->journal, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	for (int i = 0; i < BATCH_SIZE; i++) {
		outbox->vector[i].iov_base = outbox->text[i];
		outbox->message[i].msg_hdr = (struct msghdr){ .msg_iov = &outbox->vector[i], .msg_iovlen = 1 };
	}
	return outbox;
}

void add_entry(struct outbox *outbox, const struct entry *entry)
{
	outbox->vector[outbox->end].iov_len = serialise(entry, outbox->text[outbox->end]);
	outbox->end++;
}

bool flush_entries(struct outbox *outbox)
{
	while (outbox->first < outbox->end) {
		int taken = sendmmsg(outbox->journal, outbox->message + outbox->first, outbox->end - outbox->first,
				     MSG_NOSIGNAL);

		if (taken > 0) {
			outbox->first += taken;
		} else if (errno == EAGAIN) {
			return false;
		} else if (errno != EINTR) {
			perror("sendmmsg");
			exit(1);
		}
	}
	outbox->first = outbox->end = 0;
	return true;
}
