// A real `viva serve` on free ports with a data folder of its own.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BINARY = process.env.VIVA_BIN ?? fileURLToPath(new URL("../../../target/debug/viva", import.meta.url));
const READY_MS_MAX = 60_000;

export class Server {
  #process;
  #data = mkdtempSync(join(tmpdir(), "viva-browser-"));
  #environment;
  #log = [];
  url = "";

  static async start(environment = {}) {
    const server = new Server();
    server.#environment = environment;
    await server.#spawn("127.0.0.1:0");
    return server;
  }

  get port() {
    return Number(new URL(this.url).port);
  }

  /** The end of what it logged, for a failing test. */
  get log() {
    return this.#log.slice(-60).join("\n");
  }

  /** Kills it without warning and starts it again with the same data on the same port. */
  async crashAndRestart() {
    await this.#end("SIGKILL");
    await this.#spawn(`127.0.0.1:${this.port}`);
  }

  async stop() {
    await this.#end("SIGTERM");
    rmSync(this.#data, { recursive: true, force: true });
  }

  async #spawn(address) {
    const env = {
      ...process.env,
      VIVA_ADDR: address,
      VIVA_ADMIN_ADDR: "127.0.0.1:0",
      VIVA_DATA: this.#data,
      ...this.#environment,
    };
    const child = spawn(BINARY, ["serve", "--json"], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    createInterface({ input: child.stderr }).on("line", (line) => this.#log.push(line));
    this.url = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`viva did not start:\n${this.log}`)), READY_MS_MAX);
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`viva ended with ${code}:\n${this.log}`)));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const ready = line.startsWith("{") ? JSON.parse(line) : {};
        if (!ready.ready) return;
        clearTimeout(late);
        resolve(ready.url);
      });
    });
  }

  async #end(signal) {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const over = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const stubborn = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await over;
    clearTimeout(stubborn);
  }
}
