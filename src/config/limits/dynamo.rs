//! Limits of what is kept in DynamoDB: requests, how long items live, how inboxes are read. Nothing but numbers.

/// Tries of one request to DynamoDB, the first included.
pub const DYNAMO_ATTEMPTS_MAX: u32 = 6;
/// The wait before the second try; it doubles.
pub const DYNAMO_RETRY_MS: u64 = 50;
/// No wait before a try is longer.
pub const DYNAMO_RETRY_MS_MAX: u64 = 1_000;
/// One try of a request, so that one that hangs does not hold up a commit.
pub const DYNAMO_ATTEMPT_MS_MAX: u64 = 2_000;
/// A request with all its tries.
pub const DYNAMO_OPERATION_MS_MAX: u64 = 10_000;
/// Items that one `BatchWriteItem` removes (DynamoDB's own limit).
pub const DYNAMO_BATCH_ITEMS: usize = 25;
/// Keys that one `BatchGetItem` asks for (DynamoDB's own limit).
pub const DYNAMO_BATCH_KEYS: usize = 100;
/// DynamoDB takes items up to 400 KB; what its own counting may add is left free.
pub const DYNAMO_ITEM_BYTES_MAX: usize = 390 * 1024;
/// The text of a snapshot beyond which it is laid down in parts of this size.
pub const DYNAMO_SNAPSHOT_PART_BYTES_MAX: usize = 380 * 1024;
/// Parts of one snapshot. A conversation that is as long as one may be has a few MB.
pub const DYNAMO_SNAPSHOT_PARTS_MAX: usize = 128;
/// Parts of the index of what is due: all of it goes through them, 1,000 writes a second each.
pub const DYNAMO_DUE_SHARDS: u64 = 4;
/// How far beyond a renewed lease a row's place in the index of what is due lies: moving it costs a write, so it moves seldom, and a session
/// that lost its worker is swept so much later.
pub const DYNAMO_DUE_AHEAD_MS: u64 = 60_000;
/// A row's place in the index moves when it is nearer to the lease's end than this.
pub const DYNAMO_DUE_AHEAD_MS_MIN: u64 = 30_000;
/// Sessions whose log's head an adapter remembers, so that a commit needs no read.
pub const DYNAMO_HEADS_MAX: usize = 20_000;
/// Tries to lay the last stone of a deleted session's log, against a worker that still writes.
pub const DYNAMO_FENCE_ATTEMPTS_MAX: u32 = 32;
/// Tries to reserve or to book while others do for the same session, user or tenant.
pub const DYNAMO_BUDGET_ATTEMPTS_MAX: u32 = 8;
/// A session's row is kept for so long after a worker last had it; longer than what hangs on it.
pub const SESSION_ROW_KEPT_MS: u64 = 35 * DAY_MS;
/// Records, snapshots, fresh summaries and reports of a session are kept for so long after they were written.
pub const SESSION_ITEMS_KEPT_MS: u64 = 30 * DAY_MS;
/// The inbox of a session: long after its recording was made.
pub const INBOX_KEPT_MS: u64 = 7 * DAY_MS;
/// Tombstones outlive every stray write that they keep out.
pub const TOMBSTONE_KEPT_MS: u64 = 60 * DAY_MS;
/// What is known of a connection outlives the connection by so much, should its end never be told.
pub const CONNECTION_SLACK_MS: u64 = 10 * 60_000;
/// Entries that are declared lost one by one; more of them in a row become one item.
pub const FEED_LOST_ITEMS_MAX: u64 = 64;
/// Writes under way at once while entries are declared lost.
pub const FEED_LOST_AT_ONCE_MAX: usize = 8;
/// Tries to declare a range lost while something of it still arrives.
pub const FEED_LOST_ATTEMPTS_MAX: u32 = 8;
/// Waits between two looks at an inbox: the shortest, and the longest while something comes.
pub const FEED_POLL_MS_MIN: u64 = 40;
pub const FEED_POLL_MS_MAX: u64 = 250;
/// The longest wait once nothing has come for a while.
pub const FEED_POLL_IDLE_MS_MAX: u64 = 500;
/// So much before the next frame is due it is looked for.
pub const FEED_POLL_EARLY_MS: u64 = 10;
/// A look at an inbox that has found so many bytes for the worker reads no further page (of up to 1 MB).
pub const FEED_AHEAD_BYTES_MIN: usize = 512 * 1024;
/// Sessions whose place in the inbox an adapter remembers.
pub const FEED_READERS_MAX: usize = 10_000;
/// How far an inbox was found whole is noted after so many entries, so that nobody counts them again.
pub const FEED_CHECKPOINT_ENTRIES: u64 = 128;
/// Pages (of up to 1 MB) that one look at an inbox reads at most.
pub const FEED_LOOK_PAGES_MAX: usize = 8;

const DAY_MS: u64 = 24 * 3_600_000;
