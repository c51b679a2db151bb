import { describe, expect, test } from "vitest";
import { Emitter } from "../src/emitter.ts";
import type { Interview, InterviewStatus } from "../src/interview.ts";
import { AWAY_GAP_MS } from "../src/limits.ts";
import type { CapturedBlock, Microphone } from "../src/microphone.ts";
import { Recorder } from "../src/recorder.ts";

const PCM = { codec: "pcm_s16le" as const, sampleRateHz: 16_000 as const, channels: 1 as const };

/** A microphone whose blocks come when the test says so. */
class HandMicrophone {
  isRunning = true;
  isMuted = false;
  isClosed = false;
  lost: () => void = () => undefined;
  #listener: (block: CapturedBlock) => void = () => undefined;
  #atMs = 1_000;

  onBlock(listener: (block: CapturedBlock) => void): void {
    this.#listener = listener;
  }

  onLost(listener: () => void): void {
    this.lost = listener;
  }

  mute(on: boolean): void {
    this.isMuted = on;
  }

  close(): void {
    this.isClosed = true;
  }

  capture(blocks: number): void {
    for (let block = 0; block < blocks; block += 1) {
      this.#atMs += 20;
      this.#listener({ samples: new Float32Array(320), level: 0.1, atMs: this.#atMs });
    }
  }
}

class Ear extends Emitter<{ status: InterviewStatus }> {
  said: { mediaMs: number; audioMs: number }[] = [];
  status: InterviewStatus = { link: "bound", unsentAudioMs: 0, unsentMessages: 0, full: false, kept: true };

  constructor(public mediaEndMs = 0) {
    super();
  }

  sayAudio(mediaMs: number, _data: string, audioMs: number): void {
    this.said.push({ mediaMs, audioMs });
  }

  become(change: Partial<InterviewStatus>): void {
    this.status = { ...this.status, ...change };
    this.emit("status", this.status);
  }
}

function record(ear = new Ear()) {
  const microphone = new HandMicrophone();
  const recorder = new Recorder(ear as unknown as Interview, microphone as unknown as Microphone, PCM);
  return { ear, microphone, recorder };
}

describe("recording", () => {
  test("says 200 ms at a time from 0 on, and the rest when it is flushed", () => {
    const { ear, microphone, recorder } = record();
    microphone.capture(13);
    expect(ear.said).toEqual([{ mediaMs: 0, audioMs: 200 }]);
    recorder.flush();
    expect(ear.said[1]).toEqual({ mediaMs: 200, audioMs: 60 });
  });

  test("leaves a gap in the audio where it was muted", () => {
    const { ear, microphone, recorder } = record();
    microphone.capture(5);
    recorder.mute(true);
    expect(microphone.isMuted).toBe(true);
    microphone.capture(50);
    recorder.mute(false);
    microphone.capture(10);
    expect(ear.said).toEqual([
      { mediaMs: 0, audioMs: 100 },
      { mediaMs: 1_100, audioMs: 200 },
    ]);
  });

  test("goes on a moment after what was there before a reload", () => {
    const { ear, microphone } = record(new Ear(5_000));
    microphone.capture(10);
    expect(ear.said[0]).toEqual({ mediaMs: 5_000 + AWAY_GAP_MS, audioMs: 200 });
  });

  test("stops when there is no more room, and goes on only when it is asked to and there is", () => {
    const { ear, microphone, recorder } = record();
    ear.become({ unsentAudioMs: 120_000, full: true });
    expect(recorder.state).toBe("full");
    expect(microphone.isMuted).toBe(true);
    recorder.mute(false);
    expect(recorder.state).toBe("full");
    ear.become({ unsentAudioMs: 0, full: false });
    expect(recorder.state).toBe("full");
    recorder.mute(false);
    expect(recorder.state).toBe("recording");
  });

  test("says so when the microphone is taken away", () => {
    const { microphone, recorder } = record();
    const codes: string[] = [];
    recorder.on("problem", ({ code }) => codes.push(code));
    microphone.lost();
    expect(codes).toEqual(["microphone_lost"]);
    expect(recorder.state).toBe("failed");
  });

  test("waits for a click where the browser does not let audio run", () => {
    const microphone = new HandMicrophone();
    microphone.isRunning = false;
    const recorder = new Recorder(new Ear() as unknown as Interview, microphone as unknown as Microphone, PCM);
    expect(recorder.state).toBe("blocked");
    microphone.capture(1);
    expect(recorder.state).toBe("recording");
  });

  test("lets go of the microphone at the end", () => {
    const { ear, microphone, recorder } = record();
    microphone.capture(3);
    recorder.close();
    expect(microphone.isClosed).toBe(true);
    expect(ear.said).toEqual([{ mediaMs: 0, audioMs: 60 }]);
  });
});
