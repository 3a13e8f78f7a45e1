//! Builds the Rust part of the npm package into `js/dist`: the module, its glue and their types. With the argument
//! `twice`, also builds it from a copy of the repository elsewhere, and compares what comes out. With `quick`, builds
//! only what the page needs, in less time: the module is larger, and nothing from `js/node_modules` is needed.
//!
//! Without `quick`, needs `wasm-opt` and `esbuild` in `js/node_modules`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, process};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wasm_bindgen_cli_support::Bindgen;

/// The WebAssembly features that rustc uses. All target runtimes support them.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// SIMD, which all target runtimes support; and panics without messages, since a trap has none.
const FLAGS: [&str; 5] = [
    "-Ctarget-feature=+simd128",
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
];

type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> Done<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    match env::args().nth(1).as_deref() {
        None => package(&root, &target, &tools(&root)),
        Some("twice") => {
            package(&root, &target, &tools(&root))?;
            compare(&root)
        }
        Some("quick") => bind(&root, &target, &build_quickly(&root, &target)?, None),
        Some(other) => {
            Err(format!("`{other}` is no argument: give none, `twice` or `quick`").into())
        }
    }
}

/// Builds the package's part of a clone of the repository.
fn package(root: &Path, target: &Path, tools: &Path) -> Done<()> {
    bind(root, target, &build(root, target)?, Some(tools))?;
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root.join(license), root.join("js").join(license))?;
    }
    required(root, &root.join("js/dist/cjs"), tools)
}

/// Writes what `import` needs: the module, which the tools make smaller, its glue and their types.
fn bind(root: &Path, target: &Path, built: &Path, tools: Option<&Path>) -> Done<()> {
    let dist = root.join("js/dist");
    fs::create_dir_all(&dist)?;
    let glue = target.join("glue");
    Bindgen::new()
        .input_path(built)
        .out_name("agentfold")
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&glue)?;
    let module = dist.join("agentfold.wasm");
    let bound = glue.join("agentfold_bg.wasm");
    match tools {
        Some(tools) => optimize(tools, &bound, &module)?,
        None => _ = fs::copy(&bound, &module)?,
    }
    fs::write(
        dist.join("agentfold.js"),
        changed(&fs::read_to_string(glue.join("agentfold.js"))?)?,
    )?;
    fs::write(
        dist.join("agentfold.d.ts"),
        types(&fs::read_to_string(glue.join("agentfold.d.ts"))?)?,
    )?;
    let text = STANDARD.encode(fs::read(&module)?);
    fs::write(dist.join("inlined.js"), format!("export default \"{text}\";\n"))?;
    Ok(())
}

/// Builds a clone of the repository in another folder, from nothing, and compares it with `js/dist`.
fn compare(root: &Path) -> Done<()> {
    let mut changed = Command::new("git");
    run(changed.args(["diff", "--exit-code", "--stat", "HEAD"]).current_dir(root)).map_err(
        |error| format!("commit the changes, since the clone does not have them: {error}"),
    )?;
    let folder = env::temp_dir().join(format!("agentfold-{}", process::id()));
    let clone = folder.join("a path of another length");
    run(Command::new("git").args(["clone", "--quiet"]).args([root, &clone]))?;
    package(&clone, &clone.join("target"), &tools(root))?;
    for name in ["agentfold.wasm", "agentfold.js", "agentfold.d.ts"] {
        let path = Path::new("js/dist").join(name);
        if fs::read(root.join(&path))? != fs::read(clone.join(&path))? {
            return Err(format!("{name} differs: compare js/dist with {}", clone.display()).into());
        }
    }
    fs::remove_dir_all(folder)?;
    println!("js/dist has the same bytes when it is built in another folder.");
    Ok(())
}

fn tools(root: &Path) -> PathBuf {
    root.join("js/node_modules/.bin")
}

/// Bundles the entry points for `require` where modules can't be required, with their types.
fn required(root: &Path, cjs: &Path, tools: &Path) -> Done<()> {
    let source = root.join("js/src");
    fs::create_dir_all(cjs)?;
    // The main entry point requires the others' copy of the package, so all of them share one.
    let main = fs::read_to_string(source.join("required.cjs"))?.replace(".js\"", ".cjs\"");
    fs::write(cjs.join("index.cjs"), main)?;
    for entry in ["slim", "node"] {
        let mut bundle = Command::new(tools.join("esbuild"));
        bundle
            .arg(source.join(entry).with_extension("js"))
            .arg(format!("--outfile={}", cjs.join(entry).with_extension("cjs").display()))
            .args(["--bundle", "--platform=node", "--format=cjs", "--external:agentfold"]);
        run(bundle.args(["--target=node20", "--log-level=warning"]))?;
    }
    let types =
        |file: &fs::DirEntry| file.file_name().to_str().is_some_and(|name| name.ends_with(".d.ts"));
    let files = fs::read_dir(&source)?.filter(|file| file.as_ref().is_ok_and(types));
    let mut paths: Vec<PathBuf> = files.map(|file| Ok(file?.path())).collect::<Done<_>>()?;
    paths.push(root.join("js/dist/agentfold.d.ts"));
    for path in paths {
        let text = fs::read_to_string(&path)?;
        let text = text.replace("\"../dist/", "\"./").replace(".js\"", ".cjs\"");
        let name = path.file_name().ok_or("a file has a name")?;
        fs::write(cjs.join(name).with_extension("cts"), text)?;
    }
    Ok(())
}

