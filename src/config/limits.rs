//! Every limit of the product by name, with its unit last. Limits of the wire itself live in `protocol::v1::limits`.

mod chat;
mod dynamo;
mod extraction;
mod files;
mod guide;
mod interview;
mod quiz;
mod retrieval;
mod transcribe;

pub use chat::*;
pub use dynamo::*;
pub use extraction::*;
pub use files::*;
pub use guide::*;
pub use interview::*;
pub use quiz::*;
pub use retrieval::*;
pub use transcribe::*;

/// Events that one record of the outbox log holds at most.
pub const RECORD_EVENTS_MAX: usize = 32;

/// Wait for the first word of a question from a model. A reasoning model that thinks longer is of no use in a conversation.
pub const MODEL_FIRST_TOKEN_MS_MAX: u64 = 20_000;
/// Wait between two pieces from a model.
pub const MODEL_TOKEN_GAP_MS_MAX: u64 = 8_000;
/// A question as a whole, from the request to its last word, retries included.
pub const MODEL_QUESTION_MS_MAX: u64 = 60_000;
/// Wait for the first piece of a debrief: its prompt is long.
pub const MODEL_DEBRIEF_FIRST_TOKEN_MS_MAX: u64 = 60_000;
/// A debrief as a whole, retries and the attempt at repair included.
pub const MODEL_DEBRIEF_MS_MAX: u64 = 180_000;
/// A question's text in bytes; a model that goes on is cut off there.
pub const MODEL_QUESTION_CHARS_MAX: usize = 1_200;
/// A debrief's JSON in bytes; one that is longer is refused.
pub const MODEL_DEBRIEF_CHARS_MAX: usize = 64_000;
// Audio.

/// Audio in one message.
pub const AUDIO_MESSAGE_MS_MAX: u64 = 1_000;
/// How far a message may start before the end of the previous one, or after it, and still count as its continuation.
pub const AUDIO_OVERLAP_MS_MAX: u64 = 20;
/// Lost audio up to this length is concealed; a longer gap is silence.
pub const AUDIO_CONCEALED_MS_MAX: u64 = 1_000;
/// The longest piece of audio that the intake hands on at once.
pub const AUDIO_PIECE_MS_MAX: u64 = 100;
/// `earshot`'s score from which a frame of 16 ms counts as voice.
pub const VOICE_SCORE_MIN: f32 = 0.5;
/// Frames in a row before a voice is believed.
pub const VOICE_ONSET_FRAMES: u32 = 2;
/// A frame quieter than this (root mean square, of 32,768) is no voice.
pub const VOICE_RMS_MIN: f32 = 30.0;
/// Where the level alone decides, a frame at least this loud is one.
pub const VOICE_LEVEL_RMS_MIN: f32 = 200.0;
/// How long a voice stays on after its last sign.
pub const VOICE_HANGOVER_MS: u64 = 160;
/// Audio from before speech that goes to the recognizer with it.
pub const GATE_PRE_ROLL_MS: u64 = 300;
/// How much of a pause the recognizer is fed, so that it finishes its segment.
pub const GATE_PAUSE_FED_MS: u64 = 1_200;
/// A recognizer stream without speech stays open so long.
pub const GATE_IDLE_MS_MAX: u64 = 12_000;
/// By the wall clock, a stream that is fed nothing is closed after so long, in the middle of speech too: media time may stand still, and
/// Transcribe ends a stream that gets no audio for 15 s.
pub const GATE_STARVED_MS_MAX: u64 = 14_000;
/// From one opening of a recognizer stream to the next: each bills at least so much.
pub const GATE_OPEN_EVERY_MS: u64 = 15_000;
/// How long a worker's lease lasts. It serves liveness alone: a successor may take the session when it is over.
pub const LEASE_MS: u64 = 4_000;
/// How often a worker renews its lease and tells the client how things stand.
pub const HEARTBEAT_MS: u64 = 1_000;
/// The first wait before a failed commit is tried again; it doubles.
pub const COMMIT_RETRY_MS: u64 = 100;
/// The longest wait before a failed commit is tried again.
pub const COMMIT_RETRY_MS_MAX: u64 = 2_000;
/// A worker whose commits have failed for so long stops; a successor does its work anew.
pub const COMMIT_FAILING_MS_MAX: u64 = 60_000;
/// How often a successor reads the log again because the one before wrote once more.
pub const ENTER_ATTEMPTS_MAX: u32 = 16;
/// Records that are read from the log at once.
pub const LOG_PAGE_RECORDS: usize = 256;
/// Entries that a worker takes from the inbox at once.
pub const INBOX_PAGE_ENTRIES: usize = 64;
/// How long one read of the inbox waits for something to come.
pub const INBOX_WAIT_MS: u64 = 5_000;
/// The wait before an inbox that could not be read is read again.
pub const INBOX_RETRY_MS: u64 = 250;
/// A hole in the inbox is reported when it has stood for so long.
pub const HOLE_REPORTED_MS: u64 = 300;
/// Without progress for so long, while a client is bound, what is missing is given up.
pub const HOLE_GIVEN_UP_MS: u64 = 5_000;
/// A status is sent early when so many messages have been read since the last, but not more often than [`STATUS_MS_MIN`].
pub const STATUS_SEQS: u64 = 32;
/// The least time between two statuses.
pub const STATUS_MS_MIN: u64 = 100;
/// Messages that wait for a client at most; what is durable is read from the log again once there is room.
pub const PUSH_QUEUE_MAX: usize = 256;
/// Bytes that wait for a client at most.
pub const PUSH_QUEUE_BYTES_MAX: usize = 256 * 1024;
/// The first wait after a client's connection was busy; it doubles.
pub const PUSH_RETRY_MS: u64 = 25;
/// The longest wait after a client's connection was busy.
pub const PUSH_RETRY_MS_MAX: u64 = 1_000;
/// Unbound for so long, a session is left by its worker.
pub const UNBOUND_MS_MAX: u64 = 60_000;
/// Unbound for so long, an interview is finished as abandoned.
pub const ABANDONED_MS: u64 = 30 * 60_000;
/// Sessions that one sweep starts at most.
pub const SWEEP_SESSIONS_MAX: usize = 1_000;
// Tokens.

