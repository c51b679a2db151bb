//! Replays spoken answers against a viva server over many sessions.

fn main() -> anyhow::Result<()> {
    Ok(())
}
