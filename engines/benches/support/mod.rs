//! Test data shared by the pattern benchmark and by the tests of that data: events and rule sets.

pub(crate) mod catalogue;
pub(crate) mod generator;
pub(crate) mod json;
pub(crate) mod parameters;
pub(crate) mod random;
pub(crate) mod rules;