/// A build of the module by rustc. It leaves the module in the profile's folder of the target.
fn cargo(root: &Path, target: &Path, profile: &str) -> Command {
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.args(["build", "--package", "agentfold-wasm", "--locked", "--profile", profile]);
    build
        .args(["--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(target)
        .current_dir(root);
    build
}

/// Builds the module with rustc, and returns its path.
fn build(root: &Path, target: &Path) -> Done<PathBuf> {
    let mut build = cargo(root, target, "wasm");
    build.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    // The toolchain is pinned, so unstable features do not change.
    build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", FLAGS.join(" "));
    run(&mut build)?;
    Ok(target.join("wasm32-unknown-unknown/wasm/agentfold_wasm.wasm"))
}

/// Like `build`, with the standard library that comes with rustc, and without link-time optimization.
fn build_quickly(root: &Path, target: &Path) -> Done<PathBuf> {
    run(cargo(root, target, "dev").env("RUSTFLAGS", FLAGS[0]))?;
    Ok(target.join("wasm32-unknown-unknown/debug/agentfold_wasm.wasm"))
}

fn optimize(tools: &Path, from: &Path, to: &Path) -> Done<()> {
    let mut optimize = Command::new(tools.join("wasm-opt"));
    optimize.args(["-O3", "--mvp-features"]).args(FEATURES);
    run(optimize.arg(from).arg("--output").arg(to))
}

fn run(command: &mut Command) -> Done<()> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

/// The types, without those of the module's internal functions.
fn types(glue: &str) -> Done<String> {
    let (ours, _) = glue
        .split_once("export type InitInput")
        .ok_or("the glue's types have changed: see `types`")?;
    const FREE: &str = "    free(): void;\n    [Symbol.dispose](): void;\n";
    const DOCUMENTED: &str = "    /** Frees the memory. The object cannot be used afterwards. */\n    \
         free(): void;\n    /** Like `free`, for `using`. */\n    [Symbol.dispose](): void;\n";
    let init = "/** @internal */\n\
         export function initSync(options: { module: object }): void;";
    Ok(format!("{}{init}\n", ours.replace(FREE, DOCUMENTED)))
}

/// Replacements in the glue, and in how many places; `None` for some places in each class.
///
/// The module's functions are guarded, and objects know the instance that they belong to, so that there can be
/// another one after a trap. A module from another realm is accepted, as in Next's edge runtime.
const CHANGES: [(&str, &str, Option<usize>); 11] = [
    ("wasm = instance.exports;", "wasm = guarded(instance.exports, renew);", Some(1)),
    ("wasmInstance, wasm;", "wasmInstance, wasm = absent;", Some(1)),
    ("if (wasm !== undefined) return wasm;", "if (wasm !== absent) return wasm;", Some(2)),
    (
        "if (!(module instanceof WebAssembly.Module)) {",
        "if (ArrayBuffer.isView(module) || module instanceof ArrayBuffer) {",
        Some(1),
    ),
    ("throw new Error(`expected instance of ${klass.name}`);", "throw foreign(klass);", Some(1)),
    ("const ptr = this.__wbg_ptr;", "const ptr = toFree(this);", None),
    ("const ptr = this.__destroy_into_raw();", "$&\n        if (ptr)", None),
    ("obj.__wbg_ptr, obj);", "obj.held, obj);", None),
    ("this.__wbg_ptr, this);", "this.held, this);", None),
    (
        "FinalizationRegistry(ptr => wasm.",
        "FinalizationRegistry(held => held.of.trap || wasm.",
        None,
    ),
    ("_free(ptr, 1));", "_free(held.pointer, 1));", None),
];

/// What the glue uses of `guard.js`, and how it makes another instance.
const GUARD: &str = "\
import { absent, foreign, guarded, hold, toFree } from \"../src/guard.js\";

function renew() {
    const broken = wasm;
    wasm = absent;
    try {
        return initSync({ module: wasmModule });
    } catch (error) {
        wasm = broken;
        throw error;
    }
}
";

fn changed(glue: &str) -> Done<String> {
    let mut glue = glue.to_owned();
    for (from, to, places) in CHANGES {
        let found = glue.matches(from).count();
        if places.map_or(found == 0, |places| found != places) {
            let places = places.map_or("in each class".to_owned(), |places| places.to_string());
            return Err(format!("the glue has `{from}` {found} times and not {places}").into());
        }
        glue = glue.replace(from, &to.replace("$&", from));
    }
    let classes = glue.lines().filter_map(|line| line.strip_prefix("export class "));
    let classes: Vec<_> = classes.map(|line| line.trim_end_matches(" {")).collect();
    let classes = classes.join(", ");
    Ok(format!("{GUARD}{glue}\nfor (const type of [{classes}]) hold(type);\n"))
}
