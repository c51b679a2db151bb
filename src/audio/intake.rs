//! Takes audio messages in order and hands on pieces in media time, with a verdict on voice, in the form that a recognizer wants.
//!
//! It decodes only where the form needs samples, or where nothing else tells voice from silence. Whether audio comes too fast for the
//! clock is the caller's to check: nothing here knows the time.

use crate::audio::activity::{Activity, Calm};
use crate::audio::opus_packet::{self, PacketInfo, SAMPLES_PER_MS};
use crate::audio::resample::{RATE_HZ, Resampler};
use crate::audio::{AudioError, TimedPiece, framing};
use crate::config::limits::{AUDIO_CONCEALED_MS_MAX, AUDIO_MESSAGE_MS_MAX, AUDIO_OVERLAP_MS_MAX, AUDIO_PIECE_MS_MAX};
use crate::interview::params::{AudioFormat, Codec};
use crate::ports::recognizer::{AudioForm, AudioPiece, Payload};
use bytes::Bytes;
use std::fmt;

/// One session's audio.
#[derive(Debug)]
pub struct Intake {
    form: AudioForm,
    source: Source,
    activity: Activity,
    /// Of packets judged by their own flag.
    calm: Calm,
    /// Where the next audio belongs, in samples at 48 kHz since the session's first.
    position: u64,
    /// Samples at 16 kHz that do not make up a whole millisecond yet.
    remainder: Vec<i16>,
}

impl Intake {
    /// For a session whose audio begins at 0.
    pub fn new(format: AudioFormat, form: AudioForm) -> Result<Self, AudioError> {
        Self::starting_at(format, form, 0)
    }

    /// For one that goes on at `media_ms`, because another worker took what came before.
    pub fn starting_at(format: AudioFormat, form: AudioForm, media_ms: u64) -> Result<Self, AudioError> {
        if !(1..=2).contains(&format.channels) {
            return Err(AudioError::Codec(format!("{} channels", format.channels)));
        }
        let source = match format.codec {
            Codec::Opus => Source::Opus(OpusSource { decoder: None, last: None }),
            Codec::PcmS16le => Source::Pcm(PcmSource::new(format)?),
        };
        Ok(Self {
            form,
            source,
            activity: if form == AudioForm::Timing { Activity::by_level() } else { Activity::new() },
            calm: Calm::default(),
            position: media_ms * SAMPLES_PER_MS,
            remainder: Vec::new(),
        })
    }

    /// The end of what was taken, in media time.
    pub fn position_ms(&self) -> u64 {
        self.position / SAMPLES_PER_MS
    }

    /// Takes one message, whose first sample was captured at `media_ms`. The pieces follow what came before without a gap: up to 20 ms of
    /// difference are ignored, a jump of at most a second is concealed, a longer one is one silent piece without payload. On an error nothing was taken.
    pub fn take(&mut self, media_ms: u64, data: &Bytes) -> Result<Vec<TimedPiece>, AudioError> {
        let message = self.source.check(data)?;
        let expected_ms = self.position_ms();
        if media_ms + AUDIO_OVERLAP_MS_MAX < expected_ms {
            return Err(AudioError::MediaTime { given_ms: media_ms, expected_ms });
        }
        let before = self.position;
        let taken = self.take_checked(media_ms.saturating_sub(expected_ms), message);
        if taken.is_err() {
            self.position = before;
        }
        taken
    }

    fn take_checked(&mut self, gap_ms: u64, message: Message) -> Result<Vec<TimedPiece>, AudioError> {
        let mut pieces = Pieces { from_ms: self.position_ms(), found: Vec::new() };
        if gap_ms > AUDIO_CONCEALED_MS_MAX {
            self.jump(gap_ms, &mut pieces)?;
        } else if gap_ms > AUDIO_OVERLAP_MS_MAX {
            self.conceal(gap_ms, &message, &mut pieces)?;
        }
        match message {
            Message::Pcm(samples) => self.take_pcm(&samples, &mut pieces),
            Message::Opus(packets) => self.take_opus(packets, &mut pieces)?,
        }
        self.position = pieces.from_ms * SAMPLES_PER_MS + self.beyond_the_millisecond();
        Ok(pieces.found)
    }

