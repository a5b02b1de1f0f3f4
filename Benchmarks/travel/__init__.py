# SPDX-License-Identifier: Apache-2.0
"""How long readings take from one host to others: what `readings` is made of."""
