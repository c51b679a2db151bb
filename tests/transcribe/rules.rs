//! What the service refuses, its stand-in refuses: chunks, encodings, session ids, speed. With AWS's own client, doing wrong on purpose.

use crate::playing::seen;
use crate::transcribe::{End, Kind, Options, TranscribeStandIn};
use aws_sdk_transcribestreaming::Client;
use aws_sdk_transcribestreaming::primitives::Blob;
use aws_sdk_transcribestreaming::types::error::{AudioStreamError, TranscriptResultStreamError};
use aws_sdk_transcribestreaming::types::{AudioEvent, AudioStream, LanguageCode, MediaEncoding};
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use viva::audio::ogg_opus::OggOpusStream;

const SESSION: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// Sends chunks, keeps the stream open, and reads what comes until the stream is over.
async fn sent(stand_in: &TranscribeStandIn, encoding: MediaEncoding, chunks: Vec<Bytes>) -> Result<(), String> {
    let client = Client::new(&stand_in.aws().of_service("TRANSCRIBE_STREAMING"));
    let events = chunks.into_iter().map(|chunk| {
        let event = AudioEvent::builder().audio_chunk(Blob::new(chunk)).build();
        Ok::<_, AudioStreamError>(AudioStream::AudioEvent(event))
    });
    let answered = client
        .start_stream_transcription()
        .language_code(LanguageCode::EnUs)
        .media_encoding(encoding)
        .media_sample_rate_hertz(16_000)
        .session_id(SESSION)
        .audio_stream(stream::iter(events).chain(stream::pending()).into())
        .send()
        .await;
    let mut events = answered.map_err(|error| format!("{:?}", error.into_service_error()))?.transcript_result_stream;
    loop {
        match events.recv().await {
            Ok(Some(_)) => {}
            Ok(None) => return Ok(()),
            Err(error) => {
                return Err(match error.into_service_error() {
                    TranscriptResultStreamError::BadRequestException(bad) => bad.message.unwrap_or_default(),
                    TranscriptResultStreamError::ConflictException(_) => "conflict".into(),
                    other => format!("{other:?}"),
                });
            }
        }
    }
}

#[tokio::test]
async fn chunks_of_more_than_a_second_or_half_a_sample_are_refused() {
    let stand_in = TranscribeStandIn::start(Options::default());
    let refused = sent(&stand_in, MediaEncoding::Pcm, vec![vec![0; 32_002].into()]).await.unwrap_err();
    assert!(refused.contains("longer than 1 second"), "{refused}");
    let refused = sent(&stand_in, MediaEncoding::Pcm, vec![vec![0; 3_201].into()]).await.unwrap_err();
    assert!(refused.contains("Could not decode"), "{refused}");
}

#[tokio::test]
async fn opus_without_ogg_or_with_a_damaged_page_is_refused() {
    let stand_in = TranscribeStandIn::start(Options::default());
    let mut stream = OggOpusStream::new().unwrap();
    stream.add_silence(200);
    let good = stream.take_pages().unwrap();
    stream.add_silence(200);
    let next = stream.take_pages().unwrap();
    let mut damaged = next.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let cases = [
        vec![Bytes::from_static(b"bare packets, not in Ogg pages at all")],
        vec![good.clone(), damaged.into()],
        vec![next.clone()],
        vec![good.clone(), good.clone()],
    ];
    for case in cases {
        let refused = sent(&stand_in, MediaEncoding::OggOpus, case).await.unwrap_err();
        assert!(refused.contains("Could not decode"), "{refused}");
    }
}

#[tokio::test]
async fn a_second_stream_with_the_same_session_id_kills_the_first() {
    let stand_in = TranscribeStandIn::start(Options::default());
    let chunk = vec![Bytes::from(vec![0; 3_200])];
    let first = sent(&stand_in, MediaEncoding::Pcm, chunk.clone());
    let second = async {
        seen(&stand_in, |records| records.first().is_some_and(|first| first.chunks == 1)).await;
        sent(&stand_in, MediaEncoding::Pcm, vec![Bytes::from(vec![0; 40_000])]).await
    };
    let (first, _) = tokio::join!(first, second);
    assert_eq!(first, Err("conflict".into()));
    assert_eq!(stand_in.records()[0].end, End::Exception(Kind::Conflict));
}

#[tokio::test]
async fn audio_far_ahead_of_real_time_is_refused() {
    let stand_in = TranscribeStandIn::start(Options { ahead_ms_max: 2_000, ..Options::default() });
    let refused = sent(&stand_in, MediaEncoding::Pcm, vec![Bytes::from(vec![0; 32_000]); 4]).await.unwrap_err();
    assert!(refused.contains("too fast"), "{refused}");
}

#[tokio::test]
async fn an_encoding_or_rate_that_it_does_not_take_is_no_stream() {
    let stand_in = TranscribeStandIn::start(Options::default());
    let refused = sent(&stand_in, MediaEncoding::Flac, vec![]).await.unwrap_err();
    assert!(refused.contains("BadRequest"), "{refused}");
    assert_eq!(stand_in.records(), []);
}
