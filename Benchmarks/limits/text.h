// SPDX-License-Identifier: Apache-2.0
//
// Text composed without printf, which would cost more than everything else on these paths.

#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>
#include <string.h>

static inline char *put_bytes(char *end, const void *bytes, size_t count)
{
	memcpy(end, bytes, count);
	return end + count;
}

static inline char *put_text(char *end, const char *text)
{
	return put_bytes(end, text, strlen(text));
}

// At least `width` digits.
static inline char *put_decimal(char *end, unsigned long value, int width)
{
	char digits[24];
	int count = 0;

	do {
		digits[count++] = '0' + value % 10;
		value /= 10;
	} while (value > 0 || count < width);
	while (count > 0)
		*end++ = digits[--count];
	return end;
}

#endif
