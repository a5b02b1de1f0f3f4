// SPDX-License-Identifier: Apache-2.0

/// The Debian trees that containers boot from, one a release: cached outside the repository, made when
/// they are absent, and never written to.
enum ContainerTree {
  /// Where a release's tree is. The first call on a machine takes a minute or two.
  ///
  /// - Throws: ``CommandFailed`` with what debootstrap said.
  static func path(of release: DebianRelease) async throws -> String {
    let command = [Repository.path("/packaging/container-tree"), release.rawValue]
    return try await ChildProcess.run(command, within: .seconds(600)).checked().lines.last ?? ""
  }
}
