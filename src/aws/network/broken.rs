//! What kind of failure a request met, in the SDK's words, by which it decides whether to try again. The kinds are those
//! of its own client over hyper (aws-smithy-http-client, `downcast_error`), so far as they can occur here.

use std::{error::Error, io};

use aws_smithy_runtime_api::{box_error::BoxError, client::result::ConnectorError};
use aws_smithy_types::retry::ErrorKind;
use hyper_util::client::legacy;

use super::opening::NotInTime;

/// The SDK's error for one of hyper's.
pub(super) fn classify(error: legacy::Error) -> ConnectorError {
    let kind: fn(BoxError) -> ConnectorError = match find::<hyper::Error>(&error) {
        _ if find::<NotInTime>(&error).is_some() => ConnectorError::timeout,
        Some(hyper) if hyper.is_timeout() => ConnectorError::timeout,
        Some(hyper) if hyper.is_user() => ConnectorError::user,
        Some(hyper) if hyper.is_closed() || hyper.is_canceled() => ConnectorError::io,
        Some(hyper) if find::<io::Error>(hyper).is_some() => ConnectorError::io,
        // The server closed a connection that it had kept, as the request was on its way.
        Some(hyper) if hyper.is_incomplete_message() => {
            |error| ConnectorError::other(error, Some(ErrorKind::TransientError))
        }
        None if error.is_connect() || find::<io::Error>(&error).is_some() => ConnectorError::io,
        _ => |error| ConnectorError::other(error, None),
    };
    kind(error.into())
}

/// The first error of a type among an error and its causes.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.find_map(|error| error.downcast_ref())
}
