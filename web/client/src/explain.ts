// Every problem in plain words, and what a person can do about it.

export interface Explanation {
  title: string;
  advice: string;
}

const EXPLANATIONS: Record<string, Explanation> = {
  malformed_json: bug("The server could not read a message from this page."),
  unknown_type: bug("The server does not know a message that this page sent."),
  invalid_field: { title: "Something in the form is not accepted.", advice: "Check what you entered and try again." },
  message_too_large: { title: "That text is too long.", advice: "Shorten it and send it again." },
  rate_limited: {
    title: "That was too fast for the server.",
    advice: "Wait a moment; the page tries again by itself.",
  },
  unauthorized: { title: "You are not signed in.", advice: "Sign in again, then come back to this page." },
  token_expired: { title: "Your sign-in has run out.", advice: "Sign in again; your interview waits for you." },
  forbidden: { title: "This belongs to someone else.", advice: "Open something of your own, or ask its teacher." },
  session_unknown: {
    title: "There is no such interview.",
    advice: "It may have been deleted. Look in your past interviews.",
  },
  message_unknown: {
    title: "This has changed on another device meanwhile.",
    advice: "Look again, and repeat it if you still want to.",
  },
  message_exists: bug("This message was sent before with other words.", "Reload the page, then send it again."),
  replies_due: {
    title: "Several answers are still being written here.",
    advice: "Wait for one, or stop it, then send this again.",
  },
  chat_unavailable: {
    title: "This server has no chat.",
    advice: "Interviews work. Ask whoever runs it about chat.",
  },
  document_unknown: {
    title: "One of the files is not there any more.",
    advice: "Choose your files again: it was deleted, or is not open to you.",
  },
  document_not_ready: {
    title: "One of the files is not ready.",
    advice: "Wait until it is, under Files, or leave it out.",
  },
  guide_invalid: {
    title: "The guide cannot be followed.",
    advice: "Ask whoever wrote it; under Files it says what is wrong with it.",
  },
  review_conflict: {
    title: "Another teacher has reviewed this meanwhile.",
    advice: "The report now shows what was said. Look at it, then say what you think.",
  },
  precondition_failed: {
    title: "Somebody has changed this meanwhile.",
    advice: "It is shown now as it stands. Look at it, then make your change again.",
  },
  conflict: { title: "It has changed meanwhile.", advice: "Look at it again, then repeat what you did." },
  quiz_at_work: {
    title: "Its questions are being made.",
    advice: "Wait until they are there, or stop the making, then change them.",
  },
  not_publishable: { title: "It cannot be published yet.", advice: "Mend or remove the questions that are marked." },
  import_unreadable: {
    title: "This file of questions cannot be read.",
    advice: "Check that the format is the right one, and that the file is whole.",
  },
  attempts_exhausted: { title: "You have no attempt left.", advice: "Ask your teacher if you need one more." },
  attempt_closed: { title: "This attempt is submitted.", advice: "Look at its results." },
  attempt_open: { title: "This attempt is not submitted yet.", advice: "Go on with it, or wait until it is." },
  too_many_requests: { title: "That was a lot in a short time.", advice: "Wait a moment; the page tries again." },
  not_found: {
    title: "It is not there any more.",
    advice: "It may have been deleted, or replaced by a newer version.",
  },
  document_deleted: { title: "This file was deleted.", advice: "Upload it again if you still need it." },
  file_too_large: {
    title: "This file is too large.",
    advice: "Files may have up to 64 MB. Split it, or save it smaller.",
  },
  file_empty: { title: "This file is empty.", advice: "Check it, save it again, and choose it once more." },
  file_unreadable: {
    title: "The browser cannot read this.",
    advice: "A folder cannot be uploaded: choose the files in it. If it is a file, check that it is still there.",
  },
  unsupported_kind: {
    title: "Files of this kind cannot be read.",
    advice: "Use PDF, Word, PowerPoint, Excel, EPUB, web pages, Markdown or plain text.",
  },
  quota_exceeded: {
    title: "You have no room for more files.",
    advice: "Delete some that you no longer need first, and let those that are on their way arrive.",
  },
  checksum_mismatch: { title: "The file changed while it was sent.", advice: "Try again once it is saved." },
  length_mismatch: { title: "The file did not get through whole.", advice: "Check your connection and try again." },
  link_invalid: { title: "The server did not take the file.", advice: "Try again." },
  link_expired: { title: "Sending took too long.", advice: "Try again, on a faster connection if you can." },
  too_slow: { title: "The file came too slowly.", advice: "Try again, on a faster connection if you can." },
  upload_incomplete: { title: "The file did not get through whole.", advice: "Try again." },
  upload_expired: { title: "Sending took too long.", advice: "Try again." },
  upload_aborted: { title: "This upload was given up.", advice: "Try again." },
  unavailable: { title: "The server cannot do this just now.", advice: "Wait a moment and try again." },
  rest_failed: { title: "The server could not do this.", advice: "Wait a moment and try again." },
  not_reachable: { title: "The server cannot be reached.", advice: "Check your connection and try again." },
  session_exists: { title: "This interview exists already.", advice: "Start a new one." },
  session_finished: { title: "This interview is over.", advice: "Open its report." },
  seq_conflict: bug("This page and the server no longer agree on what was said.", "Reload the page to go on."),
  media_time: bug("A piece of your audio came with a wrong time and was left out.", "If words are missing, type them."),
  audio_invalid: bug("A piece of your audio could not be decoded.", "If words are missing, type them."),
  audio_codec: bug("The audio is not of the kind that was announced.", "Reload the page to go on."),
  audio_too_long: bug("A piece of audio was too long."),
  language_unsupported: {
    title: "The recognizer here does not know this language.",
    advice: "Choose another language, or type your answers.",
  },
  recognizer_unavailable: {
    title: "There is no speech recognition on this server.",
    advice: "You can type your answers. “viva doctor” tells what is missing.",
  },
  recognizer_failed: {
    title: "The speech recognition stopped.",
    advice: "Your audio is safe. It is being started again; you can type meanwhile.",
  },
  recognizer_busy: {
    title: "Too many people speak at once for the speech recognition.",
    advice: "Your audio is safe and will be heard as soon as there is room; you can type meanwhile.",
  },
  model_failed: {
    title: "The interviewer could not think of the next question.",
    advice: "It tries again by itself. If nothing comes, skip or finish.",
  },
  turn_unknown: { title: "That question is over.", advice: "Answer the question that is shown now." },
  storage_full: { title: "The server's disk is full.", advice: "What you said is kept here. Tell whoever runs it." },
  storage_failed: { title: "The server could not store this.", advice: "The page tries again by itself." },
  budget_exceeded: { title: "Today's allowance is used up.", advice: "Try again tomorrow, or ask your teacher." },
  too_many_sessions: {
    title: "You have too many open interviews.",
    advice: "Finish or delete one of your past interviews first.",
  },
  too_many_connections: { title: "Too many pages are open.", advice: "Close other tabs of viva and reload." },
  going_away: { title: "The server is restarting.", advice: "The page reconnects by itself." },
  internal: { title: "Something went wrong on the server.", advice: "Try again. What you said is kept." },
  no_answer: { title: "The server did not answer.", advice: "Check your connection and try again." },
  not_connected: { title: "There is no connection.", advice: "The page keeps trying." },
  connection_lost: { title: "The connection was lost.", advice: "The page reconnects by itself." },
  token_unavailable: {
    title: "Your sign-in could not be checked just now.",
    advice: "The page keeps trying. If this lasts, reload the page.",
  },
  microphone_refused: {
    title: "The browser may not use your microphone.",
    advice: "Allow it in the address bar's settings, or choose to type your answers.",
  },
  microphone_missing: {
    title: "No microphone was found.",
    advice: "Plug one in and try again, or choose to type your answers.",
  },
  microphone_failed: {
    title: "The microphone could not be started.",
    advice: "Another program may be using it. Close it and try again, or type your answers.",
  },
  microphone_lost: { title: "The microphone is gone.", advice: "Plug it in and reload the page, or type your answer." },
  encoder_failed: {
    title: "The browser could not encode your voice.",
    advice: "Reload the page, or type your answer.",
  },
};

export function explain(problem: { code: string; message: string }): Explanation {
  return EXPLANATIONS[problem.code] ?? { title: problem.message, advice: "Try again, or reload the page." };
}

function bug(title: string, advice = "Reload the page; if it happens again, please report it."): Explanation {
  return { title, advice };
}
