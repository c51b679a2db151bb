import { Problem } from "@viva/client";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Account } from "../src/account.ts";

interface Asked {
  path: string;
  body: Record<string, string>;
  headers: Record<string, string>;
}

/** Supabase as far as an account sees it: refresh tokens are good once. */
class FakeSupabase {
  readonly asked: Asked[] = [];
  good = new Set<string>();
  answer: (() => Response | Promise<Response>) | undefined;
  #made = 0;

  readonly fetch: typeof fetch = async (url, init) => {
    const path = String(url).replace("https://project.supabase.co/auth/v1/", "");
    const body = JSON.parse(String(init?.body)) as Record<string, string>;
    this.asked.push({ path, body, headers: init?.headers as Record<string, string> });
    if (this.answer) return this.answer();
    if (path === "token?grant_type=password" && body.password !== "right") {
      return refused(400, "invalid_credentials", "Invalid login credentials");
    }
    if (path === "token?grant_type=refresh_token" && !this.good.delete(String(body.refresh_token))) {
      return refused(400, "refresh_token_not_found", "Invalid Refresh Token");
    }
    if (path.startsWith("token") || path === "signup") return this.#granted(path === "signup");
    return path.startsWith("logout") ? new Response(null, { status: 204 }) : Response.json({});
  };

  #granted(isGuest: boolean): Response {
    this.#made += 1;
    this.good.add(`refresh-${this.#made}`);
    return Response.json({
      access_token: `access-${this.#made}`,
      refresh_token: `refresh-${this.#made}`,
      expires_in: 3_600,
      user: isGuest ? { id: "guest", email: "" } : { id: "ann", email: "ann@example.org" },
    });
  }
}

function refused(status: number, code: string, msg: string): Response {
  return Response.json({ code: status, error_code: code, msg }, { status });
}

class Store implements Storage {
  readonly #items = new Map<string, string>();
  get length() {
    return this.#items.size;
  }
  key = (index: number) => [...this.#items.keys()][index] ?? null;
  getItem = (name: string) => this.#items.get(name) ?? null;
  setItem = (name: string, value: string) => void this.#items.set(name, value);
  removeItem = (name: string) => void this.#items.delete(name);
  clear = () => this.#items.clear();
}

let supabase: FakeSupabase;
let storage: Store;
let now: number;
const open = () =>
  new Account({
    supabaseUrl: "https://project.supabase.co",
    anonKey: "anon",
    storage,
    fetch: supabase.fetch,
    now: () => now,
  });
const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => "done",
    (cause: Problem) => cause.code,
  );
const renewals = () => supabase.asked.filter(({ path }) => path === "token?grant_type=refresh_token").length;

beforeEach(() => {
  vi.unstubAllGlobals();
  supabase = new FakeSupabase();
  storage = new Store();
  now = 1_800_000_000_000;
});

