//! Objects in an S3 bucket, read by whoever holds a presigned URL.
//!
//! How they are encrypted and when they expire is the bucket's own configuration. Who may have a URL is not decided here.

mod parts;

use crate::cloud::aws::Aws;
use crate::config::limits::{AWS_OBJECT_MS_MAX, PRESIGNED_URL_SECONDS_MAX};
use crate::ports::objects::{ObjectError, ObjectKey, ObjectMeta, Objects, SignedUpload, UploadTerms};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use base64::Engine;
use bytes::Bytes;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct S3Objects {
    client: Client,
    bucket: String,
}

impl S3Objects {
    pub fn new(aws: &Aws, bucket: &str) -> Self {
        let config = aws.of_answering("S3", AWS_OBJECT_MS_MAX);
        // A stand-in at an address of its own knows no host names of buckets.
        let path_style = config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(path_style).build();
        Self { client: Client::from_conf(config), bucket: bucket.to_owned() }
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn put(&self, key: &ObjectKey, content_type: &str, content: Bytes) -> Result<(), ObjectError> {
        key.check()?;
        let request = self.client.put_object().bucket(&self.bucket).key(&key.0).content_type(content_type);
        request.body(ByteStream::from(content)).send().await.map_err(failed)?;
        Ok(())
    }

    async fn meta(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, ObjectError> {
        key.check()?;
        let head = match self.client.head_object().bucket(&self.bucket).key(&key.0).send().await.map_err(failed) {
            Ok(head) => head,
            Err(ObjectError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let bytes = head.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
        Ok(Some(ObjectMeta { bytes, content_type: head.content_type.unwrap_or_default() }))
    }

    async fn get(&self, key: &ObjectKey, offset: u64, length: u64) -> Result<Bytes, ObjectError> {
        key.check()?;
        if length == 0 {
            // No range says "nothing"; whether the object is there still counts.
            return self.meta(key).await?.map(|_| Bytes::new()).ok_or(ObjectError::NotFound);
        }
        let request = self.client.get_object().bucket(&self.bucket).key(&key.0).range(range(offset, length));
        let got = match request.send().await {
            Ok(got) => got,
            Err(error) if is_beyond_the_end(&error) => return Ok(Bytes::new()),
            Err(error) => return Err(failed(error)),
        };
        let content = got.body.collect().await.map_err(|error| ObjectError::Failed(error.to_string()))?;
        Ok(content.into_bytes())
    }

    async fn signed_url(&self, key: &ObjectKey, ttl: Duration) -> Result<String, ObjectError> {
        key.check()?;
        let request = self.client.get_object().bucket(&self.bucket).key(&key.0);
        // A page that somebody uploaded is saved, not shown.
        let request = request.response_content_disposition("attachment");
        Ok(request.presigned(presigning(ttl)?).await.map_err(failed)?.uri().to_owned())
    }

    async fn signed_upload(
        &self,
        key: &ObjectKey,
        terms: &UploadTerms,
        ttl: Duration,
    ) -> Result<SignedUpload, ObjectError> {
        key.check()?;
        let UploadTerms { bytes, sha256, content_type } = terms;
        let request = self.client.put_object().bucket(&self.bucket).key(&key.0).content_type(content_type);
        // Length and checksum are signed, so that S3 takes these bytes and no others.
        let request = request.content_length(signed_length(*bytes)?).checksum_sha256(base64_of(sha256)?);
        let signed = request.presigned(presigning(ttl)?).await.map_err(failed)?;
        Ok(to_send(&signed))
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        key.check()?;
        match self.client.delete_object().bucket(&self.bucket).key(&key.0).send().await.map_err(failed) {
            Ok(_) | Err(ObjectError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What the client's own HTTP does not add by itself.
fn to_send(signed: &PresignedRequest) -> SignedUpload {
    let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    SignedUpload {
        method: signed.method().to_owned(),
        url: signed.uri().to_owned(),
        headers: headers.filter(|(name, _)| name != "content-length" && name != "host").collect(),
    }
}

fn signed_length(bytes: u64) -> Result<i64, ObjectError> {
    i64::try_from(bytes).map_err(|error| ObjectError::Failed(error.to_string()))
}

fn presigning(ttl: Duration) -> Result<PresigningConfig, ObjectError> {
    let ttl = ttl.clamp(Duration::from_secs(1), Duration::from_secs(PRESIGNED_URL_SECONDS_MAX));
    PresigningConfig::expires_in(ttl).map_err(|error| ObjectError::Failed(error.to_string()))
}

/// S3 wants a checksum in Base64.
fn base64_of(hexadecimal: &str) -> Result<String, ObjectError> {
    let digits = hexadecimal.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    let bytes: Option<Vec<u8>> = digits.collect();
    let bytes = bytes.ok_or_else(|| ObjectError::Failed("the checksum is not hexadecimal".to_owned()))?;
    Ok(base64::engine::general_purpose::STANDARD.encode(bytes))
}

/// An end beyond what a signed number holds is no end.
fn range(offset: u64, length: u64) -> String {
    match offset.checked_add(length - 1).filter(|last| i64::try_from(*last).is_ok()) {
        Some(last) => format!("bytes={offset}-{last}"),
        None => format!("bytes={offset}-"),
    }
}

fn is_beyond_the_end<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    code_of(error) == Some("InvalidRange")
}

fn code_of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<&str> {
    error.as_service_error().and_then(ProvideErrorMetadata::code)
}

fn failed<E>(error: SdkError<E>) -> ObjectError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match code_of(&error) {
        Some("NoSuchKey" | "NotFound" | "NoSuchUpload") => ObjectError::NotFound,
        _ => ObjectError::Failed(DisplayErrorContext(&error).to_string()),
    }
}
