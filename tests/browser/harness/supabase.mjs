// Supabase's sign-in as far as a page and a server see it: it signs tokens on P-256, publishes the key, and gives refresh
// tokens that are good once. Strict where Supabase is.

import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";

export const ANON_KEY = "sb_publishable_of_the_tests";

export class Supabase {
  #server;
  #key = generateKeyPairSync("ec", { namedCurve: "P-256" });
  #people = new Map();
  #refresh = new Map();
  #made = 0;
  /** How long tokens are good that are given from now on. */
  tokenSeconds = 3_600;
  /** Whether it answers every request with a failure. */
  isDown = false;
  renewals = 0;
  refused = 0;

  static async start() {
    const supabase = new Supabase();
    supabase.#server = createServer((request, response) => supabase.#answer(request, response));
    await new Promise((resolve) => supabase.#server.listen(0, "127.0.0.1", resolve));
    return supabase;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  enrol(email, password, id) {
    this.#people.set(email, { id, email, password });
  }

  /** From now on nobody's session can be renewed. */
  endSessions() {
    this.#refresh.clear();
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request, response) {
    const url = new URL(request.url, this.url);
    const give = (status, body) => {
      response.writeHead(status, {
        "content-type": "application/json",
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "authorization, apikey, content-type",
      });
      response.end(body === undefined ? "" : JSON.stringify(body));
    };
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    if (request.method === "OPTIONS") return give(204);
    if (this.isDown) {
      this.refused += 1;
      return give(503, { message: "down" });
    }
    if (url.pathname === "/auth/v1/.well-known/jwks.json") return give(200, { keys: [this.#jwk()] });
    if (request.headers.apikey !== ANON_KEY) return give(401, { message: "Invalid API key" });
    const body = JSON.parse(Buffer.concat(pieces).toString() || "{}");
    const route = `${request.method} ${url.pathname} ${url.searchParams.get("grant_type") ?? ""}`.trim();
    switch (route) {
      case "POST /auth/v1/token password": {
        const person = this.#people.get(body.email);
        if (!person || person.password !== body.password) {
          return give(400, { code: 400, error_code: "invalid_credentials", msg: "Invalid login credentials" });
        }
        return give(200, this.#session(person));
      }
      case "POST /auth/v1/token refresh_token": {
        const person = this.#refresh.get(body.refresh_token);
        if (!person || !this.#refresh.delete(body.refresh_token)) {
          return give(400, { code: 400, error_code: "refresh_token_not_found", msg: "Invalid Refresh Token" });
        }
        this.renewals += 1;
        return give(200, this.#session(person));
      }
      case "POST /auth/v1/signup": {
        if (body.email) return give(422, { code: 422, error_code: "signup_disabled", msg: "Signups not allowed" });
        return give(200, this.#session({ id: randomUUID(), email: "" }));
      }
      case "POST /auth/v1/otp":
        return give(200, {});
      case "POST /auth/v1/logout":
        return give(204);
      default:
        return give(404, { code: 404, error_code: "not_found", msg: route });
    }
  }

  #session(person) {
    const { id, email } = person;
    this.#made += 1;
    const refreshToken = `refresh-${this.#made}`;
    this.#refresh.set(refreshToken, person);
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: `${this.url}/auth/v1`,
      sub: id,
      aud: "authenticated",
      exp: now + this.tokenSeconds,
      iat: now,
      role: "authenticated",
      email,
      is_anonymous: email === "",
      app_metadata: { provider: "email" },
      user_metadata: {},
    };
    return {
      access_token: this.#sign(claims),
      token_type: "bearer",
      expires_in: this.tokenSeconds,
      expires_at: claims.exp,
      refresh_token: refreshToken,
      user: { id, email, aud: "authenticated" },
    };
  }

  #jwk() {
    return { ...this.#key.publicKey.export({ format: "jwk" }), kid: "key-1", alg: "ES256", use: "sig" };
  }

  #sign(claims) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "ES256", kid: "key-1", typ: "JWT" })}.${part(claims)}`;
    const signature = sign("sha256", Buffer.from(text), { key: this.#key.privateKey, dsaEncoding: "ieee-p1363" });
    return `${text}.${signature.toString("base64url")}`;
  }
}