describe("an account", () => {
  test("signs in with a password and is still signed in after a reload", async () => {
    const account = open();
    expect(account.person).toBeUndefined();
    expect(await codeOf(account.token(false))).toBe("unauthorized");
    await account.signIn("ann@example.org", "right");
    expect(supabase.asked[0]?.headers.apikey).toBe("anon");
    expect(open().person).toEqual({ id: "ann", email: "ann@example.org" });
    expect(await open().token(false)).toBe("access-1");
  });

  test("of a guest has no address and is renewed like any other", async () => {
    const account = open();
    await account.signInAsGuest();
    expect(account.person).toEqual({ id: "guest", email: "" });
    now += 3_600_000;
    expect(await account.token(false)).toBe("access-2");
  });

  test("tells a wrong password from a server that is not there", async () => {
    const account = open();
    expect(await codeOf(account.signIn("ann@example.org", "wrong"))).toBe("invalid_credentials");
    supabase.answer = () => Promise.reject(new TypeError("Failed to fetch"));
    expect(await codeOf(account.signIn("ann@example.org", "right"))).toBe("sign_in_unreachable");
    supabase.answer = () => new Response("<html>", { status: 502 });
    expect(await codeOf(account.signIn("ann@example.org", "right"))).toBe("sign_in_unreachable");
    supabase.answer = () => refused(429, "over_request_rate_limit", "Request rate limit reached");
    expect(await codeOf(account.signIn("ann@example.org", "right"))).toBe("sign_in_too_often");
    expect(account.person).toBeUndefined();
  });

  test("renews its token in the last minute, once for all who ask", async () => {
    const account = open();
    await account.signIn("ann@example.org", "right");
    now += 3_600_000 - 60_001;
    expect(await account.token(false)).toBe("access-1");
    now += 1;
    const tokens = await Promise.all([account.token(false), account.token(true), account.token(false)]);
    expect(tokens).toEqual(["access-2", "access-2", "access-2"]);
    expect(renewals()).toBe(1);
  });

  test("renews a token that was refused, but not again and again", async () => {
    const account = open();
    await account.signIn("ann@example.org", "right");
    expect(await account.token(true)).toBe("access-1");
    now += 30_000;
    expect(await account.token(true)).toBe("access-2");
    expect(await account.token(true)).toBe("access-2");
    expect(renewals()).toBe(1);
  });

  test("takes what another tab has renewed, since a refresh token is good once", async () => {
    const [here, there] = [open(), open()];
    await here.signIn("ann@example.org", "right");
    now += 3_600_000;
    const tokens = await Promise.all([here.token(true), there.token(true)]);
    expect(tokens[0]).toMatch(/^access-/);
    now += 3_600_000;
    expect(await there.token(false)).toBe(await here.token(false));
    expect(here.person).toBeDefined();
  });

  test("lets one tab renew at a time, since a spent refresh token would end the session", async () => {
    let last: Promise<unknown> = Promise.resolve();
    const request = (_name: string, work: () => Promise<unknown>) => {
      last = last.then(work);
      return last;
    };
    vi.stubGlobal("navigator", { locks: { request } });
    const [here, there] = [open(), open()];
    await here.signIn("ann@example.org", "right");
    now += 3_600_000;
    expect(await Promise.all([here.token(true), there.token(true)])).toEqual(["access-2", "access-2"]);
    expect(renewals()).toBe(1);
  });

  test("stays signed in while renewal fails, and ends when it is refused", async () => {
    const account = open();
    const ended = vi.fn();
    account.watch(ended);
    await account.signIn("ann@example.org", "right");
    now += 3_600_000;
    supabase.answer = () => new Response(null, { status: 503 });
    expect(await codeOf(account.token(false))).toBe("token_unavailable");
    expect([account.person?.id, ended.mock.calls.length]).toEqual(["ann", 0]);
    supabase.answer = () => refused(400, "refresh_token_not_found", "Invalid Refresh Token");
    expect(await codeOf(account.token(false))).toBe("token_expired");
    expect([account.person, ended.mock.calls.length]).toEqual([undefined, 1]);
  });

  test("signs out here even where Supabase cannot be reached", async () => {
    const account = open();
    await account.signIn("ann@example.org", "right");
    supabase.answer = () => Promise.reject(new TypeError("Failed to fetch"));
    await account.signOut();
    expect(supabase.asked.at(-1)?.headers.authorization).toBe("Bearer access-1");
    expect([account.person, storage.length]).toEqual([undefined, 0]);
  });

  test("forgets what it cannot read", async () => {
    storage.setItem("viva.session", "{");
    expect(open().person).toBeUndefined();
    storage.setItem("viva.session", '{"accessToken": "a"}');
    expect(await codeOf(open().token(false))).toBe("unauthorized");
  });
});

describe("a link by e-mail", () => {
  const page = "https://viva.example/page?x=1";

  test("signs in whoever asked for it, and leaves nothing in the address", async () => {
    await open().sendLink("ann@example.org", page);
    const [asked] = supabase.asked;
    expect(asked?.path).toBe(`otp?redirect_to=${encodeURIComponent(page)}`);
    expect(asked?.body).toMatchObject({ email: "ann@example.org", create_user: false, code_challenge_method: "s256" });
    const account = open();
    expect(await account.takeLink(`${page}&code=abc#/interviews`)).toEqual({ cleaned: `${page}#/interviews` });
    const { body } = supabase.asked.at(-1) as Asked;
    expect(body.auth_code).toBe("abc");
    const digest = new Uint8Array(
      await crypto.subtle.digest("SHA-256", new TextEncoder().encode(String(body.code_verifier))),
    );
    expect(Buffer.from(digest).toString("base64url")).toBe(asked?.body.code_challenge);
    expect(account.person?.id).toBe("ann");
  });

  test("of somebody else signs nobody in", async () => {
    const account = open();
    const failed = await account.takeLink(`${page}&code=abc`).catch((cause) => cause);
    expect([failed.code, failed.cleaned]).toEqual(["link_invalid", page]);
    expect([account.person, supabase.asked.length]).toEqual([undefined, 0]);
  });

  test("that nobody asked for signs nobody in, though it brings tokens", async () => {
    const account = open();
    const failed = await account
      .takeLink(`${page}#access_token=a&refresh_token=r&expires_in=3600&type=magiclink`)
      .catch((cause) => cause);
    expect([failed.code, failed.cleaned]).toEqual(["link_invalid", page]);
    expect([account.person, supabase.asked.length]).toEqual([undefined, 0]);
  });

  test("that is too old says so", async () => {
    const account = open();
    await account.sendLink("ann@example.org", page);
    const failed = await account
      .takeLink(`${page}#error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid`)
      .catch((cause) => cause);
    expect(failed).toBeInstanceOf(Problem);
    expect([failed.code, failed.cleaned]).toEqual(["link_invalid", page]);
  });

  test("has nothing to do with other addresses", async () => {
    expect(await open().takeLink("https://viva.example/#/report/s1")).toBeUndefined();
  });
});
