// The whole of @viva/client.

export { scalarsIn, unitsOf } from "./chars.ts";
export { Connection, type ConnectionOptions, type ConnectionState } from "./connection.ts";
export { supportedFormat } from "./encoder.ts";
export { type Explanation, explain } from "./explain.ts";
export { Interview, type InterviewStatus } from "./interview.ts";
export { Microphone } from "./microphone.ts";
export { Problem } from "./problem.ts";
export { QuestionVoice, type VoiceProgress, voicesAvailable } from "./question-voice.ts";
export { Recorder, type RecorderState } from "./recorder.ts";
export { InterviewRoom, type RoomProblem, type RoomSnapshot } from "./room.ts";
export { IndexedDbSaidStore, MemorySaidStore, type SaidStore } from "./said-store.ts";
export { deleteSession, getSession, listSessions, newSessionId } from "./sessions.ts";
export * from "./view.ts";
export type * from "./wire.ts";
