// The frame of all screens: who is signed in, where we are, light or dark. It holds the connection and the open room.

import {
  Connection,
  DocumentShelf,
  explain,
  Files,
  IndexedDbSaidStore,
  InterviewRoom,
  type Microphone,
  newSessionId,
  type Params,
  Problem,
  Quizzes,
} from "@viva/client";
import { type ReactNode, useEffect, useState } from "react";
import type { Account, Person } from "./account.ts";
import { AttemptScreen } from "./attempt-screen.tsx";
import { ChatScreen } from "./chat-screen.tsx";
import { ClassScreen } from "./class-screen.tsx";
import { FilesScreen } from "./files-screen.tsx";
import { InterviewScreen } from "./interview-screen.tsx";
import { InterviewsScreen } from "./interviews-screen.tsx";
import { NewQuizScreen } from "./new-quiz-screen.tsx";
import { Brand, Notice, ThemeToggle, useScreenFocus } from "./parts.tsx";
import { ProgressScreen } from "./progress-screen.tsx";
import { QuizScreen } from "./quiz-screen.tsx";
import { QuizzesScreen } from "./quizzes-screen.tsx";
import { ReportScreen } from "./report-screen.tsx";
import { ResultsScreen } from "./results-screen.tsx";
import { go, type Route, useRoute } from "./route.ts";
import { SignInScreen } from "./sign-in-screen.tsx";
import {
  accountOf,
  apiUrl,
  at,
  loadConfig,
  needsToken,
  type SiteConfig,
  tokenSource,
  userName,
  webSocketUrl,
} from "./site.ts";
import { StartScreen } from "./start-screen.tsx";
import { TakeScreen } from "./take-screen.tsx";
import { TokenScreen } from "./token-screen.tsx";

/** What all screens share, made once for whoever is signed in. */
export interface Site {
  config: SiteConfig;
  connection: Connection;
  /** Who is signed in, where people have accounts. */
  person?: Person | undefined;
  files: Files;
  shelf: DocumentShelf;
  quizzes: Quizzes;
  start: (params: Params, microphone: Microphone | undefined) => void;
  openRoom: (session: string) => Promise<InterviewRoom>;
  close: () => void;
}

export function App() {
  const [config, setConfig] = useState<SiteConfig>();
  const [account, setAccount] = useState<Account>();
  const [site, setSite] = useState<Site>();
  const [problem, setProblem] = useState<Problem>();
  /** Why somebody has to sign in again. */
  const [signInProblem, setSignInProblem] = useState<Problem>();
  const [hasEntered, setEntered] = useState(false);
  useEffect(() => {
    const load = async () => {
      const loaded = await loadConfig();
      const found = accountOf(loaded);
      if (found) setSignInProblem(await takeLink(found));
      setConfig(loaded);
      setAccount(found);
      if (found ? found.person : !needsToken(loaded)) setSite(makeSite(loaded, found));
    };
    load().catch((cause) => setProblem(Problem.from(cause, "not_connected")));
  }, []);
  useEffect(
    () =>
      site &&
      account?.watch(() => {
        site.close();
        setSite(undefined);
        setSignInProblem(new Problem("token_expired", "The session is over."));
      }),
    [site, account],
  );

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
  if (site) {
    const onSignOut = account && (() => void signOut(account, site));
    return <Screens site={site} hasEntered={hasEntered} onSignOut={onSignOut} />;
  }
  const enter = () => {
    setEntered(true);
    setSite(makeSite(config, account));
  };
  return (
    <Frame>
      {account ? (
        <SignInScreen account={account} before={signInProblem} onDone={enter} />
      ) : (
        <TokenScreen onDone={enter} />
      )}
    </Frame>
  );
}

/** Signs in whoever comes by a link, and takes what the link brought out of the address. Gives what went wrong. */
async function takeLink(account: Account): Promise<Problem | undefined> {
  const clean = (cleaned: string) => history.replaceState(null, "", cleaned);
  try {
    const taken = await account.takeLink(location.href);
    if (taken) clean(taken.cleaned);
    return undefined;
  } catch (cause) {
    const problem = Problem.from(cause);
    if ("cleaned" in problem) clean(String(problem.cleaned));
    return problem;
  }
}

/** Nothing of one person is left for the next: the page begins anew. */
async function signOut(account: Account, site: Site): Promise<void> {
  site.close();
  await account.signOut();
  location.hash = "";
  location.reload();
}

