//! What `sign` and `verify` print, and that neither prints a secret.

use crate::run::{Folder, Run};

/// Zendesk's public secret, and a delivery signed with it.
const TEST_SECRET: &str = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
const BODY: &str = r#"{"event":"ticket.updated","id":123}"#;
const AT: &str = "2021-03-25T05:09:27Z";
const SIGNED: &str = "x-zendesk-webhook-signature: S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=\n\
                      x-zendesk-webhook-signature-timestamp: 2021-03-25T05:09:27Z\n";

/// Runs the command with headers, which contain spaces, and with a secret in the environment.
fn run(folder: &Folder, secret: Option<&str>, arguments: &str, headers: &str) -> Run {
    let mut command = folder.command(arguments);
    for header in headers.lines() {
        command.args(["--header", header]);
    }
    command.env_remove("AGENTFOLD_SECRET");
    if let Some(secret) = secret {
        command.env("AGENTFOLD_SECRET", secret);
    }
    let output = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    for hidden in [secret.unwrap_or("abracadabra").trim(), "simsalabim", TEST_SECRET] {
        let is_printed = !hidden.is_empty() && (stdout.contains(hidden) || stderr.contains(hidden));
        assert!(!is_printed, "{arguments}: {stdout}{stderr}");
    }
    Run { code: output.status.code(), stdout, stderr }
}

#[test]
fn a_body_is_signed_as_zendesk_signs_it() {
    let folder = Folder::with("body", BODY);
    let sign = format!("sign body --timestamp {AT} --allow-test-secret");
    assert_eq!(run(&folder, Some(TEST_SECRET), &sign, "").printed(), SIGNED);
}

#[test]
fn a_body_signed_now_verifies_now() {
    let folder = Folder::with("body", BODY).and("secret", "simsalabim\r\n");
    let headers = run(&folder, Some("simsalabim"), "sign body", "").printed();
    let verified = run(&folder, None, "verify body --secret-file secret", &headers).printed();
    assert!(verified.starts_with("trusted: signed at 20"), "{verified}");
}

#[test]
fn several_secrets_are_tried_and_the_matching_one_is_named() {
    let folder = Folder::with("body", BODY).and("new", "abracadabra\n").and("old", "simsalabim");
    let sign = format!("sign body --secret-file old --timestamp {AT}");
    let headers = run(&folder, None, &sign, "").printed();
    let verify = format!("verify body --secret-file new --secret-file old --now {AT}");
    let printed = run(&folder, None, &verify, &headers).printed();
    assert_eq!(printed, format!("trusted: signed at {AT}, with secret 2\n"));
    let printed = run(&folder, None, &format!("{verify} --json"), &headers).printed();
    assert_eq!(printed, format!("{{\"trusted\":{{\"secret\":1,\"at\":\"{AT}\"}}}}\n"));

    let sign_twice = "sign body --secret-file new --secret-file old";
    assert!(run(&folder, None, sign_twice, "").refused(2).contains("give --secret-file once"));
}

#[test]
fn a_delivery_that_is_not_trusted_is_explained() {
    let folder = Folder::with("body", BODY).and("spaced", BODY.replace(':', ": "));
    let verify = |arguments: &str, secret: &str, headers: &str| {
        let run = run(&folder, Some(secret), &format!("verify {arguments}"), headers);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert_eq!(run.stderr, "agentfold: the delivery is not trusted\n");
        run.stdout
    };
    let codes = |printed: String| -> Vec<String> {
        printed.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect()
    };
    let at = format!("body --now {AT}");
    assert_eq!(codes(verify(&at, "abracadabra", SIGNED)), ["wrong_signature", "test_secret"]);
    assert_eq!(codes(verify(&at, "abracadabra", "")), ["missing_header", "missing_header"]);

    let sign = format!("sign body --timestamp {AT}");
    let signed = run(&folder, Some("abracadabra"), &sign, "").printed();
    let spaced = format!("spaced --now {AT}");
    assert_eq!(codes(verify(&spaced, "abracadabra", &signed)), ["wrong_signature", "reserialised"]);
    assert_eq!(codes(verify("body", "abracadabra", &signed)), ["stale"]);
    let late = "body --now 2021-03-25T05:10:28Z --tolerance 1m";
    let message = verify(late, "abracadabra", &signed);
    assert!(message.starts_with("stale "), "{message}");
    assert_eq!(
        codes(verify(&format!("{at} --max-bytes 34"), "abracadabra", &signed)),
        ["too_large"]
    );
    let other = format!("{signed}x-zendesk-account-id: 3\n");
    let message = verify(&format!("{at} --account 2 --json"), "abracadabra", &other);
    let flaw: serde_json::Value = serde_json::from_str(&message).expect("a line of JSON");
    assert_eq!(flaw["code"], "wrong_account");
    assert_eq!(flaw["path"], "/headers/x-zendesk-account-id");
}

