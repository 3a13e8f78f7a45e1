//! `agentfold sign`: the headers of a test delivery.

use agentfold::webhook;

use crate::args::SignArgs;
use crate::clock::now;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;

pub(crate) fn run(args: &SignArgs) -> Result<(), Failure> {
    let secrets = args.secret.secrets()?;
    let [secret] = &secrets[..] else {
        let message = "a delivery has one signature: give --secret-file once";
        return Err(Failure::WrongUse(message.to_owned()));
    };
    let body = input::bytes(args.file.as_deref(), None)?;
    let mut output = Output::new();
    for (name, value) in webhook::sign(&body, secret, args.timestamp.unwrap_or_else(now)) {
        output.line(&format!("{name}: {value}"))?;
    }
    output.flush()
}
