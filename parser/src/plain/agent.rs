//! User agents by splitting. The forms are those that [`crate::Agent`] documents.

/// What a user agent of form 1 or 2 tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told<'a> {
    pub(super) rubygems: &'a str,
    pub(super) ruby: &'a str,
    pub(super) platform: &'a str,
    pub(super) bundler: Option<&'a str>,
    pub(super) ci: Option<&'a str>,
    pub(super) gemstash: Option<&'a str>,
}

pub(super) fn parse(agent: &str) -> Option<Told<'_>> {
    bundler(agent).or_else(|| rubygems(agent))
}

fn bundler(agent: &str) -> Option<Told<'_>> {
    let (versions, rest) = agent.split_once(" (")?;
    let [bundler, rubygems, ruby] = versions.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let (platform, command) = rest.split_once(") command/")?;
    let mut told = Told {
        bundler: Some(version(bundler.strip_prefix("bundler/")?)?),
        rubygems: version(rubygems.strip_prefix("rubygems/")?)?,
        ruby: version(ruby.strip_prefix("ruby/")?)?,
        platform,
        ..Told::default()
    };
    let mut reached = 0;
    for word in command.split(' ').skip(1) {
        let rank = rank(word);
        if rank <= reached || (rank == 6 && reached != 5) {
            continue;
        }
        reached = rank;
        match rank {
            4 => told.ci = word.strip_prefix("ci/"),
            6 => told.gemstash = word.strip_prefix("Gemstash/"),
            _ => {}
        }
    }
    Some(told)
}

/// The place of the section that a word begins among all sections, from 1; 0 if it begins none.
fn rank(word: &str) -> usize {
    let begins = |name: &str| word.starts_with(name);
    let is_id = word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit());
    let is_gemstash = word.strip_prefix("Gemstash/").and_then(version).is_some();
    let sections =
        [begins("jruby/"), begins("truffleruby/"), begins("options/"), begins("ci/"), is_id, is_gemstash];
    sections.iter().position(|&is| is).map_or(0, |place| place + 1)
}

fn rubygems(agent: &str) -> Option<Told<'_>> {
    let rest = agent.strip_prefix("Ruby, ").unwrap_or(agent).strip_prefix("RubyGems/")?;
    let (rubygems, rest) = rest.split_once(' ')?;
    let (platform, rest) = rest.split_once(" Ruby/")?;
    let (ruby, rest) = rest.split_once(" (")?;
    let (_, rest) = rest.split_once(')')?;
    let gemstash = rest.split(' ').find_map(|word| version(word.strip_prefix("Gemstash/")?));
    Some(Told { rubygems: version(rubygems)?, ruby: version(ruby)?, platform, gemstash, ..Told::default() })
}

fn version(text: &str) -> Option<&str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    (!text.is_empty() && text.chars().all(inside)).then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::agent::Agent;

    fn agree(text: &str) -> Result<(), TestCaseError> {
        let told = super::parse(text);
        let agent = Agent::parse(text.as_bytes());
        let versions = agent.versions();
        prop_assert_eq!(told.is_some(), versions.is_some());
        if let (Some(told), Some(versions)) = (told, versions) {
            prop_assert_eq!(told.rubygems.as_bytes(), versions.rubygems);
            prop_assert_eq!(told.ruby.as_bytes(), versions.ruby);
            prop_assert_eq!(told.platform.as_bytes(), versions.platform);
            prop_assert_eq!(told.bundler.map(str::as_bytes), versions.bundler);
            prop_assert_eq!(told.ci.map(str::as_bytes), versions.ci);
            prop_assert_eq!(told.gemstash.map(str::as_bytes), versions.gemstash);
        }
        Ok(())
    }

    /// Pieces of agents in any order, so that nearly right ones are common.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("bundler/1.16.1 rubygems/2.6.11 ruby/2.4.1 (".to_owned()),
            Just("x86_64-linux) command/".to_owned()),
            Just("Ruby, ".to_owned()),
            Just("RubyGems/2.4.8 ".to_owned()),
            Just("x86-linux Ruby/2.2.2 (".to_owned()),
            Just("2015-04-13 patchlevel 95)".to_owned()),
            Just("install".to_owned()),
            Just(" ".to_owned()),
            Just(" jruby/9.1".to_owned()),
            Just(" truffleruby/1".to_owned()),
            Just(" options/a,b".to_owned()),
            Just(" ci/travis".to_owned()),
            Just(" 59dbf8e99fa09c0a".to_owned()),
            Just(" Gemstash/1.0".to_owned()),
            "[a-zA-Z0-9/ ().,é-]{0,6}",
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    /// An agent of form 1 or 2 with one place changed.
    fn nearly() -> impl Strategy<Value = String> {
        let right = prop_oneof![
            Just(
                "bundler/1.16.1 rubygems/2.6.11 ruby/2.4.1 (x86_64-pc-linux-gnu) command/install jruby/9.1 \
                 truffleruby/1 options/a,b ci/travis,ci 59dbf8e99fa09c0a Gemstash/1.1.0"
            ),
            Just(
                "Ruby, RubyGems/2.4.8 x86_64-linux Ruby/2.2.2 (2015-04-13 patchlevel 95) jruby Gemstash/1.0"
            ),
        ];
        (right, any::<prop::sample::Index>(), 0..20_usize, "[ -~]{0,4}").prop_map(
            |(right, at, cut, insert)| {
                let at = at.index(right.len());
                let end = (at + cut).min(right.len());
                format!("{}{insert}{}", &right[..at], &right[end..])
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn both_readers_agree(text in prop_oneof![pieces(), nearly(), any::<String>()]) {
            agree(&text)?;
        }
    }
}