    /// What was taken but not handed on, at 48 kHz.
    fn beyond_the_millisecond(&self) -> u64 {
        match (&self.source, self.form) {
            (Source::Opus(_), AudioForm::Timing | AudioForm::OpusOrPcm16k) => self.position % SAMPLES_PER_MS,
            (Source::Opus(_), AudioForm::Pcm16k) | (Source::Pcm(_), _) => self.remainder.len() as u64 * 3,
        }
    }

    fn jump(&mut self, gap_ms: u64, pieces: &mut Pieces) -> Result<(), AudioError> {
        self.activity.reset();
        self.calm = Calm::default();
        self.remainder.clear();
        self.source.reset()?;
        self.position = (pieces.from_ms + gap_ms) * SAMPLES_PER_MS;
        pieces.push(gap_ms, false, Payload::None);
        Ok(())
    }

    fn conceal(&mut self, gap_ms: u64, next: &Message, pieces: &mut Pieces) -> Result<(), AudioError> {
        match (&mut self.source, next) {
            (Source::Opus(source), Message::Opus(packets)) if self.form == AudioForm::Pcm16k => {
                let samples = source.conceal(gap_ms, packets)?;
                self.judge(&samples, pieces);
            }
            (Source::Opus(source), Message::Opus(packets)) => {
                let lost = source.lost_packets(gap_ms, packets);
                self.take_opus(lost, pieces)?;
            }
            (Source::Pcm(_) | Source::Opus(_), _) => {
                self.judge(&vec![0; (gap_ms * u64::from(RATE_HZ) / 1_000) as usize], pieces);
            }
        }
        Ok(())
    }

    fn take_pcm(&mut self, samples: &[i16], pieces: &mut Pieces) {
        match &mut self.source {
            Source::Pcm(PcmSource { resampler: Some(resampler), .. }) => {
                let samples = resampler.process(samples);
                self.judge(&samples, pieces);
            }
            Source::Pcm(_) | Source::Opus(_) => self.judge(samples, pieces),
        }
    }

    fn take_opus(&mut self, packets: Vec<(Bytes, PacketInfo)>, pieces: &mut Pieces) -> Result<(), AudioError> {
        for (packet, info) in packets {
            let Source::Opus(source) = &mut self.source else { continue };
            source.last = Some(packet[0]);
            if self.form == AudioForm::Pcm16k {
                let samples = source.decode(&packet, info)?;
                self.judge(&samples, pieces);
                continue;
            }
            let until = self.position + info.samples;
            let ms = until / SAMPLES_PER_MS - pieces.from_ms;
            let voice = match info.voiced {
                Some(voice) => voice,
                None => {
                    let samples = source.decode(&packet, info)?;
                    self.activity.judge(&samples).iter().any(|run| run.voiced)
                }
            };
            let voiced = self.calm.hear(voice, ms);
            self.position = until;
            let payload = if self.form == AudioForm::Timing { Payload::None } else { Payload::Opus(vec![packet]) };
            pieces.push(ms, voiced, payload);
        }
        Ok(())
    }

    /// Hands on samples at 16 kHz in whole milliseconds; the rest waits.
    fn judge(&mut self, samples: &[i16], pieces: &mut Pieces) {
        let mut rest = samples;
        for run in self.activity.judge(samples) {
            let (now, later) = rest.split_at(run.samples);
            rest = later;
            self.remainder.extend_from_slice(now);
            let whole = self.remainder.len() - self.remainder.len() % SAMPLES_16K_PER_MS;
            let mut ready: Vec<i16> = self.remainder.drain(..whole).collect();
            while !ready.is_empty() {
                let piece: Vec<i16> = ready.drain(..ready.len().min(PIECE_SAMPLES_MAX)).collect();
                let ms = (piece.len() / SAMPLES_16K_PER_MS) as u64;
                let payload = if self.form == AudioForm::Timing { Payload::None } else { Payload::Pcm16k(piece) };
                pieces.push(ms, run.voiced, payload);
            }
        }
    }
}

