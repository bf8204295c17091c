//! One line of the CDN log: what it says, and how each of its keys is written.

use super::agents::Agent;
use super::catalogue::{Ask, GEM_PLATFORMS, GEMS, NEAR_MISSES};
use super::fields::Field;
use crate::clients::Population;
use crate::orders::Record;
use crate::ready::Ready;
use crate::text::{Buffer, decimal, hex, padded};

/// A released gem.
#[derive(Clone, Copy, Default)]
pub(super) struct Gem {
    /// Its place in [`GEMS`].
    pub(super) name: u16,
    /// Major, minor and patch version.
    pub(super) version: [u8; 3],
    /// The number of a pre-release, or 0 for none.
    pub(super) pre: u8,
    /// One more than its place in [`GEM_PLATFORMS`], or 0 for plain Ruby.
    pub(super) platform: u8,
}

impl Gem {
    fn write_name(self, out: &mut Buffer) {
        out.extend_from_slice(GEMS[usize::from(self.name)].as_bytes());
    }

    fn write_version(self, out: &mut Buffer) {
        let [major, minor, patch] = self.version;
        decimal(out, u32::from(major));
        out.push(b'.');
        decimal(out, u32::from(minor));
        out.push(b'.');
        decimal(out, u32::from(patch));
        if self.pre > 0 {
            out.extend_from_slice(b".rc");
            decimal(out, u32::from(self.pre));
        }
    }

    fn platform(self) -> Option<&'static str> {
        GEM_PLATFORMS.get(usize::from(self.platform).wrapping_sub(1)).copied()
    }

    fn write_full_name(self, out: &mut Buffer) {
        self.write_name(out);
        out.push(b'-');
        self.write_version(out);
        if let Some(platform) = self.platform() {
            out.push(b'-');
            out.extend_from_slice(platform.as_bytes());
        }
    }
}

/// When an object was last used: seconds (ago, or since 1970) and milliseconds.
#[derive(Clone, Copy)]
pub(super) struct LastUsed {
    pub(super) seconds: u32,
    pub(super) milliseconds: u32,
}

/// What a line says, drawn and not yet written.
pub(super) struct Line<'a> {
    pub(super) time: &'a [u8; 19],
    pub(super) time_elapsed: u32,
    pub(super) population: &'a Population,
    pub(super) client: u32,
    pub(super) place: &'a Ready<7>,
    pub(super) connection: &'a Ready<1>,
    pub(super) method: &'static str,
    pub(super) host: &'a Ready<1>,
    pub(super) ask: Ask,
    /// The gem that the path names; for [`Ask::NearMiss`], its `name` is a place in [`NEAR_MISSES`].
    pub(super) gem: Gem,
    /// The gems that the query names.
    pub(super) query: &'a [u16],
    /// What stands between them.
    pub(super) comma: &'static str,
    pub(super) request_bytes: u32,
    pub(super) agent: &'a Agent,
    pub(super) run_id: u64,
    pub(super) tls: &'a Ready<3>,
    pub(super) status: &'a Ready<2>,
    pub(super) response_bytes: u32,
    pub(super) cache: &'a Ready<2>,
    pub(super) last_used: LastUsed,
    pub(super) cache_hits: u32,
    pub(super) server: &'a Ready<2>,
    /// Whether the line is of the newer format, with `gem`, `version` and `platform`.
    pub(super) tells_gem: bool,
}

impl Line<'_> {
    fn write_path(&self, out: &mut Buffer) {
        let fixed: &str = match self.ask {
            Ask::Specs => "/specs.4.8.gz",
            Ask::LatestSpecs => "/latest_specs.4.8.gz",
            Ask::PrereleaseSpecs => "/prerelease_specs.4.8.gz",
            Ask::Versions => "/versions",
            Ask::Probe | Ask::Dependencies => "/api/v1/dependencies",
            Ask::Home => "/",
            Ask::NearMiss => NEAR_MISSES[usize::from(self.gem.name) % NEAR_MISSES.len()],
            Ask::Info => {
                out.extend_from_slice(b"/info/");
                return self.gem.write_name(out);
            }
            Ask::Quick => {
                out.extend_from_slice(b"/quick/Marshal.4.8/");
                self.gem.write_full_name(out);
                ".gemspec.rz"
            }
            Ask::Package => {
                out.extend_from_slice(b"/gems/");
                self.gem.write_full_name(out);
                ".gem"
            }
            Ask::Api => {
                out.extend_from_slice(b"/api/v1/versions/");
                self.gem.write_name(out);
                ".json"
            }
        };
        out.extend_from_slice(fixed.as_bytes());
    }

    fn write_query(&self, out: &mut Buffer) {
        let Some((first, rest)) = self.query.split_first() else { return };
        out.extend_from_slice(b"gems=");
        out.extend_from_slice(GEMS[usize::from(*first)].as_bytes());
        for &name in rest {
            out.extend_from_slice(self.comma.as_bytes());
            out.extend_from_slice(GEMS[usize::from(name)].as_bytes());
        }
    }

    fn write_agent(&self, out: &mut Buffer) {
        out.extend_from_slice(self.agent.head.as_bytes());
        if self.agent.has_run_id {
            hex(out, self.run_id);
            out.extend_from_slice(self.agent.tail.as_bytes());
        }
    }

    /// The gem that the path names in full, where the line has the keys for it.
    fn told_gem(&self) -> Option<Gem> {
        matches!(self.ask, Ask::Quick | Ask::Package).then_some(self.gem)
    }
}

