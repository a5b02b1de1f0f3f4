# SPDX-License-Identifier: Apache-2.0
"""mcastd beside C programs that show this machine's limit, and beside socat, mcjoin and Python."""
