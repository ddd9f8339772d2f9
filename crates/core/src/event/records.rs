//! The `Records` of a payload as they are written. What they are of is for those who read them.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::RECORDS_MAX;

/// The records as they are written: the first [`RECORDS_MAX`], and how many there are.
pub(super) struct Records<'a> {
    pub(super) first: Vec<&'a RawValue>,
    pub(super) count: usize,
}

impl<'de: 'a, 'a> Deserialize<'de> for Records<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements;
        impl<'de> Visitor<'de> for Elements {
            type Value = Records<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(
                self,
                mut elements: A,
            ) -> Result<Records<'de>, A::Error> {
                let mut first = Vec::new();
                while first.len() < RECORDS_MAX
                    && let Some(element) = elements.next_element()?
                {
                    first.push(element);
                }
                let mut count = first.len();
                while elements.next_element::<IgnoredAny>()?.is_some() {
                    count += 1;
                }
                Ok(Records { first, count })
            }
        }
        deserializer.deserialize_seq(Elements)
    }
}

impl<'a> Records<'a> {
    /// Those of a payload; `None` where it has none.
    pub(super) fn of(payload: &'a str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Outer<'a> {
            #[serde(rename = "Records", borrow)]
            records: Option<&'a RawValue>,
        }
        let Outer { records } = serde_json::from_str(payload).ok()?;
        serde_json::from_str(records?.get()).ok()
    }
}
