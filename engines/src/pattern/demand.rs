//! What a pattern demands of a field, for those who reason about all events it can match.
//!
//! A pattern with `$or` has several branches, each a way to match; on each branch a field is demanded once or not at all.
//! Users: `cloudtrail` (can it ever match?) and `message` (what is certain about a value?).

use super::test::{Scalar, Test, any_accepts};
use super::{Leaf, Pattern};

/// One branch through the `$or`s of a pattern.
#[derive(Clone, Copy, Debug)]
pub struct Branch<'p> {
    pattern: &'p Pattern,
    leaves: &'p [usize],
}

/// What must stand at a field.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'p> {
    leaf: &'p Leaf,
}

/// One entry of a field's list.
#[derive(Clone, Copy, Debug)]
pub struct Requirement<'p> {
    test: &'p Test,
}

impl<'p> Requirement<'p> {
    /// The text, where the entry is one.
    #[must_use]
    pub fn text(self) -> Option<&'p str> {
        match self.test {
            Test::Text(text) | Test::Address(text, _) => Some(text),
            _ => None,
        }
    }

    /// Whether it is an operator that wants something of a text, such as a prefix.
    #[must_use]
    pub fn shapes_text(self) -> bool {
        let is_negative = matches!(self.test, Test::AnythingBut(_) | Test::Exists(_));
        let is_other =
            matches!(self.test, Test::Null | Test::Bool(_) | Test::Number(_) | Test::Range(_) | Test::Cidr(_));
        !is_negative && !is_other && self.text().is_none()
    }

    /// Whether this text fits.
    #[must_use]
    pub fn accepts_text(self, text: &str) -> bool {
        self.test.accepts(Scalar::Text(text))
    }
}

impl Pattern {
    /// Every branch, on which it can match; at least one.
    pub fn branches(&self) -> impl Iterator<Item = Branch<'_>> {
        self.branches.iter().map(|leaves| Branch { pattern: self, leaves })
    }

    /// The dotted paths of the objects that have an `$or`; the pattern itself has an empty one.
    pub fn alternatives(&self) -> impl Iterator<Item = &str> {
        self.alternatives.iter().map(String::as_str)
    }
}

impl<'p> Branch<'p> {
    /// Every demand, by the fields' order.
    pub fn demands(self) -> impl Iterator<Item = Demand<'p>> {
        self.leaves.iter().map(move |&leaf| Demand { leaf: &self.pattern.leaves[leaf] })
    }

    /// What is demanded of the field with this dotted path, if anything.
    #[must_use]
    pub fn demand(self, path: &str) -> Option<Demand<'p>> {
        self.demands().find(|demand| demand.leaf.path == path)
    }
}

