// A line between the browser and the server that can be slow, far, or cut. The browser's own throttling leaves WebSockets out.

import net from "node:net";

const PIECE_BYTES = 512;

export class Line {
  #server;
  #pairs = new Set();
  #isCut = false;
  /** Bits a second in each direction; 0: as fast as it goes. */
  bitsPerSecond = 0;
  /** Each way. */
  delayMs = 0;

  static async open(port) {
    const line = new Line();
    line.#server = net.createServer((near) => line.#join(near, port));
    await new Promise((resolve) => line.#server.listen(0, "127.0.0.1", resolve));
    return line;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/`;
  }

  /** Nothing comes through any more, and new connections fail. */
  cut() {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  restore() {
    this.#isCut = false;
  }

  async close() {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near, port) {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = net.connect(port, "127.0.0.1");
    const pair = [near, far];
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    this.#carry(near, far);
    this.#carry(far, near);
  }

  /** Bytes leave one after another at the line's speed and arrive after its delay; the source waits for both. */
  #carry(from, to) {
    const onTheWay = [];
    let freeAt = 0;
    const deliver = () => {
      const now = performance.now();
      while (onTheWay.length > 0 && onTheWay[0].arrivesAt <= now) {
        const { piece } = onTheWay.shift();
        if (!to.destroyed) to.write(piece);
      }
      if (onTheWay.length > 0) setTimeout(deliver, Math.max(1, onTheWay[0].arrivesAt - now));
    };
    from.on("data", (data) => {
      const isAtRest = onTheWay.length === 0;
      for (let at = 0; at < data.length; at += PIECE_BYTES) {
        const piece = data.subarray(at, at + PIECE_BYTES);
        const costMs = this.bitsPerSecond === 0 ? 0 : (piece.length * 8_000) / this.bitsPerSecond;
        freeAt = Math.max(freeAt, performance.now()) + costMs;
        onTheWay.push({ piece, arrivesAt: freeAt + this.delayMs });
      }
      const busyMs = freeAt - performance.now();
      if (busyMs > 1) {
        from.pause();
        setTimeout(() => from.resume(), busyMs);
      }
      if (isAtRest) deliver();
    });
  }
}
