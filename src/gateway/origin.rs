//! Which pages may connect, and who counts as this machine. Pure.

use axum::http::{HeaderMap, HeaderValue, header};
use std::net::IpAddr;

/// Origins that may connect besides the gateway's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origins {
    allowed: Vec<String>,
}

impl Origins {
    pub(crate) fn new(allowed: Vec<String>) -> Self {
        Self { allowed }
    }

    /// Programs send no `Origin`; browsers always do, and it must be ours or an allowed one.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        is_own(origin, headers) || self.allows(origin)
    }

    /// The origin of a page that is not ours, and allowed.
    pub(crate) fn guest(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        let name = origin.to_str().ok()?;
        (!is_own(name, headers) && self.allows(name)).then(|| origin.clone())
    }

    fn allows(&self, origin: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == "*" || allowed == origin)
    }
}

/// Whether a request for a token for anybody comes from this machine, from a page of ours or a program, and through no proxy.
pub(crate) fn is_local(headers: &HeaderMap, peer: IpAddr) -> bool {
    let direct = FORWARDING.iter().all(|name| !headers.contains_key(*name));
    let host_is_loopback = host(headers).is_some_and(is_loopback_host);
    let origin_is_ours = match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => origin.to_str().is_ok_and(|origin| is_own(origin, headers)),
    };
    peer.to_canonical().is_loopback() && direct && host_is_loopback && origin_is_ours
}

/// Whether the request names this machine: a page of another name that resolves to it (DNS rebinding) does not.
pub(crate) fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

pub(crate) fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.zip(host(headers)).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
}

/// What proxies add; one of them says that the request came from elsewhere.
const FORWARDING: &[&str] =
    &["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn own_pages_and_programs_connect_and_other_pages_do_not() {
        let own = Origins::default();
        assert!(own.admits(&headers(&[("host", "127.0.0.1:8080")])));
        assert!(own.admits(&headers(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080")])));
        assert!(!own.admits(&headers(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:9090")])));
        assert!(!own.admits(&headers(&[("host", "127.0.0.1:8080"), ("origin", "null")])));
        assert!(!own.admits(&headers(&[("host", "viva.example"), ("origin", "https://evil.example")])));
        let listed = Origins::new(vec!["https://learn.example".into()]);
        assert!(listed.admits(&headers(&[("host", "viva.example"), ("origin", "https://learn.example")])));
        assert!(!listed.admits(&headers(&[("host", "viva.example"), ("origin", "https://learn.example.evil")])));
    }

    #[test]
    fn only_a_direct_request_to_this_machine_is_local() {
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "127.0.0.2"] {
            let mut named = HeaderMap::new();
            named.insert("host", HeaderValue::from_static(host));
            assert!(is_local(&named, HERE), "{host}");
        }
        for refused in [
            headers(&[]),
            headers(&[("host", "evil.example:8080")]),
            headers(&[("host", "127.0.0.1.evil.example")]),
            headers(&[("host", "localhost:8080"), ("origin", "http://evil.example")]),
            headers(&[("host", "localhost:8080"), ("x-forwarded-for", "203.0.113.9")]),
            headers(&[("host", "localhost:8080"), ("forwarded", "for=203.0.113.9")]),
        ] {
            assert!(!is_local(&refused, HERE), "{refused:?}");
        }
        assert!(!is_local(&headers(&[("host", "localhost:8080")]), "203.0.113.9".parse().unwrap()));
    }
}
