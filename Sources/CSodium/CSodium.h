// SPDX-License-Identifier: Apache-2.0

#ifndef CSODIUM_H
#define CSODIUM_H

#include <sodium.h>

#endif
