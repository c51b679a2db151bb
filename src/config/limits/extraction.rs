//! What a file of course material may cost to read, and how its text is cut. What an upload may be is held before, by whoever takes it.

/// Tokens of a chunk, what it repeats of the one before included.
pub const CHUNK_TOKENS_MAX: usize = 400;
/// Tokens that a chunk repeats of the one before it, where that one was cut for its length.
pub const CHUNK_OVERLAP_TOKENS_MAX: usize = CHUNK_TOKENS_MAX * 15 / 100;
/// A chunk with fewer tokens goes on below the next heading.
pub const CHUNK_TOKENS_MIN: usize = 100;

/// A file's bytes.
pub const EXTRACT_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Address space of the process that reads a file.
pub const EXTRACT_MEMORY_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Processor time of that process.
pub const EXTRACT_CPU_SECONDS_MAX: u64 = 60;
/// From its start to its last line.
pub const EXTRACT_MS_MAX: u64 = 90_000;
/// Lines that it answers, in all: text with its locators, as JSON.
pub const EXTRACT_OUTPUT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// One of its lines.
pub const EXTRACT_LINE_BYTES_MAX: u64 = 1024 * 1024;
/// Stack of the thread that reads: readers recurse, and a document may be nested deep.
pub const EXTRACT_STACK_BYTES: usize = 64 * 1024 * 1024;
/// Files that are read at once; more wait.
pub const EXTRACT_AT_ONCE_MAX: usize = 2;

/// Text that a file may hold, in bytes.
pub const EXTRACT_TEXT_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Blocks of a file: the text of many is small beside what each of them takes.
pub const EXTRACT_BLOCKS_MAX: usize = 400_000;
/// A longer block is cut into several with the same locator.
pub const EXTRACT_BLOCK_BYTES_MAX: usize = 64 * 1024;
/// A heading, a sheet's name, a title: what is longer is cut.
pub const EXTRACT_LABEL_CHARS_MAX: usize = 200;
/// Pages, slides or sheets.
pub const EXTRACT_PAGES_MAX: u32 = 5_000;
/// Cells of a workbook that hold something.
pub const EXTRACT_CELLS_MAX: usize = 1_000_000;
/// Elements of a web page, or of XML within an Office file or a book, within each other.
pub const EXTRACT_ELEMENT_DEPTH_MAX: usize = 256;

/// Entries of an archive (.docx, .pptx, .xlsx, .epub).
pub const ARCHIVE_ENTRIES_MAX: usize = 10_000;
/// What an archive unpacks to, in all.
pub const ARCHIVE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// How many times its packed size an entry unpacks to.
pub const ARCHIVE_RATIO_MAX: u64 = 100;
/// An entry below this size is not held to the ratio: a blank page packs well.
pub const ARCHIVE_RATIO_FROM_BYTES: u64 = 1024 * 1024;