/// A message whose shape was checked.
enum Message {
    /// Mono, at the announced rate.
    Pcm(Vec<i16>),
    Opus(Vec<(Bytes, PacketInfo)>),
}

#[derive(Debug)]
enum Source {
    Pcm(PcmSource),
    Opus(OpusSource),
}

impl Source {
    fn check(&self, data: &Bytes) -> Result<Message, AudioError> {
        match self {
            Source::Pcm(source) => source.check(data).map(Message::Pcm),
            Source::Opus(_) => check_opus(data).map(Message::Opus),
        }
    }

    fn reset(&mut self) -> Result<(), AudioError> {
        match self {
            Source::Pcm(source) => {
                source.resampler = source.resampler.as_ref().map(|_| Resampler::new(source.rate_hz));
                Ok(())
            }
            Source::Opus(OpusSource { decoder: Some(decoder), .. }) => decoder.reset_state().map_err(undecodable),
            Source::Opus(_) => Ok(()),
        }
    }
}

/// Checks the packets of one message: their framing, their structure, their length in all.
pub(super) fn check_opus(data: &Bytes) -> Result<Vec<(Bytes, PacketInfo)>, AudioError> {
    let mut packets = Vec::new();
    let mut samples = 0;
    for packet in framing::packets(data)? {
        let info = opus_packet::inspect(&packet)?;
        samples += info.samples;
        packets.push((packet, info));
    }
    if samples > AUDIO_MESSAGE_MS_MAX * SAMPLES_PER_MS {
        return Err(AudioError::TooLong { max_ms: AUDIO_MESSAGE_MS_MAX });
    }
    if packets.is_empty() {
        return Err(AudioError::Undecodable("there is no packet in it".into()));
    }
    Ok(packets)
}

#[derive(Debug)]
pub(super) struct PcmSource {
    rate_hz: u32,
    channels: usize,
    resampler: Option<Resampler>,
}

impl PcmSource {
    pub(super) fn new(format: AudioFormat) -> Result<Self, AudioError> {
        let rate_hz = format.sample_rate_hz;
        if !(8_000..=48_000).contains(&rate_hz) || !rate_hz.is_multiple_of(25) {
            return Err(AudioError::Codec(format!("{rate_hz} Hz")));
        }
        let resampler = (rate_hz != RATE_HZ).then(|| Resampler::new(rate_hz));
        Ok(Self { rate_hz, channels: usize::from(format.channels), resampler })
    }

    /// Mono samples at the announced rate.
    pub(super) fn check(&self, data: &Bytes) -> Result<Vec<i16>, AudioError> {
        let frame_bytes = 2 * self.channels;
        if data.is_empty() || !data.len().is_multiple_of(frame_bytes) {
            return Err(AudioError::Undecodable(format!("{} bytes are no whole number of samples", data.len())));
        }
        if data.len() / frame_bytes > (u64::from(self.rate_hz) * AUDIO_MESSAGE_MS_MAX / 1_000) as usize {
            return Err(AudioError::TooLong { max_ms: AUDIO_MESSAGE_MS_MAX });
        }
        Ok(data
            .chunks_exact(frame_bytes)
            .map(|frame| {
                let sum: i32 = frame.chunks_exact(2).map(|s| i32::from(i16::from_le_bytes([s[0], s[1]]))).sum();
                (sum / self.channels as i32) as i16
            })
            .collect())
    }
}

struct OpusSource {
    /// Made when it is first needed.
    decoder: Option<opus::Decoder>,
    /// The first byte of the last packet.
    last: Option<u8>,
}

impl OpusSource {
    fn decoder(&mut self) -> Result<&mut opus::Decoder, AudioError> {
        match &mut self.decoder {
            Some(decoder) => Ok(decoder),
            none => Ok(none.insert(opus::Decoder::new(RATE_HZ, opus::Channels::Mono).map_err(undecodable)?)),
        }
    }

    fn decode(&mut self, packet: &[u8], info: PacketInfo) -> Result<Vec<i16>, AudioError> {
        self.run(packet, (info.samples / 3) as usize, false)
    }

