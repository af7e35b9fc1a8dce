//! The patterns of a matcher, taken apart: equal fields become one leaf, and every branch hangs on one leaf.
//!
//! A branch can only match when all of its leaves do. It is looked at when its key leaf does, a leaf that is a list of
//! plain texts and as rare as can be, found by looking the event's text up in a table; a branch without such a leaf is
//! always looked at. User: `mod`.

use std::collections::HashMap;

use super::table::Table;
use crate::pattern::paths::Paths;
use crate::pattern::test::Test;
use crate::pattern::{Leaf, Pattern};

/// What is allowed at a field, as some of the patterns say.
#[derive(Debug)]
pub(super) struct FieldCondition {
    pub(super) field: u32,
    pub(super) tests: Vec<Test>,
    /// Only plain texts: the table knows all about it.
    pub(super) is_listed: bool,
    pub(super) accepts_absence: bool,
    /// The branches that hang on it.
    pub(super) branches: Vec<u32>,
}

/// One branch of a pattern.
#[derive(Debug)]
pub(super) struct IndexedBranch {
    pub(super) pattern: u32,
    /// Its conditions, cheap ones first.
    pub(super) conditions: Vec<u32>,
}

/// Everything a matcher knows about its patterns.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) conditions: Vec<FieldCondition>,
    pub(super) branches: Vec<IndexedBranch>,
    /// Ways without a condition that is a list of texts.
    pub(super) always: Vec<u32>,
    /// For every field the texts that conditions list, with those conditions.
    pub(super) texts: Vec<Option<Table<Vec<u32>>>>,
}

impl Index {
    pub(super) fn new(patterns: &[Pattern], paths: &mut Paths) -> Self {
        let mut builder = IndexBuilder { paths, known: HashMap::new(), conditions: Vec::new(), branches: Vec::new() };
        for (number, pattern) in patterns.iter().enumerate() {
            builder.add(number, pattern);
        }
        builder.finish()
    }
}

struct IndexBuilder<'p> {
    paths: &'p mut Paths,
    /// Conditions by their field and the text of their list.
    known: HashMap<(usize, String), u32>,
    conditions: Vec<FieldCondition>,
    branches: Vec<IndexedBranch>,
}

impl IndexBuilder<'_> {
    fn add(&mut self, number: usize, pattern: &Pattern) {
        let numbers: Vec<u32> = pattern.leaves.iter().map(|leaf| self.condition(leaf)).collect();
        for branch in &pattern.branches {
            let mut conditions: Vec<u32> = branch.iter().map(|&leaf| numbers[leaf]).collect();
            conditions.sort_by_key(|&one| cost(&self.conditions[one as usize]));
            self.branches.push(IndexedBranch { pattern: short(number), conditions });
        }
    }

    fn condition(&mut self, leaf: &Leaf) -> u32 {
        let field = self.paths.add(&leaf.path);
        let next = short(self.conditions.len());
        let number = *self.known.entry((field, leaf.wanted.clone())).or_insert(next);
        if number == next {
            self.conditions.push(FieldCondition {
                field: short(field),
                is_listed: leaf.tests.iter().all(|test| matches!(test, Test::Text(_))),
                tests: leaf.tests.clone(),
                accepts_absence: leaf.accepts_absence(),
                branches: Vec::new(),
            });
        }
        number
    }

    fn finish(mut self) -> Index {
        let shares = self.shares();
        let mut always = Vec::new();
        for (number, branch) in self.branches.iter().enumerate() {
            let listed = branch.conditions.iter().filter(|&&one| self.conditions[one as usize].is_listed);
            match listed.min_by_key(|&&one| shares[one as usize]) {
                Some(&key) => self.conditions[key as usize].branches.push(short(number)),
                None => always.push(short(number)),
            }
        }
        let texts = self.texts();
        Index { conditions: self.conditions, branches: self.branches, always, texts }
    }

    /// How often each condition is needed: the rarer, the better it tells branches apart.
    fn shares(&self) -> Vec<usize> {
        let mut shares = vec![0; self.conditions.len()];
        for one in self.branches.iter().flat_map(|branch| &branch.conditions) {
            shares[*one as usize] += 1;
        }
        shares
    }

    fn texts(&self) -> Vec<Option<Table<Vec<u32>>>> {
        let mut listed: Vec<HashMap<Box<str>, Vec<u32>>> = vec![HashMap::new(); self.paths.count()];
        for (number, condition) in self.conditions.iter().enumerate().filter(|(_, condition)| condition.is_listed) {
            for test in &condition.tests {
                if let Test::Text(text) = test {
                    listed[condition.field as usize].entry(text.as_str().into()).or_default().push(short(number));
                }
            }
        }
        let table =
            |texts: HashMap<Box<str>, Vec<u32>>| (!texts.is_empty()).then(|| Table::new(texts.into_iter().collect()));
        listed.into_iter().map(table).collect()
    }
}

/// What a condition costs to look at: a table has answered for lists of texts.
fn cost(condition: &FieldCondition) -> usize {
    if condition.is_listed { 0 } else { condition.tests.len() }
}

/// Numbers of conditions and branches: patterns are far smaller than 4 GB.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
