// Runs in the audio thread: takes the microphone's samples, brings them to 16 kHz mono, and posts them in blocks of 20 ms with
// the moment they were taken and their level. It does no encoding.

import { Resampler } from "./resample.ts";

interface WorkletScope {
  sampleRate: number;
  registerProcessor(name: string, processor: new () => unknown): void;
  AudioWorkletProcessor: new () => { port: MessagePort };
}

const scope = globalThis as unknown as WorkletScope;
const RATE_HZ = 16_000;
const BLOCK_SAMPLES = 320;

class Capture extends scope.AudioWorkletProcessor {
  readonly #resampler = new Resampler(scope.sampleRate, RATE_HZ);
  #block = new Float32Array(BLOCK_SAMPLES);
  #filled = 0;

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0];
    const first = channels?.[0];
    if (!channels || !first) return true;
    for (const sample of this.#resampler.process(mono(channels, first))) {
      this.#block[this.#filled++] = sample;
      if (this.#filled === BLOCK_SAMPLES) this.#post();
    }
    return true;
  }

  #post(): void {
    const samples = this.#block;
    let energy = 0;
    for (const sample of samples) energy += sample * sample;
    const level = Math.sqrt(energy / samples.length);
    this.port.postMessage({ samples, level, atMs: Date.now() }, [samples.buffer]);
    this.#block = new Float32Array(BLOCK_SAMPLES);
    this.#filled = 0;
  }
}

function mono(channels: Float32Array[], first: Float32Array): Float32Array {
  if (channels.length === 1) return first;
  return first.map((_, at) => channels.reduce((sum, channel) => sum + (channel[at] ?? 0), 0) / channels.length);
}

scope.registerProcessor("viva-capture", Capture);
