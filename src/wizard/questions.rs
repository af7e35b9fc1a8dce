//! What the wizard asks, in which order, and what is already answered by a flag.

use super::{Asker, check_region, check_stack};
use crate::secret::SecretReference;

/// What is known before anybody is asked.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Blueprints' names.
    pub alerts: Vec<String>,
    /// The stack's name.
    pub stack: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// A bot's channel; its presence chooses the bot.
    pub channel: Option<String>,
    /// Chooses the way to Slack.
    pub slack: Option<SlackWay>,
    /// Where the secret lives.
    pub secret: Option<String>,
}

/// The two ways to Slack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum SlackWay {
    /// An incoming webhook; its address is the secret
    Webhook,
    /// A bot token and a channel
    Bot,
}

/// Everything a stack file needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Blueprints' names.
    pub alerts: Vec<String>,
    /// The stack's name.
    pub stack: String,
    /// The region.
    pub region: String,
    /// The way to Slack.
    pub slack: SlackWay,
    /// The channel, for a bot.
    pub channel: Option<String>,
    /// The reference to the secret.
    pub secret: String,
}

/// Asks whatever is not given. `catalog` is names and titles.
///
/// # Errors
/// Nobody answers a question that has no given answer, or a given answer is not usable.
pub fn answers(given: &Given, catalog: &[(String, String)], asker: &mut dyn Asker) -> Result<Answers, String> {
    let alerts = alerts(given, catalog, asker)?;
    let stack = text(given.stack.as_ref(), "What should the stack be called?", "security-alerts", check_stack, asker)?;
    let region = text(given.region.as_ref(), "Which AWS region?", "us-east-1", check_region, asker)?;
    let slack = match (given.slack, &given.channel) {
        (Some(way), _) => way,
        (None, Some(_)) => SlackWay::Bot,
        (None, None) => slack(asker)?,
    };
    let channel = match slack {
        SlackWay::Webhook => None,
        SlackWay::Bot => Some(text(
            given.channel.as_ref(),
            "Which channel (its id, such as C0123456789)?",
            "",
            check_channel,
            asker,
        )?),
    };
    let secret = match &given.secret {
        Some(reference) => check_reference(reference).map(|()| reference.clone())?,
        None => secret(slack, asker)?,
    };
    Ok(Answers { alerts, stack, region, slack, channel, secret })
}

fn alerts(given: &Given, catalog: &[(String, String)], asker: &mut dyn Asker) -> Result<Vec<String>, String> {
    if let Some(unknown) = given.alerts.iter().find(|name| !catalog.iter().any(|(known, _)| known == *name)) {
        return Err(format!("no built-in blueprint is called `{unknown}`; `trailbell catalog` lists them"));
    }
    if !given.alerts.is_empty() {
        return Ok(given.alerts.clone());
    }
    let choices: Vec<String> = catalog.iter().map(|(name, title)| format!("{name}  {title}")).collect();
    loop {
        let chosen = asker.several("Which alerts? (space chooses, Enter goes on)", &choices)?;
        if !chosen.is_empty() {
            return Ok(chosen.into_iter().filter_map(|at| catalog.get(at)).map(|(name, _)| name.clone()).collect());
        }
    }
}

fn text(
    given: Option<&String>,
    question: &str,
    default: &str,
    check: fn(&str) -> Result<(), String>,
    asker: &mut dyn Asker,
) -> Result<String, String> {
    match given {
        Some(answer) => check(answer)
            .map(|()| answer.clone())
            .map_err(|why| format!("`{answer}` is not an answer to “{question}”: {why}")),
        None => asker.text(question, default, check),
    }
}

fn slack(asker: &mut dyn Asker) -> Result<SlackWay, String> {
    let choices = [
        "Incoming webhook: its address is the secret; simplest, and Slack's refusals are seen".to_owned(),
        "Bot token and channel: one token for many channels; a revoked token fails silently".to_owned(),
    ];
    Ok(if asker.one("How is Slack reached?", &choices)? == 0 { SlackWay::Webhook } else { SlackWay::Bot })
}

fn secret(slack: SlackWay, asker: &mut dyn Asker) -> Result<String, String> {
    let what = if slack == SlackWay::Webhook { "webhook address" } else { "bot token" };
    let choices = [
        format!("In an environment variable, set before apply ({})", variable(slack)),
        "In a file outside version control".to_owned(),
        "Nowhere: ask me, hidden, whenever it is needed".to_owned(),
    ];
    match asker.one(&format!("Where does the {what} live? It is never written into the stack file."), &choices)? {
        0 => Ok(format!("${{env:{}}}", asker.text("Which variable?", variable(slack), check_word)?)),
        1 => Ok(format!("${{file:{}}}", asker.text("Which file?", "./slack-secret.txt", check_word)?)),
        _ => Ok(format!("${{prompt:Slack {what}}}")),
    }
}

/// The variable's usual name.
fn variable(slack: SlackWay) -> &'static str {
    match slack {
        SlackWay::Webhook => "SLACK_WEBHOOK_URL",
        SlackWay::Bot => "SLACK_TOKEN",
    }
}