#[test]
fn a_missing_empty_or_public_secret_is_refused() {
    let folder = Folder::with("body", BODY).and("empty", "\n").and("test", TEST_SECRET);
    for command in ["sign body", "verify body"] {
        for (secret, file, message) in [
            (None, "", "set AGENTFOLD_SECRET, or give --secret-file"),
            (Some(""), "", "agentfold: AGENTFOLD_SECRET: "),
            (Some(TEST_SECRET), "", "agentfold: AGENTFOLD_SECRET: "),
            (Some("abracadabra"), "--secret-file empty", "agentfold: empty: "),
            (Some("abracadabra"), "--secret-file test", "agentfold: test: "),
            (Some("abracadabra"), "--secret-file nofile", "cannot read nofile"),
        ] {
            let stderr = run(&folder, secret, &format!("{command} {file}"), "").refused(2);
            assert!(stderr.contains(message), "{stderr}");
        }
    }
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let folder = Folder::with("body", BODY);
    for command in ["sign body", "verify body"] {
        for flag in ["--secret abracadabra", "--secret=abracadabra"] {
            run(&folder, None, &format!("{command} {flag}"), "").refused(2);
        }
    }
}

#[test]
fn what_happened_to_a_body_or_a_secret_is_named() {
    let folder = Folder::with("body", BODY)
        .and("bom", format!("\u{feff}{BODY}"))
        .and("quoted", r#""{\"event\":\"ticket.updated\",\"id\":123}""#)
        .and("base64", "eyJldmVudCI6InRpY2tldC51cGRhdGVkIiwiaWQiOjEyM30=")
        .and("object", "[object Object]")
        .and("empty", "")
        .and("gzip", b"\x1f\x8b\x08\x00\x00")
        .and("secret", "simsalabim\n")
        .and("quotes", "\"simsalabim\"\n");
    let sign = format!("sign body --secret-file secret --timestamp {AT}");
    let headers = run(&folder, None, &sign, "").printed();
    for (body, secret, code) in [
        ("bom", "secret", "byte_order_mark at /body"),
        ("quoted", "secret", "quoted_body at /body"),
        ("base64", "secret", "base64_body at /body"),
        ("object", "secret", "parsed_body at /body"),
        ("empty", "secret", "empty_body at /body"),
        ("gzip", "secret", "compressed_body at /body"),
        ("body", "quotes", "quoted_secret at /secrets"),
    ] {
        let verify = format!("verify {body} --secret-file {secret} --now {AT}");
        let verified = run(&folder, None, &verify, &headers);
        assert_eq!(verified.code, Some(1), "{body}: {}", verified.stderr);
        assert!(verified.stdout.contains(code), "{body}: {}", verified.stdout);
    }
    // The names of a CGI environment.
    let headers =
        headers.replace("x-zendesk-webhook-signature", "HTTP_X_ZENDESK_WEBHOOK_SIGNATURE");
    let headers = headers.replace("-timestamp:", "_TIMESTAMP:");
    let verify = format!("verify body --secret-file secret --now {AT}");
    run(&folder, None, &verify, &headers).printed();
}

#[test]
fn a_secret_of_nuls_and_a_body_of_another_account_are_not_trusted() {
    let body = r#"{"account_id":2,"detail":{"agent_id":"7"}}"#;
    let folder = Folder::with("body", body)
        .and("nuls", "\0\0")
        .and("test", format!("{TEST_SECRET}\0"))
        .and("nul", "simsalabim\0")
        .and("secret", "simsalabim");
    for (secret, reason) in [("nuls", "empty"), ("test", "test webhooks"), ("nul", "NUL byte")] {
        let refused =
            run(&folder, None, &format!("verify body --secret-file {secret}"), "").refused(2);
        assert!(refused.contains(reason), "{refused}");
    }
    let headers = run(&folder, None, "sign body --secret-file secret", "").printed();
    let verify = |account: u8| {
        let verify = format!("verify body --secret-file secret --account {account}");
        run(&folder, None, &verify, &headers)
    };
    verify(2).printed();
    let other = verify(3);
    assert_eq!(other.code, Some(1), "{}", other.stderr);
    assert!(other.stdout.starts_with("wrong_account at /body"), "{}", other.stdout);
}

#[test]
fn the_event_of_a_gateway_is_unwrapped_and_its_body_verified() {
    let folder = Folder::new();
    let verify = format!("verify event --now {AT} --allow-test-secret");
    let packed = "eyJldmVudCI6InRpY2tldC51cGRhdGVkIiwiaWQiOjEyM30=";
    let headers: Vec<(&str, &str)> =
        SIGNED.lines().filter_map(|line| line.split_once(": ")).collect();
    let headers: std::collections::HashMap<_, _> = headers.into_iter().collect();
    for (body, is_packed) in [(BODY, false), (packed, true)] {
        let event = serde_json::json!({
            "httpMethod": "POST", "headers": headers, "body": body, "isBase64Encoded": is_packed,
        });
        folder.write("event", event.to_string());
        for given in ["", SIGNED] {
            let printed = run(&folder, Some(TEST_SECRET), &verify, given).printed();
            assert_eq!(printed, format!("trusted: signed at {AT}\n"));
        }
    }
}
