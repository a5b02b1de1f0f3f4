// SPDX-License-Identifier: Apache-2.0

import Facts
import Heartbeat
import Liveness
import Platform

/// Of whom the rules ask what, and what is found.
extension Rulebook {
  /// Finds anew of whom the rules ask what.
  mutating func build(_ evidence: some RuleEvidence) {
    (hosts, places, ownPlace, patterns, absent) = ([], [:], nil, [], 0)
    (reviews, steps, dirty) = (DeadlineHeap(), DeadlineHeap(), [])
    for place in entries.indices { entries[place].removeHosts() }
    addQuestions()
    for place in entries.indices {
      for line in entries[place].lines.indices { addHosts(to: line, of: place) }
      markDirty(place)
    }
    for place in hosts.indices { hosts[place].readings.sort { $0.question < $1.question } }
    if !patterns.isEmpty { for name in evidence.names { match(name) } }
    for place in hosts.indices { review(place, evidence) }
    testPeers(evidence)
  }

  /// Finds what the rules ask, so that of each host it is asked once.
  private mutating func addQuestions() {
    struct Topic: Hashable {
      var subject: ReadingTest.Subject
      var terms: Rule.Terms
    }
    var topics: [Topic: Int] = [:]
    func question(_ line: RuleLine, of entry: RuleEntry) -> Question {
      let (test, terms) = (line.condition.test, entry.rule.terms)
      let topic = Topic(subject: test.subject, terms: terms)
      let number = topics[topic] ?? topics.count
      topics[topic] = number
      return Question(test: test, terms: terms, topic: number)
    }
    let asked = entries.map { entry in entry.lines.map { question($0, of: entry) } }
    var seen: Set<Question> = []
    questions = asked.joined().filter { seen.insert($0).inserted }.sorted { $0.topic < $1.topic }
    let numbers = Dictionary(uniqueKeysWithValues: questions.enumerated().map { ($1, Int32($0)) })
    for (rule, asked) in asked.enumerated() {
      for (line, question) in asked.enumerated() {
        entries[rule].lines[line].question = numbers[question] ?? 0
      }
    }
  }

  private mutating func addHosts(to line: Int, of rule: Int) {
    switch entries[rule].lines[line].condition.hosts {
    case .own:
      let place = ownPlace ?? hosts.count
      if ownPlace == nil { hosts.append(Host(subject: nil)) }
      ownPlace = place
      add(place, to: line, of: rule, isMatched: false)
    case .others(let subjects, let patterns):
      for subject in subjects { add(place(of: subject), to: line, of: rule, isMatched: false) }
      if !patterns.isEmpty { self.patterns.append((rule, line)) }
    }
  }

  private mutating func place(of subject: PeerSubject) -> Int {
    if let place = places[subject] { return place }
    places[subject] = hosts.count
    hosts.append(Host(subject: subject))
    return hosts.count - 1
  }

  private mutating func add(_ host: Int, to line: Int, of rule: Int, isMatched: Bool) {
    let member = entries[rule].lines[line].add(Int32(host), isMatched: isMatched)
    let watch = Watch(
      question: entries[rule].lines[line].question, rule: Int32(rule), line: Int32(line),
      member: Int32(member), isMatched: isMatched)
    if isOfPeers(rule, line) { hosts[host].peers.append(watch) } else { hosts[host].readings.append(watch) }
  }

  private func isOfPeers(_ rule: Int, _ line: Int) -> Bool {
    entries[rule].lines[line].condition.test.subject == .peer
  }

  /// What these hosts say, or what it is worth, is something else from now on.
  package mutating func note(_ names: [HostName], _ evidence: some RuleEvidence, at time: Int64) {
    guard !isEmpty else { return }
    advance(to: time, evidence)
    for name in names {
      if !patterns.isEmpty { match(name) }
      if let place = places[.name(name)] { review(place, evidence) }
    }
    if let ownPlace, evidence.ownName != ownName || evidence.ownName.map(names.contains) == true {
      review(ownPlace, evidence)
    }
    ownName = evidence.ownName
    if absent > max(Self.mostAbsent, hosts.count / 2) { build(evidence) }
  }

  /// Whether hosts are there may be something else from now on.
  package mutating func notePeers(_ evidence: some RuleEvidence, at time: Int64) {
    guard !isEmpty else { return }
    advance(to: time, evidence)
    testPeers(evidence)
  }

