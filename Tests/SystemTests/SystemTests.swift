// SPDX-License-Identifier: Apache-2.0

import Testing

/// All system tests, one after the other: they measure time, and share two cores.
@Suite(.serialized, .needsSystem, .timeLimit(.minutes(5)))
struct SystemTests {}
