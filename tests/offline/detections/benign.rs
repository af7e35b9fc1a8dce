//! How often the packs fire in a normal month: on the records of `month`, which says what is assumed.

use std::collections::BTreeMap;

use super::month::{self, RECORDS};
use super::{DEFAULT, Listeners};

/// How many messages of the default pack are allowed on 100,000 records.
const ALLOWED: u32 = 1;

/// The seed of the short test. The others are those of the long one.
const SEED: u64 = 1;

/// What fired, by alert and activity.
fn firing(pack: &str, seed: u64, count: u32) -> BTreeMap<String, u32> {
    let mut listeners = Listeners::of_pack(pack);
    let mut fired = BTreeMap::new();
    month::play(seed, count, |activity, record| {
        for alert in listeners.firing(record) {
            *fired.entry(format!("{alert} ({activity})")).or_insert(0) += 1;
        }
    });
    fired
}

#[test]
fn the_default_pack_is_quiet_on_benign_records() {
    let fired = firing(DEFAULT, SEED, RECORDS / 10);
    assert!(fired.values().sum::<u32>() <= ALLOWED, "{fired:#?}");
}

/// Each planned activity is one message, by the alert it is named for: none is written so that it fires nothing, and nothing
/// but these fires.
#[test]
fn what_is_expected_of_the_default_pack_is_the_planned_work_alone() {
    let mut listeners = Listeners::of_pack(DEFAULT);
    let mut scene = month::Scene::new(SEED);
    for activity in month::planned() {
        (activity.act)(&mut scene);
        let fired: usize = scene.take().iter().map(|record| listeners.firing(record).len()).sum();
        assert_eq!(fired, 1, "{}", activity.name);
    }
    let expected: u32 = month::planned().iter().map(|one| one.per_hundred_months).sum();
    println!("expected in a month: {}.{:02}", expected / 100, expected % 100);
    assert!(expected < 10 * ALLOWED * 100);
}

#[test]
fn a_month_has_about_a_million_records() {
    let mut scene = month::Scene::new(SEED);
    let mut records = 0_u64;
    for activity in month::activities() {
        // The size of an activity varies a little.
        let made: usize = (0..20).map(|_| ((activity.act)(&mut scene), scene.take().len()).1).sum();
        records += u64::from(activity.per_hundred_months) * u64::try_from(made).expect("few") / 2_000;
    }
    let wanted = u64::from(RECORDS);
    assert!((wanted * 95 / 100..wanted * 105 / 100).contains(&records), "{records}");
}

#[test]
fn the_same_seed_makes_the_same_records() {
    let made = |seed| {
        let mut all = Vec::new();
        month::play(seed, 2_000, |_, record| all.push(record.to_owned()));
        all
    };
    assert_eq!(made(SEED), made(SEED));
    assert_ne!(made(SEED), made(SEED + 1));
    for record in made(SEED) {
        serde_json::from_str::<serde_json::Value>(&record).unwrap_or_else(|error| panic!("{error}: {record}"));
    }
}

/// `cargo test --release --test offline a_whole_month -- --ignored --nocapture`
#[test]
#[ignore = "a million records for each seed and pack"]
fn a_whole_month_of_each_pack() {
    for pack in [DEFAULT, "threat-detection", "identity", "data-protection", "network", "cis-aws-foundations"] {
        let seeds = if pack == DEFAULT { 1..6 } else { 1..2 };
        for seed in seeds {
            let fired = firing(pack, seed, RECORDS);
            let total: u32 = fired.values().sum();
            println!("{pack}, seed {seed}: {total} on {RECORDS} records");
            for (what, count) in &fired {
                println!("  {count:>6} {what}");
            }
            assert!(pack != DEFAULT || total <= 10 * ALLOWED, "{total}");
        }
    }
}