/// Appends `"key":"`, whatever `write` writes, and `",`.
#[inline]
fn string(out: &mut Buffer, opening: &[u8], write: impl FnOnce(&mut Buffer)) {
    out.extend_from_slice(opening);
    write(out);
    out.extend_from_slice(b"\",");
}

/// Appends `"key":`, the number, and a comma.
#[inline]
fn number(out: &mut Buffer, opening: &[u8], number: u32) {
    out.extend_from_slice(opening);
    decimal(out, number);
    out.push(b',');
}

impl Record for Line<'_> {
    type Field = Field;

    #[inline]
    fn write(&self, field: Field, out: &mut Buffer) {
        match field {
            Field::Timestamp => string(out, br#""timestamp":""#, |out| out.extend_from_slice(self.time)),
            Field::TimeElapsed => number(out, br#""time_elapsed":"#, self.time_elapsed),
            Field::ClientIp => {
                string(out, br#""client_ip":""#, |out| self.population.address(out, self.client));
            }
            Field::Place => out.extend_from_slice(self.place.run()),
            Field::PlacePart(part) => out.extend_from_slice(self.place.field(part.into())),
            Field::ClientConnection => out.extend_from_slice(self.connection.run()),
            Field::Request => {
                string(out, br#""request":""#, |out| out.extend_from_slice(self.method.as_bytes()));
            }
            Field::RequestHost => out.extend_from_slice(self.host.run()),
            Field::RequestPath => string(out, br#""request_path":""#, |out| self.write_path(out)),
            Field::RequestQuery => string(out, br#""request_query":""#, |out| self.write_query(out)),
            Field::RequestBytes => number(out, br#""request_bytes":"#, self.request_bytes),
            Field::UserAgent => string(out, br#""user_agent":""#, |out| self.write_agent(out)),
            Field::Http2 => out.extend_from_slice(br#""http2":false,"#),
            Field::Tls => out.extend_from_slice(self.tls.run()),
            Field::TlsPart(part) => out.extend_from_slice(self.tls.field(part.into())),
            Field::Status => out.extend_from_slice(self.status.run()),
            Field::StatusPart(part) => out.extend_from_slice(self.status.field(part.into())),
            Field::ResponseBytes => number(out, br#""response_bytes":"#, self.response_bytes),
            Field::Cache => out.extend_from_slice(self.cache.run()),
            Field::CachePart(part) => out.extend_from_slice(self.cache.field(part.into())),
            Field::CacheLastuse => {
                out.extend_from_slice(br#""cache_lastuse":"#);
                decimal(out, self.last_used.seconds);
                out.push(b'.');
                padded::<3>(out, self.last_used.milliseconds);
                out.push(b',');
            }
            Field::CacheHits => number(out, br#""cache_hits":"#, self.cache_hits),
            Field::Server => out.extend_from_slice(self.server.run()),
            Field::ServerPart(part) => out.extend_from_slice(self.server.field(part.into())),
            Field::Gem | Field::Version | Field::Platform if !self.tells_gem => {}
            Field::Gem => string(out, br#""gem":""#, |out| {
                if let Some(gem) = self.told_gem() {
                    gem.write_name(out);
                }
            }),
            Field::Version => string(out, br#""version":""#, |out| {
                if let Some(gem) = self.told_gem() {
                    gem.write_version(out);
                }
            }),
            Field::Platform => string(out, br#""platform":""#, |out| {
                if let Some(gem) = self.told_gem() {
                    out.extend_from_slice(gem.platform().unwrap_or("ruby").as_bytes());
                }
            }),
        }
    }
}