/// The shortest key for HS256, in bytes (RFC 7518 section 3.2).
pub const TOKEN_SECRET_BYTES_MIN: usize = 32;
/// The most courses that a token may name.
pub const TOKEN_COURSES_MAX: usize = 100;
/// How far an issuer's clock may be ahead of ours.
pub const TOKEN_SKEW_MS_MAX: u64 = 30_000;
/// The name of a key, in a token and in a set of keys.
pub const TOKEN_KEY_ID_BYTES_MAX: usize = 256;
/// An issuer's keys are asked for again when they are so old …
pub const JWKS_FRESH_MS_MAX: u64 = 600_000;
/// … and, while that fails, believed until they are so old.
pub const JWKS_STALE_MS_MAX: u64 = 3_600_000;
/// The rest after an attempt at an issuer's keys; it doubles with each that is in vain.
pub const JWKS_REST_MS: u64 = 1_000;
pub const JWKS_REST_MS_MAX: u64 = 60_000;
/// One attempt as a whole, and until its connection is there.
pub const JWKS_FETCH_MS_MAX: u64 = 3_000;
pub const JWKS_CONNECT_MS_MAX: u64 = 2_000;
/// An issuer's set of keys.
pub const JWKS_BYTES_MAX: usize = 64 * 1024;
pub const JWKS_KEYS_MAX: usize = 32;
/// Keys on P-256 have coordinates of this length.
pub const EC_COORDINATE_BYTES: usize = 32;
/// RSA from 2,048 to 4,096 bits: less is weak, more costs too much to verify.
pub const RSA_MODULUS_BYTES_MIN: usize = 256;
pub const RSA_MODULUS_BYTES_MAX: usize = 512;
pub const RSA_EXPONENT_BYTES_MAX: usize = 4;
/// How long a token of `POST /dev/token` lives.
pub const DEV_TOKEN_TTL_MS: u64 = 12 * 3_600_000;
/// The longest life that `viva token` gives.
pub const TOKEN_TTL_HOURS_MAX: u64 = 24 * 366;

