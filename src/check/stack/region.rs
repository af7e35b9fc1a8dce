//! Regions: whether a stack's region exists, and whether EventBridge can call Slack from there.
//!
//! New regions appear, so one that is not known is a warning. The list is that of botocore 1.43.106, `data/partitions.json`.

use crate::diagnostic::{Code, Finding};
use crate::document::Document;

/// Every region that is known.
const KNOWN: &str = "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 \
    ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 \
    ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 \
    me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 cn-northwest-1 \
    eusc-de-east-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 eu-isoe-west-1 us-isof-east-1 us-isof-south-1 \
    us-gov-east-1 us-gov-west-1";

/// What is known of API destinations in a region.
enum Destinations {
    /// They do not exist there, as this source says.
    None(&'static str),
    /// A list of AWS's, which may be old, does not have the region.
    NotListed,
    /// Nothing speaks against them.
    Exist,
}

fn destinations(region: &str) -> Destinations {
    match region {
        "us-gov-east-1" | "us-gov-west-1" => Destinations::None("AWS GovCloud (US) user guide, \"Amazon EventBridge\""),
        "ap-east-2" => Destinations::None("EventBridge user guide, \"API destinations as targets\""),
        "mx-central-1" | "ap-southeast-6" => Destinations::NotListed,
        _ => Destinations::Exist,
    }
}

/// Findings about a region whose name has the right form.
pub(super) fn check(region: &str, document: &Document) -> Vec<Finding> {
    let finding = |code, message| document.finding("/region", code, message);
    if !KNOWN.split(' ').any(|known| known == region) {
        let unknown = finding(Code::UnknownRegion, format!("the region `{region}` is not known"));
        return vec![unknown.suggest(region, KNOWN.split(' '))];
    }
    match destinations(region) {
        Destinations::Exist => Vec::new(),
        Destinations::None(source) => {
            let message =
                format!("EventBridge has no API destinations in {region}, so no message can leave from there");
            let help = format!("choose another region; source: {source}");
            vec![finding(Code::NoApiDestinations, message).help(help)]
        }
        Destinations::NotListed => {
            let message = format!("it is not known whether EventBridge has API destinations in {region}");
            let help = "AWS's list of features by region, which has no date, does not have it there; `apply` shows whether it works";
            vec![finding(Code::UnknownRegion, message).help(help)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_known_and_can_call_slack() {
        let document = Document::parse("t.yaml", "region: x").expect("YAML");
        let cases = [
            ("us-east-1", None),
            ("cn-north-1", None),
            ("us-gov-west-1", Some("TB0314")),
            ("ap-east-2", Some("TB0314")),
            ("mx-central-1", Some("TB0313")),
            ("us-esat-1", Some("TB0313")),
            ("xx-north-7", Some("TB0313")),
        ];
        for (region, code) in cases {
            let found = check(region, &document);
            assert_eq!(found.first().map(|one| one.code.id()), code, "{region}");
        }
        assert!(format!("{:?}", check("us-esat-1", &document)).contains("did you mean `us-east-1`?"));
        assert!(KNOWN.split(' ').all(crate::name::is_region));
    }
}
