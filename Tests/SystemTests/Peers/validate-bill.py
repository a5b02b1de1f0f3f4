# SPDX-License-Identifier: Apache-2.0
"""Holds a bill of materials on standard input against the JSON schema of CycloneDX, as its project's own library does;
prints what is wrong, and exits with 1 then.
"""

import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

errors = list(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read(), all_errors=True) or [])
for error in errors:
    print(error)
sys.exit(1 if errors else 0)
