//! The keys of the CDN line and the orders they come in.

/// A key of the line, or a run of neighbouring keys that is kept ready-made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    Timestamp,
    TimeElapsed,
    ClientIp,
    /// `client_continent` to `client_timezone`.
    Place,
    /// One of the seven keys of [`Field::Place`].
    PlacePart(u8),
    ClientConnection,
    Request,
    RequestHost,
    RequestPath,
    RequestQuery,
    RequestBytes,
    UserAgent,
    Http2,
    /// `tls` (where the line has it), `tls_version`, `tls_cipher`.
    Tls,
    /// One of the three keys of [`Field::Tls`].
    TlsPart(u8),
    /// `response_status` and `response_text`.
    Status,
    /// One of the two keys of [`Field::Status`].
    StatusPart(u8),
    ResponseBytes,
    /// `response_cache` and `cache_state`.
    Cache,
    /// One of the two keys of [`Field::Cache`].
    CachePart(u8),
    CacheLastuse,
    CacheHits,
    /// `server_region` and `server_datacenter`.
    Server,
    /// One of the two keys of [`Field::Server`].
    ServerPart(u8),
    Gem,
    Version,
    Platform,
}

use Field as F;

/// The order of the real lines, in runs.
pub(super) const USUAL: [Field; 22] = [
    F::Timestamp,
    F::TimeElapsed,
    F::ClientIp,
    F::Place,
    F::ClientConnection,
    F::Request,
    F::RequestHost,
    F::RequestPath,
    F::RequestQuery,
    F::RequestBytes,
    F::UserAgent,
    F::Http2,
    F::Tls,
    F::Status,
    F::ResponseBytes,
    F::Cache,
    F::CacheLastuse,
    F::CacheHits,
    F::Server,
    F::Gem,
    F::Version,
    F::Platform,
];

/// Every key by itself, in the same order.
const KEYS: [(&str, Field); 33] = [
    ("timestamp", F::Timestamp),
    ("time_elapsed", F::TimeElapsed),
    ("client_ip", F::ClientIp),
    ("client_continent", F::PlacePart(0)),
    ("client_country", F::PlacePart(1)),
    ("client_region", F::PlacePart(2)),
    ("client_city", F::PlacePart(3)),
    ("client_latitude", F::PlacePart(4)),
    ("client_longitude", F::PlacePart(5)),
    ("client_timezone", F::PlacePart(6)),
    ("client_connection", F::ClientConnection),
    ("request", F::Request),
    ("request_host", F::RequestHost),
    ("request_path", F::RequestPath),
    ("request_query", F::RequestQuery),
    ("request_bytes", F::RequestBytes),
    ("user_agent", F::UserAgent),
    ("http2", F::Http2),
    ("tls", F::TlsPart(0)),
    ("tls_version", F::TlsPart(1)),
    ("tls_cipher", F::TlsPart(2)),
    ("response_status", F::StatusPart(0)),
    ("response_text", F::StatusPart(1)),
    ("response_bytes", F::ResponseBytes),
    ("response_cache", F::CachePart(0)),
    ("cache_state", F::CachePart(1)),
    ("cache_lastuse", F::CacheLastuse),
    ("cache_hits", F::CacheHits),
    ("server_region", F::ServerPart(0)),
    ("server_datacenter", F::ServerPart(1)),
    ("gem", F::Gem),
    ("version", F::Version),
    ("platform", F::Platform),
];

/// Every key by itself, in the usual order: what shuffles start from.
pub(super) fn single() -> Vec<Field> {
    KEYS.iter().map(|&(_, field)| field).collect()
}

/// The fixed orders: the usual one, and seven that other writers of such lines would have.
pub(super) fn fixed() -> [Vec<Field>; 8] {
    let mut sorted = KEYS;
    sorted.sort_unstable_by_key(|&(key, _)| key);
    let sorted = sorted.iter().map(|&(_, field)| field).collect();
    let reversed = single().into_iter().rev().collect();
    let rotated = |by: usize| [&USUAL[by..], &USUAL[..by]].concat();
    let swapped = |one: usize, other: usize| {
        let mut order = USUAL;
        order.swap(one, other);
        order.to_vec()
    };
    [USUAL.to_vec(), sorted, reversed, rotated(3), rotated(10), rotated(18), swapped(0, 10), swapped(2, 13)]
}

/// How often each of the fixed orders is drawn.
pub(super) const FIXED_WEIGHTS: [u32; 8] = [900, 20, 10, 15, 15, 10, 15, 15];
