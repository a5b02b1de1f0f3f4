// SPDX-License-Identifier: Apache-2.0

#include "multicast.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static void set(int socket, int level, int option, const void *value, socklen_t length, const char *name)
{
	if (setsockopt(socket, level, option, value, length) == -1) {
		perror(name);
		exit(1);
	}
}

static void set_int(int socket, int level, int option, int value, const char *name)
{
	set(socket, level, option, &value, sizeof(value), name);
}

struct sockaddr_in group_address(const char *group, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, group, &address.sin_addr) != 1 || !IN_MULTICAST(ntohl(address.sin_addr.s_addr))) {
		fprintf(stderr, "%s is not an IPv4 multicast group\n", group);
		exit(64);
	}
	return address;
}

int open_receiver(const char *group, int port, int buffer)
{
	struct sockaddr_in address = group_address(group, port);
	struct ip_mreq membership = {
		.imr_multiaddr = address.sin_addr,
		.imr_interface.s_addr = htonl(INADDR_LOOPBACK),
	};
	int receiver = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (receiver == -1) {
		perror("socket");
		exit(1);
	}
	set_int(receiver, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
	if (buffer > 0)
		set_int(receiver, SOL_SOCKET, SO_RCVBUF, buffer, "SO_RCVBUF");
	set_int(receiver, SOL_SOCKET, SO_TIMESTAMPNS, 1, "SO_TIMESTAMPNS");
	set_int(receiver, SOL_SOCKET, SO_RXQ_OVFL, 1, "SO_RXQ_OVFL");
	set_int(receiver, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
	set_int(receiver, IPPROTO_IP, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL");
	if (bind(receiver, (struct sockaddr *)&address, sizeof(address)) == -1) {
		perror("bind");
		exit(1);
	}
	set(receiver, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof(membership), "IP_ADD_MEMBERSHIP");
	return receiver;
}

int open_sender(void)
{
	struct in_addr loopback = { .s_addr = htonl(INADDR_LOOPBACK) };
	int sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sender == -1) {
		perror("socket");
		exit(1);
	}
	set(sender, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof(loopback), "IP_MULTICAST_IF");
	set_int(sender, IPPROTO_IP, IP_MULTICAST_TTL, 1, "IP_MULTICAST_TTL");
	set_int(sender, IPPROTO_IP, IP_MULTICAST_LOOP, 1, "IP_MULTICAST_LOOP");
	return sender;
}
