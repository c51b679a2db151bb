//! What a client shows at the door: the sub-protocols that it offers, and its token among them or in `Authorization`.
//!
//! A browser cannot set headers on a WebSocket, so that its token comes as a sub-protocol. Whether the token is believed is `connect`'s
//! business.

use protocol::v1::{BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL};

/// The sub-protocols in the lines of `Sec-WebSocket-Protocol`.
pub fn offers<'h>(lines: impl IntoIterator<Item = &'h str>) -> impl Iterator<Item = &'h str> {
    lines.into_iter().flat_map(|line| line.split(',')).map(str::trim)
}

/// Whether the client speaks our protocol.
pub fn offers_ours<'h>(lines: impl IntoIterator<Item = &'h str>) -> bool {
    offers(lines).any(|offer| offer == SUBPROTOCOL)
}

/// The token: of a sub-protocol first, else of `Authorization`.
pub fn token<'h>(protocol_lines: impl IntoIterator<Item = &'h str>, authorization: Option<&'h str>) -> Option<&'h str> {
    let offered = offers(protocol_lines).find_map(|offer| offer.strip_prefix(BEARER_SUBPROTOCOL_PREFIX));
    offered.or_else(|| authorization.and_then(bearer))
}

/// The token of `Authorization: Bearer`.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_as_a_sub_protocol_or_in_the_header() {
        assert_eq!(token(["viva.v1, viva.bearer.abc"], None), Some("abc"));
        assert_eq!(token(["viva.v1", "viva.bearer.abc"], Some("Bearer def")), Some("abc"));
        assert_eq!(token(["viva.v1"], Some("bearer  def ")), Some("def"));
        assert_eq!(token(["viva.v1"], Some("Basic def")), None);
        assert_eq!(token([], None), None);
    }

    #[test]
    fn ours_is_found_among_others() {
        assert!(offers_ours(["chat , viva.v1"]));
        assert!(!offers_ours(["viva.v2, viva.bearer.viva.v1"]));
    }
}
