// What this page knows of the server behind it, and how it signs in: a token from `POST /dev/token` on one's own machine,
// elsewhere from the page that embeds it (`window.vivaConfig`), from an account at Supabase, or pasted by hand.

import { type Model, Problem, type Recognizer } from "@viva/client";
import { Account } from "./account.ts";

/** `config.json`, which lies beside the page: given by the gateway, or written when the page is deployed. */
export interface SiteConfig {
  webSocketUrl?: string;
  apiUrl?: string;
  environment?: string;
  supabaseUrl?: string;
  supabaseAnonKey?: string;
  /** Whether the server takes those who sign in without an account. */
  guests?: boolean;
  devTokens?: boolean;
  /** Absent beside a model: nobody listens. */
  recognizer?: Recognizer;
  /** Absent: the server tells who listens and asks when an interview starts. */
  model?: Model;
}

interface EmbedderConfig {
  webSocketUrl?: string;
  apiUrl?: string;
  token?: (renew: boolean) => Promise<string>;
}

declare global {
  interface Window {
    vivaConfig?: EmbedderConfig;
  }
}

export const at = (path: string): string => new URL(path, document.baseURI).href;

export async function loadConfig(): Promise<SiteConfig> {
  const response = await fetch(at("config.json"), { cache: "no-store" });
  if (!response.ok) throw new Problem("not_connected", `config.json: ${response.status}`);
  return (await response.json()) as SiteConfig;
}

export function webSocketUrl(config: SiteConfig): string {
  const url = window.vivaConfig?.webSocketUrl ?? config.webSocketUrl;
  return url ?? at("ws").replace(/^http/, "ws");
}

/** Where `/api` is, without a slash at its end: beside the WebSocket, where nothing else is said. */
export function apiUrl(config: SiteConfig): string {
  const said = window.vivaConfig?.apiUrl ?? config.apiUrl;
  return (
    said ??
    webSocketUrl(config)
      .replace(/^ws/, "http")
      .replace(/\/ws\/?$/, "")
  ).replace(/\/+$/, "");
}

/** Where people sign in with an account. */
export function accountOf(config: SiteConfig): Account | undefined {
  const { supabaseUrl, supabaseAnonKey: anonKey, guests = false } = config;
  if (window.vivaConfig?.token || !supabaseUrl || !anonKey) return undefined;
  return new Account({ supabaseUrl: supabaseUrl.replace(/\/+$/, ""), anonKey, guests });
}

/** True where somebody has to paste a token before anything works. */
export function needsToken(config: SiteConfig): boolean {
  return !window.vivaConfig?.token && !config.devTokens && pastedToken() === "";
}

export function tokenSource(config: SiteConfig): (renew: boolean) => Promise<string> {
  const embedder = window.vivaConfig?.token;
  if (embedder) return embedder;
  return config.devTokens ? devToken : async () => pastedToken();
}

let current: { token: string; user: string; expiresUnixMs: number } | undefined;

async function devToken(renew: boolean): Promise<string> {
  const user = userName();
  const courses = coursesOf(courseWishes());
  if (!renew && current?.user === user && current.expiresUnixMs > Date.now() + 60_000) return current.token;
  const response = await fetch(at("dev/token"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user, role: "student", courses }),
  });
  if (!response.ok) throw new Problem("token_unavailable", `dev/token: ${response.status}`, true);
  current = { ...((await response.json()) as { token: string; expiresUnixMs: number }), user };
  return current.token;
}

export function userName(): string {
  const kept = localStorage.getItem("viva.user") ?? "";
  return /^[A-Za-z0-9_-]{1,64}$/.test(kept) ? kept : "student";
}

export function keepUserName(user: string): void {
  localStorage.setItem("viva.user", user);
}

/** On one's own machine: which courses to try, e.g. `law-101, physics: teacher`. */
export function courseWishes(): string {
  return localStorage.getItem("viva.courses") ?? "";
}

export function keepCourseWishes(wishes: string): void {
  localStorage.setItem("viva.courses", wishes);
}

export function coursesOf(wishes: string): Record<string, "student" | "teacher"> {
  const named = wishes.split(",").map((wish) => wish.split(":").map((part) => part.trim()));
  const courses = named.filter(([course]) => course && /^[A-Za-z0-9_-]{1,64}$/.test(course));
  return Object.fromEntries(courses.map(([course, role]) => [course, role === "teacher" ? "teacher" : "student"]));
}

export function pastedToken(): string {
  return sessionStorage.getItem("viva.token") ?? "";
}

export function keepPastedToken(token: string): void {
  sessionStorage.setItem("viva.token", token.trim());
}
