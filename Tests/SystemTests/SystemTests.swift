// SPDX-License-Identifier: Apache-2.0

import Testing

/// All system tests, one after the other: they measure time, and share two cores. Containers are Debian 12 where
/// a test does not name a release.
@Suite(
  "System tests, on Debian 12 where they name no other release", .serialized, .needsSystem,
  .timeLimit(.minutes(5)))
struct SystemTests {}
