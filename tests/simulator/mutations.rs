//! Faults of the past, kept as patches in `mutations/`; `mutate` puts each back and tells which seed finds it. Here is held
//! that each still can be put back.

use std::{path::Path, process::Command};

#[test]
fn each_fault_of_the_past_can_be_put_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = std::fs::read_dir(root.join("tests/simulator/mutations")).unwrap();
    let patches: Vec<_> = folder.map(|it| it.unwrap().path()).collect();
    assert!(!patches.is_empty());
    for patch in patches {
        let mut git = Command::new("git");
        let said = git
            .current_dir(root)
            .args(["apply", "--check"])
            .arg(&patch)
            .output()
            .unwrap();
        assert!(
            said.status.success(),
            "{}: {}; make the patch again: it puts a fault back into the code",
            patch.display(),
            String::from_utf8_lossy(&said.stderr),
        );
    }
}
