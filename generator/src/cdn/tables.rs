//! Everything that lines are put together from, made once for a corpus.

use super::agents::{Agents, Kind};
use super::catalogue::{
    Ask, BUNDLER_ASKS, CACHES, CIPHERS, DEPENDENCY_HOSTS, GEMS, INDEX_HOSTS, OTHER_ASKS, RUBYGEMS_ASKS,
    STATUSES, STORE,
};
use super::fields::{FIXED_WEIGHTS, Field, fixed};
use super::places::{CONNECTIONS, PLACES, Place};
use super::values::{Dimension, Value, Values};
use super::vocabulary::Weighted;
use crate::draws::Draws;
use crate::ready::{Ready, quoted};
use crate::weights::Weights;

/// The ages of the line's format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Age {
    /// Without `tls`.
    Oldest,
    /// With it.
    Middle,
    /// With `gem`, `version` and `platform` or an integer status, or both, in some flushes.
    Newest,
}

/// A date of the log.
pub(super) struct Day {
    pub(super) date: &'static str,
    /// The Unix time of its first second.
    pub(super) midnight: u32,
    pub(super) is_summer: bool,
    pub(super) age: Age,
    weight: u32,
}

const fn day(date: &'static str, midnight: u32, is_summer: bool, age: Age, weight: u32) -> Day {
    Day { date, midnight, is_summer, age, weight }
}

/// The dates, spread over the months that the public samples come from.
pub(super) const DAYS: [Day; 6] = [
    day("2018-01-30", 1_517_270_400, false, Age::Oldest, 110),
    day("2018-02-19", 1_518_998_400, false, Age::Oldest, 110),
    day("2018-04-16", 1_523_836_800, true, Age::Middle, 200),
    day("2018-05-14", 1_526_256_000, true, Age::Middle, 230),
    day("2018-07-17", 1_531_785_600, true, Age::Middle, 200),
    day("2018-08-10", 1_533_859_200, true, Age::Newest, 150),
];

/// How busy each hour (UTC) is.
const HOURS: [u32; 24] =
    [60, 52, 46, 42, 40, 42, 50, 62, 74, 84, 90, 94, 100, 112, 124, 132, 136, 134, 126, 116, 104, 92, 80, 70];

/// The tables, each with the weights that it is drawn by.
pub(super) struct Tables {
    values: Values,
    pub(super) agents: Agents,
    pub(super) kind_weights: Weights,
    pub(super) day_weights: Weights,
    pub(super) hour_weights: Weights,
    /// A place in winter and the same in summer, side by side.
    places: Vec<[Ready<7>; 2]>,
    pub(super) place_weights: Weights,
    servers: Vec<(Vec<Ready<2>>, Weights)>,
    pub(super) connections: Vec<Ready<1>>,
    pub(super) connection_weights: Weights,
    pub(super) bundler_asks: Asks,
    pub(super) rubygems_asks: Asks,
    pub(super) other_asks: Asks,
    store: Ready<1>,
    index_hosts: Hosts,
    dependency_hosts: Hosts,
    pub(super) gem_weights: Weights,
    /// Without `tls`, and with it.
    pub(super) ciphers: [Vec<Ready<3>>; 2],
    pub(super) cipher_values: Vec<Value>,
    pub(super) cipher_weights: Weights,
    /// As a string, and as an integer.
    pub(super) statuses: [Vec<Ready<2>>; 2],
    pub(super) status_weights: Weights,
    pub(super) caches: Vec<Ready<2>>,
    pub(super) cache_weights: Weights,
    pub(super) orders: [Vec<Field>; 8],
    pub(super) order_weights: Weights,
}

impl Tables {
    /// Makes the tables; only the agents are drawn.
    pub(super) fn new(draws: &mut Draws) -> Self {
        let mut values = Values::default();
        let agents = Agents::new(draws, &mut values);
        let cipher_values =
            CIPHERS.iter().map(|&(_, cipher, _)| values.number(Dimension::TlsCipher, cipher)).collect();
        Self {
            values,
            agents,
            kind_weights: Weights::new(Kind::SHARES.map(|(_, share)| share)),
            day_weights: Weights::new(DAYS.iter().map(|day| day.weight)),
            hour_weights: Weights::new(HOURS),
            places: PLACES
                .iter()
                .map(|place| [false, true].map(|is_summer| place_keys(place, is_summer)))
                .collect(),
            place_weights: Weights::new(PLACES.iter().map(|place| place.weight)),
            servers: PLACES.iter().map(servers).collect(),
            connections: CONNECTIONS
                .iter()
                .map(|(name, _)| Ready::new([quoted("client_connection", name)]))
                .collect(),
            connection_weights: Weights::new(CONNECTIONS.iter().map(|&(_, weight)| weight)),
            bundler_asks: Asks::new(BUNDLER_ASKS),
            rubygems_asks: Asks::new(RUBYGEMS_ASKS),
            other_asks: Asks::new(OTHER_ASKS),
            store: host(STORE),
            index_hosts: Hosts::new(INDEX_HOSTS),
            dependency_hosts: Hosts::new(DEPENDENCY_HOSTS),
            gem_weights: Weights::zipf(GEMS.len(), 4),
            ciphers: [false, true].map(ciphers),
            cipher_values,
            cipher_weights: Weights::new(CIPHERS.iter().map(|&(_, _, weight)| weight)),
            statuses: ["\"", ""].map(statuses),
            status_weights: Weights::new(STATUSES.iter().map(|&(_, _, weight)| weight)),
            caches: (CACHES.iter())
                .map(|(response, state, _, _)| {
                    Ready::new([quoted("response_cache", response), quoted("cache_state", state)])
                })
                .collect(),
            cache_weights: Weights::new(CACHES.iter().map(|&(_, _, _, weight)| weight)),
            orders: fixed(),
            order_weights: Weights::new(FIXED_WEIGHTS),
        }
    }

