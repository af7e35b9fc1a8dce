//! The techniques of MITRE ATT&CK that concern an AWS account, and why some are not detected. The table is data, `techniques.tsv`.

const TABLE: &str = include_str!("techniques.tsv");

/// One technique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Technique {
    /// Its id, such as `T1562.008`.
    pub id: &'static str,
    /// Its name, behind that of the technique it is part of.
    pub name: &'static str,
    /// Why no built-in blueprint detects it; empty where one does.
    pub reason: &'static str,
}

/// All of them, by id.
#[must_use]
pub fn all() -> Vec<Technique> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let technique = |row: &'static str| {
        let mut cells = row.split('\t');
        Some(Technique { id: cells.next()?, name: cells.next()?, reason: cells.next()? })
    };
    rows.filter_map(technique).collect()
}

/// The page about a technique.
#[must_use]
pub fn page(id: &str) -> String {
    format!("https://attack.mitre.org/techniques/{}/", id.replace('.', "/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_whole() {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        let all = all();
        assert_eq!(all.len(), rows);
        assert!(all.is_sorted_by_key(|one| one.id));
        assert_eq!(page("T1562.008"), "https://attack.mitre.org/techniques/T1562/008/");
    }
}
