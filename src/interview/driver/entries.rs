//! What the inbox holds, told to the core: control messages in their order, audio by way of hearing, refused numbers not at all.

use crate::interview::driver::hearing::Told;
use crate::interview::driver::material;
use crate::interview::driver::worker::Worker;
use crate::interview::guide::Followed;
use crate::interview::params::Params;
use crate::interview::{Input, State, wire};
use crate::ports::feed::Entry;
use bytes::Bytes;
use futures::future::BoxFuture;
use protocol::v1;

/// How the feed stores a number that was given up.
const INPUT_LOST: &str = "input_lost";

/// An interview whose guide is being read.
pub(super) struct Starting<'d> {
    pub(super) guide: BoxFuture<'d, Option<Box<Followed>>>,
    params: Params,
    /// What stands in the inbox after the start.
    rest: Vec<(u64, Entry)>,
}

impl Worker<'_> {
    pub(super) fn take_entries(&mut self, entries: Vec<(u64, Entry)>) {
        let mut lost: Option<(u64, u64)> = None;
        let mut entries = entries.into_iter();
        while let Some((seq, entry)) = entries.next() {
            let news = seq > self.handled_through_seq;
            if matches!(&entry, Entry::Refused { code } if code == INPUT_LOST) {
                if news {
                    self.handled_through_seq = seq;
                    lost = Some((lost.map_or(seq, |(from_seq, _)| from_seq), seq));
                }
                continue;
            }
            self.tell_lost(lost.take());
            if news {
                self.handled_through_seq = seq;
                self.messages += 1;
                if let Some(metered) = &mut self.metered {
                    metered.took(&entry);
                }
            }
            match entry {
                Entry::Audio { media_ms, data } => self.take_audio(seq, media_ms, &data, news),
                Entry::Control { json } if news => self.take_control(seq, &json),
                Entry::Control { .. } | Entry::Refused { .. } => {}
            }
            self.refed(seq);
            if let Some(starting) = &mut self.starting {
                // What comes after waits until the interview has begun.
                starting.rest = entries.collect();
                return;
            }
        }
        self.tell_lost(lost);
        self.refed(self.inbox.read_through_seq());
    }

    fn tell_lost(&mut self, lost: Option<(u64, u64)>) {
        if let Some((from_seq, through_seq)) = lost {
            self.tell(Input::InputLost { from_seq, through_seq });
        }
    }

    fn refed(&mut self, through_seq: u64) {
        if self.refeeding && through_seq >= self.refeed_through_seq {
            self.refeeding = false;
            self.tell(Input::Refeeding(false));
        }
    }

    fn take_audio(&mut self, seq: u64, media_ms: u64, data: &Bytes, news: bool) {
        let session_ms = self.session_time().0;
        let Some(hearing) = &mut self.hearing else {
            if news {
                let message = "interview.start announced no audio".to_owned();
                self.reject(seq, v1::ErrorCode::AudioCodec, message);
            }
            return;
        };
        self.audio_at = self.now;
        match hearing.take(seq, media_ms, data, session_ms) {
            Ok(told) => {
                for Told { from_ms, through_ms, voiced } in told {
                    self.tell(Input::Audio { from_ms, through_ms, voiced });
                }
            }
            Err(error) if news => self.reject_audio(seq, &error),
            // It was refused when it came.
            Err(_) => {}
        }
    }

    fn take_control(&mut self, seq: u64, json: &str) {
        let message = match v1::decode_client(json.as_bytes()) {
            Ok(message) => message,
            Err(error) => return self.reject(seq, error.code, error.message),
        };
        if let v1::ClientMessage::InterviewStart(start) = message {
            return self.start(start);
        }
        let kind = message.kind().to_owned();
        match wire::said(message) {
            Some(said) => self.tell(Input::Said { seq, said }),
            None => self.reject(seq, v1::ErrorCode::InvalidField, format!("{kind} is not said in an interview")),
        }
    }

    fn start(&mut self, start: v1::InterviewStart) {
        let v1::InterviewStart { session: _, seq, params } = start;
        if self.core.state() != State::New {
            return self.reject(seq, v1::ErrorCode::SessionExists, "the interview has begun".to_owned());
        }
        let params = wire::params_from(params);
        if params.guide.is_some() {
            let (objects, key) = (&*self.deps.objects, self.key);
            let guide = Box::pin(async move { material::guide(objects, key).await });
            self.starting = Some(Starting { params, guide, rest: Vec::new() });
            return;
        }
        self.begin_interview(params, None);
    }

    /// The guide has been read, or cannot be.
    pub(super) fn start_with(&mut self, guide: Option<Box<Followed>>) {
        let Some(Starting { params, guide: _, rest }) = self.starting.take() else { return };
        self.begin_interview(params, guide);
        self.take_entries(rest);
    }

    fn begin_interview(&mut self, params: Params, guide: Option<Box<Followed>>) {
        let recognizer = self.deps.recognizer.as_ref().filter(|_| params.audio.is_some()).map(|known| known.info());
        let unheard = params.audio.is_some() && recognizer.is_none();
        self.tell(Input::Start { params, recognizer, model: self.deps.model.info(), guide });
        self.listen();
        if !self.push.is_bound() {
            self.tell(Input::Bound(false));
        }
        if unheard {
            let message = "there is no recognizer".to_owned();
            self.tell(Input::RecognizerFailed { message, retrying: false });
        }
    }
}
