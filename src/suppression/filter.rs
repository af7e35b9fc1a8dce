//! A CloudWatch Logs filter pattern that leaves suppressed lines out, exactly, or why there is none.
//!
//! *Not (a and b)* is *not a, or not b*; *not a* is that the field does not exist, is null, or is none of the texts: what `!=` does
//! with a field that is not there is not documented (`trailbell help filters`). Only fields that are known to hold text are used,
//! and only texts that the language of filter patterns can say.

use super::{Condition, NotNarrowed, SuppressedField, SuppressionRule};
use crate::cloudtrail::fields::is_text;
use crate::filter::{self, Syntax};

/// The filter pattern without the lines that one of the rules holds for.
///
/// # Errors
/// No filter pattern lets exactly these lines through.
pub fn narrow_filter(pattern: &str, rules: &[SuppressionRule]) -> Result<String, NotNarrowed> {
    let refused = |what: String| NotNarrowed { field: None, what };
    let read = filter::parse(pattern).map_err(|error| refused(error.to_string()))?;
    let inner = pattern.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let inner = inner.filter(|_| read.kind() == Syntax::Json);
    let inner = inner.ok_or_else(|| refused("only filter patterns in braces, `{ … }`, name fields".to_owned()))?;
    let denied: Vec<String> = rules.iter().map(not).collect::<Result<_, _>>()?;
    let parts = std::iter::once(format!("({})", inner.trim())).chain(denied);
    let narrowed = format!("{{ {} }}", parts.collect::<Vec<_>>().join(" && "));
    filter::parse(&narrowed).map_err(|error| refused(error.to_string()))?;
    Ok(narrowed)
}

/// That a rule does not hold.
fn not(rule: &SuppressionRule) -> Result<String, NotNarrowed> {
    let fields: Vec<String> = rule.fields.iter().map(is_other).collect::<Result<_, _>>()?;
    Ok(format!("({})", fields.join(" || ")))
}

/// That a field is not as a rule says.
fn is_other(field: &SuppressedField) -> Result<String, NotNarrowed> {
    let path = &field.path;
    let refused = |what: String| NotNarrowed { field: Some(path.clone()), what };
    if !is_text(&format!("detail.{path}")) {
        return Err(refused(format!("it is not known that `{path}` holds text")));
    }
    let compared: Option<Vec<String>> =
        field.any.iter().map(|one| Some(format!("$.{path} != \"{}\"", text(one)?))).collect();
    let compared = compared.ok_or_else(|| {
        refused(
            "a filter pattern can deny text, `prefix`, `suffix`, and `wildcard`, without `\"`, `\\`, and other `*`"
                .to_owned(),
        )
    })?;
    Ok(format!("$.{path} NOT EXISTS || $.{path} IS NULL || ({})", compared.join(" && ")))
}

/// A condition as a text of a filter pattern, in which `*` is any characters.
fn text(condition: &Condition) -> Option<String> {
    let plain = |text: &str| !text.is_empty() && !text.contains(['"', '\\', '*']) && !text.contains(char::is_control);
    match condition {
        Condition::Text(text) => plain(text).then(|| text.clone()),
        Condition::Prefix(text) => plain(text).then(|| format!("{text}*")),
        Condition::Suffix(text) => plain(text).then(|| format!("*{text}")),
        Condition::Wildcard(text) => plain(&text.replace('*', "")).then(|| text.clone()),
        Condition::Number(_) | Condition::AnyCase(_) | Condition::Within(_) => None,
    }
}