  private mutating func testPeers(_ evidence: some RuleEvidence) {
    if patterns.contains(where: { isOfPeers($0.rule, $0.line) }) {
      for name in evidence.peerNames { matchPeer(name) }
      if let own = evidence.ownName { matchPeer(own) }
    }
    for place in hosts.indices where !hosts[place].peers.isEmpty {
      guard let subject = hosts[place].subject else { continue }
      let isOwn = subject.name.map { $0 == evidence.ownName } ?? false
      let peer = isOwn ? PeerFinding(.alive, isOwn: true) : evidence.peer(subject)
      for watch in hosts[place].peers {
        if watch.isMatched { setCounting(peer != nil, watch) }
        let question = questions[Int(watch.question)]
        let result = question.test.find(peer, question.terms).result
        note(RuleLine.Mark(result: result, drillResult: result), watch)
      }
    }
  }

  /// Has a host counted by the lines whose pattern its name matches.
  private mutating func match(_ name: HostName) {
    if let place = places[.name(name)], hosts[place].isMatched { return }
    let found = matches(name, ofPeers: false)
    guard !found.isEmpty else { return }
    let host = place(of: .name(name))
    hosts[host].isMatched = true
    for (rule, line) in found { add(host, to: line, of: rule, isMatched: true) }
    hosts[host].readings.sort { $0.question < $1.question }
  }

  private mutating func matchPeer(_ name: HostName) {
    if let place = places[.name(name)], hosts[place].isPeerMatched { return }
    let found = matches(name, ofPeers: true)
    guard !found.isEmpty else { return }
    let host = place(of: .name(name))
    hosts[host].isPeerMatched = true
    for (rule, line) in found { add(host, to: line, of: rule, isMatched: true) }
  }

  /// The lines that a name is of by a pattern, and not besides.
  private mutating func matches(_ name: HostName, ofPeers: Bool) -> [(rule: Int, line: Int)] {
    let found = patterns.filter { rule, line in
      guard isOfPeers(rule, line) == ofPeers,
        case .others(let subjects, let patterns) = entries[rule].lines[line].condition.hosts
      else { return false }
      return patterns.contains { $0.matches(name) } && !subjects.contains(.name(name))
    }
    for (rule, _) in found { markDirty(rule) }
    return found
  }

  private mutating func setCounting(_ counts: Bool, _ watch: Watch) {
    let (rule, line, member) = (Int(watch.rule), Int(watch.line), Int(watch.member))
    guard entries[rule].lines[line].counts(member) != counts else { return }
    entries[rule].drillCount -= entries[rule].lines[line].drillCount(of: member)
    entries[rule].lines[line].setCounting(counts, member)
    entries[rule].drillCount += entries[rule].lines[line].drillCount(of: member)
    absent += counts ? -1 : 1
    markDirty(rule)
  }

  /// Makes all tests of what a host says, each once.
  mutating func review(_ place: Int, _ evidence: some RuleEvidence) {
    let name = hosts[place].subject.map(\.name) ?? evidence.ownName
    let facts = name.flatMap { evidence.facts(of: $0) }
    var (until, isAwaited) = (Int64.max, false)
    var (question, topic) = (Int32(-1), -1)
    var (said, practised): (SaidReading?, SaidReading?)
    var mark = RuleLine.Mark()
    for watch in hosts[place].readings {
      if watch.isMatched { setCounting(facts != nil, watch) }
      if watch.question != question {
        question = watch.question
        let asked = questions[Int(question)]
        if asked.topic != topic, case .reading(let key) = asked.test.subject {
          topic = asked.topic
          let real = SaidReading(key, in: facts, asked.terms, drills: false, at: clock)
          let drill = SaidReading(key, in: facts, asked.terms, drills: true, at: clock)
          (said, practised) = (real, drill.isDrill ? drill : nil)
          until = min(until, real.until, drill.until)
          if real.unknown == .stale { isAwaited = true }
        }
        let result = said?.result(of: asked.test) ?? .perhaps
        mark = RuleLine.Mark(
          result: result, drillResult: practised?.result(of: asked.test) ?? result, isDrill: practised != nil)
      }
      note(mark, watch)
    }
    hosts[place].isAwaited = isAwaited
    if until < .max { reviews.set(until + 1, for: place) } else { reviews.remove(place) }
  }

  private mutating func note(_ mark: RuleLine.Mark, _ watch: Watch) {
    let (rule, line, member) = (Int(watch.rule), Int(watch.line), Int(watch.member))
    let change = entries[rule].lines[line].note(mark, of: member)
    guard change.isOther || change.drills != 0 else { return }
    entries[rule].drillCount += change.drills
    markDirty(rule)
  }

  /// Has a rule stepped.
  mutating func markDirty(_ rule: Int) {
    guard !entries[rule].isDirty else { return }
    entries[rule].isDirty = true
    dirty.append(rule)
  }
}
