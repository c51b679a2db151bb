// Samples in, bundles of encoded audio out, each ready to be one message. Opus through WebCodecs; PCM where that is missing.
// It does not know sessions; positions in the audio are the caller's.

import { toBase64 } from "./base64.ts";
import { AUDIO_MESSAGE_MS, OPUS_BITS_PER_SECOND, OPUS_FRAME_MS, SAMPLE_RATE_HZ } from "./limits.ts";
import type { AudioFormat } from "./wire.ts";

export interface AudioBundle {
  mediaMs: number;
  audioMs: number;
  data: string;
}

export interface SpeechEncoder {
  /** A block of 20 ms that begins at `mediaMs`. */
  encode(samples: Float32Array, mediaMs: number): void;
  /** Gives out what is there, although the bundle is not full. */
  flush(): void;
  setBitsPerSecond(bits: number): void;
  close(): void;
}

const OPUS_FORMAT: AudioFormat = { codec: "opus", sampleRateHz: SAMPLE_RATE_HZ, channels: 1 };
const PCM_FORMAT: AudioFormat = { codec: "pcm_s16le", sampleRateHz: SAMPLE_RATE_HZ, channels: 1 };

interface OpusConfig extends AudioEncoderConfig {
  opus: { application: "voip"; signal: "voice"; frameDuration: number };
}

function opusConfig(bitrate: number): OpusConfig {
  return {
    codec: "opus",
    sampleRate: SAMPLE_RATE_HZ,
    numberOfChannels: 1,
    bitrate,
    opus: { application: "voip", signal: "voice", frameDuration: OPUS_FRAME_MS * 1_000 },
  };
}

/** What this browser can encode; to be named in `interview.start`. */
export async function supportedFormat(): Promise<AudioFormat> {
  if (typeof AudioEncoder === "undefined") return PCM_FORMAT;
  try {
    const { supported } = await AudioEncoder.isConfigSupported(opusConfig(OPUS_BITS_PER_SECOND));
    return supported ? OPUS_FORMAT : PCM_FORMAT;
  } catch {
    return PCM_FORMAT;
  }
}

export function createEncoder(
  format: AudioFormat,
  give: (bundle: AudioBundle) => void,
  fail: (cause: unknown) => void,
): SpeechEncoder {
  return format.codec === "opus" ? new OpusSpeechEncoder(give, fail) : new PcmSpeechEncoder(give);
}

/** Pieces that follow each other, until a message's worth is there or the audio jumps. */
class Bundle {
  readonly #give: (bundle: AudioBundle) => void;
  #pieces: Uint8Array[] = [];
  #startMs = 0;
  #endMs = 0;

  constructor(give: (bundle: AudioBundle) => void) {
    this.#give = give;
  }

  add(piece: Uint8Array, mediaMs: number, audioMs: number): void {
    if (this.#pieces.length > 0 && Math.abs(mediaMs - this.#endMs) > 1) this.flush();
    if (this.#pieces.length === 0) this.#startMs = mediaMs;
    this.#pieces.push(piece);
    this.#endMs = mediaMs + audioMs;
    if (this.#endMs - this.#startMs >= AUDIO_MESSAGE_MS) this.flush();
  }

  flush(): void {
    if (this.#pieces.length === 0) return;
    const bytes = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#give({ mediaMs: this.#startMs, audioMs: this.#endMs - this.#startMs, data: toBase64(bytes) });
  }
}

class OpusSpeechEncoder implements SpeechEncoder {
  readonly #encoder: AudioEncoder;
  readonly #bundle: Bundle;
  /** Where the frames lie that are being encoded. Browsers' own timestamps do not follow a jump. */
  readonly #positions: number[] = [];
  #bits = OPUS_BITS_PER_SECOND;

  constructor(give: (bundle: AudioBundle) => void, fail: (cause: unknown) => void) {
    this.#bundle = new Bundle(give);
    this.#encoder = new AudioEncoder({ output: (chunk) => this.#take(chunk), error: fail });
    this.#encoder.configure(opusConfig(this.#bits));
  }

  encode(samples: Float32Array, mediaMs: number): void {
    if (this.#encoder.state !== "configured") return;
    const data = new AudioData({
      format: "f32-planar",
      sampleRate: SAMPLE_RATE_HZ,
      numberOfFrames: samples.length,
      numberOfChannels: 1,
      timestamp: mediaMs * 1_000,
      data: samples as Float32Array<ArrayBuffer>,
    });
    this.#positions.push(mediaMs);
    this.#encoder.encode(data);
    data.close();
  }

  flush(): void {
    this.#bundle.flush();
  }

  setBitsPerSecond(bits: number): void {
    if (bits === this.#bits || this.#encoder.state !== "configured") return;
    this.#bits = bits;
    this.#encoder.configure(opusConfig(bits));
  }

  close(): void {
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }

  #take(chunk: EncodedAudioChunk): void {
    const mediaMs = this.#positions.shift();
    // What comes beyond the frames given is the encoder's own padding.
    if (mediaMs === undefined) return;
    const framed = new Uint8Array(2 + chunk.byteLength);
    new DataView(framed.buffer).setUint16(0, chunk.byteLength);
    chunk.copyTo(framed.subarray(2));
    this.#bundle.add(framed, mediaMs, OPUS_FRAME_MS);
  }
}

class PcmSpeechEncoder implements SpeechEncoder {
  readonly #bundle: Bundle;

  constructor(give: (bundle: AudioBundle) => void) {
    this.#bundle = new Bundle(give);
  }

  encode(samples: Float32Array, mediaMs: number): void {
    const bytes = new Uint8Array(samples.length * 2);
    const view = new DataView(bytes.buffer);
    samples.forEach((sample, at) => {
      view.setInt16(at * 2, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true);
    });
    this.#bundle.add(bytes, mediaMs, (samples.length * 1_000) / SAMPLE_RATE_HZ);
  }

  flush(): void {
    this.#bundle.flush();
  }

  setBitsPerSecond(): void {
    // PCM has one rate.
  }

  close(): void {
    this.#bundle.flush();
  }
}
