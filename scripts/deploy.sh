#!/usr/bin/env bash
# Deploys the stack: builds, creates or updates it, migrates the database, uploads the page, prints where everything is (JSON).
#
#   SupabaseUrl=https://abcdefgh.supabase.co DATABASE_URL=postgres://… scripts/deploy.sh dev
#   scripts/deploy.sh remove dev
#
# Variables: any parameter of template.yaml by its name; DATABASE_URL (kept in Secrets Manager, and where migrations run), DATABASE_CA (the
# certificate, PEM, that vouches for it); STACK (another
# stack's name); BUILD=no (what is in target/lambda as it is); AWS's own (AWS_PROFILE, AWS_REGION …). With AWS_ENDPOINT_URL and the
# environment `emulator` it deploys to an emulator: scripts/deploy-emulator.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

action=deploy
[ "${1:-}" = remove ] && action=remove && shift
environment=${1:?"usage: scripts/deploy.sh [remove] dev|staging|prod|emulator"}
stack=${STACK:-viva-$environment}
export SAM_CLI_TELEMETRY=0

say() { printf 'deploy: %s\n' "$*" >&2; }
# Files that are gone when this ends, however it ends.
passing=()
trap '[ ${#passing[@]} -eq 0 ] || rm -f "${passing[@]}"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
aws() { target/venv/bin/aws "$@"; }
sam() { target/venv-sam/bin/sam "$@"; }

# One output of the stack; empty when there is none.
output() {
    aws cloudformation describe-stacks --stack-name "$stack" --output text \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" 2>/dev/null || true
}

# The template with the digest of its parameters, where it says why. Beside the original, since it names files.
sam_deploy() {
    local overrides template
    mapfile -t overrides < <(scripts/parameters.py "$environment")
    template=$(mktemp .template-XXXXXXXX.yaml)
    passing+=("$template")
    sed "s/SETTINGS_DIGEST: none/SETTINGS_DIGEST: d$(scripts/parameters.py --digest "$environment")/" template.yaml >"$template"
    sam deploy --config-env "$environment" --template-file "$template" --stack-name "$stack" \
        --parameter-overrides "${overrides[@]}" >&2
}

# The first stack of an account and Region makes the role through which API Gateway writes its logs.
find_logging_role() {
    local role
    [ -z "${ApiGatewayLogs:-}" ] || return 0
    role=$(aws apigateway get-account --query cloudwatchRoleArn --output text)
    if [ "$role" = None ]; then
        say "this account has no logging role for API Gateway: making one"
        export ApiGatewayLogs=create
    fi
}

# The page's own address is known only once the stack is there: the first deploy of a stack is followed by a second one that names it.
deploy_stack() {
    local page given=${Origins:-}
    page=$(output PageUrl)
    [ -n "$given" ] || export Origins=${page:-*}
    sam_deploy
    page=$(output PageUrl)
    if [ -z "$given" ] && [ -n "$page" ] && [ "$Origins" != "$page" ]; then
        say "allowing $page to call the HTTP API"
        export Origins=$page
        sam_deploy
    fi
}

# Through a file that only this user reads: an argument would be seen in the list of processes.
store_database_url() {
    local file
    [ -n "${DATABASE_URL:-}" ] && [ -z "${DatabaseSecretArn:-}" ] || return 0
    file=$(mktemp)
    passing+=("$file")
    python3 -c 'import json, os; print(json.dumps({"url": os.environ["DATABASE_URL"]} | ({"ca": os.environ["DATABASE_CA"]} if os.environ.get("DATABASE_CA") else {})))' >"$file"
    aws secretsmanager put-secret-value --secret-id "$(output DatabaseSecret)" --secret-string "file://$file" >/dev/null
}

migrate() {
    if [ -z "${DATABASE_URL:-}" ]; then
        say "DATABASE_URL is not set: no migration runs"
        return
    fi
    say "migrating the database"
    cargo run --quiet --release --no-default-features --features cloud --bin migrate >&2
}

upload_page() {
    local bucket config
    bucket=$(output PageBucket)
    [ -n "$bucket" ] || return 0
    say "uploading the page"
    config=$(mktemp)
    passing+=("$config")
    SOCKET=$(output WebSocketUrl) API=$(output ApiUrl) NAME=$environment python3 >"$config" <<'PYTHON'
import json, os

config = {"webSocketUrl": os.environ["SOCKET"], "apiUrl": os.environ["API"], "environment": os.environ["NAME"]}
config |= {"supabaseUrl": os.environ.get("SupabaseUrl", ""), "supabaseAnonKey": os.environ.get("SupabaseAnonKey", "")}
config |= {"guests": os.environ.get("Anonymous") == "on"}
print(json.dumps(config, indent=2))
PYTHON
    # config.json comes first: a new page finds what it needs to know.
    aws s3 cp "$config" "s3://$bucket/config.json" --content-type application/json --cache-control no-store >&2
    aws s3 sync web/dist "s3://$bucket" --delete --exclude config.json --cache-control no-cache >&2
    aws cloudfront create-invalidation --distribution-id "$(output DistributionId)" --paths '/*' >/dev/null
}

print_outputs() {
    aws cloudformation describe-stacks --stack-name "$stack" --output json --query 'Stacks[0].Outputs' |
        python3 -c 'import json, sys; print(json.dumps({o["OutputKey"]: o["OutputValue"] for o in json.load(sys.stdin)}, indent=2))'
}

remove() {
    local bucket
    if [ "$environment" = prod ] && [ "${REMOVE_PROD:-}" != "$stack" ]; then
        say "prod holds people's interviews: read docs/DEPLOY.md, then call this with REMOVE_PROD=$stack"
        exit 1
    fi
    for bucket in $(output RecordingsBucket) $(output UploadsBucket) $(output PageBucket); do
        say "emptying $bucket"
        aws s3 rm "s3://$bucket" --recursive --only-show-errors
    done
    aws cloudformation delete-stack --stack-name "$stack"
    aws cloudformation wait stack-delete-complete --stack-name "$stack"
    say "$stack is gone. What outlives it: docs/DEPLOY.md"
}

if [ "$action" = remove ]; then
    scripts/setup.sh deploy
    remove
    exit
fi
if [ "$environment" = emulator ]; then
    [ "${BUILD:-}" = no ] || scripts/build-lambdas.sh --native
else
    scripts/setup.sh deploy
    [ "${BUILD:-}" = no ] || scripts/build-lambdas.sh
fi
# Before the functions that rely on it: every migration leaves what older functions need.
if [ "$environment" != emulator ]; then
    migrate
    find_logging_role
fi
deploy_stack
store_database_url
upload_page
print_outputs
