// SPDX-License-Identifier: Apache-2.0

import Glibc
import Heartbeat
import Platform

extension Settings {
  /// Reads the keys, into memory for secrets and nowhere else.
  ///
  /// - Parameter credential: The path of the credential, where `auth.keys` is empty.
  /// - Returns: Nil where `auth.mode` is off.
  /// - Throws: `SettingsError` where there is no file, it cannot be read, everybody may read it, a line of it
  ///   is no key, or none of its keys can seal our own heartbeats.
  package func keys(credential: String? = KeyCredential.path()) throws(SettingsError) -> KeyRing? {
    guard authentication.mode != .off else { return nil }
    guard let path = authentication.keys.isEmpty ? credential : authentication.keys else {
      throw refusal(
        of: .authMode,
        [
          "there are no keys: auth.keys must name a file, or the unit must have LoadCredential="
            + "\(KeyCredential.name):FILE (`systemctl edit mcastd`); `mcastd key new` makes a key"
        ])
    }
    let ring = try ring(at: path)
    if publish.enabled, let name = name.name, !ring.canSeal(for: name) {
      throw refusal(
        of: .authKeys,
        [
          "\(path): no key is for \(name) to send with: a line with \(KeyAlgorithm.secretNames), "
            + "without host= or with host=\(name)"
        ])
    }
    return ring
  }

  /// Reads the keys for who only looks on: those of a file that the settings name.
  ///
  /// - Returns: Nil where they name none.
  /// - Throws: `SettingsError` as `keys` does.
  package func keysToWatch() throws(SettingsError) -> KeyRing? {
    authentication.keys.isEmpty ? nil : try ring(at: authentication.keys)
  }

  /// - Throws: `SettingsError`.
  private func ring(at path: String) throws(SettingsError) -> KeyRing {
    var mode: mode_t = 0
    var ring: Result<KeyRing, KeyFileError>?
    let memory: LockedMemory?
    do throws(FileFailure) {
      // One byte more than is accepted, so that a larger file is seen to be larger.
      memory = try LockedMemory(capacity: KeyFile.largestSize + 1) { buffer throws(FileFailure) in
        let file = try FileContents.read(path, into: buffer)
        mode = file.mode
        return file.count
      }
    } catch {
      throw refusal(
        of: .authKeys,
        ["the keys cannot be read: \(error.call) \(error.path): \(ErrnoAdvice.unreadable(error.errno))"])
    }
    guard mode & 0o006 == 0 else {
      throw refusal(
        of: .authKeys, ["everybody may read \(path), so that its keys prove nothing: chmod 640 \(path)"])
    }
    ring = memory?.withUnsafeBytes { bytes in Result { () throws(KeyFileError) in try KeyRing(bytes) } }
    switch ring {
    case .success(let ring): return ring
    case .failure(let error): throw refusal(of: .authKeys, error.lines.map { "\(path): \($0)" })
    case nil: throw refusal(of: .authKeys, ["\(path): there is no memory left for the keys"])
    }
  }

  private func refusal(of key: Key, _ texts: [String]) -> SettingsError {
    let value = effective.first { $0.key == key }
    return SettingsError(
      texts.map {
        SettingsFault(key: key, value: value?.value, origin: value?.origin ?? .default, problem: $0)
      })
  }
}
