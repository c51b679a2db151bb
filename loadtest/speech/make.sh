#!/bin/sh
# Speaks every text in this folder with flite and writes it as 16 kHz mono WAV beside it. Needs flite and sox.
# Another voice than the shipped one: make.sh rms
set -eu
cd "$(dirname "$0")"
voice=${1:-slt}
spoken=$(mktemp --suffix=.wav)
trap 'rm -f "$spoken"' EXIT
for text in *.txt; do
    flite -voice "$voice" -f "$text" -o "$spoken"
    sox "$spoken" -r 16000 -c 1 -b 16 "${text%.txt}.wav"
done