// The gateway. Where API Gateway has a limit, it is the same one.

/// Connections of the whole gateway at once.
pub const CONNECTIONS_MAX: u64 = 20_000;
/// Connections of one user at once.
pub const CONNECTIONS_PER_USER_MAX: u64 = 16;
/// Sessions that one connection may be bound to at once.
pub const CONNECTION_SESSIONS_MAX: usize = 16;
/// A connection on which nothing comes from the client for so long is closed.
pub const CONNECTION_IDLE_MS_MAX: u64 = 10 * 60_000;
/// The longest life of a connection.
pub const CONNECTION_LIFE_MS_MAX: u64 = 2 * 3_600_000;
/// How long before a connection's end `goAway` is said.
pub const GO_AWAY_NOTICE_MS: u64 = 60_000;
/// How long an expired token is put up with, for `auth.refresh` alone, before the connection is closed.
pub const EXPIRED_TOKEN_GRACE_MS: u64 = 60_000;
/// What waits to be sent to one client, in bytes; beyond it a send is refused as busy.
pub const OUTGOING_BYTES_MAX: usize = 512 * 1024;
/// A client that takes nothing of what waits for it for so long is cut off.
pub const SLOW_READER_MS_MAX: u64 = 30_000;
/// How long the closing handshake may take.
pub const CLOSE_MS_MAX: u64 = 2_000;
/// Bytes read from a socket at once.
pub const SOCKET_READ_BYTES: usize = 8 * 1024;
/// Bytes gathered before they are written to a socket although more is to come.
pub const SOCKET_WRITE_BYTES: usize = 16 * 1024;
/// Messages a second on one connection; twice as many at once.
pub const MESSAGES_PER_SECOND_MAX: u64 = 250;
/// How many times faster than real time audio may come.
pub const MEDIA_RATE_MAX: u64 = 4;
/// Audio that may come at once before [`MEDIA_RATE_MAX`] counts, in ms.
pub const MEDIA_BURST_MS: u64 = 10_000;
/// Requests a second that one user may make of REST: the page makes a few at once, and tests and imports many one after another.
pub const REQUESTS_PER_SECOND_MAX: u64 = 100;
/// Seconds whose requests may come at once.
pub const REQUESTS_BURST_S: u64 = 10;
/// Users whose pace is remembered, from where on those who have been slow for long enough are forgotten.
pub const REQUESTS_PACED_USERS: usize = 4_096;
/// The largest message that `@connections` posts.
pub const ADMIN_POST_BYTES_MAX: usize = 128 * 1024;
/// The largest body of `POST /dev/token`.
pub const DEV_TOKEN_BODY_BYTES_MAX: usize = 16 * 1024;
/// How long a client may take to send a request's head, and to complete a TLS handshake.
pub const REQUEST_HEAD_MS_MAX: u64 = 10_000;
/// How long a stop may take.
pub const DRAIN_MS_MAX: u64 = 10_000;
/// Bytes of a recording read and sent at once.
pub const RECORDING_CHUNK_BYTES: u64 = 256 * 1024;

// Handlers.

/// Sessions on one page of `session.list`.
pub const SESSION_PAGE_MAX: usize = 50;
/// How often the sweep runs.
pub const SWEEP_EVERY_MS: u64 = 60_000;
/// How long the address of a recording works.
pub const RECORDING_URL_TTL_MS: u64 = 3_600_000;
/// How long it is remembered that a session is open, before its row is read again for an audio message.
pub const SESSION_KNOWN_MS: u64 = 5_000;

// Budgets of one user.

/// Sessions open at once.
pub const BUDGET_SESSIONS_OPEN: u64 = 5;
/// Seconds of speech recognized on a day.
pub const BUDGET_RECOGNIZER_SECONDS: u64 = 4 * 3_600;
/// Tokens of the text model on a day.
pub const BUDGET_TOKENS: u64 = 2_000_000;
/// Pieces of audio that wait for a recognizer in one stream.
pub const RECOGNIZER_PIECES_MAX: usize = 64;
/// Results that wait to be read from one recognizer stream.
pub const RECOGNIZER_RESULTS_MAX: usize = 64;

