// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Heartbeat
@testable import Settings

/// What is read of the file of keys, and with which words it is refused.
struct KeysTests {
  private static let secret = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func settings(_ mode: String, keys: String = "", _ more: [Key: String] = [:]) throws -> Settings {
    try load([.authMode: mode, .authKeys: keys, .name: "ups1"].merging(more) { $1 })
  }

  private func refusal(_ settings: Settings, credential: String? = nil) -> String {
    do {
      return "accepted: \(try settings.keys(credential: credential)?.description ?? "none")"
    } catch {
      return "\(error)".replacing(directory.path, with: "DIR")
    }
  }

  @Test("off reads no file, and a mode that needs keys reads the one that is named")
  func read() throws {
    let path = try directory.write("keys", "a hmac-sha256 \(Self.secret)\n")
    #expect(try settings("off", keys: "/nonexistent").keys(credential: "/nonexistent") == nil)
    for mode in ["sign", "require"] {
      let ring = try #require(try settings(mode, keys: path).keys(credential: "/nonexistent"))
      #expect(ring.summary(sealing: "ups1") == ["a hmac-sha256 (seals)"])
    }
    // The credential is for where no file is named.
    #expect(try settings("sign").keys(credential: path)?.keys.map(\.id) == ["a"])
  }

  @Test("which keys seal is shown, in the order of the file")
  func summary() throws {
    let file = """
      b hmac-sha256 \(Self.secret) host=other
      s ed25519 \(Self.secret)
      a hmac-sha256 \(Self.secret)
      c hmac-sha256 \(Self.secret)
      """
    let path = try directory.write("keys", file)
    let ring = try #require(try settings("sign", keys: path).keys(credential: nil))
    #expect(
      ring.summary(sealing: "ups1")
        == ["b hmac-sha256", "s ed25519 (seals)", "a hmac-sha256 (seals)", "c hmac-sha256"])
    #expect(ring.summary(sealing: nil).allSatisfy { !$0.contains("seals") })
  }

  @Test("a refusal names setting, file, line and what to do, and no byte of a key")
  func refused() throws {
    let missing = refusal(try settings("sign"))
    #expect(missing.contains("--auth-mode sign") && missing.contains("LoadCredential=mcastd.keys:FILE"))
    #expect(
      refusal(try settings("sign", keys: "\(directory.path)/none"))
        == "--auth-keys DIR/none on the command line: the keys cannot be read: open DIR/none: "
        + "No such file or directory (ENOENT)")
    #expect(refusal(try settings("sign", keys: directory.path)).contains("EISDIR"))

    let damaged = try directory.write(
      "damaged", "a hmac-sha256 \(Self.secret)\nb hmac-sha256 \(Self.secret)x\n")
    let text = refusal(try settings("require", keys: damaged))
    #expect(text.contains("DIR/damaged: line 2: ") && !text.contains("QUFB"))

    let path = try directory.write("open", "a hmac-sha256 \(Self.secret)\n")
    for mode: mode_t in [0o604, 0o602, 0o644, 0o666] {
      try #require(chmod(path, mode) == 0)
      #expect(refusal(try settings("sign", keys: path)).hasSuffix("chmod 640 DIR/open"))
    }
    try #require(chmod(path, 0o640) == 0)
    #expect(refusal(try settings("sign", keys: path)) == "accepted: a hmac-sha256")
  }

  @Test("who sends needs a key to seal with, and who only receives does not")
  func sealing() throws {
    let path = try directory.write("keys", "a hmac-sha256 \(Self.secret) host=other\n")
    let text = refusal(try settings("sign", keys: path))
    #expect(text.contains("no key is for ups1") && text.contains("host=ups1"))
    #expect(refusal(try settings("sign", keys: path, [.name: "other"])) == "accepted: a hmac-sha256")
    let receiver = try settings("require", keys: path, [.publishEnabled: "no", .name: ""])
    #expect(refusal(receiver) == "accepted: a hmac-sha256")
  }

  @Test("a larger file than keys can be is seen to be larger")
  func large() throws {
    let path = try directory.write("keys", String(repeating: "#\n", count: KeyFile.largestSize))
    #expect(refusal(try settings("sign", keys: path)).contains("at most \(KeyFile.largestSize) bytes"))
  }

  @Test("a mode that needs a name says so, where something is sent")
  func nameless() throws {
    let error = #expect(throws: SettingsError.self) { try load([.authMode: "sign"]) }
    #expect(error.map { "\($0)" }?.contains("name must be set, for example name=auto") == true)
    #expect(throws: Never.self) { try load([.authMode: "sign", .publishEnabled: "no"]) }
  }
}
