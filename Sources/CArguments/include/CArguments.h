// SPDX-License-Identifier: Apache-2.0

#ifndef CARGUMENTS_H
#define CARGUMENTS_H

/// An argument of this process as execve(2) was given it; 0 is the program's name.
///
/// Swift's CommandLine.arguments reads /proc/self/cmdline and is empty where there is no /proc.
///
/// \returns NULL behind the last one.
const char *_Nullable carguments_argument(int number);

#endif
