// Signing in with an account: by keyboard, kept over a reload, renewed while the page is open, ended on both sides.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, Browser, eventually } from "./harness/browser.mjs";
import { question } from "./harness/page.mjs";
import { Server } from "./harness/server.mjs";
import { ANON_KEY, Supabase } from "./harness/supabase.mjs";

let supabase;
let server;
let browser;
before(async () => {
  supabase = await Supabase.start();
  supabase.enrol("ann@example.org", "a good password", "7c9e6679-7425-40de-944b-e07fc1f90ae7");
  server = await Server.start(environment());
  browser = await Browser.launch("sign-in");
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await supabase?.stop();
});

const environment = () => ({
  VIVA_ISSUER: `${supabase.url}/auth/v1`,
  VIVA_SUPABASE_URL: supabase.url,
  VIVA_SUPABASE_ANON_KEY: ANON_KEY,
  VIVA_RECOGNIZER: "none",
});

const begin = (page) => page.getByRole("button", { name: "Begin the interview" });

/** Makes the kept token one that has to be renewed. */
async function outdate(page) {
  await page.evaluate(() => {
    const session = JSON.parse(localStorage.getItem("viva.session"));
    localStorage.setItem("viva.session", JSON.stringify({ ...session, obtainedUnixMs: 0, expiresUnixMs: 0 }));
  });
}

async function signIn(page) {
  await page.getByLabel("E-mail").fill("ann@example.org");
  await page.getByLabel("Password").fill("a good password");
  await page.keyboard.press("Enter");
}

test("an account signs in by keyboard, stays through a reload, and signs out", async () => {
  const page = await browser.open(server.url);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await browser.shot(page, "sign-in");
  await assertAccessible(page, "sign-in");

  await page.keyboard.type("ann@example.org");
  await page.keyboard.press("Tab");
  await page.keyboard.type("a wrong password");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("E-mail or password is not right.").waitFor();
  await browser.shot(page, "refused");
  await assertAccessible(page, "sign-in, refused");
  assert.equal(await begin(page).count(), 0);

  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("a good password");
  await page.keyboard.press("Enter");
  await begin(page).waitFor();
  await eventually("the new screen has the focus", () =>
    page.evaluate(() => document.activeElement?.tagName === "H1" && document.activeElement.textContent !== "Sign in"),
  );
  await page.getByText("ann@example.org").waitFor();
  await browser.shot(page, "signed-in");
  await assertAccessible(page, "start, signed in");
  assert.ok(!page.url().includes("password"));
  await page.reload();
  await begin(page).waitFor();

  await page.getByLabel("What is it about?").fill("How HTTP caching works");
  await begin(page).click();
  assert.ok((await question(page, 1)).length > 10);

  await page.goto(server.url);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem("viva.session")), null);
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.context().close();
});

test("a token is renewed over the open connection, and a session that ended asks to sign in again", async () => {
  const page = await browser.open(server.url);
  const sent = [];
  page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(JSON.parse(payload).type)));
  supabase.tokenSeconds = 62;
  const before = supabase.renewals;
  await signIn(page);
  await begin(page).waitFor();
  await eventually("the token is renewed", () => supabase.renewals > before && sent.includes("auth.refresh"));
  assert.equal(sent.filter((type) => type === "hello").length, 1, "on the same connection");

  supabase.tokenSeconds = 3_600;
  supabase.isDown = true;
  await outdate(page);
  const [renewals, hellos] = [supabase.renewals, sent.filter((type) => type === "hello").length];
  await page.reload();
  await begin(page).waitFor();
  await eventually("renewal fails", () => supabase.refused > 0);
  supabase.isDown = false;
  await eventually("it is tried again, and the page connects", () => {
    return supabase.renewals > renewals && sent.filter((type) => type === "hello").length > hellos;
  });

  supabase.endSessions();
  await outdate(page);
  await page.reload();
  await page.getByRole("alert").getByText("Your sign-in has run out.").waitFor();
  await browser.shot(page, "run-out");
  await signIn(page);
  await begin(page).waitFor();
  await page.context().close();
});

test("a guest comes in where guests are welcome, and only there", async () => {
  const guest = (page) => page.getByRole("button", { name: "Continue as a guest" });
  const closed = await browser.open(server.url);
  await closed.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await guest(closed).count(), 0);
  await closed.context().close();

  const open = await Server.start({ ...environment(), VIVA_ANONYMOUS: "on" });
  try {
    const page = await browser.open(open.url);
    await guest(page).waitFor();
    await browser.shot(page, "guests-welcome");
    await assertAccessible(page, "sign-in, guests welcome");
    await guest(page).focus();
    await page.keyboard.press("Enter");
    await page.getByText("a guest", { exact: true }).waitFor();
    await page.getByLabel("What is it about?").fill("How HTTP caching works");
    await begin(page).click();
    assert.ok((await question(page, 1)).length > 10);
    await page.context().close();
  } finally {
    await open.stop();
  }
});

test("whoever asks for a link is told where to look, and a link that is no good says so", async () => {
  const page = await browser.open(server.url);
  await page.getByRole("button", { name: "E-mail me a link" }).click();
  assert.equal(await page.getByRole("status").count(), 0, "an address is needed first");
  await page.getByLabel("E-mail").fill("ann@example.org");
  await page.getByRole("button", { name: "E-mail me a link" }).click();
  await page.getByRole("status").getByText("A link is on its way to ann@example.org.").waitFor();
  await assertAccessible(page, "sign-in, link sent");
  await page.goto(`${server.url}#error=access_denied&error_code=otp_expired&error_description=expired`);
  await page.reload();
  await page.getByRole("alert").getByText("That link does not work any more.").waitFor();
  assert.ok(!page.url().includes("error"), page.url());
  await page.context().close();
});
