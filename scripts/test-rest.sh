#!/usr/bin/env bash
# Holds the real server against its own OpenAPI document: schemathesis sends what the document allows and what it does not, with and
# without a token. Needs target/debug/viva and scripts/setup.sh test; takes about two minutes.
#
#   scripts/test-rest.sh [more arguments of `schemathesis run`]
set -euo pipefail
cd "$(dirname "$0")/.."

viva=${VIVA_BIN:-target/debug/viva}
data=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$data"
}
trap stop EXIT

export VIVA_DATA=$data/viva VIVA_ADDR=127.0.0.1:0 VIVA_ADMIN_ADDR=127.0.0.1:0 VIVA_RECOGNIZER=none VIVA_MODEL=builtin VIVA_LOG=error
# Nobody is as fast as this tool.
export VIVA_RATE_REQUESTS=10000
"$viva" serve --json >"$data/ready" &
server=$!
for _ in $(seq 100); do
    [ -s "$data/ready" ] && break
    sleep 0.1
done
url=$(sed -nE 's/.*"url":"([^"]+)".*/\1/p' "$data/ready")
token=$("$viva" token --user ann --course law-1=teacher)

schemathesis=$PWD/target/venv-rest/bin/schemathesis
# It leaves what it found where it runs. A file that is too large is refused by 413, which it does not count as a refusal by itself.
cd "$data"
cat >schemathesis.toml <<'TOML'
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429]
TOML
# One worker: two of them parse sources at once, which Python before 3.12.3 takes for a mismatch (github.com/python/cpython/issues/106905).
"$schemathesis" run "${url%/}/api/openapi.json" --url "${url%/}" \
    --header "Authorization: Bearer $token" \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection,ignored_auth \
    --max-examples 20 --max-time 120 --seed 1 --workers 1 --no-color --suppress-health-check all "$@"
