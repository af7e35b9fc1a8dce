//! What a previous version of trailbell wrote: sandbox files in `tests/fixtures/previous`, each made by `trailbell
//! apply --sandbox` on the stack file next to it. What changes since then is a clean update, and the stack can be removed.

use std::path::Path;

use super::{carry_out, wait};
use crate::compile::compile;
use crate::document::Reach;
use crate::name::Scope;
use crate::plan;
use crate::provider::sandbox::{Sandbox, World};
use crate::provider::{Provider, Search};
use crate::resource::{Resource, ResourceSet};
use crate::secret::Secret;

fn scope() -> Scope {
    Scope::offline(None, "us-east-1", "previous").expect("a good scope")
}

/// The sandbox as it was written, and what the stack file asks for.
fn written(name: &str, secret: &Secret) -> (Sandbox, ResourceSet) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/previous");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).expect("readable");
    let world = World::from_json(&text).expect("what was written is read");
    let lines = |text: &str| text.lines().map(|line| line.trim_end_matches(',').to_owned()).collect::<Vec<_>>();
    let mut kept = lines(&text.replace("\"format\": 1", "\"format\": 2"));
    kept.retain(|line| line.trim() != "\"requires\": []");
    assert_eq!(lines(&world.to_json()), kept, "addresses and fields are written as they were");
    let installation = crate::check::stack_file(&folder.join(format!("{name}.yaml")), Reach::Own).expect("no findings");
    let mut desired = compile(&installation, &scope(), Some(secret));
    for (address, resource) in &mut desired {
        let before = world.objects.values().find(|one| one.resource.address() == address).map(|one| &one.resource);
        // The code of functions may differ from version to version, and is uploaded again then.
        if let (Resource::Function(wanted), Some(Resource::Function(before))) = (resource, before) {
            wanted.code = before.code.clone();
        }
    }
    let sandbox = Sandbox::new();
    sandbox.by_hand(|kept| *kept = world);
    (sandbox, desired)
}

#[test]
fn what_a_previous_version_applied_is_updated_in_place_and_can_be_removed() {
    let random = "a".repeat(24);
    let secrets = [
        ("webhook", Secret::new(format!("https://hooks.slack.com/services/T/B/{random}"))),
        ("bot", Secret::new(format!("xox{}-1-{random}", 'b'))),
    ];
    for (name, secret) in secrets {
        let (sandbox, desired) = written(name, &secret);
        let live = wait(sandbox.read(&scope(), Search::of(&desired))).expect("reading cannot fail");
        let plan = plan::plan(&scope(), &desired, &live).expect("nothing is in the way");
        // The rules of both alerts with a remediation take the events of their own account alone from now on.
        let changed: Vec<&str> = plan.steps.iter().map(|step| step.change.action()).collect();
        assert_eq!((changed, plan.unchanged.len()), (vec!["update"; 2], 28), "{name}: {:#?}", plan.steps);
        let report = carry_out(&sandbox, &plan);
        assert!(report.is_complete(), "{name}: {report:?}");
        let live = wait(sandbox.read(&scope(), Search::of(&desired))).expect("reading cannot fail");
        let plan = plan::plan(&scope(), &desired, &live).expect("nothing is in the way");
        assert_eq!((plan.is_empty(), plan.unchanged.len()), (true, 30), "{name}: {:#?}", plan.steps);
        let alone = wait(sandbox.read(&scope(), Search::alone())).expect("reading cannot fail");
        let removal = plan::destroy(&scope(), &alone).expect("nothing is attached");
        let report = carry_out(&sandbox, &removal);
        assert!(report.is_complete(), "{name}: {report:?}");
        assert!(sandbox.by_hand(|world| world.objects.is_empty()), "{name}");
    }
}
