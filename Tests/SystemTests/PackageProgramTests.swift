// SPDX-License-Identifier: Apache-2.0

import Testing

extension SystemTests {
  /// How the program is linked that the package has, as readelf(1) shows it.
  struct PackageProgramTests {
    @Test("it is loaded anywhere, its stack is no program, and what the linker filled in is read-only")
    func hardening() async throws {
      let headers = try await readelf("--program-headers")
      #expect(headers.contains { $0.contains("(Position-Independent Executable file)") }, "\(headers)")
      let segments = headers.compactMap(Segment.init(line:))
      #expect(segments.first { $0.name == "GNU_STACK" }?.flags == "RW", "\(headers)")
      #expect(segments.contains { $0.name == "GNU_RELRO" }, "\(headers)")
      #expect(segments.filter { $0.flags.contains("W") && $0.flags.contains("E") }.isEmpty, "\(headers)")
      // Without it the table of functions' addresses would stay writable.
      let dynamic = try await readelf("--dynamic")
      #expect(dynamic.contains { $0.contains("(FLAGS_1)") && $0.contains("NOW") }, "\(dynamic)")
    }

    @Test("it looks for libraries where the system has them, and nowhere else")
    func libraryPath() async throws {
      let dynamic = try await readelf("--dynamic")
      #expect(dynamic.contains { $0.contains("(NEEDED)") && $0.contains("[libsystemd.so.0]") }, "\(dynamic)")
      #expect(dynamic.contains { $0.contains("(NEEDED)") && $0.contains("[libsodium.so.23]") }, "\(dynamic)")
      #expect(dynamic.filter { $0.contains("(RUNPATH)") || $0.contains("(RPATH)") } == [])
    }

    private func readelf(_ part: String) async throws -> [String] {
      let path = try await DebianPackage.current.value.path
      // From the package, since debhelper works on the program after it was linked.
      let command =
        "dpkg-deb --fsys-tarfile \"$1\" | tar -xO ./usr/bin/mcastd >\"$1.program\" && readelf --wide $2 \"$1.program\""
      return try await ChildProcess.run(["sh", "-c", command, "readelf", path, part]).checked().lines
    }

    /// A line of the table of segments: its name, five numbers, then flags.
    private struct Segment {
      let name: String
      let flags: String

      init?(line: String) {
        guard let match = line.firstMatch(of: /^ +([A-Z_]+) +(?:0x[0-9a-f]+ +){5}([RWE ]{3})/) else {
          return nil
        }
        name = String(match.1)
        flags = match.2.filter { $0 != " " }
      }
    }
  }
}
