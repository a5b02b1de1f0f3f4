// SPDX-License-Identifier: Apache-2.0

#include "batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"

struct batch *new_batch(void)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (!batch) {
		perror("calloc");
		exit(1);
	}
	for (int i = 0; i < BATCH_SIZE; i++) {
		batch->vector[i] = (struct iovec){ batch->payload[i], SLOT_SIZE };
		batch->message[i].msg_hdr = (struct msghdr){
			.msg_name = &batch->source[i],
			.msg_iov = &batch->vector[i],
			.msg_iovlen = 1,
			.msg_control = batch->control[i],
		};
	}
	return batch;
}

int read_batch(struct batch *batch, int socket)
{
	int count;

	// recvmmsg overwrites both lengths.
	for (int i = 0; i < BATCH_SIZE; i++) {
		batch->message[i].msg_hdr.msg_namelen = sizeof(batch->source[i]);
		batch->message[i].msg_hdr.msg_controllen = CONTROL_SIZE;
	}
	count = recvmmsg(socket, batch->message, BATCH_SIZE, MSG_DONTWAIT, NULL);
	return count > 0 ? count : 0;
}

struct datagram read_datagram(struct batch *batch, int index)
{
	struct msghdr *header = &batch->message[index].msg_hdr;
	struct datagram datagram = {
		.payload = batch->payload[index],
		.size = batch->message[index].msg_len,
		.source = batch->source[index],
	};

	for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control; control = CMSG_NXTHDR(header, control)) {
		if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_TIMESTAMPNS) {
			struct timespec time;

			memcpy(&time, CMSG_DATA(control), sizeof(time));
			datagram.received = nanoseconds(time);
		} else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL) {
			memcpy(&batch->dropped, CMSG_DATA(control), sizeof(batch->dropped));
		} else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo information;

			memcpy(&information, CMSG_DATA(control), sizeof(information));
			datagram.destination = information.ipi_addr;
			datagram.interface = information.ipi_ifindex;
		}
	}
	return datagram;
}
