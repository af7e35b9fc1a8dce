//! Measures how fast engines match CloudTrail events against event patterns.
//!
//! `cargo bench -p trailbell-engines -- [--quick] [--rules N]` measures; `--events N` and `--patterns N` print the data
//! instead, a line each, for measuring the program itself.
//!
//! The engines take turns, so that a change of the machine's speed hits all of them alike.

#[path = "support/engines.rs"]
mod engines;
mod support;

use engines::{Engine, QuaminaEngine, TrailbellEngine};
use quamina::MatcherBuildMode;
use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};
use support::generator::Generator;
use support::rules;
use trailbell_engines::json;

const EVENT_SEED: u64 = 20_260_105;
const RULE_SEED: u64 = 1_000;
const DEFAULT_RULE_COUNTS: [usize; 3] = [1, 15, rules::THOUSAND];

/// How much is measured.
struct Settings {
    rule_counts: Vec<usize>,
    events: usize,
    passes: usize,
    pass_time: Duration,
}

/// One engine with one set of rules, and what was measured of it.
struct Contender {
    engine: Box<dyn Engine>,
    set: &'static str,
    /// Rival engines define the ratio which the table shows.
    is_rival: bool,
    compile_time: Duration,
    matches: usize,
    /// Events per second, one entry per pass.
    rates: Vec<f64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout().lock();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--events", number] => {
            let mut output = io::BufWriter::new(output);
            Generator::new(EVENT_SEED).take(number.parse()?).try_for_each(|event| writeln!(output, "{event}"))?;
            return Ok(output.flush()?);
        }
        ["--patterns", number] => {
            for rule in rule_sets(number.parse()?).0 {
                writeln!(output, "{}", json::read(&rule)?.json)?;
            }
            return Ok(());
        }
        _ => {}
    }
    let settings = Settings::parse(arguments.into_iter())?;
    let text = Generator::new(EVENT_SEED).take(settings.events).collect::<Vec<_>>().join("\n");
    let events: Vec<&[u8]> = text.lines().map(str::as_bytes).collect();
    writeln!(output, "{} events, {} bytes each on average", events.len(), mean_length(&events))?;
    for &count in &settings.rule_counts {
        let mut contenders = contenders(count)?;
        measure(&mut contenders, &events, &settings);
        report(&mut output, count, &contenders, &events)?;
    }
    Ok(())
}

impl Settings {
    fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut settings = Self::thorough();
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => settings = Self { rule_counts: settings.rule_counts, ..Self::quick() },
                "--rules" => settings.rule_counts = vec![parse_count(arguments.next())?],
                _ => return Err(format!("unknown argument {argument}; use --quick and --rules N")),
            }
        }
        Ok(settings)
    }

    fn thorough() -> Self {
        let rule_counts = DEFAULT_RULE_COUNTS.to_vec();
        Self { rule_counts, events: 20_000, passes: 7, pass_time: Duration::from_millis(500) }
    }

    fn quick() -> Self {
        Self { events: 2_000, passes: 3, pass_time: Duration::from_millis(50), ..Self::thorough() }
    }
}

fn parse_count(argument: Option<String>) -> Result<usize, String> {
    let count =
        argument.and_then(|argument| argument.parse().ok()).filter(|count| (1..=rules::THOUSAND).contains(count));
    count.ok_or_else(|| format!("--rules takes a number from 1 to {}", rules::THOUSAND))
}

/// The full and the plain set; numbers without a set of their own take the beginning of the generated one.
fn rule_sets(count: usize) -> (Vec<String>, Vec<String>) {
    let (mut full, mut plain) = match count {
        1 => (rules::one(), rules::one_plain()),
        15 => (rules::fifteen(), rules::fifteen_plain()),
        _ => (rules::thousand(RULE_SEED), rules::thousand_plain(RULE_SEED)),
    };
    full.truncate(count);
    plain.truncate(count);
    (full, plain)
}

fn contenders(count: usize) -> Result<Vec<Contender>, String> {
    let (full, plain) = rule_sets(count);
    Ok(vec![
        Contender::rival("plain", || QuaminaEngine::new(&plain, MatcherBuildMode::BuiltForComfort))?,
        Contender::rival("plain", || QuaminaEngine::new(&plain, MatcherBuildMode::BuiltForSpeed))?,
        Contender::own("plain", || TrailbellEngine::new(&plain))?,
        Contender::own("full", || TrailbellEngine::new(&full))?,
    ])
}

