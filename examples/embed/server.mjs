// A learning platform in one file: it signs people in its own way, and gives their browsers tokens for viva.
//
//   export VIVA_TOKEN_SECRET="$(openssl rand -hex 32)"
//   VIVA_ORIGINS=http://127.0.0.1:3000 viva serve &
//   node examples/embed/server.mjs            # then open http://127.0.0.1:3000/?user=ann

import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const secret = process.env.VIVA_TOKEN_SECRET;
if (!secret) throw new Error("set VIVA_TOKEN_SECRET to the secret that viva was started with");
const webSocketUrl = process.env.VIVA_WEB_SOCKET_URL ?? "ws://127.0.0.1:8080/ws";
const port = Number(process.env.PORT ?? 3000);

/** A token for viva: who it is, what they may do in which course, for how long. It is signed here, and never in a browser. */
export function token({ user, tenant, courses, seconds = 900 }) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const claims = { sub: user, exp: Math.floor(Date.now() / 1000) + seconds, app_metadata: { tenant, courses } };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** Who is signed in. A platform asks its own session; this example believes the address, and so listens on this machine alone. */
function signedIn(url) {
  const user = url.searchParams.get("user") ?? "";
  return /^[A-Za-z0-9_-]{1,64}$/.test(user) ? { user, tenant: "acme", courses: { "law-1": "student" } } : undefined;
}

// The client package as it is built into viva; a platform takes it into its own bundle.
const dist = fileURLToPath(new URL("../../web/dist/", import.meta.url));
const page = fileURLToPath(new URL("page.html", import.meta.url));

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://platform");
  const answer = (status, type, body) => response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
  if (url.pathname === "/viva") {
    const user = signedIn(url);
    if (!user) return answer(401, "text/plain", "sign in first");
    return answer(200, "application/json", JSON.stringify({ token: token(user), webSocketUrl }));
  }
  if (url.pathname === "/") return answer(200, "text/html; charset=utf-8", await readFile(page));
  if (/^\/(chunks\/)?[\w-]+\.js$/.test(url.pathname)) {
    const file = await readFile(dist + url.pathname.slice(1)).catch(() => undefined);
    if (file) return answer(200, "text/javascript; charset=utf-8", file);
  }
  answer(404, "text/plain", "there is nothing here");
});

server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
