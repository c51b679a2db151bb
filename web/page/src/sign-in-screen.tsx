// Signing in with an account of the platform, by password or by a link that comes by e-mail.

import { explain, Problem } from "@viva/client";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { Account } from "./account.ts";
import { Notice } from "./parts.tsx";

export function SignInScreen({
  account,
  before,
  onDone,
}: {
  account: Account;
  /** Why somebody has to sign in again. */
  before?: Problem | undefined;
  onDone: () => void;
}) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState(before);
  const [linkSentTo, setLinkSentTo] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const address = useRef<HTMLInputElement>(null);
  const [hint, guestHint] = [useId(), useId()];
  useEffect(() => address.current?.focus(), []);

  const attempt = async (work: () => Promise<void>) => {
    if (isBusy) return;
    setBusy(true);
    setProblem(undefined);
    setLinkSentTo(undefined);
    try {
      await work();
    } catch (cause) {
      setProblem(Problem.from(cause));
    }
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      await account.signIn(email.trim(), password);
      onDone();
    });
  };
  const enterAsGuest = () =>
    void attempt(async () => {
      await account.signInAsGuest();
      onDone();
    });
  const askForLink = () => {
    if (!address.current?.reportValidity()) return;
    void attempt(async () => {
      await account.sendLink(email.trim(), location.href.replace(/#.*/, ""));
      setLinkSentTo(email.trim());
    });
  };

  return (
    <main id="main" className="page narrow">
      <div>
        <h1 tabIndex={-1}>Sign in</h1>
        <p className="soft">With your account of your learning platform.</p>
      </div>
      {problem && <Notice kind="bad" {...explainSignIn(problem)} />}
      {linkSentTo !== undefined && (
        <Notice kind="calm" title={`A link is on its way to ${linkSentTo}.`} advice="Open it in this browser." />
      )}
      <form className="card sign-in" onSubmit={submit}>
        <label className="field">
          <span>E-mail</span>
          <input
            ref={address}
            name="email"
            type="email"
            autoComplete="username"
            required
            maxLength={320}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </label>
        <label className="field">
          <span>Password</span>
          <input
            name="password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={200}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        {/* Not `disabled` while it works: that would take the focus away. */}
        <button type="submit" className="primary wide" aria-disabled={isBusy}>
          {isBusy ? "One moment…" : "Sign in"}
        </button>
        <p className="or">or</p>
        <button type="button" className="wide" aria-disabled={isBusy} aria-describedby={hint} onClick={askForLink}>
          E-mail me a link
        </button>
        <p id={hint} className="hint">
          The link signs you in without a password. It goes to the address above and works in this browser.
        </p>
        {account.takesGuests && (
          <>
            <button
              type="button"
              className="wide"
              aria-disabled={isBusy}
              aria-describedby={guestHint}
              onClick={enterAsGuest}
            >
              Continue as a guest
            </button>
            <p id={guestHint} className="hint">
              A guest’s interviews are found in this browser until you sign out.
            </p>
          </>
        )}
      </form>
    </main>
  );
}

function explainSignIn(problem: Problem) {
  return EXPLANATIONS[problem.code] ?? explain(problem);
}

const EXPLANATIONS: Record<string, { title: string; advice: string }> = {
  invalid_credentials: {
    title: "E-mail or password is not right.",
    advice: "Check both, or let a link be e-mailed to you.",
  },
  email_not_confirmed: {
    title: "Your e-mail address is not confirmed yet.",
    advice: "Open the link in the e-mail that you were sent when you signed up.",
  },
  anonymous_provider_disabled: { title: "Guests are not admitted at present.", advice: "Sign in with your account." },
  user_banned: { title: "This account is closed.", advice: "Ask your platform." },
  otp_disabled: { title: "There is no such account.", advice: "Check the e-mail address, or ask your platform." },
  link_invalid: {
    title: "That link does not work any more.",
    advice: "It is good once, for a short time, and in the browser that asked for it. Ask for another one.",
  },
  sign_in_too_often: { title: "That was too often.", advice: "Wait a minute and try again." },
  sign_in_unreachable: {
    title: "Signing in does not work at present.",
    advice: "Check your connection and try again.",
  },
};
