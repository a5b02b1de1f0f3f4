// SPDX-License-Identifier: Apache-2.0

import Glibc
import Platform

/// User and password at the broker. The password is nowhere but in the credential, and is never shown.
package struct BrokerLogin: Sendable {
  package static let userCredential = "mcastd-mqtt.user"
  package static let passwordCredential = "mcastd-mqtt.password"
  /// Bytes of either.
  static let longest = 1024

  /// Nil for none.
  let user: String?
  /// Nil for none.
  let password: String?

  /// Whether there is a user.
  package var hasUser: Bool { user != nil }
  /// Whether there is a password.
  package var hasPassword: Bool { password != nil }

  /// Reads the credentials of the service.
  ///
  /// - Parameters:
  ///   - configured: The user of mqtt.conf; empty for none.
  ///   - directory: $CREDENTIALS_DIRECTORY; nil without credentials.
  /// - Throws: `BridgeFault` for one that cannot be read, or is none.
  package init(
    configured: String, directory: String? = getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) }
  ) throws(BridgeFault) {
    let given = try directory.flatMap { directory throws(BridgeFault) in
      try Self.credential(Self.userCredential, in: directory)
    }
    user = given ?? (configured.isEmpty ? nil : configured)
    password = try directory.flatMap { directory throws(BridgeFault) in
      try Self.credential(Self.passwordCredential, in: directory)
    }
    if password != nil, user == nil, let directory {
      throw BridgeFault(
        path: "\(directory)/\(Self.passwordCredential)", line: 0,
        problem: "a password without a user: set user= in [mqtt], or the credential \(Self.userCredential)")
    }
  }

  private static func credential(_ name: String, in directory: String) throws(BridgeFault) -> String? {
    let path = "\(directory)/\(name)"
    var bytes: [UInt8]
    do throws(FileFailure) {
      bytes = try FileContents.read(path, limit: longest + 2)
    } catch {
      if error.errno == ENOENT { return nil }
      throw BridgeFault(path: path, line: 0, problem: "\(error.call): \(errnoText(error.errno))")
    }
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    guard (1...longest).contains(bytes.count), !bytes.contains(0), !bytes.contains(UInt8(ascii: "\n")),
      let text = String(validating: bytes, as: UTF8.self)
    else {
      throw BridgeFault(
        path: path, line: 0, problem: "must be one line of 1–\(longest) bytes of UTF-8 without NUL")
    }
    return text
  }
}
