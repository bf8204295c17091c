//! The words of access logs, with weights counted in the real samples `servers/apache_combined_10k.log` (9,999 whole
//! lines) and `servers/nginx_combined.log` (3,000), and rounded. No path, agent or referrer of a person is kept.

/// A word and how often it is drawn, relative to the others of its list.
pub(super) type Weighted = (&'static str, u32);

pub(super) const METHODS: [Weighted; 4] = [("GET", 9873), ("POST", 74), ("HEAD", 50), ("OPTIONS", 3)];

pub(super) const PROTOCOLS: [Weighted; 2] = [("HTTP/1.1", 930), ("HTTP/1.0", 70)];

/// Statuses of a calm hour, and which of them come with a body.
pub(super) const STATUSES: [(&str, u32, bool); 12] = [
    ("200", 9126, true),
    ("304", 445, false),
    ("404", 213, true),
    ("301", 164, true),
    ("206", 45, true),
    ("403", 12, true),
    ("302", 9, true),
    ("500", 5, true),
    ("416", 2, true),
    ("405", 1, true),
    ("502", 1, true),
    ("503", 1, true),
];

/// What fails in a storm: each status's place in [`STATUSES`] and its share.
pub(super) const STORM: [(usize, u32); 3] = [(7, 5), (10, 3), (11, 2)];

/// Where requests come from; the first is none at all.
pub(super) const REFERRERS: [Weighted; 10] = [
    ("-", 407),
    ("http://www.shop.example/", 304),
    ("http://shop.example/", 200),
    ("https://www.search.example/", 40),
    ("http://www.search.example/url?sa=t&rct=j&q=&esrc=s&source=web&cd=1&ved=0CCYQFjAA", 20),
    ("http://answers.example/questions/tagged/linux", 8),
    ("http://planet.example/", 7),
    ("https://social.example/status/", 6),
    ("http://www.search.example/search?hl=fr&q=caf%C3%A9+%22noir%22", 5),
    ("http://mirror.example/stolen/page.html", 3),
];

/// The commonest paths, which every corpus has.
pub(super) const COMMON_PATHS: [&str; 12] = [
    "/favicon.ico",
    "/style.css",
    "/reset.css",
    "/images/logo-80.png",
    "/images/banner.png",
    "/blog/tags/howto?flav=rss20",
    "/projects/tool/",
    "/?flav=rss20",
    "/",
    "/robots.txt",
    "/projects/tool/manual.xhtml",
    "/?flav=atom",
];

pub(super) const FOLDERS: [&str; 10] = [
    "/blog/",
    "/projects/",
    "/articles/",
    "/images/",
    "/files/",
    "/presentations/",
    "/scripts/",
    "/api/v1/",
    "/m/browse/",
    "/static/js/",
];

pub(super) const STEMS: [&str; 24] = [
    "index",
    "kibana",
    "search",
    "dashboard",
    "plugin",
    "theme",
    "photo",
    "intro",
    "release",
    "notes",
    "agenda",
    "pricing",
    "contact",
    "week",
    "draft",
    "archive",
    "lamp",
    "mirror",
    "kettle",
    "basket",
    "invoice",
    "ledger",
    "%C3%BCbersicht",
    "a%20b",
];

/// Endings, by how many of the real paths have them.
pub(super) const ENDINGS: [Weighted; 10] = [
    ("/", 292),
    (".png", 233),
    (".css", 146),
    (".html", 95),
    (".jpg", 26),
    (".js", 25),
    (".txt", 19),
    (".gif", 18),
    (".woff2", 5),
    ("", 40),
];

pub(super) const QUERIES: [&str; 6] = [
    "?flav=rss20",
    "?page=",
    "?q=",
    "?id=",
    "?utm_source=feed&utm_medium=rss&n=",
    "?name=q.jpg&wh=200x200&v=",
];

pub(super) const SYSTEMS: [Weighted; 12] = [
    ("Windows NT 6.1; WOW64", 30),
    ("Windows NT 10.0; Win64; x64", 24),
    ("Macintosh; Intel Mac OS X 10_9_1", 12),
    ("Windows NT 6.1", 8),
    ("X11; Linux x86_64", 8),
    ("Windows NT 6.3; WOW64", 5),
    ("X11; Ubuntu; Linux x86_64", 5),
    ("Windows NT 5.1", 4),
    ("iPhone; CPU iPhone OS 12_1_2 like Mac OS X", 4),
    ("Linux; Android 8.0.0; SM-G950F", 4),
    ("Linux; Android 5.1.1; SM-A710F Build/LMY47X", 3),
    ("iPad; CPU OS 7_0 like Mac OS X", 2),
];

/// Programs that are no browsers; the first is none at all.
pub(super) const ROBOTS: [Weighted; 14] = [
    ("-", 190),
    ("UniversalFeedParser/4.2-pre-314-svn +http://feedparser.org/", 364),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", 508),
    ("Tiny Tiny RSS/1.11 (http://tt-rss.org/)", 198),
    ("Mozilla/5.0 (compatible; archive.org_bot +http://www.archive.org/details/archive.org_bot)", 166),
    ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", 120),
    ("FeedBurner/1.0 (http://www.FeedBurner.com)", 108),
    ("Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)", 106),
    ("msnbot/2.0b (+http://search.msn.com/msnbot.htm)", 96),
    ("curl/7.88.1", 40),
    ("Wget/1.21.3 (linux-gnu)", 20),
    ("python-requests/2.28.1", 20),
    ("Go-http-client/1.1", 20),
    ("Dalvik/2.1.0 (Linux; U; Android 8.1.0; SM-J701F Build/M1AJQ)", 20),
];
