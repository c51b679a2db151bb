// Signing in with Supabase: an account's session, kept over reloads and shared between tabs, its token renewed before it
// expires. Plain requests to Supabase's own endpoints; what the token is good for is the server's business.

import { Problem } from "@viva/client";

export interface AccountOptions {
  supabaseUrl: string;
  anonKey: string;
  /** Whether people may come without an account of their own. */
  guests?: boolean;
  storage?: Storage;
  fetch?: typeof fetch;
  now?: () => number;
}

/** Whoever is signed in. */
export interface Person {
  id: string;
  email: string;
}

interface Session {
  accessToken: string;
  refreshToken: string;
  obtainedUnixMs: number;
  expiresUnixMs: number;
  person: Person;
}

/** What signing in and renewing answer. */
interface Granted {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  user: { id: string; email?: string };
}

export class Account {
  readonly #options: AccountOptions;
  readonly #storage: Storage;
  #ended: (() => void) | undefined;
  #renewal: Promise<Session> | undefined;

  constructor(options: AccountOptions) {
    this.#options = options;
    this.#storage = options.storage ?? localStorage;
  }

  get takesGuests(): boolean {
    return this.#options.guests === true;
  }

  /** Nobody: undefined. */
  get person(): Person | undefined {
    return this.#kept()?.person;
  }

  /** `ended` is called when this person is no longer signed in: renewal was refused, or another tab signed out. */
  watch(ended: () => void): () => void {
    const user = this.person?.id;
    const look = (event: StorageEvent) => {
      if (event.key === SESSION_KEY && this.person?.id !== user) ended();
    };
    this.#ended = ended;
    globalThis.addEventListener?.("storage", look);
    return () => {
      this.#ended = undefined;
      globalThis.removeEventListener?.("storage", look);
    };
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#keep(await this.#granted("token?grant_type=password", { email, password }));
  }

  /** A guest's account is known to this browser alone: whoever signs out cannot come back to it. */
  async signInAsGuest(): Promise<void> {
    this.#keep(await this.#granted("signup", {}));
  }

  /** Asks for an e-mail with a link that leads back to `returnTo`; it works in this browser alone. */
  async sendLink(email: string, returnTo: string): Promise<void> {
    const verifier = base64Url(crypto.getRandomValues(new Uint8Array(32)));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const body = {
      email,
      create_user: false,
      code_challenge: base64Url(new Uint8Array(digest)),
      code_challenge_method: "s256",
    };
    await this.#ask(`otp?redirect_to=${encodeURIComponent(returnTo)}`, body);
    this.#storage.setItem(VERIFIER_KEY, verifier);
  }

  /** Whoever comes back by such a link is signed in. Gives the address without what the link added, if it had added anything. */
  async takeLink(address: string): Promise<{ cleaned: string } | undefined> {
    const url = new URL(address);
    const inHash = new URLSearchParams(url.hash.slice(1));
    const given = (name: string) => url.searchParams.get(name) ?? inHash.get(name);
    const [code, error] = [given("code"), given("error_description") ?? given("error")];
    const verifier = this.#storage.getItem(VERIFIER_KEY);
    // Tokens in the address come by links that this browser did not ask for: whoever sent one would choose who is signed in.
    const isForeign = inHash.has("access_token");
    if (code === null && error === null && !isForeign) return undefined;
    for (const name of ["code", "error", "error_code", "error_description"]) url.searchParams.delete(name);
    if (inHash.has("error") || isForeign) url.hash = "";
    const cleaned = { cleaned: url.href };
    this.#storage.removeItem(VERIFIER_KEY);
    if (code === null || verifier === null)
      throw Object.assign(new Problem("link_invalid", error ?? "no verifier"), cleaned);
    try {
      this.#keep(await this.#granted("token?grant_type=pkce", { auth_code: code, code_verifier: verifier }));
    } catch (cause) {
      const problem = Problem.from(cause);
      throw Object.assign(problem.retryable ? problem : new Problem("link_invalid", problem.message), cleaned);
    }
    return cleaned;
  }