/// Holes that a feed's head tells of at most.
pub const FEED_MISSING_MAX: usize = 32;
/// The payload of one inbox record: above any client message, which ends at 32,000 bytes.
pub const INBOX_RECORD_BYTES_MAX: usize = 128 * 1024;
/// All that one session may have said, in bytes of its inbox: two hours of the widest PCM (48 kHz, two channels) fit.
pub const INBOX_BYTES_MAX: u64 = 1_500_000_000;
/// All of it that is not audio.
pub const INBOX_CONTROL_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Numbers beyond 2^53 are not exact in every client's arithmetic.
pub const INBOX_SEQ_MAX: u64 = 1 << 53;
/// How far beyond what is stored in order a number may lie: many times what a client keeps unsent.
pub const INBOX_AHEAD_SEQS_MAX: u64 = 100_000;
/// Records that one run of an inbox's index spans at most: what a reader that starts in its middle reads in vain.
pub const INBOX_RUN_ENTRIES_MAX: u64 = 32;
pub const INBOX_RUN_BYTES_MAX: u32 = 256 * 1024;
/// What of a live session's newest entries is kept in memory, so that its worker does not read files.
pub const INBOX_TAIL_BYTES_MAX: usize = 16 * 1024;
pub const INBOX_TAIL_ENTRIES_MAX: usize = 32;
/// Bytes of one page read from an inbox file, beyond its first entry.
pub const INBOX_PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Inbox files held open at once, and never more than half of what the process may open.
pub const INBOX_FILES_OPEN_MAX: usize = 8_192;
/// Sessions whose inbox index is held in memory while nobody uses them.
pub const INBOX_INDICES_MAX: usize = 20_000;
/// An index that nobody used for so long is dropped from memory.
pub const INBOX_IDLE_SECONDS_MAX: u64 = 600;
/// Dirty inbox files up to which each is synchronised by itself; beyond, the whole file system is, at once.
pub const INBOX_SYNC_FILES_MAX: usize = 16;
/// How often what was stored is forced to the disk. A kill loses nothing; a power cut may lose this much.
pub const STORE_SYNC_MS: u64 = 1_000;

/// Writes that wait for the database at most; beyond, writers wait to enqueue.
pub const STORE_WRITE_QUEUE_MAX: usize = 8_192;
/// Writes that one transaction takes in at most.
pub const STORE_BATCH_WRITES_MAX: usize = 512;
/// Connections that read the database beside its writer.
pub const STORE_READERS: usize = 3;
pub const STORE_BUSY_MS_MAX: u64 = 5_000;
/// Prepared statements kept for each connection.
pub const STORE_STATEMENTS_MAX: usize = 64;
/// Size of the write-ahead log from which it is restarted although a writer has to wait for it.
pub const STORE_WAL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Session rows kept in memory beyond those that are live.
pub const STORE_ROWS_MAX: usize = 20_000;
/// Entries of one page of a list.
pub const LIST_PAGE_MAX: usize = 200;
/// Days that budgets are kept.
pub const BUDGET_DAYS_KEPT: u64 = 40;

/// Length of an object's key, and of one segment of it.
pub const OBJECT_KEY_BYTES_MAX: usize = 1_024;
pub const OBJECT_SEGMENT_BYTES_MAX: usize = 200;

/// Audio fed since the last partial before the next one is looked for.
pub const RECOGNIZER_PARTIAL_EVERY_MS: u64 = 300;
/// A pause of this length ends a segment; voice activity holds on for [`VOICE_HANGOVER_MS`] before it begins.
pub const RECOGNIZER_SEGMENT_PAUSE_MS: u64 = 640;
/// A segment of this length ends at the next pause of any length …
pub const RECOGNIZER_SEGMENT_MS_MAX: u64 = 20_000;
/// … and one of this length ends in the middle of speech.
pub const RECOGNIZER_SEGMENT_HARD_MS_MAX: u64 = 45_000;
/// Audio that a stream keeps while all decoders are busy with others' speech.
pub const RECOGNIZER_BACKLOG_MS_MAX: u64 = 60_000;
/// Silence without samples is made up to this length; a pause that is longer tells a recognizer nothing more.
pub const RECOGNIZER_SILENCE_MS_MAX: u64 = 2_000;
/// People who can speak at once for each thread that recognizes; each takes a decoder's memory.
pub const RECOGNIZER_DECODERS_PER_THREAD: usize = 4;

