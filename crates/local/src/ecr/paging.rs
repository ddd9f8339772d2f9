//! Pages of a sorted list, and the opaque tokens between them. A token names the last key that was given,
//! so that a page stays right while images come and go.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::Refusal;

/// A page: its items and, where more follow, the token that continues.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

/// The key after which a page starts, from the caller's token.
pub(crate) fn after(token: Option<&str>) -> Result<Option<String>, Refusal> {
    token.map(read).transpose()
}

fn read(token: &str) -> Result<String, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.strip_prefix("after:").map(str::to_owned))
        .ok_or_else(|| Refusal::parameter("NextToken", "Invalid next token provided"))
}

pub(super) fn write(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("after:{key}"))
}

/// The first `size` of `sorted` whose key lies beyond `after`.
pub(crate) fn page<T>(
    sorted: impl Iterator<Item = (String, T)>,
    after: Option<&str>,
    size: usize,
) -> Page<T> {
    let mut rest = sorted.filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
    let mut last = None;
    let mut items = Vec::new();
    for (key, item) in rest.by_ref().take(size) {
        last = Some(key);
        items.push(item);
    }
    let next = if rest.next().is_some() {
        last.map(|key| write(&key))
    } else {
        None
    };
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_to_the_whole_list() {
        let keys = || {
            ["a", "b", "c", "d", "e"]
                .into_iter()
                .map(|key| (key.to_owned(), key))
        };
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let page = page(
                keys(),
                after(token.as_deref()).expect("our own token").as_deref(),
                2,
            );
            seen.extend(page.items);
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e"]);
        assert!(after(Some("latest")).is_err(), "a token is not a key");
    }
}
