// SPDX-License-Identifier: Apache-2.0
//
// usage: journal [--sendv] [--identifier TEXT] [--group GROUP] [--port PORT] [--buffer BYTES]
//
// From multicast to the journal, one structured entry a datagram: what the machine can do of mcastd's main job.
//
// Without --sendv entries go by the native protocol in batches, and when journald's socket is full the program rests
// for 1 ms: left alone for that long journald works faster than when every free place is filled at once. With it they
// go one by one through sd_journal_sendv(3), which waits. What arrives meanwhile is read into a queue after each
// batch. Runs until SIGTERM and prints what it counted as a line of JSON.

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-journal.h>

#include "journald.h"
#include "moment.h"
#include "multicast.h"

// As many entries as mcastd's queue of 32 MiB holds, about; a power of two.
#define QUEUE_SIZE 65536

struct waiting {
	struct datagram datagram;
	char payload[LONGEST_PAYLOAD];
};

struct queue {
	unsigned long head, tail;
	struct waiting place[QUEUE_SIZE];
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

// Moves what waits in the socket to the queue; what has no room there stays in the socket.
static unsigned long receive(struct queue *queue, struct batch *batch, int receiver)
{
	unsigned long received = 0;
	int datagrams = BATCH_SIZE;

	while (datagrams == BATCH_SIZE && QUEUE_SIZE - (queue->tail - queue->head) >= BATCH_SIZE) {
		datagrams = read_batch(batch, receiver);
		for (int i = 0; i < datagrams; i++) {
			struct waiting *waiting = &queue->place[queue->tail++ % QUEUE_SIZE];
			struct datagram datagram = read_datagram(batch, i);
			unsigned length = datagram.size < LONGEST_PAYLOAD ? datagram.size : LONGEST_PAYLOAD;

			memcpy(waiting->payload, datagram.payload, length);
			datagram.payload = waiting->payload;
			waiting->datagram = datagram;
		}
		received += datagrams;
	}
	return received;
}

// Writes a batch's worth of entries; false when journald takes no more for now.
static bool write_entries(struct queue *queue, struct entry *entry, struct outbox *outbox)
{
	for (int i = 0; i < BATCH_SIZE && queue->head != queue->tail; i++) {
		describe(entry, &queue->place[queue->head % QUEUE_SIZE].datagram);
		if (!outbox)
			sd_journal_sendv(entry->field, ENTRY_FIELDS);
		else if (outbox->end < BATCH_SIZE)
			add_entry(outbox, entry);
		else
			break;
		queue->head++;
	}
	return !outbox || flush_entries(outbox);
}

static bool is_at_rest(const struct queue *queue, const struct outbox *outbox)
{
	return queue->head == queue->tail && (!outbox || outbox->end == 0);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "sendv", no_argument, NULL, 's' },          { "identifier", required_argument, NULL, 'i' },
		{ "group", required_argument, NULL, 'g' },    { "port", required_argument, NULL, 'p' },
		{ "buffer", required_argument, NULL, 'b' },   { 0 },
	};
	static struct queue queue;
	static struct entry entry;
	const char *group = DEFAULT_GROUP, *identifier = "limit";
	int port = DEFAULT_PORT, buffer = 0, option;
	bool sendv = false;
	struct timespec rest = { 0, 1000000 };
	struct sigaction action = { .sa_handler = stop };
	struct batch *batch = new_batch();
	struct pollfd receiver = { .events = POLLIN };
	struct outbox *outbox;
	unsigned long received = 0, rests = 0;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 's': sendv = true; break;
		case 'i': identifier = optarg; break;
		case 'g': group = optarg; break;
		case 'p': port = atoi(optarg); break;
		case 'b': buffer = atoi(optarg); break;
		default: return 64;
		}
	}
	receiver.fd = open_receiver(group, port, buffer);
	outbox = sendv ? NULL : open_outbox();
	begin_entries(&entry, identifier, group, port);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (!stopped) {
		// A signal that comes just before the wait is seen a second later.
		if (is_at_rest(&queue, outbox) && poll(&receiver, 1, 1000) < 1)
			continue;
		received += receive(&queue, batch, receiver.fd);
		if (!write_entries(&queue, &entry, outbox)) {
			nanosleep(&rest, NULL);
			rests++;
		}
	}
	printf("{\"received\": %lu, \"written\": %lu, \"kernelDropped\": %u, \"rests\": %lu}\n", received, queue.head,
	       batch->dropped, rests);
	return 0;
}