/// A recognizer that failed so often in a row is not tried again in that session.
pub const RECOGNIZER_FAILURES_MAX: u32 = 5;
/// The first wait before a failed recognizer is tried again; it doubles.
pub const RECOGNIZER_RETRY_MS: u64 = 500;
/// The longest wait before a failed recognizer is tried again.
pub const RECOGNIZER_RETRY_MS_MAX: u64 = 8_000;
/// A recognizer that takes no audio for so long, or says nothing to speech for so long, has stalled.
pub const RECOGNIZER_STALLED_MS: u64 = 10_000;
/// The pause with which a recognizer must finish its segment, by the contract of its port.
pub const RECOGNIZER_FINISHES_MS: u64 = 1_000;
/// Speech to which a recognizer should have said something.
pub const RECOGNIZER_OWES_MS: u64 = 2_000;
/// Pieces that wait for a recognizer; with more, the inbox is not read on.
pub const RECOGNIZER_WAITING_PIECES_MAX: usize = 64;
/// The wait before a recognizer that was full is offered audio again.
pub const RECOGNIZER_OFFER_MS: u64 = 20;
/// Places in the inbox that a session remembers, to begin again from.
pub const AUDIO_MARKS_MAX: usize = 1_024;
/// How far audio may run ahead of the time since the interview began.
pub const AUDIO_AHEAD_MS_MAX: u64 = 2_000;
/// A model's stream that says nothing for so long is given up, whatever its adapter does.
pub const MODEL_SILENT_MS_MAX: u64 = 90_000;
/// More text than this from one call is cut off.
pub const MODEL_TEXT_BYTES_MAX: usize = 64 * 1024;
/// Events that may wait for their commit; with more, the inbox is not read on.
pub const PENDING_EVENTS_MAX: usize = 256;
/// Pieces of a question that wait together for a commit become one up to this length.
pub const MERGED_DELTA_BYTES_MAX: usize = 4_096;
/// A snapshot is written after so many events, at the next quiet point.
pub const SNAPSHOT_EVERY_EVENTS: u64 = 256;
/// A successor pushes at most so many of the events before its own to the client that it finds bound.
pub const REPUSHED_EVENTS_MAX: u64 = 32;
/// How long the report waits for the recording, so that whoever reads the one finds the other.
pub const RECORDING_AWAITED_MS: u64 = 3_000;
/// The largest recording that is kept, in bytes of the audio messages.
pub const RECORDING_BYTES_MAX: u64 = 160 * 1024 * 1024;
/// How often storing what is left of a finished session is tried.
pub const FINISH_ATTEMPTS_MAX: u32 = 5;
/// The first wait between those attempts; it doubles.
pub const FINISH_RETRY_MS: u64 = 250;
/// How long a worker that is done waits for its last messages to go out.
pub const FAREWELL_MS: u64 = 5_000;
/// What is left of a day's budget is told from this share on, in percent.
pub const BUDGET_LOW_PERCENT: u64 = 20;
/// Silence at which a worker whose time is nearly over leaves.
pub const REST_SILENCE_MS: u64 = 300;
/// How often a session's worker that breaks is started again by the place that ran it; after that the sweep does.
pub const WORKER_RESTARTS_MAX: u32 = 3;
/// Requests to a transcription server at once, of all sessions; partials do without when it is reached.
pub const TRANSCRIPTIONS_AT_ONCE_MAX: usize = 16;
/// Wait for one transcription.
pub const TRANSCRIPTION_MS_MAX: u64 = 20_000;
pub const TRANSCRIPTION_CONNECT_MS_MAX: u64 = 3_000;
/// Further attempts at a final.
pub const TRANSCRIPTION_RETRIES_MAX: u32 = 2;
/// Before the first further attempt; twice as long before the second …
pub const TRANSCRIPTION_RETRY_MS: u64 = 300;
/// … and never longer than this, whatever the server asks for.
pub const TRANSCRIPTION_RETRY_MS_MAX: u64 = 5_000;
/// A transcription server's answer.
pub const TRANSCRIPTION_BYTES_MAX: usize = 1_000_000;
/// Segments of one stream whose finals are waited for; with more, no more audio is taken.
pub const TRANSCRIPTION_FINALS_MAX: usize = 4;
/// Audio since the last partial was asked for before the next one is.
pub const TRANSCRIPTION_PARTIAL_EVERY_MS: u64 = 1_000;
/// Hints that go to a transcription server.
pub const TRANSCRIPTION_PROMPT_CHARS_MAX: usize = 500;
/// Text of one segment; more is no speech.
pub const TRANSCRIPT_CHARS_MAX: usize = 8_000;
pub const TRANSCRIPT_WORDS_MAX: usize = 1_000;
/// What a model's server sends for one request, in bytes, thoughts and framing included.
pub const MODEL_REPLY_BYTES_MAX: usize = 2_000_000;
/// Tokens asked for: a question is about 60 words, the rest is for a model that thinks first.
pub const MODEL_QUESTION_TOKENS_MAX: u32 = 1_000;
pub const MODEL_DEBRIEF_TOKENS_MAX: u32 = 4_000;
/// Further attempts after a busy or failing server, all before the first word.
pub const MODEL_RETRIES_MAX: u32 = 2;
/// Wait before the first further attempt; doubled for the next.
pub const MODEL_RETRY_WAIT_MS: u64 = 250;
/// A server that asks for a longer wait than this is told on as busy instead.
pub const MODEL_RETRY_AFTER_MS_MAX: u64 = 5_000;
/// Once a model has said all, what it used is waited for so long; then it is estimated.
pub const MODEL_USAGE_MS_MAX: u64 = 2_000;
/// A guardrail of an agent checks after so many characters of a streamed reply.
pub const AGENT_GUARDRAIL_CHARS: i32 = 100;
pub const MODEL_CONNECT_MS_MAX: u64 = 5_000;
/// What the talk so far takes of a prompt for a question, in bytes: older answers are left out first.
pub const MODEL_HISTORY_BYTES_MAX: usize = 24_000;
/// What the answers take of a prompt for a debrief, in bytes: each is cut to its share.
pub const MODEL_DEBRIEF_ANSWERS_BYTES_MAX: usize = 60_000;
/// Strengths, and things to work on, that a model may find; quotes of each; bytes of each text.
pub const DEBRIEF_FINDINGS_MAX: usize = 6;
pub const DEBRIEF_QUOTES_MAX: usize = 4;
pub const DEBRIEF_TEXT_BYTES_MAX: usize = 1_500;
/// Sessions that are live in one process at once.
pub const WORKERS_MAX: usize = 10_000;

