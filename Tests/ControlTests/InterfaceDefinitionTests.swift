// SPDX-License-Identifier: Apache-2.0

import Facts
import FoundationEssentials
import Heartbeat
import Liveness
import Metrics
import Platform
import Testing

@testable import Control
@testable import Rules
@testable import Settings
@testable import Varlink

struct InterfaceDefinitionTests {
  private let definition: InterfaceDefinition

  init() throws { definition = try InterfaceDefinition(ControlInterface.description) }

  @Test("the definition is that of io.mcastd, and uses every type that it defines")
  func types() {
    #expect(definition.name == ControlInterface.name)
    #expect(definition.used == Set(definition.types.keys))
  }

  @Test("every method and every error is defined, and no other")
  func names() {
    #expect(Set(definition.methods.keys) == Set(ControlInterface.Method.allCases.map(\.rawValue)))
    #expect(Set(definition.errors.keys) == Set(ControlInterface.Failure.allCases.map(\.rawValue)))
    #expect(ControlInterface.Method.getStatus.qualifiedName == "io.mcastd.GetStatus")
    #expect(ControlInterface.Failure.busy.qualifiedName == "io.mcastd.Busy")
  }

  /// An exhaustive switch: a new method has its reply here.
  @Test("a reply has the fields of its method, of their types", arguments: ControlInterface.Method.allCases)
  func replies(method: ControlInterface.Method) throws {
    let reply =
      switch method {
      case .getStatus: try JSONEncoder().encode(Samples.status)
      case .listPeers: try JSONEncoder().encode(Samples.peers)
      case .explainPeer: try JSONEncoder().encode(Samples.explanation)
      case .monitor: try JSONEncoder().encode(Samples.event)
      case .listReadings: try JSONEncoder().encode(try Samples.readings)
      case .listRules: try JSONEncoder().encode(try Samples.rules)
      case .getMetrics: try JSONEncoder().encode(Samples.metrics)
      case .setReadings, .unsetReadings: try JSONEncoder().encode(SetReadingsReply(warnings: ["w"]))
      case .reload: try JSONEncoder().encode(Samples.reload)
      }
    let type = try #require(definition.methods[method.rawValue]).reply
    #expect(try definition.differences(reply, from: type) == [])
  }

  @Test("the list of peers that is encoded one by one has the same fields")
  func listing() throws {
    let head = PeersReply.Head(networkSilent: true, refused: 3)
    var list = try #require(VarlinkParameters.ListEncoder(head, list: PeersReply.Head.list))
    let hasJSON = list.append(Samples.peer)
    #expect(hasJSON)
    let reply = list.finish()
    let type = try #require(definition.methods["ListPeers"]).reply
    #expect(try definition.differences(Data(reply.json), from: type) == [])
    #expect(try reply.decode(PeersReply.self) == Samples.peers)
  }

  private func check(_ method: String, _ parameters: some Encodable, _ names: Set<String>) throws {
    let type = try #require(definition.methods[method]).parameters
    #expect(try definition.differences(JSONEncoder().encode(parameters), from: type) == [])
    guard case .structure(let fields) = type else {
      Issue.record("\(type)")
      return
    }
    #expect(Set(fields.keys) == names)
  }