  /** A token that is good for a while. `renew`: the last one was refused or is about to expire. */
  token = async (renew: boolean): Promise<string> => {
    const session = this.#kept();
    if (!session) throw new Problem("unauthorized", "Nobody is signed in.");
    const now = this.#now();
    const lasts = session.expiresUnixMs - now > RENEW_BEFORE_MS;
    // A token that is refused although it is new is not made better by another one.
    if (lasts && (!renew || now - session.obtainedUnixMs < RENEW_EVERY_MS)) return session.accessToken;
    this.#renewal ??= oneTabAtATime(() => this.#renew(session)).finally(() => {
      this.#renewal = undefined;
    });
    return (await this.#renewal).accessToken;
  };

  /** Forgets the session here, and at Supabase as far as it can be reached. */
  async signOut(): Promise<void> {
    const session = this.#kept();
    this.#storage.removeItem(SESSION_KEY);
    if (!session) return;
    try {
      await this.#ask("logout?scope=local", {}, session.accessToken);
    } catch {
      // Here it is over; there it ends by itself.
    }
  }

  async #renew(seen: Session): Promise<Session> {
    const renewed = this.#renewedElsewhere(seen);
    if (renewed) return renewed;
    try {
      return this.#keep(await this.#granted("token?grant_type=refresh_token", { refresh_token: seen.refreshToken }));
    } catch (cause) {
      const problem = Problem.from(cause);
      if (problem.retryable) throw new Problem("token_unavailable", problem.message, true);
      const meanwhile = this.#renewedElsewhere(seen);
      if (meanwhile) return meanwhile;
      this.#storage.removeItem(SESSION_KEY);
      this.#ended?.();
      throw new Problem("token_expired", problem.message);
    }
  }

  /** Another tab may have renewed it while we waited; a refresh token is good once. */
  #renewedElsewhere(seen: Session): Session | undefined {
    const kept = this.#kept();
    return kept && kept.refreshToken !== seen.refreshToken ? kept : undefined;
  }

  async #granted(path: string, body: object): Promise<Session> {
    const granted = (await this.#ask(path, body)) as Granted;
    const now = this.#now();
    return {
      accessToken: granted.access_token,
      refreshToken: granted.refresh_token,
      obtainedUnixMs: now,
      expiresUnixMs: now + granted.expires_in * 1_000,
      person: { id: granted.user.id, email: granted.user.email ?? "" },
    };
  }

  async #ask(path: string, body: object, bearer?: string): Promise<unknown> {
    const { supabaseUrl, anonKey } = this.#options;
    let response: Response;
    try {
      response = await (this.#options.fetch ?? fetch)(`${supabaseUrl}/auth/v1/${path}`, {
        method: "POST",
        headers: {
          apikey: anonKey,
          "content-type": "application/json",
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
    } catch (cause) {
      throw new Problem("sign_in_unreachable", Problem.from(cause).message, true);
    }
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (response.ok) return answer;
    const message = String(answer.msg ?? answer.error_description ?? answer.message ?? response.status);
    if (response.status === 429) throw new Problem("sign_in_too_often", message, true);
    if (response.status >= 500) throw new Problem("sign_in_unreachable", message, true);
    throw new Problem(String(answer.error_code ?? "sign_in_refused"), message);
  }

  #kept(): Session | undefined {
    try {
      const session = JSON.parse(this.#storage.getItem(SESSION_KEY) ?? "null") as Session | null;
      return session?.refreshToken && session.person?.id ? session : undefined;
    } catch {
      return undefined;
    }
  }

  #keep(session: Session): Session {
    this.#storage.setItem(SESSION_KEY, JSON.stringify(session));
    return session;
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }
}

/** Refresh tokens are good once, so that two tabs must not renew at the same time. */
function oneTabAtATime<Value>(work: () => Promise<Value>): Promise<Value> {
  const locks = globalThis.navigator?.locks;
  return locks ? locks.request(SESSION_KEY, work) : work();
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

const SESSION_KEY = "viva.session";
const VERIFIER_KEY = "viva.link";
/** A token that expires sooner than this is renewed; the connection renews as early. */
const RENEW_BEFORE_MS = 60_000;
const RENEW_EVERY_MS = 30_000;
const ANSWER_MS_MAX = 15_000;