impl Contender {
    fn rival<E: Engine + 'static>(
        set: &'static str,
        compile: impl FnOnce() -> Result<E, String>,
    ) -> Result<Self, String> {
        Ok(Self { is_rival: true, ..Self::own(set, compile)? })
    }

    fn own<E: Engine + 'static>(
        set: &'static str,
        compile: impl FnOnce() -> Result<E, String>,
    ) -> Result<Self, String> {
        let start = Instant::now();
        let engine: Box<dyn Engine> = Box::new(compile()?);
        Ok(Self { engine, set, is_rival: false, compile_time: start.elapsed(), matches: 0, rates: Vec::new() })
    }

    /// One sweep over all events.
    fn sweep(&mut self, events: &[&[u8]]) -> usize {
        events.iter().map(|event| black_box(self.engine.count(black_box(event)))).sum()
    }

    /// Sweeps until the time is over, always to the end so that every event has the same weight.
    fn pass(&mut self, events: &[&[u8]], pass_time: Duration) {
        let start = Instant::now();
        let mut sweeps = 0_u32;
        while sweeps == 0 || start.elapsed() < pass_time {
            self.matches = self.sweep(events);
            sweeps += 1;
        }
        self.rates.push(f64::from(sweeps) * as_float(events.len()) / start.elapsed().as_secs_f64());
    }

    fn median(&self) -> f64 {
        self.sorted_rates()[self.rates.len() / 2]
    }

    fn sorted_rates(&self) -> Vec<f64> {
        let mut rates = self.rates.clone();
        rates.sort_unstable_by(f64::total_cmp);
        rates
    }
}

fn measure(contenders: &mut [Contender], events: &[&[u8]], settings: &Settings) {
    for contender in contenders.iter_mut() {
        black_box(contender.sweep(events));
    }
    for _ in 0..settings.passes {
        for contender in contenders.iter_mut() {
            contender.pass(events, settings.pass_time);
        }
        // No one always follows the same neighbor, whose use of the caches might favor or harm the next.
        contenders.rotate_left(1);
    }
    contenders.rotate_right(settings.passes % contenders.len());
}

fn report(output: &mut impl Write, count: usize, contenders: &[Contender], events: &[&[u8]]) -> io::Result<()> {
    writeln!(
        output,
        "\n{:<18} {:>5} {:<5} {:>10} {:>10} {:>10} {:>8} {:>9} {:>9} {:>10} {:>7}",
        "engine", "rules", "set", "events/s", "min", "max", "MB/s", "ns/event", "matches", "compile ms", "ratio"
    )?;
    let rival = fastest_rival(contenders);
    for contender in contenders {
        report_contender(output, count, contender, mean_length(events), rival)?;
    }
    report_differences(output, contenders)
}

fn report_contender(
    output: &mut impl Write,
    count: usize,
    contender: &Contender,
    event_length: usize,
    rival: f64,
) -> io::Result<()> {
    let (median, sorted) = (contender.median(), contender.sorted_rates());
    let (name, set, matches) = (contender.engine.name(), contender.set, contender.matches);
    let (minimum, maximum) = (sorted[0], sorted[sorted.len() - 1]);
    let megabytes = median * as_float(event_length) / 1e6;
    let (nanoseconds, compile) = (1e9 / median, contender.compile_time.as_secs_f64() * 1e3);
    let ratio = median / rival;
    writeln!(
        output,
        "{name:<18} {count:>5} {set:<5} {median:>10.0} {minimum:>10.0} {maximum:>10.0} {megabytes:>8.1} \
         {nanoseconds:>9.0} {matches:>9} {compile:>10.1} {ratio:>7.3}"
    )
}

/// The ratio refers to the better one of the rival's modes, whichever this is.
fn fastest_rival(contenders: &[Contender]) -> f64 {
    contenders.iter().filter(|contender| contender.is_rival).map(Contender::median).fold(f64::NAN, f64::max)
}

/// Tells where engines disagree on the same rules. This is not an error of the benchmark: see the rival's known
/// defects.
fn report_differences(output: &mut impl Write, contenders: &[Contender]) -> io::Result<()> {
    let Some(own) = contenders.iter().find(|contender| !contender.is_rival && contender.set == "plain") else {
        return Ok(());
    };
    for rival in contenders.iter().filter(|contender| contender.is_rival && contender.matches != own.matches) {
        let (rival_name, own_name) = (rival.engine.name(), own.engine.name());
        writeln!(output, "note: {rival_name} finds {} matches, {own_name} {}", rival.matches, own.matches)?;
    }
    Ok(())
}

fn mean_length(events: &[&[u8]]) -> usize {
    events.iter().map(|event| event.len()).sum::<usize>() / events.len().max(1)
}

fn as_float(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
