// The frame of all screens: who is signed in, where we are, light or dark. It holds the connection and the open room.

import {
  Connection,
  explain,
  IndexedDbSaidStore,
  InterviewRoom,
  type Microphone,
  newSessionId,
  type Params,
  Problem,
} from "@viva/client";
import { type ReactNode, useEffect, useState } from "react";
import { InterviewScreen } from "./interview-screen.tsx";
import { InterviewsScreen } from "./interviews-screen.tsx";
import { Brand, Notice, ThemeToggle, useScreenFocus } from "./parts.tsx";
import { ReportScreen } from "./report-screen.tsx";
import { go, type Route, useRoute } from "./route.ts";
import { SignInScreen } from "./sign-in-screen.tsx";
import { at, loadConfig, needsToken, type SiteConfig, tokenSource, userName, webSocketUrl } from "./site.ts";
import { StartScreen } from "./start-screen.tsx";

/** What all screens share, made once. */
export interface Site {
  config: SiteConfig;
  connection: Connection;
  start: (params: Params, microphone: Microphone | undefined) => void;
  openRoom: (session: string) => Promise<InterviewRoom>;
}

export function App() {
  const [site, setSite] = useState<Site>();
  const [config, setConfig] = useState<SiteConfig>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    loadConfig().then(
      (loaded) => {
        setConfig(loaded);
        if (!needsToken(loaded)) setSite(makeSite(loaded));
      },
      (cause) => setProblem(Problem.from(cause, "not_connected")),
    );
  }, []);

  if (problem) {
    return (
      <Frame>
        <main className="page narrow">
          <h1>viva is not reachable</h1>
          <Notice kind="bad" {...explain(problem)} />
          <button type="button" className="primary" onClick={() => location.reload()}>
            Try again
          </button>
        </main>
      </Frame>
    );
  }
  if (!config) return <Frame />;
  if (!site) return <SignIn onDone={() => setSite(makeSite(config))} />;
  return <Screens site={site} />;
}

function SignIn({ onDone }: { onDone: () => void }) {
  return (
    <Frame>
      <SignInScreen onDone={onDone} />
    </Frame>
  );
}

function Screens({ site }: { site: Site }) {
  const route = useRoute();
  useScreenFocus(route);
  if (route.screen === "interview") return <InterviewScreen key={route.session} site={site} session={route.session} />;
  return (
    <Frame route={route}>
      {route.screen === "start" && <StartScreen site={site} />}
      {route.screen === "interviews" && <InterviewsScreen site={site} />}
      {route.screen === "report" && <ReportScreen key={route.session} site={site} session={route.session} />}
    </Frame>
  );
}

function Frame({ route, children }: { route?: Route; children?: ReactNode }) {
  return (
    <>
      <header className="bar">
        <button type="button" className="skip-link" onClick={skipToMain}>
          Skip to the content
        </button>
        <Brand />
        <nav aria-label="Main">
          <a href="#/" aria-current={route?.screen === "start" ? "page" : undefined}>
            New interview
          </a>
          <a href="#/interviews" aria-current={route?.screen === "interviews" ? "page" : undefined}>
            Past interviews
          </a>
        </nav>
        <ThemeToggle />
      </header>
      {children}
    </>
  );
}

function skipToMain(): void {
  document.querySelector<HTMLElement>("main h1")?.focus();
}

function makeSite(config: SiteConfig): Site {
  const connection = new Connection({ url: webSocketUrl(config), token: tokenSource(config) });
  connection.open();
  const store = new IndexedDbSaidStore(userName());
  const options = { connection, store, workletUrl: at("viva-capture.js") };
  let open: InterviewRoom | undefined;
  return {
    config,
    connection,
    start(params, microphone) {
      const session = newSessionId();
      open?.close();
      open = InterviewRoom.start(options, session, params, microphone);
      go({ screen: "interview", session });
    },
    async openRoom(session) {
      if (open?.interview.session === session && !open.isClosed) return open;
      open?.close();
      open = await InterviewRoom.resume(options, session);
      return open;
    },
  };
}
