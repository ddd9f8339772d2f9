//! The place of a component among those nested in each other, as it is shown to people.

use std::fmt;

/// Where among the components nested in each other the reader stands.
#[derive(Debug, Default)]
pub(super) struct Path {
    pub(super) is_in_root: bool,
    pub(super) indexes: Vec<usize>,
}

impl Path {
    pub(super) fn advance(&mut self) {
        if let Some(index) = self.indexes.last_mut() {
            *index += 1;
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_in_root {
            f.write_str("metadata.component")?;
        }
        for (level, index) in self.indexes.iter().enumerate() {
            let dot = if level > 0 || self.is_in_root {
                "."
            } else {
                ""
            };
            write!(f, "{dot}components[{index}]")?;
        }
        Ok(())
    }
}
