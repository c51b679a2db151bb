//! Counts what clients of AWS send and receive, in the units that their services bill, beneath the clients themselves: every try counts.
//!
//! Sizes are those of the messages on the wire, a little above what is stored: the counts err to the dear side. Streams to recognizers and
//! models are counted elsewhere, by what they carry.

use crate::config::limits::{GATEWAY_UNIT_BYTES, STORE_READ_UNIT_BYTES, STORE_UNIT_BYTES};
use crate::ports::metering::{Meter, Unit};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::sync::Arc;

/// The client of one service, counted; `id` is the service's name in AWS's variables.
pub(super) fn metered(client: SharedHttpClient, id: &str, meter: Arc<Meter>) -> SharedHttpClient {
    match Billed::of_service(id) {
        Some(billed) => SharedHttpClient::new(MeteredClient { client, billed, meter }),
        None => client,
    }
}

#[derive(Clone, Copy, Debug)]
enum Billed {
    Store,
    Connections,
    Functions,
    Objects,
}

impl Billed {
    fn of_service(id: &str) -> Option<Self> {
        match id {
            "DYNAMODB" => Some(Self::Store),
            "APIGATEWAYMANAGEMENTAPI" => Some(Self::Connections),
            "LAMBDA" => Some(Self::Functions),
            "S3" => Some(Self::Objects),
            _ => None,
        }
    }

    /// What a request costs by itself.
    fn request(self, request: &HttpRequest) -> Option<(Unit, u64)> {
        let bytes = request.body().content_length().unwrap_or(0);
        match self {
            Self::Store => {
                let operation = operation(request)?;
                let units = units(bytes, STORE_UNIT_BYTES);
                match operation {
                    "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" => Some((Unit::WriteUnits, units)),
                    "TransactWriteItems" => Some((Unit::WriteUnits, 2 * units)),
                    _ => None,
                }
            }
            Self::Connections if request.method() == "POST" => {
                Some((Unit::MessagesOut, units(bytes, GATEWAY_UNIT_BYTES)))
            }
            Self::Connections => None,
            Self::Functions => Some((Unit::Invocations, 1)),
            Self::Objects => match request.method() {
                "PUT" | "POST" => Some((Unit::ObjectPuts, 1)),
                "GET" | "HEAD" => Some((Unit::ObjectGets, 1)),
                _ => None,
            },
        }
    }

    /// How many half units each begun unit of the answer costs, where the answer is what is billed.
    fn half_reads(self, request: &HttpRequest) -> Option<u64> {
        let reads = matches!(operation(request)?, "GetItem" | "BatchGetItem" | "Query" | "Scan");
        let consistent = request.body().bytes().is_some_and(|body| contains(body, br#""ConsistentRead":true"#));
        (matches!(self, Self::Store) && reads).then_some(if consistent { 2 } else { 1 })
    }
}

#[derive(Debug)]
struct MeteredClient {
    client: SharedHttpClient,
    billed: Billed,
    meter: Arc<Meter>,
}

impl HttpClient for MeteredClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(MeteredConnector {
            connector: self.client.http_connector(settings, components),
            billed: self.billed,
            meter: Arc::clone(&self.meter),
        })
    }
}

#[derive(Debug)]
struct MeteredConnector {
    connector: SharedHttpConnector,
    billed: Billed,
    meter: Arc<Meter>,
}

impl HttpConnector for MeteredConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some((unit, amount)) = self.billed.request(&request) {
            self.meter.add(unit, amount);
        }
        let half_reads = self.billed.half_reads(&request);
        let (answered, meter) = (self.connector.call(request), Arc::clone(&self.meter));
        HttpConnectorFuture::new(async move {
            let response = answered.await?;
            if let Some(half_reads) = half_reads {
                meter.add(Unit::HalfReadUnits, half_reads * units(length(&response), STORE_READ_UNIT_BYTES));
            }
            Ok(response)
        })
    }
}

/// Of a request to DynamoDB.
fn operation(request: &HttpRequest) -> Option<&str> {
    request.headers().get("x-amz-target")?.split_once('.').map(|(_, operation)| operation)
}

fn length(response: &HttpResponse) -> u64 {
    let told = response.headers().get("content-length").and_then(|length| length.parse().ok());
    told.or_else(|| response.body().content_length()).unwrap_or(0)
}

fn units(bytes: u64, unit_bytes: usize) -> u64 {
    bytes.div_ceil(unit_bytes as u64).max(1)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::{Billed, MeteredConnector};
    use crate::ports::metering::{Counts, Meter};
    use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;
    use std::sync::Arc;

    /// Answers everything with so many bytes.
    #[derive(Debug)]
    struct Answers(usize);

    impl HttpConnector for Answers {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            let body = SdkBody::from("x".repeat(self.0));
            let status = 200.try_into().expect("it is a status");
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, body)))
        }
    }

    async fn counted(service: &str, method: &str, operation: &str, body: &str, answer_bytes: usize) -> Counts {
        let meter = Arc::new(Meter::default());
        let billed = Billed::of_service(service).expect("it is billed by use");
        let connector = MeteredConnector {
            connector: SharedHttpConnector::new(Answers(answer_bytes)),
            billed,
            meter: meter.clone(),
        };
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).expect("it is a method");
        request.headers_mut().insert("x-amz-target", format!("DynamoDB_20120810.{operation}"));
        connector.call(request).await.expect("it answers");
        meter.counts()
    }

    #[tokio::test]
    async fn each_service_counts_in_its_own_unit() {
        let none = Counts::default();
        let put = counted("DYNAMODB", "POST", "PutItem", &"x".repeat(1_025), 9_000).await;
        assert_eq!(put, Counts { write_units: 2, ..none });
        let transaction = counted("DYNAMODB", "POST", "TransactWriteItems", "{}", 2).await;
        assert_eq!(transaction, Counts { write_units: 2, ..none });
        let query = counted("DYNAMODB", "POST", "Query", r#"{"a":1}"#, 4_097).await;
        assert_eq!(query, Counts { half_read_units: 2, ..none });
        let consistent = counted("DYNAMODB", "POST", "GetItem", r#"{"ConsistentRead":true}"#, 2).await;
        assert_eq!(consistent, Counts { half_read_units: 2, ..none });
        let sent = counted("APIGATEWAYMANAGEMENTAPI", "POST", "", &"x".repeat(40_000), 0).await;
        assert_eq!(sent, Counts { messages_out: 2, ..none });
        assert_eq!(counted("APIGATEWAYMANAGEMENTAPI", "DELETE", "", "", 0).await, none);
        assert_eq!(counted("S3", "PUT", "", "x", 0).await, Counts { object_puts: 1, ..none });
        assert_eq!(counted("LAMBDA", "POST", "", "x", 0).await, Counts { invocations: 1, ..none });
    }
}