    /// What the decoder makes of lost audio; its end comes from the next packet's redundancy where there is some.
    fn conceal(&mut self, gap_ms: u64, next: &[(Bytes, PacketInfo)]) -> Result<Vec<i16>, AudioError> {
        let wanted = (gap_ms as usize * SAMPLES_16K_PER_MS / OPUS_STEP_SAMPLES) * OPUS_STEP_SAMPLES;
        let redundant = next.first().map_or(0, |(_, info)| (info.samples / 3) as usize);
        let from_next = if redundant <= wanted { redundant } else { 0 };
        let mut samples = Vec::with_capacity(wanted);
        while samples.len() < wanted - from_next {
            let step = (wanted - from_next - samples.len()).min(CONCEALED_SAMPLES_MAX);
            samples.extend(self.run(&[], step, false)?);
        }
        if let Some((packet, _)) = next.first().filter(|_| from_next > 0) {
            samples.extend(self.run(packet, from_next, true)?);
        }
        Ok(samples)
    }

    /// Packets that stand for lost ones, where packets are handed on as they are.
    fn lost_packets(&self, gap_ms: u64, next: &[(Bytes, PacketInfo)]) -> Vec<(Bytes, PacketInfo)> {
        let like = self.last.or_else(|| next.first().map(|(packet, _)| packet[0]));
        let packet = Bytes::copy_from_slice(&opus_packet::lost_frame_like(like.as_slice()));
        let info = PacketInfo { samples: LOST_PACKET_MS * SAMPLES_PER_MS, voiced: Some(false) };
        (0..gap_ms / LOST_PACKET_MS).map(|_| (packet.clone(), info)).collect()
    }

    fn run(&mut self, packet: &[u8], samples: usize, from_redundancy: bool) -> Result<Vec<i16>, AudioError> {
        let mut output = vec![0; samples];
        let decoded = self.decoder()?.decode(packet, &mut output, from_redundancy).map_err(undecodable)?;
        output.truncate(decoded);
        Ok(output)
    }
}

impl fmt::Debug for OpusSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpusSource").field("decoding", &self.decoder.is_some()).finish_non_exhaustive()
    }
}

/// Collects pieces that follow one another; short ones of the same kind become one.
struct Pieces {
    from_ms: u64,
    found: Vec<TimedPiece>,
}

impl Pieces {
    fn push(&mut self, ms: u64, voiced: bool, payload: Payload) {
        if ms == 0 {
            return;
        }
        let from_ms = self.from_ms;
        self.from_ms += ms;
        if let Some(last) = self.found.last_mut().map(|last| &mut last.piece)
            && last.voiced == voiced
            && last.duration_ms + ms <= AUDIO_PIECE_MS_MAX
        {
            match (&mut last.payload, payload) {
                (Payload::Pcm16k(samples), Payload::Pcm16k(more)) => samples.extend(more),
                (Payload::Opus(packets), Payload::Opus(more)) => packets.extend(more),
                (Payload::None, Payload::None) => {}
                (_, payload) => {
                    return self
                        .found
                        .push(TimedPiece { from_ms, piece: AudioPiece { duration_ms: ms, voiced, payload } });
                }
            }
            last.duration_ms += ms;
            return;
        }
        self.found.push(TimedPiece { from_ms, piece: AudioPiece { duration_ms: ms, voiced, payload } });
    }
}

fn undecodable(error: opus::Error) -> AudioError {
    AudioError::Undecodable(error.description().to_owned())
}

const SAMPLES_16K_PER_MS: usize = 16;
const PIECE_SAMPLES_MAX: usize = AUDIO_PIECE_MS_MAX as usize * SAMPLES_16K_PER_MS;
/// Opus counts in steps of 2.5 ms.
const OPUS_STEP_SAMPLES: usize = 40;
/// libopus conceals at most 120 ms at once.
const CONCEALED_SAMPLES_MAX: usize = 1_920;
const LOST_PACKET_MS: u64 = 20;

#[cfg(test)]
mod tests;