  @Test("parameters have the fields of their method, and the server accepts no others")
  func parameters() throws {
    let type = try #require(definition.methods["Reload"]).parameters
    let parameters = ControlInterface.ReloadParameters(environment: ["MCASTD_PORT": "7"])
    #expect(try definition.differences(JSONEncoder().encode(parameters), from: type) == [])
    guard case .structure(let fields) = type else {
      Issue.record("\(type)")
      return
    }
    #expect(Set(fields.keys) == ControlInterface.ReloadParameters.names)
    let explain = try JSONEncoder().encode(ControlInterface.ExplainParameters(peer: "ups1"))
    let explained = try #require(definition.methods["ExplainPeer"]).parameters
    #expect(try definition.differences(explain, from: explained) == [])
    #expect(
      explained == .structure(["peer": .string]) && ControlInterface.ExplainParameters.names == ["peer"])
    try check(
      "ListReadings", ControlInterface.ListReadingsParameters(hosts: ["a"]),
      ControlInterface.ListReadingsParameters.names)
    try check(
      "SetReadings",
      ControlInterface.SetReadingsParameters(
        readings: [ControlInterface.NewReading(key: "a.b", value: "c")], forUsec: 1, test: true),
      ControlInterface.SetReadingsParameters.names)
    try check(
      "UnsetReadings", ControlInterface.UnsetReadingsParameters(keys: ["a.b"], test: true),
      ControlInterface.UnsetReadingsParameters.names)
    for method in [ControlInterface.Method.getStatus, .listPeers, .listRules, .monitor] {
      #expect(definition.methods[method.rawValue]?.parameters == .structure([:]))
    }
  }

  @Test("an error has the fields of its declaration", arguments: ControlInterface.Failure.allCases)
  func errors(failure: ControlInterface.Failure) throws {
    let error = failure.error(reason: "because")
    #expect(error.name == failure.qualifiedName)
    let type = try #require(definition.errors[failure.rawValue])
    #expect(try definition.differences(Data(error.parameters.json), from: type) == [])
    #expect(try error.parameters.decode(ControlInterface.Failure.Parameters.self).reason == "because")
  }

  @Test("the words of a field are named in the definition")
  func words() {
    let text = ControlInterface.description
    for kind in Condition.Kind.allCases { #expect(text.contains(kind.rawValue)) }
    for reason in Patience.Explanation.Reason.allCases { #expect(text.contains(reason.rawValue)) }
    for state in PeerState.allCases { #expect(text.contains(state.rawValue)) }
    for state in RuleMachine.State.allCases { #expect(text.contains(state.rawValue)) }
    for source in [Origin.Kind.default, .file, .environment, .commandLine] {
      #expect(text.contains(source.rawValue))
    }
  }

  @Test(
    "a field that is missing, not declared or of another type is a difference",
    arguments: [
      (#"{"a": 1, "b": [{"c": true}]}"#, []), (#"{"b": [{"c": true}]}"#, [".a: missing"]),
      (#"{"a": 1, "b": [{"c": true}], "d": 1}"#, [".d: not declared"]),
      (#"{"a": "1", "b": [{"c": true}]}"#, [".a: no Int64"]), (#"{"a": 1, "b": []}"#, [".b: empty"]),
      (#"{"a": 1, "b": [{"c": 1}]}"#, [".b[].c: no Bool"]),
      (#"{"a": true, "b": 1}"#, [".a: no Int64", ".b: no list"]),
      (#"{"a": 1, "b": [{}]}"#, [".b[].c: missing"]), ("[]", [": no object"]),
    ])
  func differences(json: String, expected: [String]) throws {
    let definition = try InterfaceDefinition(
      "interface x # comment\ntype T (c: bool)\nmethod M(o: ?[string]float) -> (a: int, b: []T)")
    let type = try #require(definition.methods["M"]).reply
    #expect(try definition.differences(Data(json.utf8), from: type) == expected)
  }

  @Test(
    "what is no definition is refused",
    arguments: [
      "x", "interface x type t ()", "interface x type T (a int)", "interface x method M()",
      "interface x type T (a: int, a: int)",
    ])
  func refused(text: String) {
    #expect(throws: (any Error).self) { try InterfaceDefinition(text) }
  }
}

/// Replies in which every list has an element.
private enum Samples {
  static let status = StatusReply(
    version: "1", startedUsec: 1, uptimeUsec: 2, status: "s", received: 3, logged: 1, summarised: 1,
    queued: 1,
    kernelDropped: 4, truncated: 5, foreign: 6, unauthenticated: 9, replayed: 10, sent: 7, sendFailed: 8,
    peers: StatusReply.Peers(alive: 1, late: 2, silent: 3, left: 5, unknown: 4),
    conditions: [ConditionReply(condition: "no-carrier", interface: "eth0", sinceUsec: 1)],
    sendingOn: ["eth0"],
    memberships: [
      StatusReply.Membership(
        group: "239.1.1.1", port: 5001, interface: "eth0", interfaceIndex: 2, sources: ["10.0.0.5"])
    ],
    waitingFor: ["eth9"], config: "/etc/mcastd/mcastd.conf",
    settings: ["port": StatusReply.Setting(value: "5001", origin: "default", source: "default")],
    keys: ["a hmac-sha256 (seals)"])

  static let peer = PeerReply(
    host: "ups1", address: "10.0.0.5", interface: "eth0", port: 5001, state: "alive", auth: "ok",
    lastHeardUsec: 1,
    ageUsec: 2,
    intervalUsec: 3, silentAfterBeats: 5, silentAfterUsec: 6, beats: 4, missed: 5, missedHere: 6,
    duplicates: 7, reordered: 8, restarts: 9,
    clockSteps: 10, jitterUsec: 11, offsetUsec: -12, note: "")

  static let peers = PeersReply(peers: [peer], networkSilent: true, refused: 3)

  static var readings: ReadingsReply {
    get throws {
      let id = try #require(Reading.ID(word: "ups.status"))
      let report = ReadingReport(
        host: "ups1", address: IPAddress("10.0.0.5"), id: id, value: .unknown,
        quality: .unknown, heard: 1, changed: 1, proof: .ok)
      return ReadingsReply(readings: [ReadingReply(report)])
    }
  }

  static var rules: RulesReply {
    get throws {
      let rule = try RuleFile.parse(
        Array("when=all of ups1: ups.status has OB\n".utf8), path: "fans-off.rule")
      let host = LineReport.Host(.name("ups1"), HostFinding(unknown: .stale))
      let line = LineReport(rule.when[0], isUntil: false, result: .perhaps, hosts: [host])
      let report = RuleReport(
        rule: rule, state: .pending, since: 1, next: 2, drill: .active, lines: [line])
      return RulesReply(
        rules: [
          RuleReply(
            report, unit: "mcastd-state@fans-off.target", unitState: "inactive", wantedBy: ["fans.service"])
        ], leftOut: ["/etc/mcastd/rules.d/a.rule:1:1: problem"])
    }
  }

  static let metrics = MetricsReply(
    metrics: [MetricFamily(.peerUp, [MetricSample(MetricLabels(["host": "ups1"]), 1)])])

  static let explanation = ExplainReply(peers: [.sample])

  static let event = {
    var event = MonitorReply("peer-silent", timeUsec: 1)
    event.host = "ups1"
    (event.address, event.interface, event.state) = ("10.0.0.5", "eth0", "silent")
    (event.key, event.value, event.quality) = ("ups.status", "OB", "good")
    (event.rule, event.isDrill) = ("fans-off", false)
    (event.condition, event.priority, event.message) = ("no-carrier", 4, "m")
    (event.messageId, event.fields) = ("cabb2ea43a744350a4a4e3d6497ed3dc", ["MCAST_PEER": "10.0.0.5"])
    return event
  }()

  static let reload = ReloadReply(
    changes: [
      ReloadReply.Change(SettingChange(key: .port, before: "5001", after: "7", origin: .default))
    ],
    keys: ["a hmac-sha256 (seals)"], rules: ["fans-off (new)"], warnings: ["w"])
}
