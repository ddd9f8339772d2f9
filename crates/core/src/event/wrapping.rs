//! Our events in a wrapping that is not read: somebody put a service between EventBridge and the
//! queue that adds an envelope of its own. Nothing would ever be promoted, and there would be no sign of why.

use super::members::Members;

const PIPE: &str = "events wrapped in an array, as EventBridge Pipes delivers them: send them to the function's queue with an EventBridge rule";
const SNS: &str = "an event wrapped by Amazon SNS: send events straight to the function's queue with an EventBridge rule, or turn on raw message delivery";
/// What the text of one of our events has, escaped once or not at all.
const MARKS: [&str; 2] = ["aws.ecr", "aws.inspector2"];

/// The wrapping of an object; `text` is the whole of it.
pub(super) fn of(object: &Members, text: &str) -> Option<&'static str> {
    let ours = MARKS.iter().any(|mark| text.contains(mark));
    // In the body of a message (Amazon SNS developer guide, "HTTP/HTTPS notification JSON format"), or
    // invoked by the topic itself.
    let notification = object.has("TopicArn") && object.has("Message");
    let invoked = object.has("Records") && text.contains("aws:sns");
    (ours && (notification || invoked)).then_some(SNS)
}

/// The wrapping of an array with this first element.
pub(super) fn of_element(first: &Members) -> Option<&'static str> {
    let event = MARKS.iter().any(|mark| first.text("source") == Some(mark));
    let record = first.text("eventSource") == Some("aws:sqs");
    (event || record).then_some(PIPE)
}
