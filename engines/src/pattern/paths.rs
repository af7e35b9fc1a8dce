//! The fields a set of patterns names, as a tree of their dotted segments.
//!
//! EventBridge joins the names on the way to a value with dots and compares the result, so `{"a.b": 1}` and
//! `{"a": {"b": 1}}` are the same field. Here a name is taken apart at its dots and walked segment by segment, which
//! gives the same answer without ever writing a path out: the work on an event grows with its length only.
//! Users: `matches` (one pattern), `matcher` (many).

use std::collections::HashMap;

/// A place in the tree; 0 is the event itself.
pub(super) type PathNode = usize;

/// The tree. Fields are numbered in the order they were added.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    nodes: Vec<HashMap<Box<str>, PathNode>>,
    /// The field that ends at a node.
    fields: Vec<Option<usize>>,
    count: usize,
}

impl Default for Paths {
    fn default() -> Self {
        Self { nodes: vec![HashMap::new()], fields: vec![None], count: 0 }
    }
}

impl Paths {
    /// Makes sure that there is a place with this dotted path, without a field.
    pub(super) fn place(&mut self, path: &str) -> PathNode {
        path.split('.').fold(0, |node, segment| self.child_or_new(node, segment))
    }

    /// The number of the field with this dotted path.
    pub(super) fn add(&mut self, path: &str) -> usize {
        let node = self.place(path);
        let next = self.count;
        let field = *self.fields[node].get_or_insert(next);
        self.count = self.count.max(field + 1);
        field
    }

    fn child_or_new(&mut self, node: PathNode, segment: &str) -> PathNode {
        if let Some(&child) = self.nodes[node].get(segment) {
            return child;
        }
        let child = self.nodes.len();
        self.nodes.push(HashMap::new());
        self.fields.push(None);
        self.nodes[node].insert(segment.into(), child);
        child
    }

    /// Where the field `name` of an object at `node` leads, if any pattern looks there.
    pub(super) fn child(&self, node: PathNode, name: &str) -> Option<PathNode> {
        name.split('.').try_fold(node, |node, segment| self.nodes[node].get(segment).copied())
    }

    /// The field that ends here.
    pub(super) fn field(&self, node: PathNode) -> Option<usize> {
        self.fields[node]
    }

    /// How many fields there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The children of a node by their segment.
    pub(super) fn children(&self, node: PathNode) -> impl Iterator<Item = (&str, PathNode)> {
        self.nodes[node].iter().map(|(segment, &child)| (&**segment, child))
    }

    /// How many nodes there are.
    pub(super) fn size(&self) -> usize {
        self.nodes.len()
    }
}
