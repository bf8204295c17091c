//! User agents, drawn from their grammar once for a corpus.
//!
//! ```text
//! bundler/V rubygems/V ruby/V (platform) command/ANY[ jruby/V][ truffleruby/V][ options/LIST][ ci/LIST] HEX16[ Gemstash/V]
//! [Ruby, ]RubyGems/V platform Ruby/V (date[ patchlevel N])[ jruby| truffleruby| rbx][ Gemstash/V]
//! Ruby, Gems V
//! anything else
//! ```
//!
//! An agent keeps the numbers of the values it was put together from, so that the truth never has to take it apart.

use super::values::{Dimension, Value, Values};
use super::vocabulary as words;
use super::vocabulary::{Ruby, Weighted};
use crate::draws::Draws;
use crate::weights::Weights;

/// How many agents of each kind a corpus holds.
const BUNDLER_AGENTS: usize = 4096;
const RUBYGEMS_AGENTS: usize = 1024;

/// The four kinds of agent that the counter tells apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Bundler,
    RubyGems,
    Ancient,
    Other,
}

impl Kind {
    /// Each kind and its lines in a thousand.
    pub(super) const SHARES: [(Self, u32); 4] =
        [(Self::Bundler, 554), (Self::RubyGems, 390), (Self::Ancient, 3), (Self::Other, 53)];
}

/// An agent: JSON text around the place of the run's id, and the values it counts for.
pub(super) struct Agent {
    /// All of it, or for Bundler all before the 16 digits.
    pub(super) head: Box<str>,
    /// For Bundler, what follows the 16 digits: nothing, or Gemstash.
    pub(super) tail: Box<str>,
    /// Whether 16 digits stand between head and tail.
    pub(super) has_run_id: bool,
    values: [Option<Value>; 6],
}

impl Agent {
    /// The values that a counted line of this agent adds to, in no particular order.
    pub(super) fn values(&self) -> impl Iterator<Item = Value> {
        self.values.iter().copied().flatten()
    }
}

/// All agents of a corpus.
pub(super) struct Agents {
    bundler: Vec<Agent>,
    rubygems: Vec<Agent>,
    ancient: Vec<Agent>,
    other: Vec<Agent>,
    other_weights: Weights,
}

impl Agents {
    /// Draws the agents and numbers their values.
    pub(super) fn new(draws: &mut Draws, values: &mut Values) -> Self {
        let grammar = Grammar::new();
        Self {
            bundler: (0..BUNDLER_AGENTS).map(|_| grammar.bundler(draws, values)).collect(),
            rubygems: (0..RUBYGEMS_AGENTS).map(|_| grammar.rubygems(draws, values)).collect(),
            ancient: words::ANCIENT
                .iter()
                .map(|(version, _)| plain(format!("Ruby, Gems {version}")))
                .collect(),
            other: words::OTHERS.iter().map(|&(text, _)| plain(text.to_owned())).collect(),
            other_weights: weights(words::OTHERS),
        }
    }

    /// The agent of a kind that 32 uniform bits stand for.
    #[inline]
    pub(super) fn choose(&self, kind: Kind, bits: u32) -> &Agent {
        let of = |agents: &[Agent]| ((u64::from(bits) * agents.len() as u64) >> 32) as usize;
        match kind {
            Kind::Bundler => &self.bundler[of(&self.bundler)],
            Kind::RubyGems => &self.rubygems[of(&self.rubygems)],
            Kind::Ancient => &self.ancient[of(&self.ancient)],
            Kind::Other => &self.other[self.other_weights.choose(bits)],
        }
    }
}

/// An agent that counts for nothing.
fn plain(text: String) -> Agent {
    Agent { head: text.into(), tail: Box::from(""), has_run_id: false, values: [None; 6] }
}

fn weights(list: &[Weighted]) -> Weights {
    Weights::new(list.iter().map(|&(_, weight)| weight))
}

/// A list of words ready to be drawn from.
struct Words {
    list: &'static [Weighted],
    weights: Weights,
}

impl Words {
    fn new(list: &'static [Weighted]) -> Self {
        Self { list, weights: weights(list) }
    }

    fn draw(&self, draws: &mut Draws) -> &'static str {
        self.list[self.weights.draw(draws)].0
    }
}

/// Every list, ready.
struct Grammar {
    rubies_with_bundler: Weights,
    rubies_with_rubygems: Weights,
    usual: Vec<Words>,
    bundlers: Words,
    bundler_platforms: Words,
    jruby_platforms: Words,
    jrubies: Words,
    trufflerubies: Words,
    commands: Words,
    cis: Words,
    gemstashes: Words,
    rubygems_platforms: Words,
    java_platforms: Words,
}

