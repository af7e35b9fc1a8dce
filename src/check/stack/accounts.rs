//! The names of accounts that a stack gives, and who writes them into messages.

use crate::alert::account_names;
use crate::blueprint::{Blueprint, Via, parameters};
use crate::check::blueprint::check_filled;
use crate::diagnostic::{Code, Finding};
use crate::document::{Document, step};
use crate::message::MAX_ACCOUNT_NAME;
use crate::name::is_account;
use crate::stack::{AlertUse, Stack};

/// Each is an account id with a name that can be shown anywhere as it is, and the account can be told from its events.
pub(super) fn names(stack: &Stack, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, name) in &stack.accounts {
        let pointer = format!("/accounts/{}", step(id));
        if !is_account(id) {
            let mut finding = document.finding(&pointer, Code::NotAllowed, "this is not an account id");
            finding.span = document.key_span(&pointer);
            findings.push(finding.found(format!("`{id}`")).expected("twelve digits, quoted"));
        }
        if !account_names::is_plain(name) {
            let finding = document.finding(&pointer, Code::NotAllowed, "an account cannot have this name");
            let expected = format!("1 to {MAX_ACCOUNT_NAME} {}", account_names::FORM);
            findings.push(finding.expected(expected));
        }
    }
    // Whoever reads other names from the account knows which account that is.
    let is_known = stack.account.is_some() || stack.account_names.is_some();
    if !stack.accounts.is_empty() && !is_known && stack.forwarded.accounts.is_empty() {
        let what = "names of accounts need the account that the stack belongs to";
        let finding = document.finding("/accounts", Code::NotAllowed, what);
        findings.push(finding.help("add `account: \"111122223333\"` with its id: all events are from there"));
    }
    findings
}

/// Lets the notifier write the card of an alert whose events are from several accounts with names. An author who chose the
/// transformer keeps it, and the ids.
pub(super) fn named_by_notifier(
    blueprint: &mut Blueprint,
    alert: &AlertUse,
    stack: &Stack,
    document: &Document,
) -> Vec<Finding> {
    let are_named = !stack.accounts.is_empty() || stack.account_names.is_some();
    let are_several = are_named && !stack.forwarded.accounts.is_empty();
    let message = &mut blueprint.alert.message;
    if !are_several || message.card.is_none() || !matches!(message.via, None | Some(Via::Auto)) {
        return Vec::new();
    }
    message.via = Some(Via::Lambda);
    // The notifier is a function, and a function's own calls must not fire its alert.
    let values = parameters::values(blueprint, &alert.with);
    check_filled(blueprint, &values, document, "/accounts")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::alert::Installation;
    use crate::diagnostic::Finding;
    use crate::document::Document;

    fn load(more: &str) -> Result<Installation, Vec<Finding>> {
        let head = "stack: sec\nregion: us-east-1\nslack: { webhook: \"${env:HOOK}\" }\nalerts:\n";
        let alerts = "  - blueprint: cloudtrail-stop-logging\n  - blueprint: repostspace-access-changed\n";
        crate::check::stack(Document::parse("s.yaml", &format!("{head}{alerts}{more}")).expect("YAML"), PathBuf::new())
    }

    fn codes(more: &str) -> Vec<&'static str> {
        let findings = load(more).map_or_else(|findings| findings, |loaded| loaded.warnings);
        let errors = findings.iter().filter(|one| one.code.id() != "TB0506");
        errors.map(|one| one.code.id()).collect()
    }

    #[test]
    fn names_are_plain_and_need_the_account_of_the_stack() {
        let own = "account: '111122223333'\n";
        for (names, expected) in [
            ("accounts: { '111122223333': payments (production) }", &[][..]),
            ("accounts: { '111122223333': '<!channel>' }", &["TB0108"]),
            ("accounts: { '111122223333': '*bold*' }", &["TB0108"]),
            ("accounts: { '111122223333': '' }", &["TB0108"]),
            ("accounts: { '1111': payments }", &["TB0108"]),
            (&format!("accounts: {{ '111122223333': {} }}", "x".repeat(51)), &["TB0108"]),
        ] {
            assert_eq!(codes(&format!("{own}{names}")), expected, "{names}");
        }
        assert_eq!(codes("accounts: { '111122223333': payments }"), ["TB0108"]);
    }

    #[test]
    fn the_notifier_names_several_accounts_and_the_card_the_only_one() {
        let by_notifier = |more: &str| {
            let region = "forwarded: { regions: [us-west-2] }";
            let loaded = load(&more.replace("REGION", region)).unwrap_or_else(|findings| panic!("{findings:?}"));
            loaded.alerts.iter().map(crate::alert::Alert::is_by_notifier).collect::<Vec<_>>()
        };
        let names = "account: '111122223333'\naccounts: { '111122223333': payments, '444455556666': shop }\n";
        assert_eq!(by_notifier(&format!("{names}REGION")), [false, false]);
        let forwarded = format!("{names}forwarded: {{ regions: [us-west-2], accounts: ['444455556666'] }}");
        // The text of the first blueprint is its author's; the second has a card.
        assert_eq!(by_notifier(&forwarded), [false, true]);
        let unnamed = "forwarded: { regions: [us-west-2], accounts: ['444455556666'] }";
        assert_eq!(by_notifier(unnamed), [false, false]);
    }

    #[test]
    fn names_of_organizations_are_shown_and_those_of_the_file_come_first() {
        let found = [("111122223333", "R&D"), ("444455556666", "shop")];
        let found = found.map(|(id, name)| (id.to_owned(), name.to_owned())).into();
        let named = |more: &str| {
            let loaded = load(more).unwrap_or_else(|findings| panic!("{findings:?}"));
            loaded.with_account_names(&found, "111122223333")
        };
        let card = |installation: &Installation| {
            let events = installation.alerts[1].events().expect("an alert on events");
            events.messages[0].by.transformer().template.clone()
        };
        // Without `account`, too: the credentials say which it is.
        let region = "forwarded: { regions: [us-west-2] }\naccount_names: organizations\n";
        assert!(card(&named(region)).contains("R-D"), "{}", card(&named(region)));
        let own = named(&format!("{region}accounts: {{ '111122223333': research }}"));
        assert!(card(&own).contains("research") && !card(&own).contains("R-D"), "{}", card(&own));
        let several = "account_names: organizations\nforwarded: { regions: [us-west-2], accounts: ['444455556666'] }";
        let several = named(several);
        assert!(several.alerts[1].is_by_notifier(), "one template cannot name several accounts");
        assert_eq!(several.accounts["444455556666"], "shop");
    }
}
