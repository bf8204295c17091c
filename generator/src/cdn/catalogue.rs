//! What is asked of the CDN: gems, hosts, responses, ciphers, cache states.
//!
//! Weights were counted in 498 public sample lines of rubygems.org and rounded; the gems are public names, the most
//! asked for first.

use super::vocabulary::Weighted;

/// Names of gems by descending demand (drawn by Zipf's law).
pub(super) const GEMS: &[&str] = &[
    "bundler",
    "rake",
    "rack",
    "json",
    "minitest",
    "i18n",
    "nokogiri",
    "activesupport",
    "thor",
    "tzinfo",
    "rspec-core",
    "diff-lcs",
    "rspec-support",
    "multi_json",
    "builder",
    "rspec-mocks",
    "rspec-expectations",
    "rails",
    "mime-types",
    "activemodel",
    "thread_safe",
    "activerecord",
    "actionpack",
    "concurrent-ruby",
    "mini_portile2",
    "railties",
    "actionview",
    "mail",
    "ffi",
    "erubis",
    "rack-test",
    "faraday",
    "multipart-post",
    "arel",
    "tilt",
    "method_source",
    "sprockets",
    "addressable",
    "actionmailer",
    "aws-sdk-core",
    "aws-sigv4",
    "jmespath",
    "coderay",
    "pry",
    "sass",
    "execjs",
    "hashie",
    "net-ssh",
    "chef",
    "chef-vault",
    "public_suffix",
    "mixlib-cli",
    "mixlib-log",
    "ohai",
    "rubocop",
    "parser",
    "ast",
    "rainbow",
    "jwt",
    "oauth2",
    "redis",
    "sidekiq",
    "puma",
    "unicorn",
    "eventmachine",
    "thin",
    "haml",
    "slop",
    "highline",
    "domain_name",
    "http-cookie",
    "unf",
    "unf_ext",
    "netrc",
    "rest-client",
    "websocket-driver",
    "websocket-extensions",
    "globalid",
    "activejob",
    "nio4r",
    "actioncable",
    "crass",
    "loofah",
    "rails-html-sanitizer",
    "rails-dom-testing",
    "sprockets-rails",
    "erubi",
    "marcel",
    "mimemagic",
    "activestorage",
    "bootsnap",
    "msgpack",
    "spring",
    "byebug",
    "web-console",
    "bindex",
    "listen",
    "rb-fsevent",
    "rb-inotify",
    "ruby_dep",
    "turbolinks",
    "turbolinks-source",
    "uglifier",
    "coffee-script",
    "coffee-script-source",
    "jquery-rails",
    "sass-rails",
    "sqlite3",
    "pg",
    "mysql2",
    "capybara",
    "selenium-webdriver",
    "childprocess",
    "rubyzip",
    "xpath",
    "simplecov",
    "simplecov-html",
    "docile",
    "factory_bot",
    "factory_bot_rails",
    "faker",
    "database_cleaner",
    "shoulda-matchers",
    "webmock",
    "crack",
    "safe_yaml",
    "hashdiff",
    "vcr",
    "timecop",
    "devise",
    "warden",
    "bcrypt",
    "orm_adapter",
    "responders",
    "cancancan",
    "kaminari",
    "will_paginate",
    "carrierwave",
    "paperclip",
    "fog-core",
    "fog-aws",
    "excon",
    "formatador",
    "ipaddress",
    "xmlpath",
    "aws-sdk",
    "aws-sdk-s3",
    "aws-sdk-kms",
    "aws-partitions",
    "google-api-client",
    "signet",
    "googleauth",
    "memoist",
    "os",
    "representable",
    "uber",
    "declarative",
    "retriable",
    "jekyll",
    "liquid",
    "kramdown",
    "rouge",
    "mercenary",
    "pathutil",
    "forwardable-extended",
    "colorator",
    "sentry-raven",
    "newrelic_rpm",
    "dalli",
    "connection_pool",
    "rack-protection",
    "sinatra",
    "mustermann",
    "cucumber",
    "cucumber-core",
    "gherkin",
    "cucumber-wire",
    "cucumber-expressions",
    "multi_test",
    "backports",
    "puppet",
    "facter",
    "hiera",
    "fast_gettext",
    "locale",
    "cocoapods",
    "cocoapods-core",
    "xcodeproj",
    "claide",
    "nanaimo",
    "colored2",
    "atomos",
    "fastlane",
    "gh_inspector",
    "molinillo",
    "escape",
    "fourflusher",
    "nap",
    "fuzzy_match",
    "ethon",
    "typhoeus",
    "algoliasearch",
    "httpclient",
    "mini_magick",
    "mini_mime",
    "tty-cursor",
    "tty-screen",
    "tty-spinner",
    "unicode-display_width",
    "terminal-table",
    "rdoc",
    "racc",
    "rexical",
    "hoe",
    "jruby-openssl",
    "jar-dependencies",
    "win32-api",
    "windows-api",
    "win32-file",
    "ptools",
    "bones-extras",
    "little-plugger",
    "loquacious",
    "spicycode-rcov",
    "rcov",
    "abstract",
    "camping",
    "markaby",
    "metaid",
    "amq-protocol",
    "bunny",
    "pcap",
    "rbnacl",
    "ruby-openid",
    "ruby_parser",
    "sexp_processor",
    "tenderlove-frex",
    "test-spec",
    "treetop",
    "polyglot",
    "yard",
    "ZenTest",
    "RedCloth",
    "CFPropertyList",
    "ParseTree",
];

