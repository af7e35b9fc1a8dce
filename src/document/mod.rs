//! A YAML document with the place of everything in it.
//!
//! `parse` turns text into a tree of [`Node`]s and refuses hostile input; `shape` compares the tree with the JSON Schema
//! of a Rust type, so that all mistakes are found at once; [`Document::typed`] then hands over the Rust value. Places are
//! addressed by JSON pointer (`/alerts/0/blueprint`), which keeps spans out of the types a person's file maps to.

mod parse;
mod reach;
mod shape;
pub mod write;

use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use parse::Tags;
pub use reach::Reach;
pub use shape::ReservedKey;

use crate::diagnostic::{Code, Finding, Source};
use crate::file::{self, FileError};

/// Larger files are not read: a blueprint is a page of text, and a parser should not meet a hundred megabytes.
pub const MAX_BYTES: u64 = 1 << 20;

/// A value and the bytes it is on.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value itself.
    pub value: NodeValue,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// What YAML 1.2's core schema can say; numbers, as in JSON, have one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeValue {
    /// A string, boolean, number or null.
    Scalar(Value),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the text; a key that is duplicated is kept once, after a finding.
    Map(Vec<Member>),
}

/// One key of a mapping with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key; only strings are keys.
    pub key: String,
    /// Where the key is.
    pub key_span: Range<usize>,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The value of `key` when this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let NodeValue::Map(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The node without its places.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Scalar(value) => value.clone(),
            NodeValue::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            NodeValue::Map(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect())
            }
        }
    }
}

/// A parsed text and where everything is in it.
#[derive(Clone, Debug)]
pub struct Document {
    /// Name and text, for findings.
    pub source: Arc<Source>,
    /// The tree.
    pub root: Node,
    /// Which files it may name.
    pub reach: Reach,
    /// What is wrong with the text itself although it could be read, such as a key that is duplicated.
    findings: Vec<Finding>,
}

/// A document as a Rust value, and what is wrong with it so far.
#[derive(Clone, Debug)]
pub struct Typed<T> {
    /// The value, fixed where the text deviates from its shape, so that later checks can go on. Only to be used when
    /// nothing in [`Typed::with`] is an error. `None` when not even that was possible.
    pub value: Option<T>,
    /// What is wrong with text and shape.
    pub findings: Vec<Finding>,
    blind: Vec<Range<usize>>,
}

impl<T> Typed<T> {
    /// All findings: those about text and shape, and `later` ones except where the text was fixed.
    #[must_use]
    pub fn with(&self, later: Vec<Finding>) -> Vec<Finding> {
        let mut all = self.findings.clone();
        let place = |one: &Finding| (one.source.name.clone(), one.span.clone());
        let blind: HashSet<&Range<usize>> = self.blind.iter().collect();
        let taken: HashSet<_> = self.findings.iter().map(place).collect();
        let mut told = HashSet::new();
        for finding in later {
            let is_mending = blind.contains(&finding.span) || taken.contains(&place(&finding));
            if !is_mending && told.insert((place(&finding), finding.code, finding.message.clone())) {
                all.push(finding);
            }
        }
        all.sort_by(|a, b| (&a.source.name, a.span.start).cmp(&(&b.source.name, b.span.start)));
        all
    }
}

impl Document {
    /// Reads a file. One that is missing, not regular, too long, not text, or neither a blueprint nor a stack file is a finding
    /// without a place, which shows nothing of it.
    ///
    /// # Errors
    /// The findings, at least one of them an error.
    pub fn read(path: &Path, reach: Reach) -> Result<Self, Vec<Finding>> {
        let name = path.display().to_string();
        let refused = |code, message| Finding::new(code, &Arc::new(Source::new(name.clone(), "")), 0..0, message);
        let text = file::text(path, MAX_BYTES).map_err(|error| {
            let code = if matches!(error, FileError::TooLong { .. }) { Code::TooLarge } else { Code::Unreadable };
            vec![refused(code, format!("cannot read `{name}`: {error}"))]
        })?;
        // An empty file shows nothing, and has a finding of its own.
        if !text.trim().is_empty() && !reach::is_ours(&text) {
            let finding = refused(Code::NotOurs, format!("`{name}` is neither a blueprint nor a stack file"));
            let expected = "a line that begins with `blueprint:` or `stack:`";
            return Err(vec![finding.expected(expected).help("name another file; no part of this one is shown")]);
        }
        Ok(Self { reach, ..Self::parse(&name, &text)? })
    }