    /// All values that a line can count for.
    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// The keys of a place, with its zone at that time of the year.
    pub(super) fn place(&self, place: usize, is_summer: bool) -> &Ready<7> {
        &self.places[place][usize::from(is_summer)]
    }

    /// An edge near a place.
    pub(super) fn server(&self, draws: &mut Draws, place: usize) -> &Ready<2> {
        let (edges, weights) = &self.servers[place];
        &edges[weights.draw(draws)]
    }

    /// A host that answers such a request.
    pub(super) fn host(&self, draws: &mut Draws, ask: Ask) -> &Ready<1> {
        match ask {
            Ask::Specs | Ask::LatestSpecs | Ask::PrereleaseSpecs | Ask::Quick | Ask::Package => &self.store,
            Ask::Dependencies | Ask::Probe => self.dependency_hosts.draw(draws),
            Ask::Info | Ask::Versions | Ask::Api | Ask::Home | Ask::NearMiss => self.index_hosts.draw(draws),
        }
    }
}

/// What a kind of agent asks for.
pub(super) struct Asks {
    list: &'static [(Ask, u32)],
    weights: Weights,
}

impl Asks {
    fn new(list: &'static [(Ask, u32)]) -> Self {
        Self { list, weights: Weights::new(list.iter().map(|&(_, weight)| weight)) }
    }

    /// One request.
    pub(super) fn draw(&self, draws: &mut Draws) -> Ask {
        self.list[self.weights.draw(draws)].0
    }
}

/// Hosts of one kind.
struct Hosts {
    ready: Vec<Ready<1>>,
    weights: Weights,
}

impl Hosts {
    fn new(list: &[Weighted]) -> Self {
        Self {
            ready: list.iter().map(|(name, _)| host(name)).collect(),
            weights: Weights::new(list.iter().map(|&(_, weight)| weight)),
        }
    }

    fn draw(&self, draws: &mut Draws) -> &Ready<1> {
        &self.ready[self.weights.draw(draws)]
    }
}

fn host(name: &str) -> Ready<1> {
    Ready::new([quoted("request_host", name)])
}

fn place_keys(place: &Place, is_summer: bool) -> Ready<7> {
    Ready::new([
        quoted("client_continent", place.continent),
        quoted("client_country", place.country),
        quoted("client_region", place.region),
        quoted("client_city", place.city),
        quoted("client_latitude", place.latitude),
        quoted("client_longitude", place.longitude),
        quoted("client_timezone", if is_summer { place.summer } else { place.winter }),
    ])
}

fn servers(place: &Place) -> (Vec<Ready<2>>, Weights) {
    let ready = (place.edges.iter()).map(|(region, center, _)| {
        Ready::new([quoted("server_region", region), quoted("server_datacenter", center)])
    });
    (ready.collect(), Weights::new(place.edges.iter().map(|&(_, _, weight)| weight)))
}

fn ciphers(tells_tls: bool) -> Vec<Ready<3>> {
    let keys = |&(version, cipher, _): &(&str, &str, u32)| {
        let tls = if tells_tls { format!("\"tls\":{},", !version.is_empty()) } else { String::new() };
        Ready::new([tls, quoted("tls_version", version), quoted("tls_cipher", cipher)])
    };
    CIPHERS.iter().map(keys).collect()
}

fn statuses(quote: &str) -> Vec<Ready<2>> {
    let keys = |(status, text, _): &(&str, &str, u32)| {
        Ready::new([format!("\"response_status\":{quote}{status}{quote},"), quoted("response_text", text)])
    };
    STATUSES.iter().map(keys).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::date_time;

    #[test]
    fn dates_and_their_midnights_agree() {
        for day in &DAYS {
            assert_eq!(date_time(day.midnight.into(), b' '), format!("{} 00:00:00", day.date).as_bytes());
        }
    }
}
