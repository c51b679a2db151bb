#!/usr/bin/env bash
# The load of docs/PERFORMANCE.md: the server on core 0, the load on core 1, recognizer and model scripted.
#   scripts/load.sh SESSIONS [loadtest's further options]
set -euo pipefail
cd "$(dirname "$0")/.."
sessions=${1:-500}
shift || true
data=$(mktemp -d -p "${VIVA_LOAD_DATA:-/tmp}")
export VIVA_ADDR=127.0.0.1:18080 VIVA_ADMIN_ADDR=127.0.0.1:18081 VIVA_DATA=$data VIVA_THREADS=1 VIVA_LOG=warn \
    VIVA_RECOGNIZER=scripted VIVA_MODEL=scripted
taskset -c 0 target/release/viva serve >"$data/ready" 2>"$data/log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$data"' EXIT
until grep -q ready "$data/ready"; do kill -0 "$server"; sleep 0.1; done
taskset -c 1 target/release/loadtest --url ws://127.0.0.1:18080/ws --sessions "$sessions" --ramp-up 10 --turns 4 \
    --answer-ms 6000 --turn-taking manual --server-pid "$server" "$@"
