// SPDX-License-Identifier: Apache-2.0
//
// usage: MALLOCS=FILE LD_PRELOAD=mallocs.so PROGRAM
//
// Counts a program's heap allocations: FILE holds the number, 64 bits in this machine's order, while it runs.

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint64_t unseen;
static _Atomic uint64_t *count = &unseen;

// glibc's own names for what is replaced here: dlsym(3) would allocate.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

__attribute__((constructor)) static void open_count(void)
{
	const char *path = getenv("MALLOCS");
	int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	void *page;

	if (file == -1)
		return;
	if (ftruncate(file, sizeof(uint64_t)) == 0) {
		page = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
		if (page != MAP_FAILED)
			count = page;
	}
	close(file);
}

static void note(void)
{
	atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

void *malloc(size_t size)
{
	note();
	return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	note();
	return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
	note();
	return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	note();
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	note();
	*block = __libc_memalign(alignment, size);
	return *block ? 0 : ENOMEM;
}