fn check_word(text: &str) -> Result<(), String> {
    let is_good = !text.is_empty() && !text.contains(['"', '\\', '}', '\n', ' ', '=']);
    if is_good { Ok(()) } else { Err("without spaces, quotes and braces".to_owned()) }
}

fn check_channel(text: &str) -> Result<(), String> {
    let is_good = (1..=80).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'#' | b'-' | b'_'));
    if is_good { Ok(()) } else { Err("the channel's id, in Slack at the bottom of the channel's details".to_owned()) }
}

/// Never quotes the answer: it may be the secret itself.
fn check_reference(text: &str) -> Result<(), String> {
    match SecretReference::parse(text) {
        Ok(_) if !text.contains(['"', '\\', '\n']) => Ok(()),
        _ => Err(format!("--secret takes a reference, never the secret itself: {}", SecretReference::FORMS)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::path::PathBuf;

    use super::*;
    use crate::document::Document;
    use crate::stack;
    use crate::wizard::stack_file;

    /// Answers from a list; every question is kept.
    #[derive(Default)]
    struct Script {
        answers: VecDeque<&'static str>,
        asked: Vec<String>,
    }

    impl Script {
        fn next(&mut self, question: &str) -> Result<&'static str, String> {
            self.asked.push(question.to_owned());
            self.answers.pop_front().ok_or_else(|| format!("nobody answers “{question}”"))
        }
    }

    impl Asker for Script {
        fn text(
            &mut self,
            question: &str,
            default: &str,
            check: fn(&str) -> Result<(), String>,
        ) -> Result<String, String> {
            let answer = self.next(question)?;
            let answer = if answer.is_empty() { default } else { answer };
            check(answer).map(|()| answer.to_owned())
        }

        fn one(&mut self, question: &str, _choices: &[String]) -> Result<usize, String> {
            self.next(question)?.parse().map_err(|_| "not a number".to_owned())
        }

        fn several(&mut self, question: &str, _choices: &[String]) -> Result<Vec<usize>, String> {
            Ok(self.next(question)?.split(',').filter_map(|at| at.parse().ok()).collect())
        }
    }

    fn catalog() -> Vec<(String, String)> {
        vec![("cloudtrail-stop-logging".to_owned(), "CloudTrail logging turned off".to_owned())]
    }

    fn script(answers: &[&'static str]) -> Script {
        Script { answers: answers.iter().copied().collect(), asked: Vec::new() }
    }

    #[test]
    fn every_way_through_the_questions_gives_a_stack_without_findings() {
        let ways: &[&[&str]] = &[
            &["0", "", "", "0", "0", ""],
            &["0", "sec", "eu-west-1", "0", "1", "./hook.txt"],
            &["0", "sec", "", "0", "2"],
            &["0", "sec", "", "1", "C0123456789", "0", "MY_TOKEN"],
            &["", "0", "sec", "", "1", "#security", "2"],
        ];
        for way in ways {
            let mut asker = script(way);
            let answered = answers(&Given::default(), &catalog(), &mut asker).expect("all is answered");
            assert!(asker.answers.is_empty(), "{way:?}: left {:?}", asker.answers);
            let text = stack_file(&answered);
            let document = Document::parse("trailbell.yaml", &text).expect("YAML");
            let stack =
                stack::from_document(document, PathBuf::new()).unwrap_or_else(|found| panic!("{text}\n{found:?}"));
            assert_eq!((stack.warnings.len(), stack.alerts.len()), (0, 1));
        }
    }

    #[test]
    fn what_a_flag_says_is_not_asked() {
        let given = Given {
            alerts: vec!["cloudtrail-stop-logging".to_owned()],
            stack: Some("sec".to_owned()),
            region: Some("us-east-1".to_owned()),
            channel: None,
            slack: Some(SlackWay::Webhook),
            secret: Some("${env:HOOK}".to_owned()),
        };
        let mut asker = script(&[]);
        answers(&given, &catalog(), &mut asker).expect("nothing is left to ask");
        assert!(asker.asked.is_empty());
    }

    #[test]
    fn a_flag_is_checked_like_an_answer_and_a_secret_is_not_quoted_back() {
        let given = |change: fn(&mut Given)| {
            let mut given = Given { alerts: vec!["cloudtrail-stop-logging".to_owned()], ..Given::default() };
            change(&mut given);
            answers(&given, &catalog(), &mut script(&["0", "0", "0", "0", "0", "0"])).expect_err("not usable")
        };
        assert!(given(|one| one.stack = Some("Not_Good".to_owned())).contains("Not_Good"));
        assert!(given(|one| one.alerts = vec!["nothing".to_owned()]).contains("nothing"));
        let given =
            Given { secret: Some("https://hooks.slack.com/services/verysecret".to_owned()), ..Given::default() };
        let why =
            answers(&given, &catalog(), &mut script(&["0", "sec", "us-east-1", "0"])).expect_err("a literal secret");
        assert!(!why.contains("verysecret") && why.contains("never the secret itself"), "{why}");
    }
}