/// The platforms of packaged gems other than plain Ruby.
pub(super) const GEM_PLATFORMS: &[&str] =
    &["java", "x86-mingw32", "x64-mingw32", "x86_64-linux", "x86_64-darwin"];

/// Where index files and packages lie, as the log names the host behind the CDN.
pub(super) const STORE: &str = "oregon.production.s3.rubygems.org.s3-us-west-2.amazonaws.com";

pub(super) const INDEX_HOSTS: &[Weighted] =
    &[("index.rubygems.org", 960), ("www.rubygems.org", 24), ("rubygems.org", 16)];

pub(super) const DEPENDENCY_HOSTS: &[Weighted] = &[
    ("index.rubygems.org", 370),
    ("api.rubygems.org", 330),
    ("www.rubygems.org", 110),
    ("rubygems.org", 110),
    ("bundler.rubygems.org", 80),
];

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ask {
    /// `/specs.4.8.gz`: counted.
    Specs,
    /// `/latest_specs.4.8.gz`: counted.
    LatestSpecs,
    /// `/prerelease_specs.4.8.gz`: counted.
    PrereleaseSpecs,
    /// `/versions`: counted.
    Versions,
    /// `/api/v1/dependencies` without a query: counted.
    Probe,
    /// `/api/v1/dependencies` with one: not counted.
    Dependencies,
    /// `/info/GEM`.
    Info,
    /// `/quick/Marshal.4.8/GEM-VERSION.gemspec.rz`.
    Quick,
    /// `/gems/GEM-VERSION.gem`.
    Package,
    /// `/api/v1/versions/GEM.json`.
    Api,
    /// `/`.
    Home,
    /// A path that looks like a counted one and is not, such as `/versions/`.
    NearMiss,
}

impl Ask {
    /// Whether the counter counts such a line.
    pub(super) fn is_counted(self) -> bool {
        matches!(self, Self::Specs | Self::LatestSpecs | Self::PrereleaseSpecs | Self::Versions | Self::Probe)
    }
}

pub(super) const BUNDLER_ASKS: &[(Ask, u32)] = &[
    (Ask::Info, 496),
    (Ask::Dependencies, 291),
    (Ask::Quick, 130),
    (Ask::Versions, 47),
    (Ask::Probe, 33),
    (Ask::NearMiss, 3),
];

pub(super) const RUBYGEMS_ASKS: &[(Ask, u32)] = &[
    (Ask::Specs, 205),
    (Ask::Quick, 235),
    (Ask::Dependencies, 230),
    (Ask::Package, 205),
    (Ask::Probe, 81),
    (Ask::LatestSpecs, 38),
    (Ask::PrereleaseSpecs, 5),
    (Ask::NearMiss, 1),
];

pub(super) const OTHER_ASKS: &[(Ask, u32)] = &[
    (Ask::Dependencies, 600),
    (Ask::Api, 120),
    (Ask::Package, 90),
    (Ask::Home, 70),
    (Ask::Probe, 70),
    (Ask::Quick, 50),
];

pub(super) const NEAR_MISSES: &[&str] = &[
    "/versions/",
    "/versions.list",
    "/specs.4.8",
    "/api/v1/dependencies.json",
    "/latest_specs.4.8.gz.sha256",
    "/Versions",
];

/// Status and its text.
pub(super) const STATUSES: &[(&str, &str, u32)] = &[
    ("200", "OK", 9200),
    ("206", "Partial Content", 360),
    ("301", "Moved Permanently", 160),
    ("304", "Not Modified", 120),
    ("416", "Range Not Satisfiable", 80),
    ("404", "Not Found", 40),
    ("429", "Too Many Requests", 20),
    ("403", "Forbidden", 15),
    ("503", "Service Unavailable", 5),
];

/// How an object was last used, which decides the form of `cache_lastuse`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LastUse {
    /// Seconds ago.
    Ago,
    /// A Unix time, or zero.
    Time,
    /// Zero.
    Never,
}

/// What the edge says of its cache: `response_cache`, `cache_state`, the form of `cache_lastuse`, share.
pub(super) const CACHES: &[(&str, &str, LastUse, u32)] = &[
    ("HIT", "HIT", LastUse::Ago, 188),
    ("HIT, HIT", "HIT", LastUse::Ago, 100),
    ("HIT", "HIT-CLUSTER", LastUse::Time, 99),
    ("HIT, HIT", "HIT-CLUSTER", LastUse::Time, 31),
    ("HIT", "HIT-STALE", LastUse::Ago, 25),
    ("MISS", "MISS-CLUSTER", LastUse::Time, 24),
    ("MISS", "PASS", LastUse::Never, 15),
    ("HIT", "HIT-STALE-CLUSTER", LastUse::Time, 8),
    ("MISS, HIT", "HIT", LastUse::Ago, 5),
    ("HIT", "HIT-WAIT-CLUSTER", LastUse::Time, 1),
    ("MISS, MISS", "MISS-CLUSTER", LastUse::Time, 1),
    ("HIT, MISS", "MISS-CLUSTER", LastUse::Time, 1),
];

/// `tls_version` and `tls_cipher`; both are empty on a line that came in the clear.
pub(super) const CIPHERS: &[(&str, &str, u32)] = &[
    ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 945),
    ("", "", 30),
    ("TLSv1.2", "ECDHE-RSA-AES128-SHA256", 8),
    ("TLSv1", "ECDHE-RSA-AES128-SHA", 5),
    ("TLSv1.1", "ECDHE-RSA-AES128-SHA", 5),
    ("TLSv1.2", "AES128-SHA", 4),
    ("TLSv1.2", "AES128-GCM-SHA256", 3),
];
