//! The engines under measurement, behind one trait.

use quamina::{MatcherBuildMode, Quamina};
use trailbell_engines::pattern::{Matcher, Pattern, Scratch};

/// Matches one event at a time against a fixed set of rules.
pub(crate) trait Engine {
    fn name(&self) -> &str;

    /// How many rules the event matches.
    fn count(&mut self, event: &[u8]) -> usize;
}

/// The crate `quamina`, in one of its two build modes.
pub(crate) struct QuaminaEngine {
    name: &'static str,
    // Small copyable identifiers are the cheapest ones, since quamina clones those of the rules which match.
    matcher: Quamina<u32>,
}

impl QuaminaEngine {
    pub(crate) fn new(rules: &[String], mode: MatcherBuildMode) -> Result<Self, String> {
        let mut matcher = Quamina::new();
        matcher.set_matcher_build_mode(mode);
        for (identifier, rule) in (0..).zip(rules) {
            matcher.add_pattern(identifier, rule).map_err(|error| format!("{error}: {rule}"))?;
        }
        // The automata are completed by the first match, which belongs to the time to compile.
        matcher.count_matches(b"{}").map_err(|error| error.to_string())?;
        let name = match mode {
            MatcherBuildMode::BuiltForComfort => "quamina (comfort)",
            MatcherBuildMode::BuiltForSpeed => "quamina (speed)",
        };
        Ok(Self { name, matcher })
    }
}

impl Engine for QuaminaEngine {
    fn name(&self) -> &str {
        self.name
    }

    fn count(&mut self, event: &[u8]) -> usize {
        self.matcher.count_matches(event).expect("the generated events are valid")
    }
}

/// trailbell's matcher.
pub(crate) struct TrailbellEngine {
    matcher: Matcher,
    scratch: Scratch,
}

impl TrailbellEngine {
    pub(crate) fn new(rules: &[String]) -> Result<Self, String> {
        let read = |rule: &String| Pattern::read(rule).map_err(|error| format!("{error}: {rule}"));
        let matcher = Matcher::new(rules.iter().map(read).collect::<Result<_, _>>()?);
        let scratch = matcher.scratch();
        Ok(Self { matcher, scratch })
    }
}

impl Engine for TrailbellEngine {
    fn name(&self) -> &'static str {
        "trailbell"
    }

    fn count(&mut self, event: &[u8]) -> usize {
        let event = std::str::from_utf8(event).expect("the generated events are UTF-8");
        self.matcher.matches(event, &mut self.scratch).expect("the generated events are valid").patterns.len()
    }
}
