#!/usr/bin/env bash
# What is new in a version: its section of CHANGELOG.md. Fails if there is none.
set -euo pipefail
version=${1:?which version?}
awk -v heading="## [$version]" '
    index($0, "## [") == 1 { inside = index($0, heading) == 1; next }
    inside { print; found = 1 }
    END { exit !found }
' "$(dirname "$0")/../CHANGELOG.md" || { echo "CHANGELOG.md has no section for $version" >&2; exit 1; }
