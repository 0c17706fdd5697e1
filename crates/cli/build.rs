//! Puts the built interface where `serve` embeds it from. Without one (`npm run ui:build` was
//! never run) a page says so, so that the command line builds with Rust alone.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let interface = Path::new(&here).join("../../ui/dist");
    println!("cargo:rerun-if-changed={}", interface.display());
    let out = Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("interface");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    if interface.join("index.html").exists() {
        copy(&interface, &out)
    } else {
        fs::write(
            out.join("index.html"),
            "<!doctype html><title>Decoupage</title><p>The interface is not built. Run \
             <code>npm run ui:build</code> and build again.</p>",
        )
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
