//! What is known of an access log, added up from what is drawn.

use std::io;
use std::sync::Arc;

use super::words::{METHODS, PROTOCOLS, STATUSES};
use crate::clients::CLIENTS;
use crate::counts::{Counts, Distinct, Extent};
use crate::text::server_time;
use crate::truth::{Facts, JsonObject};

/// Texts that the truth names, as the log has them.
pub(super) type Names = Arc<[Box<str>]>;

/// What one line counts for.
pub(super) struct Counted {
    /// Seconds since 1970.
    pub(super) second: u64,
    pub(super) client: u32,
    pub(super) is_v6: bool,
    pub(super) method: usize,
    pub(super) protocol: usize,
    pub(super) status: usize,
    /// The bytes of the response, if the line tells any.
    pub(super) size: Option<u32>,
    pub(super) path: usize,
    pub(super) agent: usize,
    pub(super) has_referrer: bool,
}

/// Facts about an access log. Memory: that of its paths and agents, and 32 KiB for its clients.
pub(crate) struct Tally {
    paths: Names,
    agents: Names,
    tells_agents: bool,
    extent: Extent,
    clients: Distinct,
    v6: u64,
    methods: Counts,
    protocols: Counts,
    statuses: Counts,
    hours: Counts,
    path_counts: Counts,
    agent_counts: Counts,
    response_bytes: u64,
    sized: u64,
    referred: u64,
}

impl Tally {
    pub(super) fn new(paths: &Names, agents: &Names, tells_agents: bool) -> Self {
        Self {
            paths: Arc::clone(paths),
            agents: Arc::clone(agents),
            tells_agents,
            extent: Extent::default(),
            clients: Distinct::new(CLIENTS),
            v6: 0,
            methods: Counts::new(METHODS.len()),
            protocols: Counts::new(PROTOCOLS.len()),
            statuses: Counts::new(STATUSES.len()),
            hours: Counts::new(24),
            path_counts: Counts::new(paths.len()),
            agent_counts: Counts::new(agents.len()),
            response_bytes: 0,
            sized: 0,
            referred: 0,
        }
    }

    #[inline]
    pub(super) fn count(&mut self, line: &Counted) {
        self.extent.add(line.second);
        self.clients.add(line.client);
        self.v6 += u64::from(line.is_v6);
        self.methods.add(line.method, 1);
        self.protocols.add(line.protocol, 1);
        self.statuses.add(line.status, 1);
        self.hours.add((line.second / 3600 % 24) as usize, 1);
        self.path_counts.add(line.path, 1);
        self.agent_counts.add(line.agent, 1);
        self.response_bytes += u64::from(line.size.unwrap_or(0));
        self.sized += u64::from(line.size.is_some());
        self.referred += u64::from(line.has_referrer);
    }
}

impl Facts for Tally {
    fn merge(&mut self, other: Self) {
        self.extent.merge(other.extent);
        self.clients.merge(&other.clients);
        self.v6 += other.v6;
        for (own, other) in [
            (&mut self.methods, &other.methods),
            (&mut self.protocols, &other.protocols),
            (&mut self.statuses, &other.statuses),
            (&mut self.hours, &other.hours),
            (&mut self.path_counts, &other.path_counts),
            (&mut self.agent_counts, &other.agent_counts),
        ] {
            own.merge(other);
        }
        self.response_bytes += other.response_bytes;
        self.sized += other.sized;
        self.referred += other.referred;
    }

    fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        self.extent.write(truth, |second| server_time(second).to_vec())?;
        truth.number("clients", self.clients.len())?;
        truth.number("ipv6", self.v6)?;
        truth.number("response_bytes", self.response_bytes)?;
        truth.number("sized", self.sized)?;
        self.methods.write(truth, "methods", |index| METHODS[index].0)?;
        self.protocols.write(truth, "protocols", |index| PROTOCOLS[index].0)?;
        self.statuses.write(truth, "statuses", |index| STATUSES[index].0)?;
        self.hours.write(truth, "hours", |hour| format!("{hour:02}"))?;
        self.path_counts.write(truth, "paths", |index| &*self.paths[index])?;
        if self.tells_agents {
            truth.number("referred", self.referred)?;
            self.agent_counts.write(truth, "agents", |index| &*self.agents[index])?;
        }
        Ok(())
    }
}
