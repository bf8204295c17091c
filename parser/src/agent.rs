//! The user agents of Bundler and `RubyGems`, by hand.
//!
//! `V` is one or more of `0-9 a-z A-Z . -`. The forms, tried in this order:
//!
//! 1. Bundler: `bundler/V rubygems/V ruby/V (platform) command/...`. The platform ends at the first `) command/`.
//!    The first word after `command/` is the command's, whatever it is. Of the words after it, parted by single
//!    spaces, the sections count that come in the order `jruby/`, `truffleruby/`, `options/`, `ci/`, an id of 16
//!    hexadecimal digits, `Gemstash/V` (only after the id). All other words are passed over: more of the command, more
//!    of a list that holds spaces, or a suffix that is not known.
//! 2. `RubyGems`: `RubyGems/V platform Ruby/V (...)`, or the same after `Ruby, `. The platform ends at the first
//!    ` Ruby/`, the parenthesis at the first `)`. Of the words after it, the first `Gemstash/V` counts.
//! 3. `Ruby, Gems V`.
//! 4. Anything else.

/// What sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agent<'a> {
    /// Form 1.
    Bundler(Versions<'a>),
    /// Form 2.
    RubyGems(Versions<'a>),
    /// Form 3, from before `RubyGems` told more.
    OldRubyGems,
    /// Form 4.
    Other,
}

/// What a user agent tells, each part as it stands there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Versions<'a> {
    /// The version of `RubyGems`.
    pub rubygems: &'a [u8],
    /// The version of Ruby.
    pub ruby: &'a [u8],
    /// The platform, which may hold spaces.
    pub platform: &'a [u8],
    /// The version of Bundler.
    pub bundler: Option<&'a [u8]>,
    /// The names of the CI systems, parted by commas.
    pub ci: Option<&'a [u8]>,
    /// The version of Gemstash.
    pub gemstash: Option<&'a [u8]>,
}

impl<'a> Agent<'a> {
    /// Reads a user agent; any bytes will do.
    pub fn parse(text: &'a [u8]) -> Self {
        bundler(text)
            .map(Self::Bundler)
            .or_else(|| rubygems(text).map(Self::RubyGems))
            .unwrap_or_else(|| if is_old(text) { Self::OldRubyGems } else { Self::Other })
    }

    /// What it tells, if it is of form 1 or 2.
    pub fn versions(&self) -> Option<&Versions<'a>> {
        match self {
            Self::Bundler(versions) | Self::RubyGems(versions) => Some(versions),
            Self::OldRubyGems | Self::Other => None,
        }
    }
}

/// The sections after a command, in the order in which they come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Command,
    Jruby,
    Truffleruby,
    Options,
    Ci,
    Id,
    Gemstash,
}

fn bundler(text: &[u8]) -> Option<Versions<'_>> {
    let (bundler, rest) = version(text.strip_prefix(b"bundler/")?)?;
    let (rubygems, rest) = version(rest.strip_prefix(b" rubygems/")?)?;
    let (ruby, rest) = version(rest.strip_prefix(b" ruby/")?)?;
    let (platform, rest) = split(rest.strip_prefix(b" (")?, b") command/")?;
    let mut versions = Versions { rubygems, ruby, platform, bundler: Some(bundler), ..Versions::default() };
    let mut last = Section::Command;
    for word in words(rest).skip(1) {
        let Some((section, value)) = section(word) else { continue };
        if section <= last || (section == Section::Gemstash && last != Section::Id) {
            continue;
        }
        match section {
            Section::Ci => versions.ci = Some(value),
            Section::Gemstash => versions.gemstash = Some(value),
            _ => {}
        }
        last = section;
    }
    Some(versions)
}

fn rubygems(text: &[u8]) -> Option<Versions<'_>> {
    let rest = text.strip_prefix(b"Ruby, ").unwrap_or(text);
    let (rubygems, rest) = version(rest.strip_prefix(b"RubyGems/")?)?;
    let (platform, rest) = split(rest.strip_prefix(b" ")?, b" Ruby/")?;
    let (ruby, rest) = version(rest)?;
    let (_, rest) = split(rest.strip_prefix(b" (")?, b")")?;
    let gemstash = words(rest).find_map(gemstash);
    Some(Versions { rubygems, ruby, platform, gemstash, ..Versions::default() })
}

fn is_old(text: &[u8]) -> bool {
    text.strip_prefix(b"Ruby, Gems ").and_then(version).is_some_and(|(_, rest)| rest.is_empty())
}

/// Whether a user agent is one product by RFC 9110, section 10.1.5: a name, or a name and a version.
pub(crate) fn is_product(text: &[u8]) -> bool {
    let is_token = |token: &[u8]| {
        let inside = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
        !token.is_empty() && token.iter().all(inside)
    };
    match memchr::memchr(b'/', text) {
        None => is_token(text),
        Some(slash) => is_token(&text[..slash]) && is_token(&text[slash + 1..]),
    }
}

