//! Gathers `models/*.toml` into one list of texts. Only these files: weights that someone puts
//! beside them must never end up inside a program.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../models");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for item in fs::read_dir(&folder)? {
        let path = item?.path();
        if path.extension().is_some_and(|kind| kind == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path.canonicalize()?);
        }
    }
    files.sort();
    let mut list = String::from("&[\n");
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        writeln!(list, "    ({name:?}, include_str!({path:?})),")?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("entries.rs"), list)?;
    Ok(())
}
