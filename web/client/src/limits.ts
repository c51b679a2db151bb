// Every limit and delay of the client, by name. Units come last in each name.

/** Audio that may wait to be stored by the server, in milliseconds; beyond it recording stops. */
export const UNSENT_AUDIO_MS_MAX = 120_000;
/** Events that arrived too early and wait for the one before them. */
export const EARLY_EVENTS_MAX = 256;
/** How long a gap in the events may last before we ask for them again. */
export const GAP_MS = 1_000;
/** Without a status for this long, and then every as long, we ask with a ping. */
export const STATUS_SILENCE_MS = 3_000;
/** A message not acknowledged for this long, in spite of statuses, is sent again. */
export const RESEND_MS = 3_000;
/** The same number is not sent again for a reported hole more often than this. */
export const HOLE_RESEND_MS = 1_000;
/** What the server could not take is not sent again before this, whatever it says. */
export const RETRY_MS_MIN = 500;
/** A connection from which nothing at all came for this long is given up. */
export const DEAD_CONNECTION_MS = 12_000;
/** How long a connection may take until its welcome. */
export const CONNECT_MS_MAX = 15_000;
/** How long a request may stay unanswered. */
export const REQUEST_MS_MAX = 20_000;
/** Waiting between attempts to connect grows from the first to the second. */
export const BACKOFF_MS_MIN = 250;
export const BACKOFF_MS_MAX = 10_000;
/** A backlog of audio is sent at most so many times faster than it was spoken. */
export const CATCH_UP_RATE = 4;
/** Audio that may go out at once before that rate counts. */
export const CATCH_UP_BURST_MS = 1_000;
/** Bytes that may wait in the browser's own socket buffer before we hold back. */
export const SOCKET_BUFFERED_BYTES_MAX = 24_000;
/** Credit before the server has said any. */
export const WINDOW_SEQS_FIRST = 64;
/** A token is renewed so long before it expires. */
export const TOKEN_RENEW_BEFORE_MS = 60_000;
/** A renewal that fails for the moment is tried again after so long. */
export const TOKEN_RENEW_AGAIN_MS = 5_000;
/** Audio in one message. */
export const AUDIO_MESSAGE_MS = 200;
export const OPUS_FRAME_MS = 20;
export const SAMPLE_RATE_HZ = 16_000;
/** Bit rates of Opus, by how much audio waits to be sent. */
export const OPUS_BITS_PER_SECOND = 24_000;
export const OPUS_BITS_PER_SECOND_SLOW = 16_000;
export const OPUS_BITS_PER_SECOND_SLOWEST = 12_000;
export const BACKLOG_MS_SLOW = 3_000;
export const BACKLOG_MS_SLOWEST = 8_000;
/** A clock ahead of the samples by more than this is a gap in the audio. */
export const CAPTURE_GAP_MS = 400;
/** The gap in the audio that stands for a reload, however long the page was away: nobody was heard thinking meanwhile. */
export const AWAY_GAP_MS = 250;
/** How often a spoken question's progress is reported. */
export const RENDERED_EVERY_MS = 1_000;
/** Reading speed assumed where the voice does not tell where it is. */
export const VOICE_CHARS_PER_SECOND = 14;
/** The largest file that is taken, as the server's UPLOAD_BYTES_MAX. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Extensions of the files that can be read. */
export const FILE_EXTENSIONS = [
  "pdf",
  "docx",
  "pptx",
  "xlsx",
  "html",
  "htm",
  "xhtml",
  "epub",
  "md",
  "markdown",
  "txt",
  "text",
] as const;
/** Up to here a file is hashed in one go, by the browser itself; a larger one piece by piece, so that it never lies in memory. */
export const DIGEST_WHOLE_BYTES_MAX = 8 * 1024 * 1024;
export const DIGEST_PIECE_BYTES = 1024 * 1024;
/** How often a REST request is sent before its failure is told. */
export const REST_ATTEMPTS_MAX = 6;
/** How long a REST request may stay unanswered. */
export const REST_MS_MAX = 30_000;
/** A file of which nothing goes out for this long is sent again. */
export const SEND_SILENCE_MS_MAX = 45_000;
/** Parts of large files that are on their way at the same time, of all files together: a browser has six connections to a server. */
export const PARTS_AT_ONCE_MAX = 3;
/** How often what is missing of a file is sent: parts that had come may be lost. */
export const PARTS_ROUNDS_MAX = 3;
/** Of earlier uploads of the same file, so many are looked at for one that waits to go on. */
export const UPLOADS_ALIKE_MAX = 8;
/** Files that are on their way at the same time; more wait. */
export const UPLOADS_AT_ONCE_MAX = 3;
/** Without news of a document that is being read, the list is asked for again after so long. */
export const DOCUMENT_NEWS_MS_MAX = 5_000;
/** Entries of a conversation's history that are asked for at once. */
export const HISTORY_ENTRIES = 50;
/** A message that could not be stored for the moment is sent again after so long. */
export const CHAT_RESEND_MS = 3_000;
/** An answer is saved when nothing was typed for this long. */
export const ANSWER_SAVE_MS = 700;
/** While somebody types on and on, it is saved this often. */
export const ANSWER_SAVE_MS_MAX = 5_000;
/** How often the time on the item that is looked at is counted, and the clock of an attempt goes on. */
export const ATTEMPT_TICK_MS = 500;
/** Longer than this between two ticks, the computer slept or the tab did: nobody looked at the item. */
export const ATTEMPT_AWAY_MS = 5_000;
/** Without news of a quiz that is being made, it is asked for again after so long. */
export const QUIZ_NEWS_MS_MAX = 3_000;
