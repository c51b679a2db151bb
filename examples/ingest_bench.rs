//! How long a long PDF takes to read and cut, and how much memory: the reading process's and ours.
//!
//!     cargo build --release && cargo run --release --example ingest_bench -- target/release/viva [FILE.pdf]
//!
//! Without a file it makes one of 200 pages of prose. It measures on this machine, now, and holds nothing to a bound.

use anyhow::Context;
use bytes::Bytes;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use viva::embedded::extraction::{ExtractionLimits, ProcessExtractor};
use viva::ingest::chunks::chunks;
use viva::ports::extraction::{Extractor, FileKind};

const PAGES: usize = 200;
const ROUNDS: usize = 5;

#[tokio::main]
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark reads the clock and prints")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let executable = arguments.next().context("which viva? e.g. target/release/viva")?;
    // Readers start in another folder.
    let executable = std::fs::canonicalize(executable)?;
    let content = match arguments.next() {
        Some(path) => std::fs::read(path)?,
        None => pdf(PAGES),
    };
    let content = Bytes::from(content);
    println!("{} KB", content.len() / 1024);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let extractor = ProcessExtractor::new(executable.clone(), ExtractionLimits::default());
        let started = Instant::now();
        let read = extractor.extract(content.clone(), FileKind::Pdf).await?;
        let extracted = started.elapsed();
        let cut = chunks(&read.blocks);
        times.push(extracted);
        println!(
            "{} pages, {} blocks, {} chunks: read in {extracted:.0?}, cut in {:.1?}",
            read.pages.unwrap_or(0),
            read.blocks.len(),
            cut.len(),
            started.elapsed() - extracted
        );
    }
    times.sort_unstable();
    println!("median {:.0?}", times.get(ROUNDS / 2).copied().unwrap_or(Duration::ZERO));
    println!(
        "peak memory: the reading process {} MB, this one {} MB",
        reading_mb(&executable, &content)?,
        peak_mb("self")?
    );
    Ok(())
}

/// Reads the file once more and looks at the process while it does.
fn reading_mb(executable: &Path, content: &[u8]) -> anyhow::Result<u64> {
    let mut child = Command::new(executable)
        .args(["extract", "--kind", "pdf"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let pid = child.id().to_string();
    child.stdin.take().context("no pipe")?.write_all(content)?;
    let mut most = 0;
    while child.try_wait()?.is_none() {
        // Between its end and its burial a process has no memory to tell of.
        most = most.max(peak_mb(&pid).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    Ok(most)
}

/// The most that was resident at once.
fn peak_mb(process: &str) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? / 1024)
}

/// Pages of 45 lines.
fn pdf(pages: usize) -> Vec<u8> {
    let kids: String = (0..pages).map(|n| format!("{} 0 R ", 4 + n * 2)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for page in 0..pages {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
            5 + page * 2
        ));
        let mut text = String::from("BT /F1 11 Tf 14 TL 72 720 Td\n");
        for line in 0..45 {
            let _ = writeln!(
                text,
                "(On page {page} line {line} tells of duty, breach, causation and damage, as courts do.) Tj T*"
            );
        }
        text.push_str("ET");
        objects.push(format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()));
    }
    let mut out = String::from("%PDF-1.7\n");
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        let _ = writeln!(out, "{number} 0 obj\n{object}\nendobj");
    }
    let start = out.len();
    let _ = writeln!(out, "{table}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF", objects.len() + 1);
    out.into_bytes()
}