impl<'p> Demand<'p> {
    /// The field's dotted path.
    #[must_use]
    pub fn path(self) -> &'p str {
        &self.leaf.path
    }

    /// The JSON text of the list.
    #[must_use]
    pub fn wanted(self) -> &'p str {
        &self.leaf.wanted
    }

    /// The only texts that fit, when the list holds nothing but texts.
    #[must_use]
    pub fn texts(self) -> Option<Vec<&'p str>> {
        self.entries().map(Requirement::text).collect()
    }

    /// Whether this text fits.
    #[must_use]
    pub fn accepts_text(self, text: &str) -> bool {
        any_accepts(&self.leaf.tests, Scalar::Text(text))
    }

    /// Whether this boolean fits.
    #[must_use]
    pub fn accepts_boolean(self, flag: bool) -> bool {
        any_accepts(&self.leaf.tests, Scalar::Bool(flag))
    }

    /// Whether the field may be missing.
    #[must_use]
    pub fn accepts_absence(self) -> bool {
        self.leaf.accepts_absence()
    }

    /// Whether null fits.
    #[must_use]
    pub fn accepts_null(self) -> bool {
        any_accepts(&self.leaf.tests, Scalar::Null)
    }

    /// Every entry of the list.
    pub fn entries(self) -> impl Iterator<Item = Requirement<'p>> {
        self.leaf.tests.iter().map(|test| Requirement { test })
    }

    /// Whether every text that fits begins so.
    #[must_use]
    pub fn all_begin_with(self, beginning: &str) -> bool {
        self.leaf.tests.iter().all(|test| match test {
            Test::Text(text) | Test::Address(text, _) | Test::Prefix(text) => text.starts_with(beginning),
            Test::Wildcard(glob) => glob.before_star().is_some_and(|front| front.starts_with(beginning)),
            _ => false,
        })
    }

    /// Whether nothing fits but that the field is missing.
    #[must_use]
    pub fn is_absence(self) -> bool {
        self.leaf.tests.iter().all(|test| matches!(test, Test::Exists(false)))
    }

    /// Whether every entry of the list is a negation, which only a field that is there can fulfill.
    #[must_use]
    pub fn is_negation(self) -> bool {
        self.leaf.tests.iter().all(|test| matches!(test, Test::AnythingBut(_)))
    }

    /// Whether any text at all could fit.
    #[must_use]
    pub fn can_be_text(self) -> bool {
        !self.leaf.tests.iter().all(|test| {
            matches!(test, Test::Null | Test::Bool(_) | Test::Number(_) | Test::Range(_) | Test::Exists(false))
        })
    }

    /// Whether any number at all could fit.
    #[must_use]
    pub fn can_be_number(self) -> bool {
        let fits = |test: &Test| {
            let open = matches!(test, Test::Exists(true) | Test::AnythingBut(_));
            open || matches!(test, Test::Number(_) | Test::Range(_) | Test::Cidr(_))
        };
        self.leaf.tests.iter().any(fits)
    }

    /// Whether one of the texts is an IP address, which fits in its other spellings, too.
    #[must_use]
    pub fn has_address(self) -> bool {
        self.leaf.tests.iter().any(|test| matches!(test, Test::Address(..)))
    }

    /// Whether every text that fits is an IP address.
    #[must_use]
    pub fn is_address(self) -> bool {
        self.leaf.tests.iter().all(|test| matches!(test, Test::Cidr(_) | Test::Address(..)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::read(text).expect("valid")
    }

    #[test]
    fn every_way_has_its_own_demands() {
        let pattern = pattern(r#"{"a":["x"],"$or":[{"b":{"c":["y"]}},{"a":["z"]}]}"#);
        let branches: Vec<Vec<(&str, &str)>> = pattern
            .branches()
            .map(|branch| branch.demands().map(|demand| (demand.path(), demand.wanted())).collect())
            .collect();
        assert_eq!(branches, [vec![("a", r#"["x"]"#), ("b.c", r#"["y"]"#)], vec![("a", r#"["z"]"#)]]);
    }

    #[test]
    fn a_demand_tells_what_can_stand_there() {
        // List, its texts, takes "", takes absence, can be text, number, is an address.
        type Row = (&'static str, Option<&'static [&'static str]>, bool, bool, bool, bool, bool);
        let rows: [Row; 10] = [
            (r#"["a","b"]"#, Some(&["a", "b"]), false, false, true, false, false),
            (r#"["10.0.0.1"]"#, Some(&["10.0.0.1"]), false, false, true, false, true),
            (r#"[{"prefix":"a"}]"#, None, false, false, true, false, false),
            (r#"[{"prefix":""}]"#, None, true, false, true, false, false),
            (r#"[{"exists":true}]"#, None, true, false, true, true, false),
            (r#"[{"exists":false}]"#, None, false, true, false, false, false),
            (r#"[{"anything-but":[""]}]"#, None, false, false, true, true, false),
            (r#"[{"cidr":"10.0.0.0/8"}]"#, None, false, false, true, true, true),
            (r#"[{"numeric":[">",1]},5]"#, None, false, false, false, true, false),
            (r"[true,null]", None, false, false, false, false, false),
        ];
        for (list, texts, empty, absent, text, number, address) in rows {
            let pattern = pattern(&format!(r#"{{"f":{list}}}"#));
            let demand = pattern.branches().next().expect("a branch").demand("f").expect("demanded");
            assert_eq!(demand.texts().as_deref(), texts, "{list}");
            let found = [
                demand.accepts_text(""),
                demand.accepts_absence(),
                demand.can_be_text(),
                demand.can_be_number(),
                demand.is_address(),
            ];
            assert_eq!(found, [empty, absent, text, number, address], "{list}");
            assert_eq!(
                demand.accepts_boolean(true),
                matches!(list, "[true,null]") || list.contains("s\":true") || list.contains("but"),
                "{list}"
            );
        }
    }
}
