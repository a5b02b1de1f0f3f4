// SPDX-License-Identifier: Apache-2.0

#include "CArguments.h"

#include <stddef.h>

static int count;
static char **vector;

// glibc calls the functions of .init_array with the arguments of main (call_init in csu/libc-start.c and in
// elf/dl-init.c). It is an extension: the System V ABI promises no arguments.
__attribute__((constructor)) static void store_arguments(int argc, char **argv) {
  count = argc;
  vector = argv;
}

const char *carguments_argument(int number) {
  return vector != NULL && number >= 0 && number < count ? vector[number] : NULL;
}
