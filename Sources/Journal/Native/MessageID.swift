// SPDX-License-Identifier: Apache-2.0

import CSystemd

/// A MESSAGE_ID: what kind of event an entry reports, for `journalctl MESSAGE_ID=` and the catalog; sd-id128(3).
package struct MessageID: Hashable, Sendable, CustomStringConvertible {
  /// 32 lower-case hexadecimal digits.
  package let description: String

  /// - Parameter text: 32 hexadecimal digits.
  /// - Throws: `JournalError.invalidMessageID`
  package init(_ text: String) throws(JournalError) {
    var id = sd_id128_t()
    // sd_id128_from_string(3) also takes the 36 characters of a UUID, which journalctl does not match with.
    guard text.utf8.count == 32, sd_id128_from_string(text, &id) >= 0 else {
      throw .invalidMessageID(text)
    }
    guard id.qwords.0 | id.qwords.1 != 0 else { throw .invalidMessageID(text) }
    description = text.lowercased()
  }

  /// - Parameter constant: 32 hexadecimal digits of the source code's; anything else is a programming error.
  package init(constant: StaticString) {
    do {
      try self.init(constant.description)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
