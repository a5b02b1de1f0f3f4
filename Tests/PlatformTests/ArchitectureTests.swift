// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// What docs/ARCHITECTURE.md promises and no compiler sees.
struct ArchitectureTests {
  private struct File {
    var path: String
    var module: String
    var text: String
    var imports: Set<String>
  }

  private let files: [File]

  init() throws {
    files = try SourceTree.sources(in: "Sources").map { path in
      let text = try SourceTree.read(path)
      let words = text.split(separator: "\n").map { $0.split(separator: " ") }
      return File(
        path: path, module: String(path.split(separator: "/")[1]), text: text,
        imports: Set(words.filter { $0.count == 2 && $0[0] == "import" }.map { String($0[1]) }))
    }
    try #require(files.count > 200)
  }

  /// The modules in the order of the manifest.
  private func modules() throws -> [String] {
    let manifest = try SourceTree.read("Package.swift")
    let start = try #require(manifest.firstRange(of: "let modules")).upperBound
    let end = try #require(manifest.firstRange(of: "let tests")).lowerBound
    let declaration = /(?:systemLibrary|target|executableTarget)\(\s*name: "([A-Za-z-]+)"/
    return manifest[start..<end].matches(of: declaration).map { String($0.1) }
  }

  @Test("a module imports only what stands above it in the manifest")
  func order() throws {
    let order = try modules()
    try #require(order.first == "CLinux" && order.last == "mcastd-mqtt")
    for file in files {
      guard let own = order.firstIndex(of: file.module) else {
        Issue.record("\(file.path) is of no module of the manifest")
        continue
      }
      for name in file.imports {
        guard let place = order.firstIndex(of: name) else { continue }
        #expect(place < own, "\(file.path) imports \(name)")
      }
    }
  }

  @Test("Heartbeat, Liveness, Facts, Rules, Monitor and Metrics read no clock, no file and no socket")
  func pure() {
    let modules = ["Heartbeat", "Liveness", "Facts", "Rules", "Monitor", "Metrics"]
    for file in files where modules.contains(file.module) {
      #expect(file.imports.isDisjoint(with: ["Dispatch", "CLinux", "Multicast"]), "\(file.path)")
      // The zone of the machine's clock is the C library's business (localtime_r(3)).
      #expect(!file.imports.contains("Glibc") || file.path.hasSuffix("CivilTime+Zone.swift"), "\(file.path)")
      for word in ["Clocks.monotonic(", "Clocks.realtime(", "RuntimeFile", "FileContents"] {
        #expect(!file.text.contains(word), "\(file.path): \(word)")
      }
    }
  }

  @Test("nobody imports full Foundation, and each C library is known to one module alone")
  func imports() {
    for file in files {
      #expect(!file.imports.contains("Foundation"), "\(file.path)")
      #expect(!file.imports.contains("CSystemd") || file.module == "Systemd", "\(file.path)")
      #expect(!file.imports.contains("CSodium") || file.module == "Heartbeat", "\(file.path)")
      #expect(!file.imports.contains("CMosquitto") || file.module == "MQTT", "\(file.path)")
    }
  }

  /// `QueueExecutor` says why.
  @Test("every task and every actor runs on a queue of ours, none in the global pool")
  func executors() {
    for file in files {
      for start in file.text.matches(of: /\bTask(?:\.detached)?\s*(?:\{|\((?!executorPreference:|where:))/) {
        Issue.record("\(file.path): \(file.text[start.range])")
      }
      #expect(!file.text.contains("DispatchQueue.global"), "\(file.path)")
      let actors = file.text.matches(of: /(?m)^ *(?:package |public )?(?:final )?actor [A-Z]/).count
      let executors = file.text.matches(of: /unownedExecutor: UnownedSerialExecutor/).count
      #expect(actors <= executors, "\(file.path): an actor without an executor")
    }
  }

  @Test("a file is one idea of at most 300 lines")
  func size() {
    for file in files { #expect(file.text.split(separator: "\n").count <= 300, "\(file.path)") }
  }
}
