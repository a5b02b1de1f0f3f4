// SPDX-License-Identifier: Apache-2.0
//
// usage: dispatch [--interval MILLISECONDS] [--group GROUP] [--port PORT]
//
// The least that a daemon on libdispatch can do at rest (rest.h): one read source on a serial queue. What it needs
// more than `idle` is Dispatch's own. Runs until it is stopped.

#include <dispatch/dispatch.h>

#include "rest.h"

static void serve_all(void *rest)
{
	while (serve(rest, 0))
		continue;
}

int main(int argc, char **argv)
{
	static struct rest rest;
	dispatch_queue_t queue = dispatch_queue_create("rest", DISPATCH_QUEUE_SERIAL);
	dispatch_source_t source;

	begin_rest(&rest, "limit-dispatch", argc, argv);
	source = dispatch_source_create(DISPATCH_SOURCE_TYPE_READ, rest.poll, 0, queue);
	dispatch_set_context(source, &rest);
	dispatch_source_set_event_handler_f(source, serve_all);
	dispatch_activate(source);
	dispatch_main();
}
