//! Every test that `docs/security.md` names for a claim exists.

use std::path::Path;

#[test]
fn every_claim_about_security_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).expect("the page");
    let named: Vec<(&str, &str)> = page.split('`').filter_map(|part| part.split_once(".rs::")).collect();
    assert!(named.len() > 20, "{} tests are named", named.len());
    for (file, test) in named {
        let text = std::fs::read_to_string(root.join(format!("{file}.rs"))).unwrap_or_default();
        let at = text.find(&format!("fn {test}()")).unwrap_or_else(|| panic!("{file}.rs has no test {test}"));
        assert!(text[..at].trim_end().ends_with(']'), "{test} in {file}.rs is not a test");
    }
}
