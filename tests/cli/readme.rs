//! The console blocks of the README, run in a copy of the examples.

use std::fs;
use std::path::Path;

#[test]
fn the_readme_tells_the_truth() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().unwrap();
    // The commands of a document run in the directory of its name.
    let inside = directory.path().join("README.in/examples");
    fs::create_dir_all(&inside).unwrap();
    for name in ["ratings.csv", "titles.csv", "new-users.csv"] {
        fs::copy(root.join("examples").join(name), inside.join(name)).unwrap();
    }
    let readme = directory.path().join("README.md");
    fs::copy(root.join("README.md"), &readme).unwrap();
    let program = trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_mfgpu").into());
    trycmd::TestCases::new().register_bin("mfgpu", program).case(readme).run();
}
