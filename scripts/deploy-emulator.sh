#!/usr/bin/env bash
# Deploys template.yaml to an emulator of AWS at AWS_ENDPOINT_URL, as scripts/deploy.sh deploys it to AWS, and prints the outputs as JSON.
#
#   GATEWAY_PORT=4566 BIND_HOST=127.0.0.1 target/venv/bin/python scripts/emulator.py &
#   AWS_ENDPOINT_URL=http://127.0.0.1:4566 SupabaseUrl=http://127.0.0.1:9999 scripts/deploy-emulator.sh
#
# Variables: as scripts/deploy.sh; PROFILE=dev builds quickly. With DATABASE_URL the database must have been migrated.
set -euo pipefail
cd "$(dirname "$0")/.."

: "${AWS_ENDPOINT_URL:?"where the emulator listens"}"
: "${SupabaseUrl:?"who signs tokens, e.g. http://127.0.0.1:9999"}"
export AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-emulator} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-emulator}
export AWS_REGION=${AWS_REGION:-us-east-1} AWS_DEFAULT_REGION=${AWS_REGION:-us-east-1}
export EmulatorUrl=$AWS_ENDPOINT_URL
case "$(uname -m)" in
    aarch64 | arm64) export Architecture=arm64 ;;
    *) export Architecture=x86_64 ;;
esac

target/venv/bin/aws s3 mb s3://viva-emulator-code >/dev/null
# A client of a WebSocket wants its scheme; CloudFormation cannot replace one.
scripts/deploy.sh emulator | sed -E '/"WebSocketUrl"/ s#"http#"ws#'
