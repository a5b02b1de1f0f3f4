// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Settings

struct PriorityTests {
  @Test(
    "the command line holds before the environment, that before the file, that before the default",
    arguments: Key.allCases)
  func order(key: Key) throws {
    let values = key.example.values
    let others = key.example.others
    let environment = others.merging([key.environmentName: values[1]]) { $1 }
    let file = line(key, values[2])

    let all = try load([key: values[0]], environment: environment, file: file)
    #expect(all.value(key) == values[0])
    #expect(all.origin(key) == .commandLine(flag: key.flag))

    let two = try load(environment: environment, file: file)
    #expect(two.value(key) == values[1])
    #expect(two.origin(key) == .environment(key.environmentName))

    let one = try load(environment: others, file: file)
    #expect(one.value(key) == values[2])
    guard case .file(let path, let number) = one.origin(key) else {
      Issue.record("not from the file")
      return
    }
    #expect(path.hasSuffix("/mcastd.conf"))
    #expect(number == (key.name.contains(".") ? 2 : 1))
  }

  @Test("a direction inherits value and origin of the shared key")
  func inherits() throws {
    let settings = try load([.port: "7"], environment: ["MCASTD_GROUP": "239.7.7.7"])
    for key in [Key.publishGroup, .subscribeGroup] {
      #expect(settings.value(key) == "239.7.7.7")
      #expect(settings.origin(key) == .environment("MCASTD_GROUP"))
    }
    for key in [Key.publishPort, .subscribePort] {
      #expect(settings.origin(key) == .commandLine(flag: "--port"))
    }
    #expect(settings.origin(.publishInterface) == .default)
    #expect(settings.publish.endpoint.description == "239.7.7.7:7")
  }

  @Test("a direction's own key in the file holds before the shared one on the command line")
  func ownBeforeShared() throws {
    let settings = try load([.group: "239.1.2.3"], file: "[publish]\ngroup=ff15::1\n")
    #expect(settings.publish.group.description == "ff15::1")
    #expect(settings.subscribe.group.description == "239.1.2.3")
  }

  @Test("an empty variable is as good as none", arguments: ["", "  "])
  func emptyVariable(text: String) throws {
    let settings = try load(environment: ["MCASTD_PORT": text, "MCASTD_NONSENSE": text], file: "port=7\n")
    #expect(settings.value(.port) == "7")
    #expect(settings.warnings.isEmpty)
  }

  @Test("nothing but variables of ours is looked at")
  func foreignVariables() throws {
    let settings = try load(environment: ["PORT": "7", "mcastd_port": "8", "GROUP": "x", "PATH": "/bin"])
    #expect(settings.value(.port) == "5001")
    #expect(settings.warnings.isEmpty)
  }

  @Test("of a process's environment only what is ours is taken, whole")
  func processEnvironment() async {
    // In a process of its own: setenv(3) is not safe beside threads that read.
    await #expect(processExitsWith: .success) {
      setenv("MCASTD_GROUP", "a=b", 1)
      setenv("MCASTDGROUP", "c", 1)
      let variables = SettingsSources.processEnvironment()
      #expect(variables["MCASTD_GROUP"] == "a=b")
      #expect(variables.keys.allSatisfy { $0.hasPrefix("MCASTD_") })
    }
  }
}
