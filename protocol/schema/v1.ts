// The viva protocol v1. Generated from protocol/src/v1: do not edit.

/** An answer as it stands. */
export interface Answer {
  /** What was measured. */
  metrics: Metric[];
  /** Why it was committed. */
  reason: AnswerReason;
  /** The answer: the candidate's correction, where there is one. */
  text: string;
  /** The recognized words with their times. */
  words: Word[];
  /** Media time at which the last word ends. */
  endMs?: number;
  /** The text before the latest revision. */
  previous?: string;
  /** The recognizer's own words, when a candidate corrected them. */
  spoken?: string;
  /** Media time at which the first word begins. */
  startMs?: number;
}

/** An answer is over; the next question follows. */
export interface AnswerCommitted {
  type: "answer.committed";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** What was measured. */
  metrics: Metric[];
  /** Why it is over. */
  reason: AnswerReason;
  /** The whole answer. */
  text: string;
  /** The turn. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** Disputes a misheard answer: both versions stay. */
export interface AnswerCorrect {
  type: "answer.correct";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The whole answer as it should read. */
  text: string;
  /** The turn. */
  turn: number;
}

/** The answer is over. */
export interface AnswerEnd {
  type: "answer.end";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The turn. */
  turn: number;
}

/** Why an answer was committed. */
export type AnswerReason =
  /** A silence. */
  | "silence"
  /** `answer.end`. */
  | "ended"
  /** `answer.text`. */
  | "typed"
  /** `question.skip`. */
  | "skipped"
  /** It reached the longest that an answer may be, or the interview ended. */
  | "limit";

/** A committed answer reads otherwise than thought. */
export interface AnswerRevised {
  type: "answer.revised";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** Who changed it. */
  cause: RevisionCause;
  /** The whole answer as it read before. */
  previous: string;
  /** The whole answer as it now reads. */
  text: string;
  /** The turn. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** A typed answer, which ends the answer in every mode; what is committed: the spoken words, then this. */
export interface AnswerText {
  type: "answer.text";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The text. */
  text: string;
  /** The turn. */
  turn: number;
}

/** Audio as it was captured. At most 1 s and 20,000 bytes before base64. */
export interface Audio {
  type: "audio";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The audio in the codec that `interview.start` announced, as padded base64. */
  data: string;
  /** Capture time of the first sample, 0 at the session's first; a jump forward is a gap. */
  mediaMs: number;
}

/** The audio that a client will send. */
export interface AudioFormat {
  /** 1 or 2. */
  channels: number;
  /** How it is coded. */
  codec: Codec;
  /** Samples a second: 8000, 12000, 16000, 24000 or 48000. */
  sampleRateHz: 8000 | 12000 | 16000 | 24000 | 48000;
}

/** Renews the connection's token. Answered by `result{id,expiresUnixMs}`. */
export interface AuthRefresh {
  type: "auth.refresh";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The new token, of the same user. */
  token: string;
}

/** The token was renewed. */
export interface AuthRefreshedResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
  /** When the new token expires. */
  expiresUnixMs: number;
}

/** What is nearly used up. */
export type Budget =
  /** Time, in ms. */
  | "duration"
  /** Questions. */
  | "questions"
  /** Audio, in ms. */
  | "audio"
  /** Tokens. */
  | "tokens";

/** A budget is nearly used up. */
export interface BudgetWarning {
  type: "budget.warning";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** Which. */
  budget: Budget;
  /** What is left: ms, questions, ms, tokens. */
  remaining: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** Why a question was cut short. */
export type CancelReason =
  /** The candidate spoke. */
  | "barge_in"
  /** `question.repeat`. */
  | "repeated"
  /** `question.skip`. */
  | "skipped"
  /** Another worker took over; it is asked anew. */
  | "restarted"
  /** The interview ended. */
  | "finished";

/** A reply will come. */
export interface ChatAcceptedResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
  /** Which attempt at answering the message it is. */
  attempt: number;
  /** The message. */
  messageId: MessageId;
  /** The reply to come. */
  replyId: ReplyId;
}

/** A reply was stopped; what was said so far stays. */
export interface ChatCancelled {
  type: "chat.cancelled";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The reply. */
  replyId: ReplyId;
  /** What was said so far. */
  text: string;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** The next piece of a reply. */
export interface ChatDelta {
  type: "chat.delta";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The reply. */
  replyId: ReplyId;
  /** The piece. */
  text: string;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** A reply is over. Its text takes the place of its pieces: citations that did not hold are gone from it. */
export interface ChatDone {
  type: "chat.done";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** What it rests on, in the order of their numbers. */
  citations: Citation[];
  /** How it came to its end. */
  finishReason: ChatFinish;
  /** The reply. */
  replyId: ReplyId;
  /** The whole, or what there is of it where it broke off. */
  text: string;
  /** What it used. */
  usage: ChatUsage;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
  /** For people: why it broke off. */
  message?: string;
}

/** Says something in another way: a branch beside the message that it replaces, which stays. Answered by
 * `result{id,messageId,replyId,attempt}`. */
export interface ChatEdit {
  type: "chat.edit";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The conversation. */
  session: SessionId;
  /** The new message, named by the client. */
  messageId: MessageId;
  /** The message that it replaces. */
  replaces: MessageId;
  /** What is said instead. */
  text: string;
}

/** One request for a reply. */
export interface ChatEntry {
  /** When it was asked. */
  createdUnixMs: number;
  /** The server's number of the request: later ones have higher numbers. */
  number: number;
  /** The reply. */
  reply: ChatReply;
  /** What was said; absent where another attempt was asked for. */
  message?: ChatSaid;
}

/** Says whether a reply helped; the last word counts. Answered by `result{id}`. */
export interface ChatFeedback {
  type: "chat.feedback";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The conversation. */
  session: SessionId;
  /** Whether it helped. */
  rating: ChatRating;
  /** The reply. */
  replyId: ReplyId;
}

/** How a reply came to its end. */
export type ChatFinish =
  /** It is whole. */
  | "complete"
  /** Nothing in the files is about this. */
  | "not_found"
  /** It became as long as a reply may. */
  | "length"
  /** The model's filter stopped it. */
  | "filtered"
  /** The model, or the search in the files, broke down. */
  | "failed"
  /** The model did not answer in time. */
  | "timed_out"
  /** The model has too much to do; ask again later. */
  | "busy"
  /** A budget is used up. */
  | "budget";

/** Asks for what was said, latest first. Answered by `result{id,session,title,entries,before?}`. */
export interface ChatHistory {
  type: "chat.history";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The conversation. */
  session: SessionId;
  /** Only entries with a lower `number`. */
  before?: number;
  /** At most so many entries; fewer come where they are long. */
  limit?: number;
}

/** Somebody said something in the conversation. */
export interface ChatMessage {
  type: "chat.message";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The message. */
  messageId: MessageId;
  /** What was said. */
  text: string;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
  /** The reply that it goes on from. */
  parentId?: ReplyId;
  /** The message beside which it is a branch. */
  replaces?: MessageId;
  /** What replies may draw on. */
  scope?: ChatScope;
}

/** A page of a conversation. */
export interface ChatPageResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
  /** The conversation. */
  session: SessionId;
  /** Latest first. */
  entries: ChatEntry[];
  /** Its title. */
  title: string;
  /** Ask for the page before with this; absent on the last. */
  before?: number;
}

/** What a person thinks of a reply. */
export type ChatRating =
  /** It helped. */
  | "up"
  /** It did not. */
  | "down";

/** Asks for another reply to the same message; those before stay. Answered by `result{id,messageId,replyId,attempt}`. */
export interface ChatRegenerate {
  type: "chat.regenerate";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The conversation. */
  session: SessionId;
  /** One more than the attempts so far; the same again is a no-op. */
  attempt: number;
  /** The message. */
  messageId: MessageId;
}

/** Gives a conversation a title. Answered by `result{id}`. */
export interface ChatRename {
  type: "chat.rename";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The conversation. */
  session: SessionId;
  /** The title. */
  title: string;
}

/** A reply in the history. */
export interface ChatReply {
  /** Which attempt at answering it this is. */
  attempt: number;
  /** What it rests on. */
  citations: Citation[];
  /** The message that it answers. */
  inReplyTo: MessageId;
  /** The reply. */
  replyId: ReplyId;
  /** Where it stands. */
  state: ChatReplyState;
  /** Its text; empty while it is due. */
  text: string;
  /** How it came to its end. */
  finishReason?: ChatFinish;
  /** Whether it helped. */
  rating?: ChatRating;
}

/** Where a reply stands. */
export type ChatReplyState =
  /** It waits or is being written; its events tell. */
  | "due"
  /** It is over. */
  | "done"
  /** It was stopped. */
  | "cancelled";

/** A message in the history. */
export interface ChatSaid {
  /** The message. */
  messageId: MessageId;
  /** What was said. */
  text: string;
  /** The reply that it goes on from. */
  parentId?: ReplyId;
  /** The message beside which it is a branch. */
  replaces?: MessageId;
  /** What replies may draw on. */
  scope?: ChatScope;
}

/** What the replies to a message may draw on: all that the user may read, where nothing is said. */
export interface ChatScope {
  /** Only files of this course. */
  course?: CourseId;
  /** Only these files. */
  documents?: DocumentId[];
}

/** Says something in a conversation, and asks for a reply. The first creates the conversation; the same again is a no-op. Binds the
 * connection. Answered by `result{id,messageId,replyId,attempt}`. */
export interface ChatSend {
  type: "chat.send";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The conversation. */
  session: SessionId;
  /** The message, named by the client. */
  messageId: MessageId;
  /** What is said. */
  text: string;
  /** The reply that this goes on from; absent: from the conversation's beginning. */
  parentId?: ReplyId;
  /** What the reply may draw on; absent: as for the message before. */
  scope?: ChatScope;
}

/** A reply begins. Told again for the same reply when another worker has taken over: what came of it before is dropped. */
export interface ChatStarted {
  type: "chat.started";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** Which attempt at answering it this is. */
  attempt: number;
  /** The message that it answers. */
  inReplyTo: MessageId;
  /** The reply. */
  replyId: ReplyId;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** Ends a reply where it is: what was said so far stays. Answered by `result{id}`. */
export interface ChatStop {
  type: "chat.stop";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The conversation. */
  session: SessionId;
  /** The reply. */
  replyId: ReplyId;
}

/** The conversation has a new title. */
export interface ChatTitled {
  type: "chat.titled";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The title. */
  title: string;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** What a reply used. */
export interface ChatUsage {
  /** Tokens that models read. */
  modelInputTokens: number;
  /** Tokens that models wrote. */
  modelOutputTokens: number;
  /** How often a model was asked. */
  modelRequests: number;
}

/** What a sentence of a reply rests on. */
export interface Citation {
  /** The document. */
  document: DocumentId;
  /** Where in the document. */
  locator: Locator;
  /** The document's name. */
  name: string;
  /** As it stands in the reply's text: `[1]`. */
  number: number;
  /** The passage. */
  passage: string;
  /** The passage's own words, verbatim. */
  quote: string;
}

/** Which program speaks. */
export interface ClientInfo {
  /** Its name. */
  name: string;
  /** Its version. */
  version: string;
}

/** A message from a client. */
export type ClientMessage =
  | Hello
  | Ping
  | AuthRefresh
  | SessionResume
  | SessionList
  | SessionGet
  | SessionDelete
  | ReportReview
  | ChatSend
  | ChatEdit
  | ChatRegenerate
  | ChatStop
  | ChatRename
  | ChatFeedback
  | ChatHistory
  | DocumentsList
  | InterviewStart
  | Audio
  | AnswerEnd
  | AnswerText
  | AnswerCorrect
  | QuestionSkip
  | QuestionRepeat
  | Rendered
  | InterviewFinish;

/** How audio is coded. */
export type Codec =
  /** Opus packets, each with its length before it as a big-endian u16. */
  | "opus"
  /** Signed 16-bit little-endian samples, channels interleaved. */
  | "pcm_s16le";

export type CourseId = string;

/** Why a document has no text. */
export interface DocumentFailure {
  /** For programs. */
  code: string;
  /** For whoever uploaded it. */
  reason: string;
}

export type DocumentId = string;

/** A page of documents. */
export interface DocumentPageResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
  /** Latest first. */
  documents: DocumentSummary[];
  /** Where the next page begins; absent on the last. */
  cursor?: string;
}

/** What a document is for, where it is not for reading. */
export type DocumentPurpose =
  /** It guides interviews: its name ends in `.guide.md`. No search finds it. */
  | "guide";

/** Where a document stands. */
export type DocumentState =
  /** Its file has come. */
  | "uploaded"
  /** Its file is looked at. */
  | "checking"
  /** Its text is read. */
  | "extracting"
  /** Its text is cut into passages. */
  | "chunking"
  /** Its passages are made comparable. */
  | "embedding"
  /** It is found by searches. */
  | "ready"
  /** It cannot be read; `failure` says why. */
  | "failed"
  /** It has pages and no text: a scan. */
  | "needs_ocr"
  /** It is gone. */
  | "deleted";

/** A document has come further; sent to all connections of whoever uploaded it. */
export interface DocumentStatus {
  type: "document.status";
  /** As it now stands. */
  document: DocumentSummary;
}

/** One document in a list. */
export interface DocumentSummary {
  /** Its size. */
  bytes: number;
  /** Its course; the user's own id for a file of their own. */
  course: CourseId;
  /** When it was uploaded. */
  createdUnixMs: number;
  /** The document. */
  document: DocumentId;
  /** Its name. */
  name: string;
  /** Where it stands. */
  state: DocumentState;
  /** When it last changed. */
  updatedUnixMs: number;
  /** 1, and one more whenever its file is replaced. */
  version: number;
  /** Why it has no text. */
  failure?: DocumentFailure;
  /** Its pages, slides or sheets. */
  pages?: number;
  /** How many passages it was cut into. */
  passages?: number;
  /** How much of what its state says has been done, of 100; absent where that is not known. */
  percent?: number;
  /** What it is for; absent: for reading. */
  purpose?: DocumentPurpose;
  /** As the file names itself. */
  title?: string;
}

/** Asks for documents, latest first. Answered by `result{id,documents,cursor?}`. */
export interface DocumentsList {
  type: "documents.list";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** Only of this course; absent: of all that the token opens, and the user's own. */
  course?: CourseId;
  /** Where the page before ended. */
  cursor?: string;
  /** Only those for this purpose. */
  purpose?: DocumentPurpose;
}

/** It was done; there is nothing to say. */
export interface DoneResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
}

/** Something went wrong. */
export interface Error {
  type: "error";
  /** What. */
  code: ErrorCode;
  /** For people; safe to show. */
  message: string;
  /** What it is about. */
  re: Re;
  /** Whether to send the same again. With `re.seq`: `true` says that nothing was stored, `false` that the number is spent. */
  retryable: boolean;
  /** How long to wait before. */
  retryAfterMs?: number;
}

/** What went wrong. */
export type ErrorCode =
  /** The message is not a JSON object. */
  | "malformed_json"
  /** The message's `type` is none that this server knows. */
  | "unknown_type"
  /** A field is missing, of the wrong kind, or out of its range. */
  | "invalid_field"
  /** The message is larger than 32,000 bytes. */
  | "message_too_large"
  /** Too much in too short a time; again after `retryAfterMs`. */
  | "rate_limited"
  /** No token, or one that cannot be trusted. */
  | "unauthorized"
  /** The token's time is over; `auth.refresh` with a new one. */
  | "token_expired"
  /** The token does not allow this. */
  | "forbidden"
  /** No such session; for an interview whose start may be lost: send `seq` 1 again. */
  | "session_unknown"
  /** The session was started before, with other parameters. */
  | "session_exists"
  /** The session is over. */
  | "session_finished"
  /** The same `seq` was stored before with other content. */
  | "seq_conflict"
  /** Audio that begins before the end of what came earlier, or ends in the future; dropped. */
  | "media_time"
  /** Audio that cannot be decoded: base64, framing or packets. */
  | "audio_invalid"
  /** Audio in a codec, rate or number of channels that `interview.start` did not announce or the server cannot do. */
  | "audio_codec"
  /** More than 1 s, or more than 20,000 bytes, of audio in one message. */
  | "audio_too_long"
  /** The recognizer does not know the language. */
  | "language_unsupported"
  /** No recognizer on this server; typed answers work. */
  | "recognizer_unavailable"
  /** The recognizer broke down; typed answers work. */
  | "recognizer_failed"
  /** More people speak at once than the recognizer takes; it is asked again by itself after `retryAfterMs`, and nothing said is lost. */
  | "recognizer_busy"
  /** The text model broke down or took too long. */
  | "model_failed"
  /** No such document, or none that the token opens. */
  | "document_unknown"
  /** The document is not ready: it is still being read, or could not be. */
  | "document_not_ready"
  /** The document holds no guide that can be followed. */
  | "guide_invalid"
  /** The rating was reviewed since it was seen. */
  | "review_conflict"
  /** No such turn, or its time is over. */
  | "turn_unknown"
  /** No such message or reply in the conversation. */
  | "message_unknown"
  /** The same id was used in the conversation before, for something else. */
  | "message_exists"
  /** As many replies of the conversation are due as may be; again when one is over. */
  | "replies_due"
  /** This server has no chat. */
  | "chat_unavailable"
  /** The server has no room to store more; nothing was stored. */
  | "storage_full"
  /** The server could not store the message; nothing was stored. */
  | "storage_failed"
  /** A budget of the user, the tenant or the session is used up. */
  | "budget_exceeded"
  /** The user has as many open sessions as are allowed. */
  | "too_many_sessions"
  /** The user has as many connections as are allowed. */
  | "too_many_connections"
  /** The server is closing this connection; come again on another. */
  | "going_away"
  /** A fault of the server's own. */
  | "internal";

/** A place in the transcript on which a claim rests. */
export interface Evidence {
  /** Words found verbatim in that turn's transcript. */
  quote: string;
  /** The turn. */
  turn: number;
  /** Media time at which the quote ends. */
  endMs?: number;
  /** What it shows. */
  note?: string;
  /** Media time at which the quote begins, for spoken words. */
  startMs?: number;
}

/** A claim and what it rests on. */
export interface Finding {
  /** What it rests on: at least one. */
  evidence: Evidence[];
  /** The claim. */
  text: string;
}

/** Why an interview is over. */
export type FinishReason =
  /** All questions were asked. */
  | "completed"
  /** `interview.finish`. */
  | "finished"
  /** Its time was over. */
  | "time"
  /** The candidate left. */
  | "abandoned"
  /** It could not go on. */
  | "failed"
  /** A budget was used up. */
  | "budget";

/** The connection will be closed: open another and resume. */
export interface GoAway {
  type: "goAway";
  /** Why. */
  reason: GoAwayReason;
  /** When. */
  remainingMs: number;
}

/** Why a connection will be closed. */
export type GoAwayReason =
  /** It has lasted as long as one may. */
  | "max_duration"
  /** The server is being stopped or replaced. */
  | "draining"
  /** Nothing was said for too long. */
  | "idle"
  /** The token's time is over. */
  | "token_expired";

/** The guide that an interview follows, as it was when the interview began. */
export interface Guide {
  /** The document that held it. */
  document: DocumentId;
  /** How many questions it has, without follow-ups. */
  questions: number;
  /** Its title. */
  title: string;
  /** Its version then. */
  version: number;
  /** How long it lets an interview take. */
  durationMs?: number;
}

/** Which of a guide's questions is asked. */
export interface GuidePlace {
  /** 0: the question itself; 1, 2, …: what follows it up. */
  followUp: number;
  /** The guide's question, from 1. */
  question: number;
}

/** Optional, and may be sent before anything is heard: asks for `welcome`. */
export interface Hello {
  type: "hello";
  /** The client's name for this request; `welcome` carries it. */
  id?: RequestId;
  /** Which program speaks. */
  client: ClientInfo;
  /** What it can do beyond v1; none is defined yet. */
  features: string[];
}

/** These messages never came; the interview goes on without them. */
export interface InputLost {
  type: "input.lost";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The first. */
  fromSeq: number;
  /** The last. */
  throughSeq: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** Ends the interview; the report follows. */
export interface InterviewFinish {
  type: "interview.finish";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
}

/** The interview is over; nothing follows. */
export interface InterviewFinished {
  type: "interview.finished";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** Why. */
  reason: FinishReason;
  /** What it used. */
  usage: Usage;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** The report; `interview.finished` follows. */
export interface InterviewReport {
  type: "interview.report";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The report. */
  report: Report;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** Starts an interview and binds the connection to it: `seq` 1. The same again is a no-op, another is `session_exists`. */
export interface InterviewStart {
  type: "interview.start";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** What it is about and how it goes. */
  params: Params;
}

/** The interview has begun. */
export interface InterviewStarted {
  type: "interview.started";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** Who asks. */
  model: Model;
  /** As asked for, with what the server filled in. */
  params: Params;
  /** The guide that it follows. */
  guide?: Guide;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
  /** Who listens; absent where answers can only be typed. */
  recognizer?: Recognizer;
}

export type Language = string;

/** What this server allows. */
export interface Limits {
  /** The most bytes of audio in one message, before base64. */
  audioBytesMax: number;
  /** The longest audio in one message. */
  audioMsMax: number;
  /** The longest time budget of an interview. */
  durationMsMax: number;
  /** The largest client message, in bytes. */
  messageBytesMax: number;
  /** The most questions of an interview. */
  questionsMax: number;
  /** How many sessions a user may have open. */
  sessionsOpenMax: number;
  /** The longest typed answer, in characters. */
  textCharsMax: number;
  /** How much unacknowledged audio a client keeps. */
  unsentAudioMsMax: number;
  /** The least credit beyond `inboxThroughSeq`. */
  windowSeqs: number;
}

/** Where in a document a passage stands. */
export interface Locator {
  /** For people: `p. 12`, `slide 3`, `Chapter › Section ¶4`. */
  label: string;
  /** The page, from 1. */
  page?: number;
  /** The last page, where it runs on. */
  pageLast?: number;
  /** The paragraph under the last heading, from 1. */
  paragraph?: number;
  /** The headings above it, outermost first. */
  path?: string[];
  /** The row of the sheet, from 1. */
  row?: number;
  /** The sheet of a workbook. */
  sheet?: string;
  /** The slide, from 1. */
  slide?: number;
}

/** How far the making of a quiz's items is. */
export type MakingState =
  /** It waits. */
  | "queued"
  /** Items are being made. */
  | "running"
  /** All that could be made is made; `failure` says why some are missing. */
  | "done"
  /** It ended early; `failure` says why. */
  | "failed"
  /** Its teacher ended it. */
  | "cancelled";

export type MessageId = string;

/** One delivery metric. */
export interface Metric {
  /** The words it rests on. */
  evidence: Evidence[];
  /** `pace`, `articulation`, `fillers`, `longPauses`, `longestPause`, `responseLatency`, `talkShare`,
   * `longestMonologue` or `structure`. */
  name: string;
  /** Whether it can be believed. */
  status: MetricStatus;
  /** The band that the value falls in. */
  band?: string;
  /** Why it is unreliable or was not measured. */
  reason?: string;
  /** `wordsPerMinute`, `perMinute`, `count`, `ms` or `ratio`. */
  unit?: string;
  /** The value; absent when not measured. */
  value?: number;
}

/** Whether a metric can be believed. */
export type MetricStatus =
  /** It was measured. */
  | "measured"
  /** It was measured from too little, or from words heard badly. */
  | "unreliable"
  /** It was not measured; there is no value. */
  | "not_measured";

/** Who asks. */
export interface Model {
  /** What kind it is. */
  kind: ModelKind;
  /** Its name, for people. */
  name: string;
}

/** What kind of text model asks. */
export type ModelKind =
  /** Rules on this machine, no network. */
  | "builtin"
  /** An OpenAI-compatible endpoint. */
  | "openai"
  /** Amazon Bedrock. */
  | "bedrock"
  /** A script, for tests and load. */
  | "scripted";

/** What an interview is about and how it goes. */
export interface Params {
  /** The language spoken, a BCP 47 tag. */
  language: Language;
  /** How questions reach the candidate. */
  playback: Playback;
  /** How many questions, follow-ups included. */
  questions: number;
  /** Whether the audio is kept as a recording. */
  recording: boolean;
  /** What it is about. */
  topic: string;
  /** What ends an answer. */
  turnTaking: TurnTaking;
  /** The audio that will come; without it, answers are typed. */
  audio?: AudioFormat;
  /** The course it belongs to. */
  course?: CourseId;
  /** The documents it draws on. */
  documents?: DocumentId[];
  /** How long it may take, counted in wall time while a client is bound. */
  durationMs?: number;
  /** The guide that it follows: a document that holds one. Questions, their number and the time are then the guide's; a shorter
   * `durationMs` holds. */
  guide?: DocumentId;
  /** How far along the candidate is. */
  level?: string;
  /** The role that the candidate applies for or plays. */
  role?: string;
}

/** Asks for `pong`. With a session: also wakes its worker, should that have died. */
export interface Ping {
  type: "ping";
  /** The client's name for this request; `pong` carries it. */
  id?: RequestId;
  /** The session that has given no sign for 3 s. */
  session?: SessionId;
}

/** How questions reach the candidate. */
export type Playback =
  /** Read aloud: what counts as heard is what `rendered` says. */
  | "voice"
  /** Shown: all counts as heard. */
  | "text";

/** The answer to `ping`. */
export interface Pong {
  type: "pong";
  /** The `id` of `ping`. */
  id?: RequestId;
  /** The `session` of `ping`. */
  session?: SessionId;
}

/** A question was cut short. */
export interface QuestionCancelled {
  type: "question.cancelled";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The attempt at asking. */
  attempt: number;
  /** Why. */
  reason: CancelReason;
  /** What stays of it: as much as was heard. */
  text: string;
  /** The turn. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** The next piece of a question. */
export interface QuestionDelta {
  type: "question.delta";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The attempt at asking. */
  attempt: number;
  /** The piece. */
  text: string;
  /** The turn. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** A question is whole. */
export interface QuestionDone {
  type: "question.done";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The attempt at asking. */
  attempt: number;
  /** The whole question. */
  text: string;
  /** The turn. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** How much of a question was seen or heard. */
export interface QuestionHeard {
  type: "question.heard";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The attempt at asking. */
  attempt: number;
  /** Characters, from its start. */
  chars: number;
  /** The turn. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** The candidate may be interrupting: hold the question. */
export interface QuestionHeld {
  type: "question.held";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The attempt at asking. */
  attempt: number;
  /** The turn. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** Asks for the question again. */
export interface QuestionRepeat {
  type: "question.repeat";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The turn. */
  turn: number;
}

/** It was no interruption: go on with the question. */
export interface QuestionResumed {
  type: "question.resumed";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The attempt at asking. */
  attempt: number;
  /** The turn. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** Passes over the question. */
export interface QuestionSkip {
  type: "question.skip";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The turn. */
  turn: number;
}

/** A question begins. */
export interface QuestionStarted {
  type: "question.started";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The attempt at asking. */
  attempt: number;
  /** The turn. */
  turn: number;
  /** Which of the guide's questions it is. */
  guide?: GuidePlace;
  /** How long the guide's question may take, what follows it up included, in wall time while a client is bound, from when the
   * question itself was asked whole. Told with the question itself alone. */
  limitMs?: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** How far a question has come. */
export type QuestionState =
  /** It is being asked. */
  | "asking"
  /** It was asked whole. */
  | "done"
  /** It was cut short. */
  | "cancelled";

/** Why items are missing. */
export interface QuizFailure {
  /** For programs. */
  code: string;
  /** For whoever asked for them. */
  reason: string;
}

export type QuizId = string;

/** The making of a quiz's items has come further; sent to all connections of whoever made the quiz. */
export interface QuizStatus {
  type: "quiz.status";
  /** As it now stands. */
  quiz: QuizSummary;
}

/** How far a quiz is. */
export interface QuizSummary {
  /** Its course; the user's own id for a quiz of their own. */
  course: CourseId;
  /** Items made so far that hold. */
  made: number;
  /** The quiz. */
  quiz: QuizId;
  /** Items made so far that do not hold; they were or are replaced. */
  rejected: number;
  /** How far the making of its items is. */
  state: MakingState;
  /** Its title. */
  title: string;
  /** Items asked for. */
  wanted: number;
  /** Why items are missing. */
  failure?: QuizFailure;
}

/** A rating by one criterion. */
export interface Rating {
  /** The criterion. */
  criterion: string;
  /** What it rests on. */
  evidence: Evidence[];
  /** Why. */
  rationale: string;
  /** Who stands behind it. */
  status: RatingStatus;
  /** What that teacher says. */
  comment?: string;
  /** What the rubric means by it. */
  description?: string;
  /** The rubric's levels, lowest first. */
  levels?: RubricLevel[];
  /** What the model proposed, once it was reviewed. */
  proposed?: number;
  /** 1 to 5, as it stands; absent where there is too little to rate, or the model cannot judge. */
  rating?: number;
  /** The teacher who confirmed or changed it last. */
  reviewedBy?: UserId;
  /** When that was. */
  reviewedUnixMs?: number;
  /** How often it was reviewed; absent: never. What `report.review` may send along. */
  revision?: number;
}

/** A teacher has confirmed or changed a rating; sent to all connections of whoever was interviewed. One that is lost is made up for by
 * `session.get`. */
export interface RatingReviewed {
  type: "report.reviewed";
  /** The session. */
  session: SessionId;
  /** As it now stands. */
  rating: Rating;
}

/** Who stands behind a rating. */
export type RatingStatus =
  /** Nobody yet: the model proposed it. */
  | "pending"
  /** A teacher agreed. */
  | "confirmed"
  /** A teacher gave another. */
  | "changed";

/** What an error is about. */
export interface Re {
  /** The request. */
  id?: RequestId;
  /** The session. */
  session?: SessionId;
  /** The client's number of the message in that session. */
  seq?: number;
}

/** Who listens. */
export interface Recognizer {
  /** What kind it is. */
  kind: RecognizerKind;
  /** The languages it knows, as BCP 47 tags. */
  languages: string[];
  /** Its name, for people. */
  name: string;
}

/** What kind of recognizer listens. */
export type RecognizerKind =
  /** The distribution's PocketSphinx, on this machine. */
  | "pocketsphinx"
  /** An OpenAI-compatible transcription server. */
  | "openai"
  /** A script driven by the audio, for tests and load. */
  | "scripted"
  /** Amazon Transcribe. */
  | "transcribe";

/** Whether a question is being rendered. */
export type RenderState =
  /** It is being spoken or shown. */
  | "playing"
  /** It is held. */
  | "paused"
  /** It is over. */
  | "done";

/** What was seen or heard of a question so far: at the start, each second, on pause, at the end. */
export interface Rendered {
  type: "rendered";
  /** The session this belongs to. */
  session: SessionId;
  /** The client's number of this message in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The attempt at asking. */
  attempt: number;
  /** How many characters (Unicode scalar values) so far. */
  chars: number;
  /** Whether it goes on. */
  state: RenderState;
  /** The turn. */
  turn: number;
}

export type ReplyId = string;

/** What an interview showed, each claim with the words it rests on. */
export interface Report {
  /** How many were answered. */
  answered: number;
  /** How long it took, in wall time while a client was bound. */
  durationMs: number;
  /** What to work on. */
  improvements: Finding[];
  /** The language spoken. */
  language: Language;
  /** The version of the metrics' definitions. */
  metricVersion: number;
  /** Delivery over the whole interview. */
  metrics: Metric[];
  /** Who wrote the feedback. */
  model: Model;
  /** What a reader must know: what was not measured, what is not inferred. */
  notices: string[];
  /** How many questions were asked. */
  questions: number;
  /** How many of the model's quotes were dropped because the transcript does not hold them. */
  quotesDropped: number;
  /** Ratings, pending until a teacher confirms them. */
  ratings: Rating[];
  /** The version of the report's form. */
  reportVersion: number;
  /** How many were skipped. */
  skipped: number;
  /** What went well. */
  strengths: Finding[];
  /** In a few sentences. */
  summary: string;
  /** What it was about. */
  topic: string;
  /** Each turn's own. */
  turns: ReportTurn[];
  /** The guide that the interview followed; its rubric's criteria are what is rated. */
  guide?: Guide;
  /** The level. */
  level?: string;
  /** Who listened; absent when every answer was typed. */
  recognizer?: Recognizer;
  /** The role. */
  role?: string;
}

/** A teacher's word on a rating. Answered by `result{id,rating}`. */
export interface ReportReview {
  type: "report.review";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The session. */
  session: SessionId;
  /** The rating's criterion. */
  criterion: string;
  /** The teacher's rating; the same as proposed confirms it. */
  rating: number;
  /** Whose it is. */
  user: UserId;
  /** What the teacher says. */
  comment?: string;
  /** The rating's `revision` as the teacher saw it, 0 where it had none: where it was reviewed since, nothing is stored, and
   * `review_conflict` says so. Absent: whatever was said meanwhile. */
  revision?: number;
}

/** A rating was reviewed. */
export interface ReportReviewedResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
  /** As it now stands. */
  rating: Rating;
}

/** One turn of a report. */
export interface ReportTurn {
  /** The answer's metrics. */
  metrics: Metric[];
  /** The question. */
  question: string;
  /** What became of it. */
  state: TurnState;
  /** Its number. */
  turn: number;
}

export type RequestId = string;

/** The answer to a request; a client knows from what it asked which of these it is. */
export type RequestResult =
  | SessionResumedResult
  | SessionPageResult
  | DocumentPageResult
  | SessionDetailResult
  | AuthRefreshedResult
  | ReportReviewedResult
  | ChatAcceptedResult
  | ChatPageResult
  | DoneResult;

/** What a teacher once said of a rating. */
export interface Review {
  /** When. */
  atUnixMs: number;
  /** The rating's criterion. */
  criterion: string;
  /** The rating given. */
  rating: number;
  /** Who gave it. */
  reviewedBy: UserId;
  /** 1, 2, 3, … for each criterion. */
  revision: number;
  /** What was said. */
  comment?: string;
}

/** Who changed an answer after it was committed. */
export type RevisionCause =
  /** The recognizer's final words differ from the stable ones. */
  | "recognizer"
  /** `answer.correct`. */
  | "candidate";

/** One level of a rubric's criterion. */
export interface RubricLevel {
  /** 1 to 5. */
  rating: number;
  /** What earns it. */
  text: string;
}

/** Numbers, both ends included. */
export interface SeqRange {
  /** The first. */
  fromSeq: number;
  /** The last. */
  throughSeq: number;
}

/** A message from a server. */
export type ServerMessage =
  | Welcome
  | Pong
  | RequestResult
  | Error
  | GoAway
  | DocumentStatus
  | QuizStatus
  | RatingReviewed
  | SessionMoved
  | SessionReset
  | SessionEvents
  | SessionStatus
  | Speaking
  | TranscriptPartial
  | SessionContinued
  | InputLost
  | BudgetWarning
  | InterviewStarted
  | InterviewReport
  | InterviewFinished
  | QuestionStarted
  | QuestionHeld
  | QuestionResumed
  | QuestionDelta
  | QuestionDone
  | QuestionHeard
  | QuestionCancelled
  | TranscriptFinal
  | AnswerCommitted
  | AnswerRevised
  | TurnTiming
  | ChatMessage
  | ChatStarted
  | ChatDelta
  | ChatDone
  | ChatCancelled
  | ChatTitled;

/** An amount of what a service bills. */
export interface ServiceUsage {
  /** How many. */
  amount: number;
  /** `recognizer`, `model`, `gateway`, `functions`, `store` or `objects`; more may come. */
  service: string;
  /** What is counted, e.g. `recognizerMs` or `writeUnits`; more may come. */
  unit: string;
}

/** Another worker has taken over; what lower epochs say is stale. */
export interface SessionContinued {
  type: "session.continued";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The new worker's epoch. */
  epoch: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** Deletes a session with all that belongs to it. Answered by `result{id}`. */
export interface SessionDelete {
  type: "session.delete";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The session. */
  session: SessionId;
}

/** A session's transcript and report. Report, recording and usage come with the first page alone. */
export interface SessionDetailResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
  /** The session. */
  session: SessionId;
  /** When it was started. */
  createdUnixMs: number;
  /** How it was started. */
  params: Params;
  /** Where it stands. */
  state: SessionState;
  /** The turns of this page. */
  turns: Turn[];
  /** Where the next page begins; absent on the last. */
  cursor?: string;
  /** When that address expires. */
  recordingExpiresUnixMs?: number;
  /** Where the recording can be fetched until it expires. */
  recordingUrl?: string;
  /** The report, once the interview is over. */
  report?: Report;
  /** For a teacher of its course: what teachers said of its ratings, latest first, as far as it fits. */
  reviews?: Review[];
  /** What the session used. */
  usage?: Usage;
}

/** Events from the log. Deltas of texts that are done or cancelled are left out; the client then stands at `throughSeq`. */
export interface SessionEvents {
  type: "session.events";
  /** The session. */
  session: SessionId;
  /** Durable messages, in order. */
  events: ServerMessage[];
  /** The first number covered. */
  fromSeq: number;
  /** The last number covered; `fromSeq` − 1 when there is none. */
  throughSeq: number;
}

/** Asks for transcript, report and recording. Answered by `result`, in pages. */
export interface SessionGet {
  type: "session.get";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The session. */
  session: SessionId;
  /** Where the page before ended. */
  cursor?: string;
  /** Whose it is, for a teacher of its course. */
  user?: UserId;
}

export type SessionId = string;

/** What kind a session is of. */
export type SessionKind =
  /** A spoken interview. */
  | "interview"
  /** A conversation over course files. */
  | "chat";

/** Asks for sessions, latest first. Answered by `result{id,sessions,cursor?}`. */
export interface SessionList {
  type: "session.list";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** Only of this course. */
  course?: CourseId;
  /** Where the page before ended. */
  cursor?: string;
  /** Only of this kind; absent: interviews. */
  kind?: SessionKind;
  /** Only those whose title or topic holds these words. */
  query?: string;
  /** Of this student, for a teacher of the course. */
  user?: UserId;
}

/** Another connection has the session now. This one stays open and does not resume unasked. */
export interface SessionMoved {
  type: "session.moved";
  /** The session. */
  session: SessionId;
}

/** A page of sessions. */
export interface SessionPageResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
  /** Latest first. */
  sessions: SessionSummary[];
  /** Where the next page begins; absent on the last. */
  cursor?: string;
}

/** The events asked for are gone: drop what you have and read the history. */
export interface SessionReset {
  type: "session.reset";
  /** The session. */
  session: SessionId;
  /** The last event. */
  outboxHeadSeq: number;
}

/** Binds this connection to a session and asks for all events after `lastSeq`. Answered by `result`, then
 * `session.events`. */
export interface SessionResume {
  type: "session.resume";
  /** The client's name for this request; the answer carries it. */
  id: RequestId;
  /** The session. */
  session: SessionId;
  /** The last event that the client has; 0: none. */
  lastSeq: number;
}

/** Where a resumed session stands; `session.events` follow. */
export interface SessionResumedResult {
  type: "result";
  /** The request's own `id`. */
  id: RequestId;
  /** The session. */
  session: SessionId;
  /** The worker now in charge. */
  epoch: number;
  /** The highest number stored; one who lost count goes on after it. */
  inboxHeadSeq: number;
  /** All up to here is stored, or lost: send again what comes after. */
  inboxThroughSeq: number;
  /** The end of the audio stored. */
  mediaMs: number;
  /** The last event. */
  outboxHeadSeq: number;
  /** Whether it goes on. */
  state: SessionState;
  /** The credit. */
  windowThroughSeq: number;
}

/** Where a session stands. */
export type SessionState =
  /** It goes on. */
  | "open"
  /** It came to its end. */
  | "finished"
  /** It was left; its report was made all the same. */
  | "abandoned";

/** A sign of life, every second: acknowledgement and credit. In a conversation only while a reply is due, and with nothing of an inbox. */
export interface SessionStatus {
  type: "session.status";
  /** The session this belongs to. */
  session: SessionId;
  /** The worker that said it: a client drops what a lower epoch says. */
  epoch: number;
  /** Audio that is stored but not listened to yet. */
  bufferedMs: number;
  /** 1 to here are stored, or lost. */
  inboxThroughSeq: number;
  /** Send these again; at most 32. */
  missing: SeqRange[];
  /** The last event. */
  outboxHeadSeq: number;
  /** What lies beyond is stored but read later. */
  windowThroughSeq: number;
}

/** One session in a list. */
export interface SessionSummary {
  /** The session. */
  session: SessionId;
  /** When it was started. */
  createdUnixMs: number;
  /** How long it took so far. */
  durationMs: number;
  /** Its kind. */
  kind: SessionKind;
  /** How many questions were asked; in a conversation, by the person. */
  questions: number;
  /** Where it stands. */
  state: SessionState;
  /** Its title. */
  title: string;
  /** When it last changed. */
  updatedUnixMs: number;
  /** The course it belongs to. */
  course?: CourseId;
  /** Whose it is, in a teacher's list. */
  user?: UserId;
}

/** The server hears speech, or no longer does. */
export interface Speaking {
  type: "speaking";
  /** The session this belongs to. */
  session: SessionId;
  /** The worker that said it: a client drops what a lower epoch says. */
  epoch: number;
  /** Whether it does. */
  on: boolean;
  /** The position in the audio at which that changed. */
  mediaMs?: number;
}

/** One stage of the way from an answer to the next question. */
export interface TimingStage {
  /** How long it took. */
  durationMs: number;
  /** Its name. */
  name: string;
}

/** A segment's last word. May follow `answer.committed`. */
export interface TranscriptFinal {
  type: "transcript.final";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** The segment within the turn. */
  segment: number;
  /** The whole segment. */
  text: string;
  /** The turn. */
  turn: number;
  /** Its words, in media time. */
  words: Word[];
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** What has been understood of a segment so far; the next one replaces it. */
export interface TranscriptPartial {
  type: "transcript.partial";
  /** The session this belongs to. */
  session: SessionId;
  /** The worker that said it: a client drops what a lower epoch says. */
  epoch: number;
  /** The version of this segment. */
  revision: number;
  /** The segment within the turn. */
  segment: number;
  /** How many characters at its start will not change. */
  stableChars: number;
  /** The whole segment so far. */
  text: string;
  /** The turn. */
  turn: number;
  /** The end of the audio that it rests on. */
  mediaMs?: number;
}

/** A question and its answer. */
export interface Turn {
  /** The latest attempt at asking. */
  attempt: number;
  /** The question's text, as far as it came. */
  question: string;
  /** How far it came. */
  questionState: QuestionState;
  /** Its number. */
  turn: number;
  /** The answer, once committed. */
  answer?: Answer;
  /** Which of the guide's questions it is. */
  guide?: GuidePlace;
  /** How much of it was seen or heard. */
  heardChars?: number;
}

/** What became of a question. */
export type TurnState =
  /** It was answered. */
  | "answered"
  /** It was skipped. */
  | "skipped"
  /** The interview ended before. */
  | "unanswered";

/** What ends an answer. */
export type TurnTaking =
  /** A silence; shorter when the words sound complete, longer when they break off. */
  | "auto"
  /** A much longer silence. */
  | "patient"
  /** Only `answer.end` or a typed answer. */
  | "manual";

/** From the answer's end to the next question's first delta. */
export interface TurnTiming {
  type: "turn.timing";
  /** The session this belongs to. */
  session: SessionId;
  /** The server's number of this event in the session: 1, 2, 3, … without a gap. */
  seq: number;
  /** Its stages, in order; they add up to `totalMs`. */
  stages: TimingStage[];
  /** The whole time. */
  totalMs: number;
  /** The turn whose answer ended. */
  turn: number;
  /** The position in the audio at which this happened, where that is known. */
  mediaMs?: number;
}

/** What a session used. */
export interface Usage {
  /** Audio received. */
  audioMs: number;
  /** Messages from the client. */
  messages: number;
  /** Tokens that went in. */
  modelInputTokens: number;
  /** Tokens that came out. */
  modelOutputTokens: number;
  /** Requests to a text model, speculative ones included. */
  modelRequests: number;
  /** Audio given to a recognizer, as it is billed. */
  recognizerMs: number;
  /** Streams opened to a recognizer. */
  recognizerStreams: number;
  /** Tokens of those that were dropped. */
  speculativeDroppedTokens: number;
  /** Requests made ahead of time. */
  speculativeRequests: number;
  /** Audio that held speech. */
  speechMs: number;
  /** What those services cost, in millionths of a dollar: an estimate, by a table of prices. */
  costMicroUsd?: number;
  /** What was used of services that bill by use, where that is counted. */
  services?: ServiceUsage[];
}

export type UserId = string;

/** The answer to `hello`. */
export interface Welcome {
  type: "welcome";
  /** The `id` of `hello`. */
  id?: RequestId;
  /** This connection's name. */
  connection: string;
  /** When the token expires. */
  expiresUnixMs: number;
  /** What this server can do beyond v1; none is defined yet. */
  features: string[];
  /** What this server allows. */
  limits: Limits;
  /** The protocol in use: `viva.v1`. */
  protocol: string;
  /** Who the token says is speaking. */
  user: UserId;
}

/** One recognized word. */
export interface Word {
  /** The recognizer's confidence, 0 to 1. */
  confidence: number;
  /** Media time at which it ends. */
  endMs: number;
  /** Media time at which it begins. */
  startMs: number;
  /** The word as written, punctuation included. */
  text: string;
}

/** The answer to each request that is answered by `result`. */
export interface ResultOf {
  "auth.refresh": AuthRefreshedResult;
  "session.resume": SessionResumedResult;
  "session.list": SessionPageResult;
  "session.get": SessionDetailResult;
  "session.delete": DoneResult;
  "report.review": ReportReviewedResult;
  "chat.send": ChatAcceptedResult;
  "chat.edit": ChatAcceptedResult;
  "chat.regenerate": ChatAcceptedResult;
  "chat.stop": DoneResult;
  "chat.rename": DoneResult;
  "chat.feedback": DoneResult;
  "chat.history": ChatPageResult;
  "documents.list": DocumentPageResult;
}

export const subprotocol = "viva.v1";

/** Every limit of the protocol. */
export const limits = {
  /** The largest client message, in bytes of UTF-8. */
  messageBytesMax: 32000,
  /** A WebSocket frame above this is closed with 1009. */
  frameBytesMax: 32768,
  /** A WebSocket message above this, whatever its frames, is closed with 1009. */
  connectionMessageBytesMax: 131072,
  /** The largest server message, in bytes of UTF-8; longer results are paged. */
  serverMessageBytesMax: 98304,
  /** The longest audio in one message. */
  audioMsMax: 1000,
  /** The most bytes of audio in one message, before base64. */
  audioBytesMax: 20000,
  /** How far beyond `inboxThroughSeq` a client may always send and be read: the credit's least. */
  windowSeqs: 64,
  /** How much unacknowledged audio a client keeps. */
  unsentAudioMsMax: 120000,
  /** The most ranges in `session.status.missing`. */
  missingRangesMax: 32,
  /** How many early events a client keeps while it waits for a gap to close. */
  earlyEventsMax: 256,
  /** The largest number that every client holds exactly (2⁵³ − 1). */
  safeIntegerMax: 9007199254740991,
  /** The longest id. */
  idCharsMax: 64,
  /** The longest language tag. */
  languageCharsMax: 35,
  /** The longest topic. */
  topicCharsMax: 500,
  /** The longest role. */
  roleCharsMax: 200,
  /** The longest level. */
  levelCharsMax: 100,
  /** The most documents that an interview may draw on. */
  documentsMax: 50,
  /** The fewest questions of an interview. */
  questionsMin: 1,
  /** The most questions of an interview. */
  questionsMax: 50,
  /** The shortest time budget of an interview. */
  durationMsMin: 30000,
  /** The longest time budget of an interview. */
  durationMsMax: 7200000,
  /** The longest typed or corrected answer. */
  answerCharsMax: 8000,
  /** The longest search query. */
  queryCharsMax: 200,
  /** The longest cursor of a paged result. */
  cursorCharsMax: 512,
  /** The longest token, in bytes. */
  tokenBytesMax: 8192,
  /** The longest name of a rating's criterion. */
  criterionCharsMax: 100,
  /** The longest comment on a rating. */
  commentCharsMax: 2000,
  /** The lowest rating. */
  ratingMin: 1,
  /** The highest rating. */
  ratingMax: 5,
  /** The longest name, and the longest version, of a client. */
  clientCharsMax: 100,
  /** The most features that a client may name. */
  featuresMax: 32,
  /** The longest name of a feature. */
  featureCharsMax: 64,
  /** The longest `message` of an error. */
  errorMessageCharsMax: 300,
  /** The most channels that audio may have. */
  channelsMax: 2,
  /** The longest message of a conversation. */
  chatTextCharsMax: 8000,
  /** The longest reply of a conversation. */
  chatReplyCharsMax: 12000,
  /** The most attempts at answering one message. */
  chatAttemptsMax: 20,
  /** The longest title of a conversation. */
  chatTitleCharsMax: 200,
  /** The most entries in a page of a conversation's history. */
  chatHistoryEntriesMax: 50,
  /** The most citations of a reply. */
  chatCitationsMax: 12,
  /** The longest quote of a citation. */
  chatQuoteCharsMax: 400,
  /** How many connections a conversation may be bound to at once. */
  chatConnectionsMax: 8,
} as const;

/** Whether sending the same again, later, may succeed. */
export const retryable: Readonly<Record<ErrorCode, boolean>> = {
  malformed_json: false,
  unknown_type: false,
  invalid_field: false,
  message_too_large: false,
  rate_limited: true,
  unauthorized: true,
  token_expired: true,
  forbidden: false,
  session_unknown: true,
  session_exists: false,
  session_finished: false,
  seq_conflict: false,
  media_time: false,
  audio_invalid: false,
  audio_codec: false,
  audio_too_long: false,
  language_unsupported: false,
  recognizer_unavailable: false,
  recognizer_failed: false,
  recognizer_busy: true,
  model_failed: false,
  document_unknown: false,
  document_not_ready: false,
  guide_invalid: false,
  review_conflict: false,
  turn_unknown: false,
  message_unknown: false,
  message_exists: false,
  replies_due: true,
  chat_unavailable: false,
  storage_full: true,
  storage_failed: true,
  budget_exceeded: false,
  too_many_sessions: true,
  too_many_connections: true,
  going_away: true,
  internal: true,
};
