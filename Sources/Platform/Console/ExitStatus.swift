// SPDX-License-Identifier: Apache-2.0

/// Exit statuses, of sysexits(3) where it has one.
package enum ExitStatus {
  package static let success: Int32 = 0
  /// Negative result: `watch` received nothing, a peer is silent or unknown for `peers --check`, or there is
  /// none to explain for `peers --explain`, or an expectation does not hold for `rules test`. `doctor`
  /// has its own, beside the report.
  package static let negative: Int32 = 1
  /// `peers --check`: no peer is heard.
  package static let nothingHeard: Int32 = 2
  /// EX_UNAVAILABLE: no daemon, or no answer from it.
  package static let unavailable: Int32 = 69
  /// EX_OSERR: the system refused at start.
  package static let systemRefused: Int32 = 71
  /// EX_IOERR: the output could not be written.
  package static let outputFailed: Int32 = 74
  /// EX_NOPERM: the caller may not do this, or not reach the daemon.
  package static let notPermitted: Int32 = 77
  /// EX_CONFIG: the configuration is not valid.
  package static let configuration: Int32 = 78
}
