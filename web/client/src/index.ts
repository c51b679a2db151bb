// The whole of @viva/client.

export { scalarsIn, unitsOf } from "./chars.ts";
export { Chat, type ChatLink, type ChatSnapshot } from "./chat.ts";
export type { Exchange, MessageNode, ReplyNode } from "./chat-tree.ts";
export { Connection, type ConnectionOptions, type ConnectionState } from "./connection.ts";
export { DocumentShelf, isSettled, type Shelf, type Uploading } from "./document-shelf.ts";
export { supportedFormat } from "./encoder.ts";
export { type Explanation, explain } from "./explain.ts";
export { Files, type FilesOptions, type Me, type UploadProgress, type UploadWishes } from "./files.ts";
export { Interview, type InterviewStatus } from "./interview.ts";
export { FILE_BYTES_MAX, FILE_EXTENSIONS, QUIZ_NEWS_MS_MAX } from "./limits.ts";
export { Microphone } from "./microphone.ts";
export { type AnswerStore, type AttemptSnapshot, OpenAttempt, type OpenAttemptOptions } from "./open-attempt.ts";
export { Problem } from "./problem.ts";
export { QuestionVoice, type VoiceProgress, voicesAvailable } from "./question-voice.ts";
export { isAnswered, isPartial } from "./quiz-answers.ts";
export * from "./quiz-types.ts";
export { type ExportedQuiz, type ExportFormat, type ImportFormat, Quizzes, type Read } from "./quizzes.ts";
export { Recorder, type RecorderState } from "./recorder.ts";
export type { DocumentView, PassageView } from "./rest-types.ts";
export { InterviewRoom, type RoomProblem, type RoomSnapshot } from "./room.ts";
export { IndexedDbSaidStore, MemorySaidStore, type SaidStore } from "./said-store.ts";
export {
  deleteSession,
  getSession,
  listSessions,
  newSessionId,
  type RatingReview,
  renameConversation,
  reviewRating,
  type SessionsWanted,
} from "./sessions.ts";
export * from "./view.ts";
export type * from "./wire.ts";
export { limits } from "./wire.ts";
