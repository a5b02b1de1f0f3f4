// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Platform

/// A sealed memfd, memfd_create(2), in which the native protocol carries an entry that exceeds a datagram.
/// journald maps only sealed ones.
struct SealedMemory: ~Copyable {
  private let owned: OwnedDescriptor

  var descriptor: Int32 { owned.number }

  private init(owning descriptor: Int32) { owned = OwnedDescriptor(owning: descriptor) }

  /// - Throws: `JournalError.call` with the errno of memfd_create, write or F_ADD_SEALS.
  static func copying(_ bytes: UnsafeRawBufferPointer) throws(JournalError) -> SealedMemory {
    let flags = UInt32(CLINUX_MFD_CLOEXEC) | UInt32(CLINUX_MFD_ALLOW_SEALING)
    let descriptor = clinux_memfd_create("journal-entry", flags)
    guard descriptor >= 0 else { throw failure("memfd_create", errno) }
    let memory = SealedMemory(owning: descriptor)
    let code = FileContents.write(bytes, to: descriptor)
    guard code == 0 else { throw failure("write", code) }
    guard fcntl(descriptor, Int32(CLINUX_F_ADD_SEALS), Int32(CLINUX_F_SEAL_ALL)) == 0 else {
      throw failure("F_ADD_SEALS", errno)
    }
    return memory
  }

  private static func failure(_ call: String, _ errno: Int32) -> JournalError {
    .call(call, object: "journal entry", errno: errno)
  }
}
