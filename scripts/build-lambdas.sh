#!/usr/bin/env bash
# Builds the functions of template.yaml: target/lambda/NAME/bootstrap and target/lambda/NAME.zip.
#
#   scripts/build-lambdas.sh             for AWS: cargo-lambda, which links against the C library of provided.al2023, also for another processor
#   scripts/build-lambdas.sh --native    for an emulator on this machine: the plain compiler
#   scripts/build-lambdas.sh --built     the same of what was just built with the tests: packs it
#
# ARCHITECTURE=arm64|x86_64 (arm64; with --native the machine's own), PROFILE=lambda|dev (lambda: small and optimised).
set -euo pipefail
cd "$(dirname "$0")/.."

functions=(authorizer connect disconnect message interview chat sweep reports me files ingest quizzes quiz)
profile=${PROFILE:-lambda}
folder=$profile
[ "$profile" = dev ] && folder=debug
features=(--no-default-features --features cloud)
bins=()
for name in "${functions[@]}"; do bins+=(--bin "$name"); done

say() { printf 'build: %s\n' "$*" >&2; }

if [ "${1:-}" = --native ] || [ "${1:-}" = --built ]; then
    programs=${CARGO_TARGET_DIR:-target}
    if [ "$1" = --built ]; then
        folder=debug profile=dev
    else
        # The compiler names a folder after the profile, and target/lambda holds the packages.
        [ "$profile" = lambda ] && programs=$programs/programs
        cargo build --target-dir "$programs" --profile "$profile" "${features[@]}" "${bins[@]}" >&2
    fi
    for name in "${functions[@]}"; do
        mkdir -p "target/lambda/$name"
        # A debug build's symbols are ten times its code.
        strip --strip-debug -o "target/lambda/$name/bootstrap" "$programs/$folder/$name"
    done
else
    scripts/setup.sh deploy
    architecture=${ARCHITECTURE:-arm64}
    case "$architecture" in
        arm64) target=aarch64-unknown-linux-gnu ;;
        x86_64) target=x86_64-unknown-linux-gnu ;;
        *) say "ARCHITECTURE is arm64 or x86_64, not $architecture" && exit 1 ;;
    esac
    if command -v rustup >/dev/null; then rustup target add "$target" >&2; fi
    PATH="$PWD/target/venv-build/bin:$PATH" cargo lambda build --profile "$profile" --target "$target.2.34" \
        --lambda-dir target/lambda "${features[@]}" "${bins[@]}" >&2
fi

# Times and modes are always the same, so that unchanged code gives the same file, and a deploy leaves that function alone.
python3 - "$profile" "${functions[@]}" <<'PYTHON' >&2
import pathlib, sys, zipfile

# Who listens; who asks models, or has them turn texts into vectors.
CLIENTS = {b"transcribestreaming": {"interview"}, b"bedrock-runtime": {"interview", "chat", "files", "ingest", "quiz"}}

optimised = sys.argv[1] == "lambda"
level = 9 if optimised else 1
for name in sys.argv[2:]:
    program = pathlib.Path("target/lambda", name, "bootstrap").read_bytes()
    # Each client is linked where it is needed and nowhere else. An unoptimised program still holds what it never calls.
    for client, users in CLIENTS.items() if optimised else ():
        if (client in program) != (name in users):
            sys.exit(f"{name}: {client.decode()} is linked into {', '.join(sorted(users))}, and into nothing else")
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    path = pathlib.Path("target/lambda", f"{name}.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, program, compresslevel=level)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB zipped, {len(program) / 1e6:.2f} MB")
PYTHON
