// SPDX-License-Identifier: Apache-2.0

import Monitor
import Platform
import Rules

extension EventCatalogue {
  /// What was left or entered has its own event, which is told by the rule that did it.
  static func entry(of event: RuleEvent) -> EventEntry? {
    switch event {
    case .changed(let transition): entry(of: transition)
    case .state: nil
    case .leftOut(let fault):
      EventEntry(
        .ruleLeftOut, .warning, "rule not in force: \(fault)",
        ["MCAST_PATH": fault.path, "MCAST_LINE": "\(fault.line)"])
    case .mended(let path):
      EventEntry(
        .ruleInForce, .notice, "nothing is wrong with \(Printable.line(path)) any more",
        ["MCAST_PATH": path])
    case .suppressed(let summary):
      EventEntry(
        .summarised, .notice,
        "\(summary.count) changes of rules have no entry of their own, for what they wait for comes and "
          + "goes\(summary.sofar): see `mcastd rules`",
        summary.fields("MCAST_SUMMARISED"), ["MCAST_REASON": "rules"])
    }
  }

  private static func entry(of transition: RuleTransition) -> EventEntry {
    let isSuspended = transition.to == .suspended && !transition.isDrill
    let message = "\(prefix(transition))\(text(of: transition))\(reason(transition))"
    return EventEntry(
      isSuspended ? .ruleSuspended : .ruleState, priority(of: transition), message, transition.fields)
  }

  private static func priority(of transition: RuleTransition) -> JournalPriority {
    if transition.isDrill { return .notice }
    if transition.to == .suspended { return .error }
    return transition.from.isEntered != transition.to.isEntered ? .warning : .notice
  }

  private static func prefix(_ transition: RuleTransition) -> String {
    let drill = transition.isDrill ? "for practice, nothing is done: " : ""
    return drill + (transition.isDryRun ? "dry-run, nothing is done: " : "")
  }

  private static func text(of transition: RuleTransition) -> String {
    let (rule, state) = (transition.rule, transition.state)
    if transition.cause == .drillOver {
      let really = transition.to.isEntered ? "entered" : "left"
      return "state \(state) \(really) as it really is, for the practice is over"
    }
    let would = transition.isDrill || transition.isDryRun ? "would be " : ""
    switch (transition.from, transition.to) {
    case (_, .suspended):
      let span = words(transition.flipLimit.span)
      return "rule \(rule) is suspended for \(span): its state was entered or left "
        + "\(transition.flipLimit.count) times within that time (flip-limit), and stays left. See why it "
        + "comes and goes: `mcastd rules`"
    case (.suspended, _): return "rule \(rule) is not suspended any more"
    case (_, .active) where transition.cause == .adopted:
      return "state \(state) goes on: it was entered before mcastd started"
    case (.releasing, .active): return "state \(state) \(would.isEmpty ? "stays" : would) entered"
    case (_, .active): return "state \(state) \(would)entered\(purpose(transition))"
    case (_, .pending):
      return "state \(state) \(would)entered in \(words(transition.holdsFor)) if it stays so"
    case (_, .releasing):
      return "state \(state) \(would)left in \(words(transition.releasesFor)) if it stays so"
    case (.pending, .inactive): return "state \(state) \(would.isEmpty ? "is" : would) not entered after all"
    case (_, .inactive): return "state \(state) \(would)left"
    }
  }

  private static func words(_ span: Int64) -> String { Quantity.timeText(Int(span)) }

  private static func purpose(_ transition: RuleTransition) -> String {
    transition.description.isEmpty ? "" : " (\(Printable.line(transition.description)))"
  }

  private static func reason(_ transition: RuleTransition) -> String {
    switch transition.cause {
    case .conditions: transition.lines.isEmpty ? "" : ": \(transition.decided)"
    case .removed: ", for its rule is gone"
    case .flips: transition.lines.isEmpty ? "" : ". It was left now: \(transition.decided)"
    case .adopted, .drillOver: ""
    }
  }
}

extension RuleTransition {
  /// The conditions that decided, with their hosts.
  fileprivate var decided: String { lines.map(\.description).joined(separator: "; ") }

  fileprivate var fields: [String: String] {
    [
      "MCAST_RULE": "\(rule)", "MCAST_RULE_STATE": to.rawValue, "MCAST_RULE_BEFORE": from.rawValue,
      "MCAST_STATE": "\(state)", "MCAST_DECIDED": decided,
      "MCAST_DONE": isDrill ? "drill" : isDryRun ? "dry-run" : "yes",
    ]
  }
}

extension Explanation {
  static let ruleState = Explanation(
    "396cea8731974af482149d5aea1183dc",
    subject: "Rule @MCAST_RULE@: @MCAST_RULE_BEFORE@, now @MCAST_RULE_STATE@",
    documentation: "man:mcastd.rule(5) man:mcastd(8)",
    """
    The rule @MCAST_RULE@ has gone from @MCAST_RULE_BEFORE@ to @MCAST_RULE_STATE@. What it
    was decided by is in MCAST_DECIDED: the conditions of the rule, each with what the
    hosts say that decided.

    While it is active or releasing, the state @MCAST_STATE@ is entered: its target, an
    instance of the template mcastd-state, is started, and with it the units that an
    operator enabled for it, and a file of that name is in states/active of the runtime
    directory. When the state is left they are stopped, and the file is in states/inactive.

    MCAST_DONE says whether that was done: yes, or dry-run (the rule says dry-run=yes), or
    drill (so it would be if what hosts say for practice were true).

    "mcastd rules" shows each rule as it is now.
    """)

  static let ruleSuspended = Explanation(
    "161047a9745142389f37e4344627c6bd",
    subject: "Rule @MCAST_RULE@ is suspended",
    documentation: "man:mcastd.rule(5) man:mcastd(8)",
    """
    The state @MCAST_STATE@ of the rule @MCAST_RULE@ was entered or left more often than
    its flip-limit= allows. It is left now, and stays left until the time of the limit is
    over: what comes and goes so often is more likely a fault than a reason to act.

    Look at the entries of the rule before this one, which say what decided each time:
    journalctl -u mcastd MCAST_RULE=@MCAST_RULE@. A sensor near its threshold needs another
    value for until= than for when=; a supply that fails and returns needs a longer for=.
    """)

  static let ruleLeftOut = Explanation(
    "9eedfcccfda449ad9c0ae7a5cfa0e55c",
    subject: "A rule is not in force",
    documentation: "man:mcastd.rule(5) man:mcastd(8)",
    """
    The file of a rule (MCAST_PATH) is not as it should be; the message says where, what is
    wrong, and what is accepted. The rule is not in force: its state is left, and is not
    entered. All other rules are.

    Mend the file, see with "mcastd check" that all is well, and reload.
    """)

  static let ruleInForce = Explanation(
    "cfedc134a86b46d6866ba58ef5869bc0",
    subject: "A rule is in force again",
    documentation: "man:mcastd.rule(5) man:mcastd(8)",
    """
    What was wrong with the file of a rule (MCAST_PATH) is mended, or the file is gone.
    Nothing needs to be done.
    """)
}
