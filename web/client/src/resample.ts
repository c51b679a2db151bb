// Brings a stream of samples to another rate: a windowed sinc, evaluated at each output position. Keeps what it needs of the
// past between blocks. It does not change loudness.

const HALF_TAPS = 16;

export class Resampler {
  readonly #step: number;
  readonly #cutoff: number;
  #past: Float32Array = new Float32Array(2 * HALF_TAPS);
  /** Position of the next output sample in `#past` followed by the new block. */
  #position = HALF_TAPS;

  constructor(fromHz: number, toHz: number) {
    this.#step = fromHz / toHz;
    this.#cutoff = Math.min(1, toHz / fromHz) * 0.95;
  }

  process(block: Float32Array): Float32Array {
    if (this.#step === 1) return block.slice();
    const input = new Float32Array(this.#past.length + block.length);
    input.set(this.#past);
    input.set(block, this.#past.length);
    const output: number[] = [];
    while (this.#position + HALF_TAPS < input.length) {
      output.push(this.#at(input, this.#position));
      this.#position += this.#step;
    }
    const keepFrom = Math.max(0, Math.floor(this.#position) - HALF_TAPS);
    this.#past = input.slice(keepFrom);
    this.#position -= keepFrom;
    return Float32Array.from(output);
  }

  #at(input: Float32Array, position: number): number {
    const centre = Math.floor(position);
    let sum = 0;
    for (let at = centre - HALF_TAPS + 1; at <= centre + HALF_TAPS; at += 1) {
      sum += (input[at] ?? 0) * this.#kernel(at - position);
    }
    return sum;
  }

  #kernel(distance: number): number {
    if (Math.abs(distance) >= HALF_TAPS) return 0;
    const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / HALF_TAPS);
    const angle = Math.PI * distance * this.#cutoff;
    const sinc = Math.abs(angle) < 1e-9 ? 1 : Math.sin(angle) / angle;
    return this.#cutoff * sinc * window;
  }
}