/// Free space below which `viva doctor` warns: what a few hours of PCM take.
pub const DISK_FREE_BYTES_MIN: u64 = 512 * 1024 * 1024;
/// How long `viva doctor` waits for an endpoint.
pub const DOCTOR_REQUEST_MS_MAX: u64 = 5_000;

// What is billed.

/// The least that a stream to a recognizer is billed.
pub const RECOGNIZER_BILLED_MS_MIN: u64 = 15_000;
/// A message counts once for each so many bytes begun.
pub const GATEWAY_UNIT_BYTES: usize = 32 * 1024;
/// A write, or half a read, counts once for each so many bytes begun.
pub const STORE_UNIT_BYTES: usize = 1_024;
pub const STORE_READ_UNIT_BYTES: usize = 4 * 1_024;
/// What the function that takes a client's message is taken to run for, and its memory.
pub const MESSAGE_FUNCTION_MS: u64 = 5;
pub const MESSAGE_FUNCTION_MB: u64 = 128;

// AWS.

/// Tries of one request to AWS, the first included.
pub const AWS_ATTEMPTS_MAX: u32 = 4;
/// Until a connection to AWS must be there.
pub const AWS_CONNECT_MS_MAX: u64 = 2_000;
/// Until a short request to AWS (a secret, an event) must be answered.
pub const AWS_SHORT_MS_MAX: u64 = 5_000;
/// Until an object must be stored, or have begun to come.
pub const AWS_OBJECT_MS_MAX: u64 = 60_000;

