//! The words of the application log: services, and what they say.
//!
//! Invented; the levels' shares and the number of workers follow common practice in benchmarks of log tools.

/// Services and how much each one says. A service's threads and the order of its keys are its own.
pub(super) const SERVICES: [(&str, u32); 8] = [
    ("gateway", 260),
    ("checkout", 170),
    ("catalog", 150),
    ("payments", 120),
    ("inventory", 110),
    ("accounts", 90),
    ("shipping", 60),
    ("search", 40),
];

/// Levels and their shares.
pub(super) const LEVELS: [(&str, u32); 4] = [("DEBUG", 100), ("INFO", 600), ("WARN", 200), ("ERROR", 100)];

/// A message with its fields, and its share among those of its level.
///
/// Both are JSON text. What stands in `<>` is drawn: `n` a number, `big` a number of up to 31 bits, `neg` a negative one,
/// `ms` milliseconds with three decimals, `exp` a number with an exponent, `bool`, `status`, `path`, `user`, `service`,
/// `word`, `hex` eight digits.
pub(super) struct Template {
    pub(super) message: &'static str,
    pub(super) fields: &'static str,
    pub(super) weight: u32,
}

const fn says(weight: u32, message: &'static str, fields: &'static str) -> Template {
    Template { message, fields, weight }
}

const DEBUG: &[Template] = &[
    says(30, "cache lookup for user:<user>", r#""hit":<bool>,"ttl_s":<n>"#),
    says(25, "connection checked out of the pool", r#""in_use":<n>,"idle":<n>"#),
    says(20, "query planned", r#""rows":<n>,"cost":<exp>,"index":"<word>_idx""#),
    says(10, r#"header \"x-request-start\" parsed"#, r#""skew_ms":<neg>"#),
    says(8, "retry budget refilled", r#""tokens":<ms>,"peer":"<service>""#),
    says(4, r"regex compiled: ^\\d+\\.<word>$", r#""bytes":<n>,"cached":<bool>"#),
];

const INFO: &[Template] = &[
    says(60, "GET <path> completed", r#""status":<status>,"duration_ms":<ms>"#),
    says(35, "POST <path> completed", r#""status":<status>,"duration_ms":<ms>,"bytes":<big>"#),
    says(30, "order <hex> accepted", r#""user":"<user>","items":<n>,"total":<ms>"#),
    says(25, "call to <service> returned", r#""duration_ms":<ms>,"attempt":<n>"#),
    says(20, "user <user> signed in", r#""mfa":<bool>,"session":"<hex>""#),
    says(18, "message consumed", r#""topic":"<word>","partition":<n>,"offset":<big>"#),
    says(12, "stock of <word> changed", r#""delta":<neg>,"left":<n>"#),
    says(8, "invoice sent to José Ørsted", r#""user":"<user>","pdf":null"#),
    says(
        5,
        r"price list imported: 1\u00a0024 rows, 3,50\u00a0€",
        r#""source":"C:\\in\\<word>.csv","ok":<bool>"#,
    ),
    says(4, r#"search for \"café ✓ <word>\""#, r#""hits":<n>,"took":{"query_ms":<ms>,"fetch_ms":<ms>}"#),
    says(3, "feature flags refreshed", r#""on":["<word>","<word>"],"version":<n>"#),
];

const WARN: &[Template] = &[
    says(40, "slow call to <service>", r#""duration_ms":<ms>,"limit_ms":<n>"#),
    says(25, "retrying after timeout", r#""attempt":<n>,"peer":"<service>","backoff_ms":<n>"#),
    says(20, "rate limit near for <user>", r#""used":<n>,"limit":<n>"#),
    says(12, "deprecated field \\\"<word>\\\" in request", r#""client":"<user>""#),
    says(8, "pool nearly exhausted", r#""in_use":<n>,"waiting":<n>,"load":<exp>"#),
    says(4, "clock is behind by <n> ms", r#""skew_ms":<neg>,"peer":"<service>""#),
];

const ERROR: &[Template] = &[
    says(30, "timeout after <n> ms calling <service>", r#""peer":"<service>","attempt":<n>"#),
    says(22, "payment <hex> declined", r#""code":"<word>","retryable":<bool>"#),
    says(18, "GET <path> failed", r#""status":500,"duration_ms":<ms>"#),
    says(12, "connection refused by <service>", r#""errno":111,"attempt":<n>"#),
    says(8, r"unhandled: KeyError\n\tat handler.<word>\n\tat pool.run", r#""kind":"KeyError","line":<n>"#),
    says(5, "invalid payload: expected \\\"<word>\\\" at byte <n>", r#""sample":"{\"a\":[1,2","bytes":<n>"#),
    says(3, "deadlock detected \u{1f512} on <word>", r#""rows":<n>,"victim":<bool>"#),
];

/// What is said at each of [`LEVELS`].
pub(super) const TEMPLATES: [&[Template]; 4] = [DEBUG, INFO, WARN, ERROR];

pub(super) const PATHS: [&str; 12] = [
    "/",
    "/health",
    "/api/orders",
    "/api/orders/recent",
    "/api/cart",
    "/api/cart/items",
    "/api/products",
    "/api/products/top",
    "/api/users/me",
    "/api/search",
    "/api/payments",
    "/login",
];

pub(super) const WORDS: [&str; 16] = [
    "orders", "prices", "invoice", "teapot", "lamp", "stock", "mirror", "basket", "beta", "ledger", "quota",
    "zone", "kettle", "shelf", "ticket", "audit",
];

pub(super) const STATUSES: [&str; 8] = ["200", "200", "200", "200", "201", "204", "304", "404"];