impl Grammar {
    fn new() -> Self {
        Self {
            rubies_with_bundler: Weights::new(words::RUBIES.iter().map(|ruby| ruby.with_bundler)),
            rubies_with_rubygems: Weights::new(words::RUBIES.iter().map(|ruby| ruby.with_rubygems)),
            usual: words::RUBIES.iter().map(|ruby| Words::new(ruby.usual)).collect(),
            bundlers: Words::new(words::BUNDLERS),
            bundler_platforms: Words::new(words::BUNDLER_PLATFORMS),
            jruby_platforms: Words::new(words::JRUBY_PLATFORMS),
            jrubies: Words::new(words::JRUBIES),
            trufflerubies: Words::new(words::TRUFFLERUBIES),
            commands: Words::new(words::COMMANDS),
            cis: Words::new(words::CIS),
            gemstashes: Words::new(words::GEMSTASHES),
            rubygems_platforms: Words::new(words::RUBYGEMS_PLATFORMS),
            java_platforms: Words::new(words::JAVA_PLATFORMS),
        }
    }

    /// A Ruby and a `RubyGems` to go with it: mostly one that it usually comes with, sometimes that of another Ruby.
    fn pair(&self, draws: &mut Draws, rubies: &Weights) -> (&'static Ruby, &'static str) {
        let own = rubies.draw(draws);
        let from = if draws.per_mille(120) { rubies.draw(draws) } else { own };
        (&words::RUBIES[own], self.usual[from].draw(draws))
    }

    fn bundler(&self, draws: &mut Draws, values: &mut Values) -> Agent {
        let bundler = self.bundlers.draw(draws);
        let (ruby, rubygems) = self.pair(draws, &self.rubies_with_bundler);
        let jruby = draws.per_mille(35).then(|| self.jrubies.draw(draws));
        let truffleruby = (jruby.is_none() && draws.per_mille(2)).then(|| self.trufflerubies.draw(draws));
        let platform = match jruby {
            Some(_) => self.jruby_platforms.draw(draws),
            None => self.bundler_platforms.draw(draws),
        };
        let command = self.commands.draw(draws);
        let options = (!draws.per_mille(15)).then(|| options(draws));
        let ci = draws.per_mille(305).then(|| self.cis.draw(draws));
        let gemstash = draws.per_mille(13).then(|| self.gemstashes.draw(draws));

        let ruby = ruby.version;
        let mut head =
            format!("bundler/{bundler} rubygems/{rubygems} ruby/{ruby} ({platform}) command/{command}");
        let words =
            [("jruby", jruby), ("truffleruby", truffleruby), ("options", options.as_deref()), ("ci", ci)];
        for (name, word) in words {
            if let Some(word) = word {
                head.extend([" ", name, "/", word]);
            }
        }
        head.push(' ');
        Agent {
            head: head.into(),
            tail: gemstash.map(|version| format!(" Gemstash/{version}")).unwrap_or_default().into(),
            has_run_id: true,
            values: [
                Some(values.number(Dimension::Bundler, bundler)),
                Some(values.number(Dimension::Rubygems, rubygems)),
                Some(values.number(Dimension::Ruby, ruby)),
                Some(values.number(Dimension::Platform, platform)),
                ci.map(|ci| values.number(Dimension::Ci, ci)),
                gemstash.map(|version| values.number(Dimension::Gemstash, version)),
            ],
        }
    }

    fn rubygems(&self, draws: &mut Draws, values: &mut Values) -> Agent {
        let prefix = if draws.per_mille(960) { "Ruby, " } else { "" };
        let (ruby, rubygems) = self.pair(draws, &self.rubies_with_rubygems);
        let engine = match draws.below(1000) {
            0..72 => " jruby",
            72..75 => " rbx",
            75..76 => " truffleruby",
            _ => "",
        };
        let platform = match engine {
            " jruby" => self.java_platforms.draw(draws),
            _ => self.rubygems_platforms.draw(draws),
        };
        let gemstash = draws.per_mille(9).then(|| self.gemstashes.draw(draws));
        let Ruby { version, release, .. } = *ruby;
        let suffix = gemstash.map(|version| format!(" Gemstash/{version}")).unwrap_or_default();
        Agent {
            head: format!(
                "{prefix}RubyGems/{rubygems} {platform} Ruby/{version} ({release}){engine}{suffix}"
            )
            .into(),
            tail: Box::from(""),
            has_run_id: false,
            values: [
                None,
                Some(values.number(Dimension::Rubygems, rubygems)),
                Some(values.number(Dimension::Ruby, version)),
                Some(values.number(Dimension::Platform, platform)),
                None,
                gemstash.map(|version| values.number(Dimension::Gemstash, version)),
            ],
        }
    }
}

/// A list of options, empty about once in eleven times.
fn options(draws: &mut Draws) -> String {
    let mut list = String::new();
    if draws.per_mille(85) {
        return list;
    }
    for (name, share) in words::OPTIONS {
        if draws.per_mille(*share) {
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(name);
        }
    }
    list
}
