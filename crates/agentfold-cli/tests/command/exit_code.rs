//! Exit codes, and pipes that are closed early.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use agentfold_simulate::Feed;

use crate::events::{AVAILABILITY, half_a_day, ndjson};
use crate::run::Folder;

#[test]
fn success_is_0_and_problems_are_1() {
    let folder = Folder::with("good", AVAILABILITY).and("bad", "{}");
    for (command, code) in [
        ("state good", 0),
        ("check good", 0),
        ("changes good", 0),
        ("timeline good", 0),
        ("report good", 0),
        ("floor good", 0),
        ("simulate --agents 2 --hours 1", 0),
        ("state bad", 1),
        ("state bad --strict", 1),
        ("state good bad --table", 1),
        ("report bad", 1),
        ("report bad --strict", 1),
        ("report good bad --table", 1),
        ("check bad", 1),
        ("check good bad --json", 1),
        ("changes bad", 1),
        ("timeline good bad", 1),
        ("serve --print-config", 0),
        ("serve --verify", 1),
        ("serve --verify --database good", 1),
        ("serve import good --database good", 1),
        ("serve token list --database good", 1),
        ("serve import good", 0),
        ("serve --verify", 0),
        ("serve backup good", 1),
        ("serve token list", 0),
    ] {
        let run = folder.run(command);
        assert_eq!(run.code, Some(code), "{command}: {}", run.stderr);
    }
}

#[test]
fn wrong_usage_is_2_and_the_message_says_what_is_wrong() {
    let folder = Folder::with("good", AVAILABILITY);
    for (command, message) in [
        ("", "Usage: agentfold"),
        ("fold", "'fold'"),
        ("state nofile", "cannot read nofile"),
        ("state good nofile", "cannot read nofile"),
        ("check nofile", "cannot read nofile"),
        ("changes nofile", "cannot read nofile"),
        ("state .", "cannot read ."),
        ("state --restore nofile", "cannot read nofile"),
        ("state good --no-such-flag", "'--no-such-flag'"),
        ("state good --at yesterday", "'yesterday' for '--at"),
        ("state good --at 2023-04-05", "'2023-04-05' for '--at"),
        ("state good --compact 2023-02-30T00:00:00Z", "'2023-02-30T00:00:00Z' for '--compact"),
        ("state good --agent anna", "'anna' for '--agent"),
        ("state good --agent 2/", "'2/' for '--agent"),
        ("state good --agent 2/3/4", "'2/3/4' for '--agent"),
        ("state good --instant-from id", "'id'"),
        ("state good --max-bytes many", "'many'"),
        ("state good --save", "--save"),
        ("timeline nofile", "cannot read nofile"),
        ("timeline good --from yesterday", "'yesterday' for '--from"),
        (
            "timeline good --from 2026-03-29T02:30 --tz Europe/Berlin",
            "--from: the local time 2026-03-29T02:30:00 does not exist in Europe/Berlin",
        ),
        ("timeline good --from 2030-01-01T00:00:00Z", "the window is empty"),
        ("timeline good --to 2020-01-01T00:00:00Z", "give a --from before --to and --as-of"),
        ("timeline good --agent anna", "'anna' for '--agent"),
        ("timeline good --track status", "'status' for '--track"),
        ("timeline good --track state[talk", "'state[talk' for '--track"),
        ("timeline good --track work_item[1]", "'work_item[1]' for '--track"),
        ("timeline good --work-items --chat-spans", "'--chat-spans'"),
        ("timeline good --work-items --track groups", "'--track <TRACK>'"),
        ("timeline good --svg day.svg --csv", "'--csv'"),
        ("timeline good --tz Berlin", "did you mean `Europe/Berlin`?"),
        ("simulate --agents -1", "-1"),
        ("simulate --drop 1.01", "'1.01' for '--drop"),
        ("simulate --duplicate NaN", "'NaN' for '--duplicate"),
        ("simulate --feed tickets", "'tickets'"),
        ("simulate --start monday", "'monday' for '--start"),
        ("simulate --start 1969-12-31T23:59:59Z", "before 1970"),
        ("simulate file", "'file'"),
        ("simulate --until-now --start 2026-01-05T00:00:00Z", "'--start <INSTANT>'"),
        ("deliver good", "--to <URL>"),
        ("deliver good --to http://example.com/ --secret-file good", "must begin with https://"),
        ("deliver good --to http://[::1]:9/ --secret-file nofile", "cannot read nofile"),
        ("deliver nofile --to http://[::1]:9/ --secret-file good", "cannot read nofile"),
        ("deliver good --to http://[::1]:9/ --connections 0", "'0' for '--connections"),
        ("sign good --timestamp today", "'today' for '--timestamp"),
        ("verify good --header x-zendesk-webhook-signature", "for '--header"),
        ("verify good --tolerance soon", "'soon'"),
        ("serve --keep soon", "'soon' for '--keep"),
        ("serve --adress 127.0.0.1:0", "'--address'"),
        ("serve --address 0.0.0.0:0", "other machines can reach 0.0.0.0:0"),
        ("serve --address 127.0.0.1:0 --tls-certificate good --tls-key good", "good: has no"),
        ("serve --config nofile", "cannot read nofile"),
        ("serve token", "Usage: agentfold serve token"),
        ("serve token list", "there is no database agentfold.db"),
        ("serve token add wall_board", "a name has 1 to 40"),
        ("serve import nofile", "cannot read nofile"),
    ] {
        let stderr = folder.run(command).refused(2);
        assert!(stderr.contains(message), "`agentfold {command}`: {stderr}");
    }
}

