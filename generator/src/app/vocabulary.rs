//! The words of the application log: services, whom they call, and what they say.
//!
//! Invented. Texts are JSON text with the slots of [`crate::sayings`]: a message, and the inside of an object of
//! fields.

use super::walk::Act;

/// Services. A service's threads, the order of its keys and whether it tells its host are its own.
pub(super) const SERVICES: [&str; 8] =
    ["gateway", "checkout", "catalog", "payments", "inventory", "accounts", "shipping", "search"];

/// What each service says on its own account, outside any request, relative to the others.
pub(super) const BACKGROUND_SHARES: [u32; 8] = [260, 170, 150, 120, 110, 90, 60, 40];

/// Whom a service calls, by its place in [`SERVICES`], likelier ones more often; its own place is work within it.
/// Requests come in at the first.
pub(super) const CALLS: [&[u8]; 8] = [
    &[1, 1, 1, 2, 2, 2, 5, 7, 0],
    &[3, 3, 4, 4, 5, 6, 1, 1],
    &[4, 7, 2, 2],
    &[5, 3, 3],
    &[4],
    &[5],
    &[4, 6, 6],
    &[7],
];

/// Levels, from the least to the most.
pub(super) const LEVELS: [&str; 4] = ["DEBUG", "INFO", "WARN", "ERROR"];

/// What can go wrong at the root of a failure, and how often relative to the others. A time-out takes its time.
pub(super) const KINDS: [(&str, u32); 6] =
    [("timeout", 30), ("refused", 16), ("declined", 18), ("invalid", 14), ("unhandled", 16), ("deadlock", 6)];

/// The place of the time-out in [`KINDS`].
pub(super) const TIMEOUT: u8 = 0;

/// A share among others, and a message with its fields.
pub(super) type Saying = (u32, [&'static str; 2]);

const ARRIVE: &[Saying] = &[
    (60, ["GET <path> accepted", r#""client":"<ip>","bytes":<n>"#]),
    (30, ["POST <path> accepted", r#""client":"<ip>","bytes":<big>"#]),
    (10, [r#"header \"x-request-start\" parsed"#, r#""skew_ms":<neg>,"user":"<user>""#]),
];

const BEGIN: &[Saying] = &[
    (40, ["called by <peer>", r#""user":"<user>","deadline_ms":<n>"#]),
    (20, ["order <hex> accepted", r#""user":"<user>","items":<n>,"total":<ms>"#]),
    (10, ["user <user> recognised", r#""mfa":<bool>,"session":"<hex>""#]),
];

const WITHIN: &[Saying] = &[
    (30, ["query planned", r#""rows":<n>,"cost":<exp>,"index":"<word>_idx""#]),
    (25, ["connection checked out of the pool", r#""in_use":<n>,"idle":<n>"#]),
    (20, ["cache lookup for user:<user>", r#""hit":<bool>,"ttl_s":<n>"#]),
    (4, [r"regex compiled: ^\\d+\\.<word>$", r#""bytes":<n>,"cached":<bool>"#]),
];

const NOTE: &[Saying] = &[
    (30, ["message consumed", r#""topic":"<word>","partition":<n>,"offset":<big>"#]),
    (25, ["stock of <word> changed", r#""delta":<neg>,"left":<n>"#]),
    (10, ["invoice sent to José Ørsted", r#""user":"<user>","pdf":null"#]),
    (
        8,
        [
            r"price list imported: 1\u00a0024 rows, 3,50\u00a0€",
            r#""source":"C:\\in\\<word>.csv","ok":<bool>"#,
        ],
    ),
    (8, [r#"search for \"café ✓ <word>\""#, r#""hits":<n>,"took":{"query_ms":<ms>,"fetch_ms":<ms>}"#]),
    (5, ["feature flags refreshed", r#""on":["<word>","<word>"],"version":<n>"#]),
    (1, ["session restored", r#""cookie":"<long>","user":"<user>""#]),
];

const WARNING: &[Saying] = &[
    (25, ["rate limit near for <user>", r#""used":<n>,"limit":<n>"#]),
    (15, [r#"deprecated field \"<word>\" in request"#, r#""client":"<user>""#]),
    (10, ["pool nearly exhausted", r#""in_use":<n>,"waiting":<n>,"load":<exp>"#]),
    (4, ["clock is behind by <n> ms", r#""skew_ms":<neg>,"peer":"<word>""#]),
];

const FINISH: &[Saying] = &[
    (60, ["GET <path> completed", r#""status":<status>,"duration_ms":<took>"#]),
    (30, ["POST <path> completed", r#""status":<status>,"duration_ms":<took>,"bytes":<big>"#]),
    (10, ["work on <word> done", r#""duration_ms":<took>,"ok":<bool>"#]),
];

const SLOW: &[Saying] = &[
    (60, ["slow: GET <path> completed", r#""duration_ms":<took>,"limit_ms":<n>"#]),
    (30, ["slow query on <word>", r#""duration_ms":<took>,"rows":<n>"#]),
];

const RETRY: &[Saying] = &[(
    1,
    [
        "retrying after <kind>: call to <peer>",
        r#""attempt":<try>,"peer":"<peer>","backoff_ms":<n>,"cause":"<kind>""#,
    ],
)];

const FALLBACK: &[Saying] = &[
    (3, ["<peer> failed, answering from the cache", r#""peer":"<peer>","cause":"<kind>","age_s":<n>"#]),
    (1, ["<peer> failed, left out of the answer", r#""peer":"<peer>","cause":"<kind>""#]),
];

const PROPAGATE: &[Saying] = &[
    (
        3,
        [
            "call to <peer> failed",
            r#""error":"upstream","cause":"<kind>","peer":"<peer>","duration_ms":<took>"#,
        ],
    ),
    (1, ["GET <path> failed", r#""error":"upstream","cause":"<kind>","status":502,"duration_ms":<took>"#]),
];

/// What is said at the root of a failure, for each of [`KINDS`].
pub(super) const FAILURES: [&[Saying]; 6] = [
    &[(
        1,
        [
            "timeout after <took> ms waiting for <word>",
            r#""error":"timeout","attempt":<try>,"duration_ms":<took>"#,
        ],
    )],
    &[(1, ["connection refused by <ip>:<port>", r#""error":"refused","errno":111,"attempt":<try>"#])],
    &[(1, ["payment <hex> declined", r#""error":"declined","code":"<word>","retryable":<bool>"#])],
    &[(
        1,
        [
            r#"invalid payload: expected \"<word>\" at byte <n>"#,
            r#""error":"invalid","sample":"{\"a\":[1,2","bytes":<n>"#,
        ],
    )],
    &[
        (
            3,
            [r"unhandled: KeyError\n\tat handler.<word>\n\tat pool.run", r#""error":"unhandled","line":<n>"#],
        ),
        (1, ["unhandled: NullPointerException<stack>", r#""error":"unhandled","line":<n>"#]),
    ],
    &[(1, ["deadlock detected \u{1f512} on <word>", r#""error":"deadlock","rows":<n>,"victim":<bool>"#])],
];

/// What is said in each act but the last, [`Act::Fail`], in their order.
pub(super) const SAYINGS: [&[Saying]; Act::Fail as usize] =
    [ARRIVE, BEGIN, WITHIN, NOTE, WARNING, FINISH, SLOW, RETRY, FALLBACK, PROPAGATE];