/// Which section a word begins, and its value.
fn section(word: &[u8]) -> Option<(Section, &[u8])> {
    // Nearly every word begins with a letter that only one section begins with.
    let named = match word.first()? {
        b'j' => word.strip_prefix(b"jruby/").map(|value| (Section::Jruby, value)),
        b't' => word.strip_prefix(b"truffleruby/").map(|value| (Section::Truffleruby, value)),
        b'o' => word.strip_prefix(b"options/").map(|value| (Section::Options, value)),
        b'c' => word.strip_prefix(b"ci/").map(|value| (Section::Ci, value)),
        b'G' => gemstash(word).map(|value| (Section::Gemstash, value)),
        _ => None,
    };
    let is_id = word.len() == 16 && word.iter().all(u8::is_ascii_hexdigit);
    named.or_else(|| is_id.then_some((Section::Id, word)))
}

fn gemstash(word: &[u8]) -> Option<&[u8]> {
    let (version, rest) = version(word.strip_prefix(b"Gemstash/")?)?;
    rest.is_empty().then_some(version)
}

/// A `V`, and what follows it.
fn version(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let end = text.iter().position(|b| !inside(b)).unwrap_or(text.len());
    if end == 0 { None } else { text.split_at_checked(end) }
}

/// What stands before and after the first `mark`.
fn split<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let first = *mark.first()?;
    for at in memchr::memchr_iter(first, text) {
        if let Some(rest) = text[at..].strip_prefix(mark) {
            return Some((&text[..at], rest));
        }
    }
    None
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memchr(b' ', text);
        rest = end.and_then(|end| text.get(end + 1..));
        Some(&text[..end.unwrap_or(text.len())])
    })
}

#[cfg(test)]
mod tests {
    use super::{Agent, Versions, is_product};

    fn versions(text: &str) -> Versions<'_> {
        *Agent::parse(text.as_bytes()).versions().expect("a known form")
    }

    #[test]
    fn bundler_in_full() {
        let got = versions(
            "bundler/1.16.1 rubygems/2.6.11 ruby/2.4.1 (x86_64-Oracle Corporation-linux) command/exec a/b \
             jruby/9.1 options/path,mirror.https://x/ ci/travis,ci 59dbf8e99fa09c0a Gemstash/1.1.0",
        );
        assert_eq!(got.bundler, Some(b"1.16.1".as_slice()));
        assert_eq!(got.rubygems, b"2.6.11");
        assert_eq!(got.ruby, b"2.4.1");
        assert_eq!(got.platform, b"x86_64-Oracle Corporation-linux");
        assert_eq!(got.ci, Some(b"travis,ci".as_slice()));
        assert_eq!(got.gemstash, Some(b"1.1.0".as_slice()));
    }

    #[test]
    fn an_unknown_suffix_or_a_cut_end_costs_nothing_else() {
        let start = "bundler/1.2 rubygems/3.4 ruby/5.6 (x) command/";
        for end in ["", "install", " options/x ci/", "i 59dbf8e99fa09c0a novel/1.0", "i ci/ 59dbf8"] {
            let text = format!("{start}{end}");
            assert_eq!(versions(&text).bundler, Some(b"1.2".as_slice()), "{text}");
        }
        let text = format!("{start}i ci/a 59dbf8e99fa09c0a novel/1.0 Gemstash/2");
        assert_eq!(versions(&text).gemstash, Some(b"2".as_slice()));
        let text = format!("{start}ci/a ci/b");
        assert_eq!(versions(&text).ci, Some(b"b".as_slice()), "the first word is the command");
        let text = format!("{start}i Gemstash/2");
        assert_eq!(versions(&text).gemstash, None, "no id before it");
    }

    #[test]
    fn rubygems_with_and_without_its_prefix() {
        let got = versions(
            "Ruby, RubyGems/2.4.8 x86_64-linux Ruby/2.2.2 (2015-04-13 patchlevel 95) jruby Gemstash/1.0",
        );
        assert_eq!((got.rubygems, got.ruby), (b"2.4.8".as_slice(), b"2.2.2".as_slice()));
        assert_eq!((got.platform, got.gemstash), (b"x86_64-linux".as_slice(), Some(b"1.0".as_slice())));
        assert_eq!(got.bundler, None);
        assert_eq!(versions("RubyGems/1.3.2 x86_64-linux Ruby/1.8.5 (2006-08-25)").ruby, b"1.8.5");
    }

    #[test]
    fn a_product_is_a_name_and_perhaps_a_version() {
        for product in ["curl", "curl/7.1", "Wget/1.12+x", "python-requests/2.9.1"] {
            assert!(is_product(product.as_bytes()), "{product}");
        }
        for other in ["", "/", "curl/", "/7", "curl/7/1", "Mozilla/5.0 (X11)", "a b", "caf\u{e9}"] {
            assert!(!is_product(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn the_rest() {
        assert_eq!(Agent::parse(b"Ruby, Gems 1.1.1"), Agent::OldRubyGems);
        for other in
            ["", "Ruby, Gems ", "curl/7.1", "bundler/ rubygems/1 ruby/1 (x) command/", "RubyGems/1 x Ruby/1"]
        {
            assert_eq!(Agent::parse(other.as_bytes()), Agent::Other, "{other}");
        }
    }
}