function Screens({
  site,
  hasEntered,
  onSignOut,
}: {
  site: Site;
  /** Somebody comes from signing in, not from loading the page. */
  hasEntered: boolean;
  onSignOut: (() => void) | undefined;
}) {
  const route = useRoute();
  useScreenFocus(route, hasEntered);
  if (route.screen === "interview") return <InterviewScreen key={route.session} site={site} session={route.session} />;
  return (
    <Frame route={route} onSignOut={onSignOut}>
      {route.screen === "start" && <StartScreen key={route.guide} site={site} guide={route.guide} />}
      {route.screen === "chat" && <ChatScreen site={site} session={route.session} about={route.about} />}
      {route.screen === "files" && <FilesScreen site={site} />}
      {route.screen === "interviews" && <InterviewsScreen site={site} course={route.course} />}
      {route.screen === "report" && (
        <ReportScreen key={route.session} site={site} session={route.session} user={route.user} />
      )}
      <QuizScreens site={site} route={route} />
    </Frame>
  );
}

/** The screens that have to do with quizzes; nothing for the others. */
function QuizScreens({ site, route }: { site: Site; route: Route }) {
  switch (route.screen) {
    case "quizzes":
      return <QuizzesScreen site={site} course={route.course} />;
    case "new-quiz":
      return <NewQuizScreen site={site} course={route.course} />;
    case "quiz":
      return <QuizScreen key={route.quiz} site={site} quiz={route.quiz} view={route.view} />;
    case "take":
      return <TakeScreen key={route.quiz} site={site} quiz={route.quiz} />;
    case "attempt":
      return <AttemptScreen key={route.attempt} site={site} attempt={route.attempt} />;
    case "results":
      return <ResultsScreen key={route.attempt} site={site} attempt={route.attempt} />;
    case "progress":
      return <ProgressScreen site={site} course={route.course} user={route.user} />;
    case "class":
      return <ClassScreen site={site} course={route.course} />;
    default:
      return null;
  }
}

const OF_QUIZZES = ["quizzes", "new-quiz", "quiz", "take", "attempt", "results"];
const OF_PROGRESS = ["progress", "class"];

function Frame({
  route,
  onSignOut,
  children,
}: {
  route?: Route;
  onSignOut?: (() => void) | undefined;
  children?: ReactNode;
}) {
  return (
    <>
      <header className="bar">
        <button type="button" className="skip-link" onClick={skipToMain}>
          Skip to the content
        </button>
        <Brand />
        {route && (
          <nav aria-label="Main">
            <a href="#/" aria-current={route.screen === "start" ? "page" : undefined}>
              New interview
            </a>
            <a href="#/interviews" aria-current={route.screen === "interviews" ? "page" : undefined}>
              Past interviews
            </a>
            <a href="#/chat" aria-current={route.screen === "chat" ? "page" : undefined}>
              Chat
            </a>
            <a href="#/files" aria-current={route.screen === "files" ? "page" : undefined}>
              Files
            </a>
            <a href="#/quizzes" aria-current={OF_QUIZZES.includes(route.screen) ? "page" : undefined}>
              Quizzes
            </a>
            <a href="#/progress" aria-current={OF_PROGRESS.includes(route.screen) ? "page" : undefined}>
              Progress
            </a>
          </nav>
        )}
        <div className="row at-end">
          {onSignOut && (
            <button type="button" className="quiet" onClick={onSignOut}>
              Sign out
            </button>
          )}
          <ThemeToggle />
        </div>
      </header>
      {children}
    </>
  );
}

function skipToMain(): void {
  document.querySelector<HTMLElement>("main h1")?.focus();
}

function makeSite(config: SiteConfig, account: Account | undefined): Site {
  const token = account?.token ?? tokenSource(config);
  const connection = new Connection({ url: webSocketUrl(config), token });
  connection.open();
  const person = account?.person;
  const store = new IndexedDbSaidStore(person?.id ?? userName());
  const options = { connection, store, workletUrl: at("viva-capture.js") };
  const files = new Files({ url: apiUrl(config), token });
  const shelf = new DocumentShelf(connection, files);
  const quizzes = new Quizzes({ url: apiUrl(config), token });
  let open: InterviewRoom | undefined;
  return {
    config,
    connection,
    person,
    files,
    shelf,
    quizzes,
    close() {
      open?.close();
      shelf.close();
      connection.close();
    },
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
