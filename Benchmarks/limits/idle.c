// SPDX-License-Identifier: Apache-2.0
//
// usage: idle [--interval MILLISECONDS] [--group GROUP] [--port PORT]
//
// The least that a daemon at rest can do (rest.h): one thread in epoll_wait(2). Runs until it is stopped.

#include "rest.h"

int main(int argc, char **argv)
{
	static struct rest rest;

	begin_rest(&rest, "limit-idle", argc, argv);
	for (;;)
		serve(&rest, -1);
}
