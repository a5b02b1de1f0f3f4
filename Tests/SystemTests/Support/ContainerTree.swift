// SPDX-License-Identifier: Apache-2.0

/// The Debian tree that containers boot from: cached outside the repository, made when it is absent, and
/// never written to.
enum ContainerTree {
  /// Where it is. The first call on a machine takes a minute.
  ///
  /// - Throws: ``CommandFailed`` with what debootstrap said.
  static func path() async throws -> String {
    try await ChildProcess.run([Repository.path("/packaging/container-tree")], within: .seconds(600))
      .checked().lines.last ?? ""
  }
}
