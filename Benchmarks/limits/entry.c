// SPDX-License-Identifier: Apache-2.0

#include "entry.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>

#include "text.h"

// The order in which mcastd writes them.
enum {
	PRIORITY,
	IDENTIFIER,
	MESSAGE_ID,
	GROUP,
	PORT,
	MESSAGE,
	KIND,
	INTERFACE,
	SOURCE,
	SOURCE_PORT,
	SIZE,
	RECEIVED,
	PAYLOAD,
};

static void set(struct entry *entry, int field, const char *format, const char *value)
{
	entry->field[field].iov_len = snprintf(entry->text[field], LONGEST_FIELD, format, value);
}

void begin_entries(struct entry *entry, const char *identifier, const char *group, int port)
{
	char number[8];

	for (int i = 0; i < ENTRY_FIELDS; i++)
		entry->field[i].iov_base = entry->text[i];
	snprintf(number, sizeof(number), "%d", port & 0xffff);
	set(entry, PRIORITY, "PRIORITY=%s", "6");
	set(entry, IDENTIFIER, "SYSLOG_IDENTIFIER=%s", identifier);
	set(entry, MESSAGE_ID, "MESSAGE_ID=%s", "5b1c0f7d2a7e4d0f9c55a4f1c3b2e1d0");
	set(entry, GROUP, "MCAST_GROUP=%s", group);
	set(entry, PORT, "MCAST_PORT=%s", number);
	set(entry, KIND, "MCAST_KIND=%s", "datagram");
	set(entry, INTERFACE, "MCAST_INTERFACE=%s", "lo");
}

static char *put_address(char *end, struct in_addr address)
{
	unsigned long number = ntohl(address.s_addr);

	for (int shift = 24; shift >= 0; shift -= 8) {
		end = put_decimal(end, number >> shift & 0xff, 1);
		if (shift > 0)
			*end++ = '.';
	}
	return end;
}

static void finish(struct entry *entry, int field, const char *end)
{
	entry->field[field].iov_len = end - entry->text[field];
}

void describe(struct entry *entry, const struct datagram *datagram)
{
	size_t length = datagram->size < LONGEST_PAYLOAD ? datagram->size : LONGEST_PAYLOAD;
	unsigned port = ntohs(datagram->source.sin_port);
	char *end;

	end = put_text(entry->text[MESSAGE], "MESSAGE=received ");
	end = put_decimal(end, datagram->size, 1);
	end = put_text(end, " bytes from ");
	end = put_address(end, datagram->source.sin_addr);
	end = put_decimal(put_text(end, ":"), port, 1);
	end = put_text(end, " on lo: ");
	// The load is printable: there is nothing to escape, though looking at each byte is part of the work.
	for (size_t i = 0; i < length; i++)
		*end++ = datagram->payload[i] >= 0x20 && datagram->payload[i] < 0x7f ? datagram->payload[i] : '?';
	finish(entry, MESSAGE, end);
	finish(entry, SOURCE, put_address(put_text(entry->text[SOURCE], "MCAST_SOURCE="), datagram->source.sin_addr));
	finish(entry, SOURCE_PORT, put_decimal(put_text(entry->text[SOURCE_PORT], "MCAST_SOURCE_PORT="), port, 1));
	finish(entry, SIZE, put_decimal(put_text(entry->text[SIZE], "MCAST_SIZE="), datagram->size, 1));
	finish(entry, RECEIVED,
	       put_decimal(put_text(entry->text[RECEIVED], "MCAST_RECEIVED_USEC="), datagram->received / 1000, 1));
	finish(entry, PAYLOAD, put_bytes(put_text(entry->text[PAYLOAD], "MCAST_PAYLOAD="), datagram->payload, length));
}

// Name, newline, 64 bits of length, value, newline: what may hold bytes from outside is framed by its length.
static char *put_framed(char *end, const struct iovec *field)
{
	const char *text = field->iov_base, *value = memchr(text, '=', field->iov_len);
	size_t name = value - text, length = field->iov_len - name - 1;
	uint64_t framed = htole64(length);

	end = put_text(put_bytes(end, text, name), "\n");
	end = put_bytes(end, &framed, sizeof(framed));
	return put_text(put_bytes(end, value + 1, length), "\n");
}

size_t serialise(const struct entry *entry, char *out)
{
	char *end = out;

	for (int i = 0; i < ENTRY_FIELDS; i++) {
		const struct iovec *field = &entry->field[i];

		if (i == MESSAGE || i == PAYLOAD)
			end = put_framed(end, field);
		else
			end = put_text(put_bytes(end, field->iov_base, field->iov_len), "\n");
	}
	return end - out;
}
