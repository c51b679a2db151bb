#!/usr/bin/env bash
# Adds up what the test runners counted in a log of `make test`: "N passed, N failed" alone on the last line.
set -euo pipefail
sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    # cargo nextest: "Summary [ 1.2s] 10 tests run: 9 passed (1 slow), 1 failed, 0 skipped"
    /Summary \[/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) passed += $(i-1); if ($i ~ /^failed/) failed += $(i-1) } }
    # cargo test: "test result: ok. 9 passed; 0 failed; ..."
    /^test result:/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed;/) passed += $(i-1); if ($i ~ /^failed;/) failed += $(i-1) } }
    # Vitest: "Tests  3 failed | 9 passed (12)"
    /^ *Tests +/ { for (i = 2; i <= NF; i++) { if ($i == "passed") passed += $(i-1); if ($i == "failed") failed += $(i-1) } }
    # Node: "# pass 9", "# fail 0" (tap) or "ℹ pass 9"
    /^(#|ℹ) pass / { passed += $3 }
    /^(#|ℹ) fail / { failed += $3 }
    END { printf "%d passed, %d failed\n", passed, failed }
'
