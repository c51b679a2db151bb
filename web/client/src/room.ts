// An interview with its microphone and its voice: everything a page needs, as one snapshot that changes and the actions a
// candidate has. It decides when to capture and when to read aloud; it draws nothing.

import { scalarsIn } from "./chars.ts";
import type { Connection, ConnectionState } from "./connection.ts";
import { Emitter } from "./emitter.ts";
import { Interview, type InterviewStatus } from "./interview.ts";
import { Microphone } from "./microphone.ts";
import { Problem } from "./problem.ts";
import { QuestionVoice, type VoiceProgress } from "./question-voice.ts";
import { Recorder, type RecorderState } from "./recorder.ts";
import type { SaidStore } from "./said-store.ts";
import { currentTurn, type InterviewView } from "./view.ts";
import type { Params } from "./wire.ts";

export interface RoomProblem {
  id: number;
  code: string;
  message: string;
}

export interface RoomSnapshot {
  view: InterviewView;
  status: InterviewStatus;
  connection: ConnectionState;
  /** "off": no microphone is open here. */
  recorder: RecorderState | "off";
  voice: VoiceProgress | undefined;
  problems: RoomProblem[];
}

export interface RoomOptions {
  connection: Connection;
  store: SaidStore;
  /** The address of `viva-capture.js`. */
  workletUrl: string;
}

interface RoomEvents {
  change: RoomSnapshot;
  level: number;
}

export class InterviewRoom extends Emitter<RoomEvents> {
  readonly interview: Interview;
  readonly #options: RoomOptions;
  readonly #stops: (() => void)[] = [];
  #snapshot: RoomSnapshot;
  #microphone: Microphone | undefined;
  #recorder: Recorder | undefined;
  #voice: QuestionVoice | undefined;
  #isOpeningMicrophone = false;
  #wantsMicrophone: boolean;
  #nextProblem = 1;