    /// Parses a text known under `name`.
    ///
    /// # Errors
    /// The findings, at least one of them an error.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Finding>> {
        Self::parse_with(name, text, Tags::Refused)
    }

    /// Parses a template of CloudFormation, whose tags are functions: `!Ref A` is `{ Ref: A }`.
    ///
    /// # Errors
    /// The findings, at least one of them an error.
    pub fn template(name: &str, text: &str) -> Result<Self, Vec<Finding>> {
        Self::parse_with(name, text, Tags::Functions)
    }

    fn parse_with(name: &str, text: &str, tags: Tags) -> Result<Self, Vec<Finding>> {
        let source = Arc::new(Source::new(name, crate::redact::file(text)));
        let mut findings = Vec::new();
        let root = parse::parse(text, &source, tags, &mut findings);
        match root {
            Some(root) => Ok(Self { source, root, findings, reach: Reach::default() }),
            None => Err(findings),
        }
    }

    /// What is wrong with the text itself although it could be read.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether it may name this file.
    #[must_use]
    pub fn may_name(&self, path: &Path) -> bool {
        self.reach.allows(path, &self.folder())
    }

    /// The folder it is in.
    fn folder(&self) -> PathBuf {
        Path::new(&self.source.name).parent().map(Path::to_owned).unwrap_or_default()
    }

    /// The document as a Rust value, with every deviation from the type's JSON Schema and every use of a reserved key.
    #[must_use]
    pub fn typed<T: DeserializeOwned + JsonSchema>(&self, reserved: &[ReservedKey]) -> Typed<T> {
        let mut shaped = shape::check(self, &schemars::schema_for!(T), reserved);
        let mut findings = self.findings.clone();
        let taken: HashSet<Range<usize>> = findings.iter().map(|one| one.span.clone()).collect();
        shaped.findings.retain(|later| !taken.contains(&later.span));
        findings.extend(shaped.findings);
        let value = serde_json::from_value(shaped.value);
        if let Err(error) = &value
            && findings.is_empty()
        {
            findings.push(self.finding("", Code::WrongType, error.to_string()));
        }
        Typed { value: value.ok(), findings, blind: shaped.blind }
    }

    /// The node at a JSON pointer.
    #[must_use]
    pub fn node(&self, pointer: &str) -> Option<&Node> {
        pointer.split('/').skip(1).try_fold(&self.root, |node, step| match &node.value {
            NodeValue::List(items) => items.get(step.parse::<usize>().ok()?),
            NodeValue::Map(_) => node.get(&step.replace("~1", "/").replace("~0", "~")),
            NodeValue::Scalar(_) => None,
        })
    }

    /// Where the value at a JSON pointer is; the nearest existing ancestor when it is absent.
    #[must_use]
    pub fn span(&self, pointer: &str) -> Range<usize> {
        let mut pointer = pointer;
        loop {
            if let Some(node) = self.node(pointer) {
                return node.span.clone();
            }
            pointer = &pointer[..pointer.rfind('/').unwrap_or(0)];
        }
    }

    /// Where the key at a JSON pointer is; its value's place when it is not a key of a mapping.
    #[must_use]
    pub fn key_span(&self, pointer: &str) -> Range<usize> {
        let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let key = key.replace("~1", "/").replace("~0", "~");
        match self.node(parent).map(|node| &node.value) {
            Some(NodeValue::Map(entries)) => entries
                .iter()
                .find(|entry| entry.key == key)
                .map_or_else(|| self.span(pointer), |entry| entry.key_span.clone()),
            _ => self.span(pointer),
        }
    }

    /// Where `part`, bytes of the string at `pointer`, is in the text. Exact when the scalar is written without
    /// escapes and folding; the whole value otherwise.
    #[must_use]
    pub fn part_span(&self, pointer: &str, part: &Range<usize>) -> Range<usize> {
        let whole = self.span(pointer);
        let Some(Value::String(value)) = self.node(pointer).map(Node::to_json) else { return whole };
        let written = self.source.shown.get(whole.clone()).unwrap_or_default();
        match written.find(value.as_str()) {
            Some(offset) => whole.start + offset + part.start..whole.start + offset + part.end,
            None => whole,
        }
    }

    /// The line, counted from 1, on which the value at a JSON pointer begins.
    #[must_use]
    pub fn line(&self, pointer: &str) -> usize {
        let before = self.source.shown.get(..self.span(pointer).start).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    /// A finding about the value at a JSON pointer.
    pub fn finding(&self, pointer: &str, code: Code, message: impl Into<String>) -> Finding {
        Finding::new(code, &self.source, self.span(pointer), message)
    }
}

/// One step of a JSON pointer, escaped.
#[must_use]
pub fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
