//! Alerts that several destinations get, or some accounts' events of: each message is proven, and the one that is not is named.

use super::*;

#[test]
fn every_destination_of_an_alert_is_proven_and_a_broken_one_is_named() {
    let site = Site::new(
        "stack: sec\nregion: us-east-1\nslack: { a: { webhook: \"${env:A}\" }, b: { webhook: \"${env:B}\" } }\nalerts:\n  \
         - { blueprint: cloudtrail-stop-logging, to: [a, b] }\n",
    );
    let proof = site.traced();
    assert!(matches!(&proof, Proof::Accepted { bodies } if bodies.len() == 2), "{proof:?}");
    site.sandbox.by_hand(|world| {
        for object in world.objects.values_mut() {
            if let Resource::Rule(rule) = &mut object.resource
                && rule.address.id.base() == "relay-b"
            {
                "DISABLED".clone_into(&mut rule.state);
            }
        }
    });
    for proof in [Some(site.traced()), site.proof()] {
        assert!(matches!(&proof, Some(Proof::Failed { why, .. }) if why.contains("relay-b")), "{proof:?}");
    }
}

#[test]
fn the_message_of_each_group_of_accounts_is_proven_and_the_one_that_is_not_is_named() {
    let stack = |forwarded: &str| {
        format!(
            "stack: sec\nregion: us-east-1\naccount: \"123456789012\"\nforwarded: {{ accounts: [{forwarded}] }}\n\
             slack: {{ a: {{ webhook: \"${{env:A}}\" }}, b: {{ webhook: \"${{env:B}}\" }} }}\n\
             to: {{ default: a, accounts: [{{ accounts: [\"111122223333\"], to: b }}] }}\nalerts:\n  - blueprint: cloudtrail-stop-logging\n"
        )
    };
    let site = Site::new(&stack("\"111122223333\""));
    assert_eq!(site.scope.account(), "123456789012");
    let told = |proof: &Option<Proof>| match proof {
        Some(Proof::Accepted { bodies }) => ["account 123456789012", "account 111122223333"]
            .map(|place| bodies.iter().filter(|body| body.contains(place)).count()),
        other => panic!("{other:?}"),
    };
    assert_eq!(told(&site.proof()), [1, 1]);
    // Whose events do not come, nothing is proven of.
    let proof = Site::new(&stack("")).proof();
    assert!(matches!(&proof, Some(Proof::Failed { why, .. }) if why.contains("111122223333")), "{proof:?}");
    site.sandbox.by_hand(|world| {
        for object in world.objects.values_mut() {
            if let Resource::Rule(rule) = &mut object.resource
                && rule.address.id.base() == "relay-b"
            {
                "DISABLED".clone_into(&mut rule.state);
            }
        }
    });
    let proof = site.proof();
    assert!(matches!(&proof, Some(Proof::Failed { why, .. }) if why.contains("relay-b")), "{proof:?}");
}
