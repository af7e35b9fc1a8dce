//! Files of strangers: a stack file, a blueprint, or what they name must not show or send anything that is not theirs, and no run
//! on them takes much memory or work: on Linux the kernel ends one that does. Time is measured and printed, never asserted.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// In every file and variable that a stranger may not read.
const CANARY: &str = "CANARY7f3a9c2e";

/// How much a run may use, in kilobytes: what it allocates, threads included.
const MEMORY: u64 = 200 * 1024;
/// How many seconds of a processor a run may take, on a machine however busy; it takes 0.2.
const WORK: u64 = 10;

const COMMANDS: [&[&str]; 6] = [
    &["check"],
    &["plan", "--sandbox=s.json"],
    &["apply", "--yes", "--sandbox=s.json"],
    &["test"],
    &["preview"],
    &["fire"],
];

/// A stack file with this way to Slack and this blueprint.
fn stack(slack: &str, blueprint: &str) -> String {
    format!("stack: sec\nregion: us-east-1\nslack: {slack}\nalerts:\n  - blueprint: {blueprint}\n")
}

const HOOK: &str = r#"{ webhook: "${env:SLACK_WEBHOOK_URL}" }"#;
const BUILT_IN: &str = "cloudtrail-stop-logging";

const BLUEPRINT: &str = r"blueprint: mine
title: Something happened
severity: low
alert:
  pattern:
    source: [aws.cloudtrail]
    detail-type: [AWS API Call via CloudTrail]
    detail: { eventSource: [cloudtrail.amazonaws.com], eventName: [StopLogging], errorCode: [{ exists: false }], errorMessage: [{ exists: false }] }
  message: { text: something happened }
remediation:
  handler: fix.mjs
  allow: [{ actions: [cloudtrail:StartLogging], resources: ['*'] }]
";

/// What a run took.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    time: Duration,
    /// Kilobytes that were in use at once; 0 where the system does not tell.
    memory: u64,
}

/// The program, which the kernel ends when it uses too much.
fn limited() -> Command {
    if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -d {MEMORY} && ulimit -t {WORK} && exec \"$0\" \"$@\"")]);
        shell.arg(env!("CARGO_BIN_EXE_trailbell"));
        return shell;
    }
    Command::new(env!("CARGO_BIN_EXE_trailbell"))
}

/// The most that a running process has used at once, in kilobytes.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().trim_end_matches(" kB").parse().ok())
}

/// Every output of a command in a folder, and its exit code.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let (code, text, _) = measured(folder, arguments);
    (code, text)
}