  private constructor(options: RoomOptions, interview: Interview, microphone: Microphone | undefined, isNew: boolean) {
    super();
    this.interview = interview;
    this.#options = options;
    this.#microphone = microphone;
    this.#wantsMicrophone = microphone !== undefined;
    this.#snapshot = {
      view: interview.view,
      status: interview.status,
      connection: options.connection.state,
      recorder: "off",
      voice: undefined,
      problems: [],
    };
    this.#stops.push(
      interview.on("view", (view) => this.#see(view)),
      interview.on("status", (status) => this.#follow(status)),
      interview.on("problem", (problem) => this.#report(problem)),
      options.connection.on("state", (connection) => this.#set({ connection })),
      options.connection.on("problem", (problem) => this.#report(problem)),
    );
    if (!isNew) this.#stops.push(interview.on("caughtUp", () => this.#catchUp()));
  }

  /** A new interview. The microphone, if there is to be one, is opened before, by the click that starts all this. */
  static start(options: RoomOptions, session: string, params: Params, microphone?: Microphone): InterviewRoom {
    const interview = Interview.start(options.connection, options.store, session, params);
    const room = new InterviewRoom(options, interview, microphone, true);
    if (params.playback === "voice") room.#readAloud(params.language);
    return room;
  }

  /** One that is open already. It listens again where the browser allows it unasked. */
  static async resume(options: RoomOptions, session: string): Promise<InterviewRoom> {
    const interview = await Interview.resume(options.connection, options.store, session);
    return new InterviewRoom(options, interview, undefined, false);
  }

  get snapshot(): RoomSnapshot {
    return this.#snapshot;
  }

  get isClosed(): boolean {
    return this.#stops.length === 0;
  }

  /** The answer is over: what was captured goes first. */
  endAnswer(): void {
    this.#recorder?.flush();
    this.interview.endAnswer();
  }

  answerText(text: string): void {
    this.#recorder?.flush();
    this.interview.answerText(text);
  }

  mute(on: boolean): void {
    this.#recorder?.mute(on);
  }

  /** Opens the microphone, or lets it run, after a click. */
  async listen(): Promise<void> {
    this.#wantsMicrophone = true;
    if (this.#recorder) await this.#recorder.unblock();
    else await this.#openMicrophone();
  }

  /** Takes the interview back from another window, and listens here again. */
  async takeBack(): Promise<void> {
    const { params } = this.interview.view;
    if (params?.playback === "voice" && !this.#voice) this.#readAloud(params.language);
    this.interview.takeBack();
    if (params?.audio) await this.listen();
  }

  /** Stops reading the question aloud. */
  quiet(): void {
    this.#voice?.quiet();
  }

  dismiss(id: number): void {
    this.#set({ problems: this.#snapshot.problems.filter((problem) => problem.id !== id) });
  }

  /** Leaves the room. The interview stays open on the server and can be resumed. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#closeDevices();
    this.interview.detach();
  }

  #see(view: InterviewView): void {
    this.#set({ view });
    if (view.finished) this.#closeDevices();
    else if (view.params) this.#record();
  }

  #follow(status: InterviewStatus): void {
    this.#set({ status });
    if (status.link === "moved" || status.link === "over") this.#closeDevices();
  }

  /** Audio begins once the server has begun, because it measures audio against that moment. */
  #record(): void {
    const format = this.#snapshot.view.params?.audio;
    if (this.#recorder || !this.#microphone || !format) return;
    const recorder = new Recorder(this.interview, this.#microphone, format);
    this.#microphone = undefined;
    this.#recorder = recorder;
    recorder.on("state", (state) => this.#set({ recorder: state === "closed" ? "off" : state }));
    recorder.on("level", (level) => this.emit("level", level));
    recorder.on("problem", (problem) => this.#report(problem));
    this.#set({ recorder: recorder.state });
  }

  #catchUp(): void {
    const { params, finished } = this.interview.view;
    if (!params || finished) return;
    if (params.playback === "voice") {
      this.#showRest();
      this.#readAloud(params.language);
    }
    if (params.audio) void this.#listenIfAllowed();
  }

  /** A question that was being read when the page was left is not read again: it is there to be seen. */
  #showRest(): void {
    const turn = currentTurn(this.interview.view);
    if (!turn || turn.answer || !turn.question.complete || turn.question.state === "cancelled") return;
    const whole = scalarsIn(turn.question.text);
    if (turn.question.heardChars < whole) {
      this.interview.rendered(turn.turn, turn.question.attempt, whole, "done");
    }
  }

  #readAloud(language: string): void {
    this.#voice = new QuestionVoice(this.interview, language, (voice) => this.#set({ voice }));
  }

  async #listenIfAllowed(): Promise<void> {
    try {
      const permission = await navigator.permissions.query({ name: "microphone" as PermissionName });
      if (permission.state === "granted" || this.#wantsMicrophone) await this.#openMicrophone();
    } catch {
      // A browser that cannot tell is asked by the button.
    }
  }

  async #openMicrophone(): Promise<void> {
    if (this.#isOpeningMicrophone || this.#recorder) return;
    this.#isOpeningMicrophone = true;
    try {
      this.#microphone = await Microphone.open(this.#options.workletUrl);
      this.#record();
    } catch (cause) {
      this.#report(Problem.from(cause, "microphone_failed"));
    } finally {
      this.#isOpeningMicrophone = false;
    }
  }

  #closeDevices(): void {
    this.#recorder?.close();
    this.#recorder = undefined;
    this.#microphone?.close();
    this.#microphone = undefined;
    this.#voice?.close();
    this.#voice = undefined;
  }

  #report(problem: Problem): void {
    const { code, message } = problem;
    const others = this.#snapshot.problems.filter((other) => other.code !== code).slice(-PROBLEMS_MAX + 1);
    this.#set({ problems: [...others, { id: this.#nextProblem++, code, message }] });
  }

  #set(change: Partial<RoomSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.emit("change", this.#snapshot);
  }
}

const PROBLEMS_MAX = 4;
