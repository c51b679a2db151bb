// The shipped spoken answers as what the fake microphone plays, and how many words were misheard.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../loadtest/speech/", import.meta.url));
const RATE_HZ = 16_000;

/** Every shipped answer: its name, its words, its samples (16 kHz, 16 bit, mono). */
export function shippedAnswers() {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".wav") && existsSync(join(FOLDER, name.replace(/wav$/, "txt"))))
    .sort()
    .map((name) => ({
      name,
      text: readFileSync(join(FOLDER, name.replace(/wav$/, "txt")), "utf8").trim(),
      samples: samplesOf(readFileSync(join(FOLDER, name))),
    }));
}

export function silence(seconds) {
  return Buffer.alloc(Math.round(seconds * RATE_HZ) * 2);
}

export function seconds(samples) {
  return samples.length / 2 / RATE_HZ;
}

export function writeWav(path, pieces) {
  const samples = Buffer.concat(pieces);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.length, 40);
  writeFileSync(path, Buffer.concat([header, samples]));
}

/** Words wrong, missing or too many, as a share of the words spoken. */
export function wordErrorRate(spoken, heard) {
  const reference = wordsOf(spoken);
  const hypothesis = wordsOf(heard);
  let row = hypothesis.map((_, at) => at + 1);
  row.unshift(0);
  reference.forEach((word, at) => {
    const next = [at + 1];
    hypothesis.forEach((other, column) => {
      next.push(Math.min(row[column] + (word === other ? 0 : 1), row[column + 1] + 1, next[column] + 1));
    });
    row = next;
  });
  return row.at(-1) / reference.length;
}

export function wordsOf(text) {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}' ]/gu, " ")
    .split(/\s+/)
    .filter((word) => word !== "");
}

function samplesOf(wav) {
  for (let at = 12; at + 8 <= wav.length; ) {
    const length = wav.readUInt32LE(at + 4);
    if (wav.toString("latin1", at, at + 4) === "data") return wav.subarray(at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
  }
  throw new Error("A WAV file without data.");
}