/// Every output of a command in a folder, its exit code, and what it took.
fn measured(folder: &Path, arguments: &[&str]) -> (i32, String, Taken) {
    let started = Instant::now();
    let mut child = limited()
        .args(arguments)
        .current_dir(folder)
        .env("AWS_SECRET_ACCESS_KEY", format!("{CANARY}{CANARY}"))
        .env("OTHER_TOKEN", CANARY)
        .env("SLACK_WEBHOOK_URL", format!("https://hooks.slack.com/services/T0/B0/{CANARY}aaaaaaaaaa"))
        .env("RUST_LOG", "trace")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let readers = [read(child.stdout.take()), read(child.stderr.take())];
    let mut memory = 0;
    let status = loop {
        memory = memory.max(peak(&child).unwrap_or_default());
        if let Some(status) = child.try_wait().expect("it is ours") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let taken = Taken { time: started.elapsed(), memory };
    let text = readers.map(|one| one.join().expect("it is read")).concat();
    let Some(code) = status.code() else { panic!("{arguments:?} used too much: {status}\n{text}") };
    assert!(memory <= MEMORY, "{arguments:?} used {memory} kB");
    (code, text, taken)
}

/// Reads a stream to its end, so that what is written never waits.
fn read(stream: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.expect("it is piped").read_to_end(&mut bytes).expect("it can be read");
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// A folder `inside` next to files that no one but the person at this machine may read.
fn world() -> TempDir {
    let root = TempDir::new().expect("a folder");
    std::fs::create_dir(root.path().join("inside")).expect("a folder");
    let secrets = [
        ("credentials", format!("[default]\naws_secret_access_key = {CANARY}\n")),
        ("secret.yaml", format!("apiVersion: v1\nkind: Secret\ndata: {{ token: {CANARY} }}\n")),
        ("list.yaml", format!("- {CANARY}\n- a: {CANARY}\n")),
        ("key.pem", format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n")),
        ("broken.yaml", format!("a: [{CANARY}\n b: {{\n")),
        ("blueprint.yaml", BLUEPRINT.replace("something happened", CANARY)),
        ("fix.mjs", format!("export const handler = async () => '{CANARY}';\n")),
    ];
    for (name, text) in secrets {
        std::fs::write(root.path().join(name), &text).expect("a file");
        if name != "blueprint.yaml" && name != "fix.mjs" {
            std::fs::write(root.path().join("inside").join(name), text).expect("a file");
        }
    }
    root
}

/// Runs every command on a stack file, and the first that shows a canary.
fn leak(root: &TempDir, text: &str) -> Option<String> {
    leak_of(root, text, &mut Taken::default())
}

/// As [`leak`], with the most that any run so far took.
fn leak_of(root: &TempDir, text: &str, most: &mut Taken) -> Option<String> {
    let folder = root.path().join("inside");
    std::fs::write(folder.join("trailbell.yaml"), text).expect("a file");
    COMMANDS.iter().find_map(|command| {
        let (_, shown, taken) = measured(&folder, command);
        *most = Taken { time: most.time.max(taken.time), memory: most.memory.max(taken.memory) };
        shown.contains(CANARY).then(|| format!("{command:?} with\n{text}shows\n{shown}"))
    })
}

#[test]
fn nothing_outside_of_the_folder_is_read_or_shown() {
    let root = world();
    let inside = root.path().join("inside");
    std::fs::write(inside.join("linked.yaml"), BLUEPRINT).expect("a file");
    #[cfg(unix)]
    for (name, to) in [
        ("l1.yaml", "../blueprint.yaml"),
        ("l2.yaml", "../credentials"),
        ("l3.yaml", "/etc/passwd"),
        ("l4.yaml", "l4.yaml"),
        ("l5.yaml", "/dev/zero"),
        ("fix.mjs", "../fix.mjs"),
    ] {
        std::os::unix::fs::symlink(to, inside.join(name)).expect("a link");
    }
    let names = [
        "../blueprint.yaml",
        "../credentials",
        "../secret.yaml",
        "/etc/passwd",
        "./credentials",
        "./secret.yaml",
        "./list.yaml",
        "./key.pem",
        "./broken.yaml",
        "./l1.yaml",
        "./l2.yaml",
        "./l3.yaml",
        "./l4.yaml",
        "./l5.yaml",
        "./linked.yaml",
        ".",
        "../",
        "/proc/self/environ",
        "/dev/stdin",
    ];
    for name in names {
        assert_eq!(leak(&root, &stack(HOOK, name)), None);
        std::fs::write(inside.join("trailbell.yaml"), stack(HOOK, name)).expect("a file");
        let (code, shown) = run(&inside, &["check"]);
        let is_expected =
            ["TB0111", "TB0312", "TB0303", "TB0101", "TB0601"].iter().any(|id| shown.contains(&format!("[{id}]")));
        assert!(code == 1 && is_expected, "{name}: {shown}");
    }
    // With the flag, a file outside is as good as one inside.
    std::fs::write(root.path().join("blueprint.yaml"), BLUEPRINT).expect("a file");
    std::fs::write(inside.join("trailbell.yaml"), stack(HOOK, "../blueprint.yaml")).expect("a file");
    assert_eq!(run(&inside, &["check"]).0, 1);
    let (code, shown) = run(&inside, &["check", "--allow-outside"]);
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn a_secret_of_another_kind_or_for_another_host_is_not_sent() {
    let root = world();
    let folder = root.path().join("inside");
    let api = "https://evil.example/api";
    let ways = [
        format!(r#"{{ token: "${{env:AWS_SECRET_ACCESS_KEY}}", channel: C0123456789, api: "{api}" }}"#),
        r#"{ token: "${env:AWS_SECRET_ACCESS_KEY}", channel: C0123456789 }"#.to_owned(),
        r#"{ token: "${env:OTHER_TOKEN}", channel: C0123456789, api: "http://127.0.0.1:9/api" }"#.to_owned(),
        format!(r#"{{ token: "${{file:../credentials}}", channel: C0123456789, api: "{api}" }}"#),
        r#"{ webhook: "${env:AWS_SECRET_ACCESS_KEY}" }"#.to_owned(),
        r#"{ webhook: "${file:../key.pem}" }"#.to_owned(),
    ];
    for way in &ways {
        assert_eq!(leak(&root, &stack(way, BUILT_IN)), None);
        let (code, shown) = run(&folder, &["apply", "--yes", "--sandbox=s.json"]);
        assert_eq!(code, 1, "{way}: {shown}");
        assert!(!folder.join("s.json").exists(), "{way}: something was made");
    }
    let named = r#"{ token: "${env:OTHER_TOKEN}", channel: C0123456789, api: "https://chat.example/api", trusted_host: chat.example }"#;
    assert_eq!(leak(&root, &stack(named, BUILT_IN)), None);
    assert!(folder.join("s.json").exists(), "the trusted host was not accepted");
}

#[test]
fn generated_folders_show_no_canary() {
    // TRAILBELL_CASES says how many; each runs every command.
    let cases = std::env::var("TRAILBELL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(12_usize);
    let ways = [
        HOOK,
        r#"{ webhook: "${file:../credentials}" }"#,
        r#"{ token: "${env:AWS_SECRET_ACCESS_KEY}", channel: C1 }"#,
        r#"{ token: "${file:key.pem}", channel: C1, api: "https://a.example" }"#,
        r#"{ token: "${file:/proc/self/environ}", channel: C1 }"#,
    ];
    let names = [
        "./credentials",
        "./secret.yaml",
        "./broken.yaml",
        "../blueprint.yaml",
        "./list.yaml",
        "./own.yaml",
        "/etc/hostname",
    ];
    let root = world();
    // A generator of our own: the same cases everywhere.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).expect("small") % bound
    };
    let mut most = Taken::default();
    for _ in 0..cases {
        let mut text = stack(ways[next(ways.len())], names[next(names.len())]);
        let mut own = BLUEPRINT.replace("fix.mjs", ["fix.mjs", "../fix.mjs", "l.mjs"][next(3)]);
        // A hostile file is also a damaged one.
        for damaged in [&mut text, &mut own] {
            let at = next(damaged.len());
            let junk = ["{", "\t", "\"", "${env:OTHER_TOKEN}", "\u{202e}", "<%", ": : :", "&a [*a]"][next(8)];
            if damaged.is_char_boundary(at) && next(3) == 0 {
                damaged.insert_str(at, junk);
            }
        }
        std::fs::write(root.path().join("inside/own.yaml"), own).expect("a file");
        assert_eq!(leak_of(&root, &text, &mut most), None);
    }
    println!("{cases} folders, {} runs: at most {:?} and {} kB", cases * COMMANDS.len(), most.time, most.memory);
}

#[test]
fn many_findings_are_counted_and_take_linear_time() {
    let folder = TempDir::new().expect("a folder");
    let keys: Vec<String> = (0..20_000).map(|at| format!("key{at}: {at}")).collect();
    std::fs::write(folder.path().join("many.yaml"), format!("blueprint: mine\n{}\n", keys.join("\n"))).expect("a file");
    // 20,000 took minutes of work when each finding was compared with all others.
    let (code, shown) = run(folder.path(), &["check", "many.yaml"]);
    assert_eq!(code, 1);
    // Three of the hundred are about keys that are missing.
    assert_eq!(shown.matches("error[").count(), 100, "{shown}");
    assert!(shown.contains("more findings"), "{shown}");
    let (_, json) = run(folder.path(), &["--output", "json", "check", "many.yaml"]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(100));
    assert!(json["more_findings"].as_u64() > Some(19_900), "{}", json["more_findings"]);
}

#[test]
fn results_do_not_replace_other_files() {
    let folder = TempDir::new().expect("a folder");
    for (arguments, name) in
        [(["preview", BUILT_IN, "--html"], "page.html"), (["test", BUILT_IN, "--junit"], "results.xml")]
    {
        let path = folder.path().join(name);
        let all = [&arguments[..], &[name]].concat();
        assert_eq!(run(folder.path(), &all).0, 0, "{name}: first");
        assert_eq!(run(folder.path(), &all).0, 0, "{name}: a former result is replaced");
        std::fs::write(&path, "mine").expect("a file");
        let (code, shown) = run(folder.path(), &all);
        assert_eq!(code, 2, "{shown}");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "mine");
    }
}
