// SPDX-License-Identifier: Apache-2.0

import Glibc
import Simulation

exit(Simulator.run(CommandLine.arguments.dropFirst()))
