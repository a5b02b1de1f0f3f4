// SPDX-License-Identifier: Apache-2.0

import Testing

/// All system tests, one after the other: they measure time, and share two cores. Containers are the
/// machine's own Debian, 12 in CI, where a test does not name a release.
@Suite(
  "System tests, on this machine's release of Debian where they name no other", .serialized, .needsSystem,
  .timeLimit(.minutes(5)))
struct SystemTests {}
