//! Whether a manifest keeps all that another one holds. Cosign adds each signature to the manifest under the image's tag,
//! and so do clients that keep a list of referrers under a tag: where the later one keeps all of the earlier one,
//! nothing is lost by following it, though a lifecycle rule has removed the earlier one from the source.

use serde_json::Value;

/// Of longer manifests it is not looked up: read as JSON they take many times their length. Cosign's and lists of referrers
/// take some kilobytes.
const BYTES_MAX: usize = 512 * 1024;

/// Whether `later` has each layer, or each child, of `earlier`, exactly as that has it: a signature is an annotation of
/// its layer.
pub(super) fn keeps_all(later: &str, earlier: &str) -> bool {
    if later.len().max(earlier.len()) > BYTES_MAX {
        return false;
    }
    let (Some(later), Some(earlier)) = (read(later), read(earlier)) else {
        return false;
    };
    let mut keeps = false;
    for key in ["layers", "manifests"] {
        let Some(earlier) = entries(&earlier, key) else {
            continue;
        };
        let later = entries(&later, key).unwrap_or_default();
        if earlier.is_empty() || !earlier.iter().all(|entry| later.contains(entry)) {
            return false;
        }
        keeps = true;
    }
    keeps
}

fn read(manifest: &str) -> Option<Value> {
    serde_json::from_str(manifest).ok()
}

fn entries<'m>(manifest: &'m Value, key: &str) -> Option<&'m [Value]> {
    manifest.get(key)?.as_array().map(Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The digest of a layer is the payload's: who has that can write it down without its signature.
    #[test]
    fn a_signature_was_lost_whose_payload_was_kept() {
        let signed = |payload: &str, signature: &str| json!({"digest": payload, "annotations": {"signature": signature}});
        let (one, two) = (signed("p", "one"), signed("p", "two"));
        let bare = json!({"digest": "p"});
        let (a, b) = (json!({"digest": "a"}), json!({"digest": "b"}));
        for (case, later, earlier, kept) in [
            (
                "one more",
                json!({"layers": [one, two]}),
                json!({"layers": [one]}),
                true,
            ),
            (
                "in another order",
                json!({"layers": [two, one]}),
                json!({"layers": [one, two]}),
                true,
            ),
            (
                "another one",
                json!({"layers": [two]}),
                json!({"layers": [one]}),
                false,
            ),
            (
                "without its signature",
                json!({"layers": [bare, two]}),
                json!({"layers": [one]}),
                false,
            ),
            (
                "one less",
                json!({"layers": [one]}),
                json!({"layers": [one, two]}),
                false,
            ),
            (
                "nothing",
                json!({"layers": [one]}),
                json!({"layers": []}),
                false,
            ),
            (
                "a list with one more",
                json!({"manifests": [a, b]}),
                json!({"manifests": [a]}),
                true,
            ),
            (
                "another list",
                json!({"manifests": [b]}),
                json!({"manifests": [a]}),
                false,
            ),
            (
                "a list and a signature",
                json!({"manifests": [one]}),
                json!({"layers": [one]}),
                false,
            ),
            (
                "both kinds of one",
                json!({"layers": [one]}),
                json!({"layers": [one], "manifests": [a]}),
                false,
            ),
            ("not an object", json!([]), json!({"layers": [one]}), false),
        ] {
            let (later, earlier) = (later.to_string(), earlier.to_string());
            assert_eq!(keeps_all(&later, &earlier), kept, "{case}");
        }
        let long = json!({"layers": [one], "annotations": {"long": "x".repeat(BYTES_MAX)}});
        let long = long.to_string();
        assert!(!keeps_all(&long, &long), "not looked up");
    }
}