#[test]
fn help_and_version_are_printed() {
    let folder = Folder::new();
    let commands = [
        "",
        "state ",
        "check ",
        "changes ",
        "timeline ",
        "report ",
        "floor ",
        "alerts ",
        "serve ",
        "serve token ",
        "serve token add ",
        "serve token list ",
        "serve token revoke ",
        "serve backup ",
        "serve import ",
        "pull ",
        "reconcile ",
        "cloud-events ",
        "scrub ",
        "simulate ",
        "deliver ",
        "sign ",
        "verify ",
        "schema ",
    ];
    for command in commands {
        let help = folder.run(&format!("{command}--help")).printed();
        assert!(
            help.contains(&format!("Usage: agentfold {command}").trim_end().to_owned()),
            "{help}"
        );
    }
    let version = folder.run("--version").printed();
    assert_eq!(version, format!("agentfold {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn closing_standard_output_early_is_not_an_error() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Both)));
    for command in [
        "simulate --agents 200 --hours 24",
        "changes day",
        "timeline day",
        "timeline day --csv",
        "check day --json --max-bytes 10",
        "report day --every 1m",
    ] {
        let mut child = folder.command(command);
        child.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().expect("it starts");
        let mut first = String::new();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        BufReader::with_capacity(1 << 10, stdout).read_line(&mut first).expect("it is read");
        let is_whole = first.starts_with('{') && first.ends_with("}\n");
        assert!(is_whole || first.starts_with("account_id,"), "{first}");

        let mut message = String::new();
        let mut stderr = child.stderr.take().expect("standard error is a pipe");
        stderr.read_to_string(&mut message).expect("it prints text");
        let status = child.wait().expect("it ends");
        assert!(status.success(), "{command}: {status}: {message}");
        assert_eq!(message, "", "{command}");
    }
}

#[test]
fn results_that_cannot_be_written_are_1() {
    // Only on systems with a device that is always full.
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        println!("skipped: this system has no /dev/full");
        return;
    };
    let folder = Folder::with("good", AVAILABILITY);
    for command in [
        "state good",
        "state good --table",
        "timeline good --as-of 2030-01-01T00:00:00Z",
        "timeline good --as-of 2030-01-01T00:00:00Z --csv",
        "report good --every 1m --from 2023-04-05",
        "report good --csv --from 2023-04-05",
        "changes good",
        "check good",
    ] {
        let full = full.try_clone().expect("the device can be opened twice");
        let output = folder.command(command).stdout(full).output().expect("it runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command}: {stderr}");
        assert!(stderr.contains("agentfold: cannot write the results: "), "{command}: {stderr}");
    }
}

#[test]
fn closing_standard_error_early_is_not_an_error() {
    let problems = "{}\n".repeat(3000);
    let folder = Folder::with("bad", problems).and("good", AVAILABILITY);
    for (command, code) in [
        ("state bad", 1),
        ("state bad --strict", 1),
        ("changes bad", 1),
        ("check bad", 1),
        ("check good", 0),
        ("simulate --agents 2 --hours 1", 0),
        ("state nofile", 2),
    ] {
        let mut child = folder.command(command);
        child.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = child.spawn().expect("it starts");
        drop(child.stderr.take());
        let status = child.wait().expect("it ends");
        assert_eq!(status.code(), Some(code), "{command}");
    }
}
