// The microphone as blocks of 16 kHz mono samples. It asks for permission, starts the worklet and says why where that fails.
// It does not encode or number anything.

import { SAMPLE_RATE_HZ } from "./limits.ts";
import { Problem } from "./problem.ts";

export interface CapturedBlock {
  samples: Float32Array;
  /** Root mean square of the samples, 0 to 1. */
  level: number;
  /** When its last sample was taken, in Unix time. */
  atMs: number;
}

export class Microphone {
  readonly #stream: MediaStream;
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;

  private constructor(stream: MediaStream, context: AudioContext, node: AudioWorkletNode) {
    this.#stream = stream;
    this.#context = context;
    this.#node = node;
  }

  /** Asks for the microphone. `workletUrl` is the address of `viva-capture.js`. */
  static async open(workletUrl: string): Promise<Microphone> {
    if (!navigator.mediaDevices) {
      throw new Problem("microphone_missing", "This page has no access to microphones (is it served over HTTPS?).");
    }
    const stream = await navigator.mediaDevices.getUserMedia({ audio: WISHES }).catch((cause) => {
      throw new Problem(microphoneCode(cause), String(cause));
    });
    try {
      const context = contextFor(stream);
      await context.audioWorklet.addModule(workletUrl);
      const node = new AudioWorkletNode(context, "viva-capture", { numberOfOutputs: 0 });
      context.createMediaStreamSource(stream).connect(node);
      return new Microphone(stream, context, node);
    } catch (cause) {
      for (const track of stream.getTracks()) track.stop();
      throw new Problem("microphone_failed", String(cause));
    }
  }

  /** False where the browser waits for a click before it lets audio run. */
  get isRunning(): boolean {
    return this.#context.state === "running";
  }

  onBlock(listener: (block: CapturedBlock) => void): void {
    this.#node.port.onmessage = (event: MessageEvent<CapturedBlock>) => listener(event.data);
  }

  /** Called when the device is unplugged or taken away. */
  onLost(listener: () => void): void {
    for (const track of this.#stream.getAudioTracks()) track.onended = listener;
  }

  mute(on: boolean): void {
    for (const track of this.#stream.getAudioTracks()) track.enabled = !on;
  }

  async resume(): Promise<void> {
    if (this.#context.state !== "running") await this.#context.resume();
  }

  close(): void {
    this.#node.port.onmessage = null;
    for (const track of this.#stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    void this.#context.close();
  }
}

const WISHES: MediaTrackConstraints = {
  channelCount: 1,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/** Some browsers refuse a context whose rate is not the device's; there the worklet resamples. */
function contextFor(stream: MediaStream): AudioContext {
  const context = new AudioContext({ sampleRate: SAMPLE_RATE_HZ, latencyHint: "interactive" });
  try {
    context.createMediaStreamSource(stream).disconnect();
    return context;
  } catch {
    void context.close();
    return new AudioContext({ latencyHint: "interactive" });
  }
}

function microphoneCode(cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphone_refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "microphone_missing";
  return "microphone_failed";
}