// AWS's edge: API Gateway and the functions behind it.

/// What the authorizer says of a speaker, in bytes of JSON: with its escapes and the policy it stays within the gateway's 8 KB.
pub const AUTHORIZER_SPEAKER_BYTES_MAX: usize = 6_800;
/// The largest message that `@connections` takes.
pub const CONNECTIONS_MESSAGE_BYTES_MAX: usize = 128 * 1024;
/// Tries of one message to a client, the first included.
pub const CONNECTIONS_ATTEMPTS_MAX: u32 = 3;
/// Wait for the answer to one try.
pub const CONNECTIONS_ATTEMPT_MS_MAX: u64 = 3_000;
/// Wait before the second try; doubled for the next.
pub const CONNECTIONS_RETRY_MS: u64 = 50;
/// Tries of starting a worker, and the wait for the answer to one.
pub const WORKER_START_ATTEMPTS_MAX: u32 = 2;
pub const WORKER_START_MS_MAX: u64 = 3_000;
/// How often a long invocation writes what it counted.
pub const METRICS_FLUSH_MS: u64 = 60_000;
/// Values of one metric on a line of embedded metrics; CloudWatch reads no more.
pub const METRIC_VALUES_LINE_MAX: usize = 100;
/// Values of one histogram kept from one flush to the next.
pub const METRIC_VALUES_MAX: usize = 5_000;
/// How long before an invocation is cut off a worker looks for a pause to hand over in …
pub const HAND_OVER_SOFT_MS: u64 = 120_000;
/// … and how long before that moment it hands over whatever is going on.
pub const HAND_OVER_HARD_MS: u64 = 20_000;
/// How long a secret that was read is believed before it is read again.
pub const SECRET_KNOWN_MS: u64 = 5 * 60_000;
/// Connections to Postgres that one process holds. A Lambda function handles one event at a time.
pub const POSTGRES_CONNECTIONS_MAX: u32 = 2;
/// How long a connection to Postgres may take to be had.
pub const POSTGRES_CONNECT_MS_MAX: u64 = 5_000;
/// How long Postgres may work on one statement.
pub const POSTGRES_STATEMENT_MS_MAX: u64 = 5_000;
/// How long a migration waits for one that runs elsewhere, and for the tables that it changes.
pub const POSTGRES_LOCK_MS_MAX: u64 = 30_000;
/// Events that the bus does not take are sent again so often.
pub const EVENT_ATTEMPTS_MAX: u32 = 4;
/// The first wait before an event is sent again; it doubles.
pub const EVENT_RETRY_MS: u64 = 100;
/// How long it is remembered that an interview's end was announced; a stream repeats its records for a day.
pub const ANNOUNCED_KEPT_MS: u64 = 30 * 24 * 3_600_000;
/// How long a webhook's receiver may take to answer.
pub const WEBHOOK_MS_MAX: u64 = 15_000;
/// How long a connection to it may take.
pub const WEBHOOK_CONNECT_MS_MAX: u64 = 5_000;
/// The first wait before an event is sent again; it doubles.
pub const WEBHOOK_RETRY_MS: u64 = 5_000;
/// The longest wait before an event is sent again.
pub const WEBHOOK_RETRY_MS_MAX: u64 = 3_600_000;
/// An event that could not be delivered for so many days is given up.
pub const WEBHOOK_DAYS_MAX: u64 = 5;
/// Events that are on their way at once.
pub const WEBHOOKS_AT_ONCE: usize = 8;
/// The shortest and the longest secret that webhooks are signed with, in bytes (Standard Webhooks).
pub const WEBHOOK_SECRET_BYTES_MIN: usize = 24;
pub const WEBHOOK_SECRET_BYTES_MAX: usize = 64;
/// The longest life of a presigned URL.
pub const PRESIGNED_URL_SECONDS_MAX: u64 = 7 * 24 * 3_600;
