//! Takes the page into the crate: the built one of the repository, or the one in the package.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("page");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    for from in ["../../js/board/dist", "page"] {
        println!("cargo::rerun-if-changed={from}");
        if Path::new(from).join("index.html").exists() {
            for file in fs::read_dir(from)? {
                let file = file?;
                fs::copy(file.path(), out.join(file.file_name()))?;
            }
            break;
        }
    }
    Ok(())
}
