//! Memory and processor time of the server, from Linux's /proc.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;

/// A process that is watched.
#[derive(Debug, Clone)]
pub struct ServerProcess {
    folder: PathBuf,
}

/// What it has used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Processor time since its start.
    pub cpu: Duration,
    /// Memory in use.
    pub resident_bytes: u64,
}

/// What a run has cost the server.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerCost {
    /// Processor time for each second of audio, in ms.
    pub cpu_ms_per_audio_second: f64,
    /// Processors in use, on average.
    pub cpu_cores: f64,
    /// Memory before the first session.
    pub resident_before_bytes: u64,
    /// The most memory in use.
    pub resident_max_bytes: u64,
    /// The growth, for each of the sessions that ran at once.
    pub resident_bytes_per_session: f64,
}

impl ServerProcess {
    /// Checks that the process is there.
    pub fn new(pid: u32) -> anyhow::Result<Self> {
        let process = Self { folder: PathBuf::from(format!("/proc/{pid}")) };
        process.sample().with_context(|| format!("no process {pid} to watch"))?;
        Ok(process)
    }

    /// Reads what it has used so far.
    pub fn sample(&self) -> anyhow::Result<Sample> {
        let stat = fs::read_to_string(self.folder.join("stat"))?;
        let status = fs::read_to_string(self.folder.join("status"))?;
        Ok(Sample { cpu: cpu(&stat)?, resident_bytes: resident_bytes(&status)? })
    }
}

/// The name, in parentheses, may hold anything: fields are counted from its end.
fn cpu(stat: &str) -> anyhow::Result<Duration> {
    let after_name = stat.rsplit_once(')').context("no name in stat")?.1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| -> anyhow::Result<u64> { Ok(fields.get(at).context("stat is too short")?.parse()?) };
    Ok(Duration::from_secs_f64((ticks(11)? + ticks(12)?) as f64 / TICKS_PER_SECOND))
}

fn resident_bytes(status: &str) -> anyhow::Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS in status")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1_024)
}

/// USER_HZ, which Linux keeps at 100 towards user space on every platform that it runs on here.
const TICKS_PER_SECOND: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_past_a_name_with_parentheses() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 9 0 100 1 1";
        assert_eq!(cpu(stat).unwrap(), Duration::from_secs(2));
        assert!(cpu("42 (a) S 1").is_err());
    }

    #[test]
    fn this_very_process_can_be_watched() {
        let process = ServerProcess::new(std::process::id()).unwrap();
        assert!(process.sample().unwrap().resident_bytes > 100_000);
    }
}
